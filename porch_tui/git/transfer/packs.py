"""The base of an attempt on its way to another repository: alone, with its history, or on top of another.

    hit        it is there
    snapshot   the commit and its tree, without its history; the taker notes that its parents are missing
    thin       a snapshot without what is in the trees of other bases that are there
    full       the commit with its history (`history: full`), without histories that are there

`write` makes a file, which is sent as the level above likes, in parts and by offset, and `receive` takes it.
The taker keeps each base by a ref, and a full history by another, and tells both (`tips`), so that the sender
can choose. What comes in builds on nothing but what such a ref keeps, and no gc removes it before it has its
own ref. A death at any moment leaves the base there, or not there.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from porch_tui.git import refs
from porch_tui.git.locks import exclusive
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git, GitError
from porch_tui.git.transfer import shallow
from porch_tui.git.transfer.arrivals import Arrival, arriving
from porch_tui.git.transfer.headers import TransferError, is_oid, pack_header, read_pack_header

BASES = "refs/porch/base/"
"""Below it: the bases that are here, by their ids."""
HISTORIES = "refs/porch/history/"
"""Below it: those of them whose whole history is here."""
_MOST_HAVE = 8
"""So many bases a thin pack is made against: the trees of each are read."""
_MOST_SORTED = 1000
"""The youngest of so many are looked for."""
LOCK = "transfer.lock"
"""In porch's own folder: held while a base gets its ref, or loses it."""
_LONGEST_ADMISSION_S = 600.0


class LacksBaseError(TransferError):
    """What a pack builds on is not here, or no longer: ask for one that builds on nothing."""


class Tips(Struct, frozen=True):
    """What a repository has from earlier bases."""

    bases: tuple[str, ...] = ()
    histories: tuple[str, ...] = ()


class Kind(StrEnum):
    """How a base comes to another repository."""

    HIT = "hit"
    THIN = "thin"
    SNAPSHOT = "snapshot"
    FULL = "full"


class Choice(Struct, frozen=True):
    """How a base comes to another repository, and on which commits that builds."""

    kind: Kind
    have: tuple[str, ...] = ()


def tips(repository: Repository) -> Tips:
    """Return what this repository has, for the other side's `choose`."""
    found = refs.below(repository, "refs/porch/")
    bases, histories = (
        tuple(ref.removeprefix(prefix) for ref in found if ref.startswith(prefix))
        for prefix in (BASES, HISTORIES)
    )
    return Tips(bases, histories)


def has(repository: Repository, base: str, *, is_full: bool = False) -> bool:
    """Whether a base is here, kept by its ref, and usable; with its history if that is asked for.

    If it is part of a history that is here, it has its refs from now on. That it was asked for counts as
    use: see `expiry`.
    """
    if _is_kept(repository, base, is_full=is_full):
        note_use(repository, base)
        return True
    if not _is_in_history(repository, base):
        return False
    with exclusive(repository.own_dir / LOCK, "keep a base", _LONGEST_ADMISSION_S):
        if _is_in_history(repository, base):
            note_use(repository, base)
            refs.keep(repository, f"{HISTORIES}{base}", base)
            refs.keep(repository, f"{BASES}{base}", base)
    return _is_kept(repository, base, is_full=is_full)


def choose(
    repository: Repository, base: str, there: Tips, *, is_full: bool = False, is_again: bool = False
) -> Choice:
    """Return how a base of this repository is best sent to one that has `there`.

    `is_again`: what was sent before lacked what it builds on; so now it builds on nothing.
    """
    wanted = there.histories if is_full else (*there.bases, *there.histories)
    if base in wanted and not is_again:
        return Choice(Kind.HIT)
    have = () if is_again else _known(repository.git, wanted, len(base))
    if is_full:
        return Choice(Kind.FULL, have)
    return Choice(Kind.THIN, have) if have else Choice(Kind.SNAPSHOT)


def write(repository: Repository, base: str, choice: Choice, file: BinaryIO) -> None:
    """Write a base as chosen into an empty file. Raises `GitError`."""
    own, have = shallow.read(repository), choice.have
    if choice.kind == Kind.FULL:
        cut = own & set(repository.git.text("rev-list", base).splitlines()) if own else set()
        lines = [base, *(f"^{oid}" for oid in have)]
    else:
        # for git these commits have no parents now, as they will not for the taker
        cut = {base}
        lines = [*(f"--shallow {oid}" for oid in (base, *have)), base, *(f"^{oid}" for oid in have)]
    file.write(pack_header(base, have, tuple(sorted(cut))))
    file.flush()
    words = ("pack-objects", "--revs", "--thin", "--stdout", "--delta-base-offset", "-q")
    options = () if choice.kind == Kind.FULL else ("--shallow",)
    repository.git.pour(*words, *options, source="".join(f"{line}\n" for line in lines).encode(), target=file)


