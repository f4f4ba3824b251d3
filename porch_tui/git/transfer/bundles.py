"""The result of an attempt elsewhere, as a bundle: made there, and taken here as data of a stranger.

`git fetch` from a bundle believes too much: git before 2.46 looks at no object in it, so a folder named
`.GIT` comes in. Here the header is read by porch, git indexes the pack strictly and out of sight, and only
refs that were agreed on are made, on commits that descend from the base of the attempt.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import BinaryIO

from msgspec import Struct

from porch_tui.git import refs as known_refs
from porch_tui.git.landing.transaction import RefTransaction
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git, GitError
from porch_tui.git.transfer.arrivals import Arrival, arriving, raise_if_crashed
from porch_tui.git.transfer.headers import (
    TransferError,
    bundle_header,
    is_oid,
    is_ref,
    read_bundle_header,
    shown,
)

OWN = "refs/porch/"
"""Below prefixes, nothing but refs of porch is made from what comes from elsewhere."""
MOST_BYTES = 1 << 30
MOST_REFS = 1000
MOST_PATHS = 1_000_000
"""Files of a tip, if its base has no more than that; else it may have twice as many."""


class Result(Struct, frozen=True):
    """What an attempt has made, as `make` found it."""

    refs: Mapping[str, str]
    """To be reported to whoever takes it: object ids by full names, those at the base too."""
    apart: tuple[str, ...]
    """Names of commits that descend from no base; they are not in the bundle, nor in `refs`."""
    size_bytes: int
    """Of the bundle; 0: there is none, because no ref is beyond the base."""


def make(
    repository: Repository,
    base: str,
    refs: Mapping[str, str],
    file: BinaryIO,
    *,
    others: Collection[str] = (),
) -> Result:
    """Write a bundle of commits on top of a base into an empty file; nothing if there are none.

    `refs` says under which full names the taker shall have them; here no ref needs to have these names. Of
    commits that do not descend from the base, those are in it that descend from one of `others`, commits that
    the taker has as well: the bases of earlier attempts. Raises `GitError`.
    """
    git = _git(repository)
    below = {ref: _first_ancestor(git, (base, *others), oid) for ref, oid in refs.items()}
    announced = {ref: oid for ref, oid in refs.items() if below[ref] is not None}
    beyond = _beyond(announced, base)
    apart = tuple(ref for ref in refs if ref not in announced)
    if not beyond:
        return Result(announced, apart, 0)
    needs = tuple(dict.fromkeys(one for ref in beyond if (one := below[ref]) is not None))
    file.write(bundle_header(needs, beyond))
    file.flush()
    lines = (*dict.fromkeys(beyond.values()), *(f"^{oid}" for oid in needs))
    words = ("pack-objects", "--revs", "--thin", "--stdout", "--delta-base-offset", "-q")
    git.pour(*words, source="".join(f"{line}\n" for line in lines).encode(), target=file)
    return Result(announced, apart, os.fstat(file.fileno()).st_size)


def take(
    repository: Repository,
    base: str,
    refs: Mapping[str, str],
    file: BinaryIO | None,
    *,
    allowed: Collection[str],
    most_bytes: int = MOST_BYTES,
) -> bool:
    """Make these refs, with the objects in a bundle; return whether any of them was missing.

    `refs` is what the other side said (`Result.refs`), and the bundle must have exactly those that are not at
    the base; None: there is no bundle. Each must be in `allowed`, and descend from the base; or it is below
    an entry that ends in `/`, and descends from the base or another commit that a ref keeps here. Refs that
    are there must be the same already. The file is on disk and complete.

    Raises `TransferError` with the rule that is broken, in one line; then no ref and no object has changed.
    Doing it again is harmless. Safe from `git gc --prune=now` at the same time.
    """
    _check_names(base, refs, allowed)
    missing = {ref: oid for ref, oid in refs.items() if known_refs.read(repository, ref) != oid}
    if not missing:
        return False
    git, beyond = _git(repository), _beyond(refs, base)
    if not beyond:  # git makes no ref to what is not there
        _make_refs(repository, git, missing)
        return True
    if git.run("cat-file", "-e", f"{base}^{{commit}}", check=False).code != 0:
        raise TransferError(f"it builds on {base[:10]}, which is not in {repository.root}")
    if file is None:
        raise TransferError(f"{shown(next(iter(beyond)))} is beyond the base, and no bundle came with it")
    if (size := os.fstat(file.fileno()).st_size) > most_bytes:
        raise TransferError(f"it has {size} bytes, and at most {most_bytes} are taken")
    header = read_bundle_header(file, len(base))
    if header.refs != beyond:
        raise TransferError(_difference(header.refs, beyond))
    for need in header.needs:
        if need != base and not _is_kept(git, need):
            raise TransferError(f"it builds on {need[:10]}, and no ref here leads to that")
    with arriving(repository, file, header.pack_at, is_strict=True) as arrival:
        for ref, oid in beyond.items():
            above = (base,) if ref in allowed else (base, *header.needs)
            if _first_ancestor(arrival.git, above, oid) is None:
                raise TransferError(f"{shown(ref)} is no commit that descends from {base[:10]}")
        _check_whole(arrival, set(beyond.values()), {base, *header.needs})
        _check_paths(arrival, base, set(beyond.values()))
        _make_refs(repository, arrival.git, missing, arrival)
    return True


def _check_names(base: str, refs: Mapping[str, str], allowed: Collection[str]) -> None:
    if len(refs) > MOST_REFS:
        raise TransferError(f"it has {len(refs)} refs, and at most {MOST_REFS} are taken")
    prefixes = tuple(one for one in allowed if one.endswith("/"))
    for ref, oid in refs.items():
        if not is_ref(ref):
            raise TransferError(f"{shown(ref)!r} is no name of a ref")
        if ref not in allowed and not (ref.startswith(OWN) and ref.startswith(prefixes)):
            raise TransferError(f"{shown(ref)} is no ref of this attempt")
        if not is_oid(oid) or len(oid) != len(base):
            raise TransferError(f"{shown(ref)} should be at {shown(oid)!r}, which is no object id here")


def _difference(found: Mapping[str, str], said: Mapping[str, str]) -> str:
    for ref in (*found, *said):
        if ref not in said:
            return f"its header has {shown(ref)}, which was not announced"
        if ref not in found:
            return f"{shown(ref)} was announced, and is not in its header"
        if found[ref] != said[ref]:
            return f"its header has {shown(ref)} at {found[ref][:10]}, announced was {said[ref][:10]}"
    raise AssertionError("called only when they differ")


def _check_whole(arrival: Arrival, tips: Collection[str], given: Collection[str]) -> None:
    """Raise `TransferError` unless all that the tips consist of is in the pack, or belongs to what is given.

    What is here without a ref may be deleted at any moment, so it does not count.
    """
    try:
        with arrival.listed(*tips, "--not", *given) as objects:
            is_whole = arrival.has_all(objects)
    except GitError as error:
        if not error.is_missing_object:
            raise
        is_whole = False
    if not is_whole:
        raise TransferError("objects are missing in its pack that its commits consist of")


def _check_paths(arrival: Arrival, base: str, tips: Collection[str]) -> None:
    """Raise `TransferError` if a tip has many more files than the base.

    A few small trees that hold each other many times stand for more files than any disk has: whoever looks
    at them would never end.
    """
    words = ("ls-tree", "-r", "-z", "--name-only", "--full-tree")
    has_few = arrival.git.prints_at_most(MOST_PATHS, *words, base)
    most = MOST_PATHS if has_few else 2 * len(arrival.git.lines_z(*words, base))
    for tip in tips:
        try:
            is_small = arrival.git.prints_at_most(most, *words, tip)
        except GitError as error:
            raise_if_crashed(error)
            raise
        if not is_small:
            raise TransferError(f"{tip[:10]} has more than {most} files")


def _make_refs(
    repository: Repository,
    git: Git,
    wanted: Mapping[str, str],
    arrival: Arrival | None = None,
) -> None:
    """Lock the refs and see that they can be made, move the objects in, and make them: all, or none."""
    with RefTransaction(git, "porch: from another place") as transaction:
        why = transaction.prepare([f"create {ref} {oid}" for ref, oid in wanted.items()])
        if why is None and arrival is not None:
            arrival.made.publish()
        why = why or transaction.commit()
    # someone else may have taken the same at the same time
    if why is not None and any(known_refs.read(repository, ref) != oid for ref, oid in wanted.items()):
        raise TransferError(f"its refs cannot be made in {repository.root}: {shown(why)}")


def _beyond(refs: Mapping[str, str], base: str) -> dict[str, str]:
    return {ref: oid for ref, oid in refs.items() if oid != base}


def _git(repository: Repository) -> Git:
    return repository.main.git_with({"GIT_NO_REPLACE_OBJECTS": "1"})


def _first_ancestor(git: Git, commits: Collection[str], oid: str) -> str | None:
    """Return the first of these commits that `oid`, a commit or a tag of one, descends from, or is."""
    if oid in commits:
        return oid
    for commit in dict.fromkeys(commits):
        if git.run("merge-base", "--is-ancestor", commit, oid, check=False).code == 0:
            return commit
    return None


def _is_kept(git: Git, oid: str) -> bool:
    """Whether a ref leads to this commit."""
    done = git.run("for-each-ref", "--count=1", f"--contains={oid}", check=False)
    return done.code == 0 and bool(done.stdout)