def receive(repository: Repository, base: str, file: BinaryIO) -> None:
    """Take a base that `write` has written; afterwards `has` is true. The file is on disk and complete.

    Doing it again is harmless, as is doing it twice at once. Raises `LacksBaseError` if it builds on what is
    not here, `TransferError` if it is damaged or another base, `RepositoryError` if the repository is busy;
    then no ref and no object has changed.
    """
    header = read_pack_header(file, len(base))
    if header.base != base:
        raise TransferError(f"it should be {base[:10]}, and is {header.base[:10]}")
    is_full = base not in header.shallow
    if has(repository, base, is_full=is_full):
        return
    kept = HISTORIES if is_full else BASES
    _check_have(repository, header.have, kept)
    with (
        arriving(repository, file, header.pack_at, is_strict=False) as arrival,
        exclusive(repository.own_dir / LOCK, "take a base", _LONGEST_ADMISSION_S),
    ):
        _check_have(repository, header.have, kept)  # no one deletes them while the lock is held
        _check_whole(arrival, base, header.have, header.shallow)
        # of what is here with its parents, these are not hidden
        cut = [oid for oid in header.shallow if not _is_in_history(repository, oid)]
        shallow.write(repository, more=cut)
        note_use(repository, base)
        arrival.made.publish()
        refs.keep(repository, f"{BASES}{base}", base)
        if is_full:
            refs.keep(repository, f"{HISTORIES}{base}", base)
        shallow.write(repository, more=cut, fewer=_complete(repository, base, cut) if is_full else ())


def stamp_of(repository: Repository, base: str) -> Path:
    """Return the file whose time is when a base was last used; it has no content."""
    return repository.own_dir / "bases" / base


def note_use(repository: Repository, base: str) -> None:
    """Note that a base is used at this moment."""
    stamp = stamp_of(repository, base)
    stamp.parent.mkdir(mode=0o700, exist_ok=True)
    stamp.touch()


def _is_kept(repository: Repository, base: str, *, is_full: bool) -> bool:
    if refs.read(repository, f"{BASES}{base}") != base:
        return False
    if refs.read(repository, f"{HISTORIES}{base}") == base:
        return True
    return not is_full and base in shallow.read(repository)


def _is_in_history(repository: Repository, commit: str) -> bool:
    """Whether one of the whole histories that are here contains a commit."""
    if not refs.below(repository, HISTORIES):
        return False
    contains = ("for-each-ref", "--count=1", f"--contains={commit}", HISTORIES)
    done = repository.git.run(*contains, check=False)
    return done.code == 0 and bool(done.stdout)


def _known(git: Git, oids: Collection[str], length: int) -> tuple[str, ...]:
    """Return those that are commits of this repository, the youngest first, and not too many."""
    asked = [oid for oid in oids if len(oid) == length and is_oid(oid)]
    if not asked:
        return ()
    check = ("cat-file", "--batch-check=%(objectname) %(objecttype)")
    answers = (
        git.run(*check, stdin="".join(f"{oid}\n" for oid in asked).encode()).stdout.decode().splitlines()
    )
    commits = [line.partition(" ")[0] for line in answers if line.endswith(" commit")]
    if not commits:
        return ()
    by_age = git.text("rev-list", "--no-walk=sorted", *commits[-_MOST_SORTED:])
    return tuple(by_age.split()[:_MOST_HAVE])


def _check_have(repository: Repository, have: Collection[str], prefix: str) -> None:
    prefixes = {prefix, HISTORIES}
    for oid in have:
        if all(refs.read(repository, f"{one}{oid}") != oid for one in prefixes):
            raise LacksBaseError(f"it builds on {oid[:10]}, which is not in {repository.common_dir}")


def _check_whole(arrival: Arrival, base: str, have: Collection[str], cut: Collection[str]) -> None:
    """Raise `TransferError` unless the base is a commit and all that belongs to it is here."""
    # what is in the file `shallow` by now may be too much for this one
    listing = arrival.made.folder / "shallow"
    listing.write_text("".join(f"{oid}\n" for oid in cut))
    if base in cut:
        wanted, given = f"{base}^{{tree}}", [f"{oid}^{{tree}}" for oid in have]
    else:
        wanted, given = base, list(have)
    try:
        words = ("rev-list", "--objects", "--quiet", wanted, "--not", *given)
        arrival.git.run(*words, env={"GIT_SHALLOW_FILE": str(listing)})
    except GitError as error:
        if error.is_temporary:
            raise
        raise TransferError(f"it does not have all of {base[:10]}") from error


def _complete(repository: Repository, base: str, cut: Collection[str]) -> tuple[str, ...]:
    """Return the commits that were without parents, and have them now that a whole history came."""
    noted = shallow.read(repository) - set(cut)
    if not noted:
        return ()
    listing = repository.own_dir / "cut"
    listing.write_text("".join(f"{oid}\n" for oid in cut))
    git = repository.main.git_with({"GIT_SHALLOW_FILE": str(listing)})
    return tuple(noted & set(git.text("rev-list", base).splitlines()))
