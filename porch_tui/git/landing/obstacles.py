"""What of the person's a landing would overwrite. Reads only.

Git protects tracked and untracked files, but takes ignored ones for expendable: `read-tree -m -u`
and `merge --ff-only` overwrite a `.env` and delete whole ignored folders without a word (measured
with git 2.39). It also brings back a tracked file somebody deleted without telling git.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct

from porch_tui.git.runner import Git, records

_ENOUGH = 20
"""How many files of one folder are named."""

_NAMED = re.compile(
    r"^error: (?:Entry|Untracked working tree file|Updating) '(.+?)' (?:not uptodate|would)", re.M | re.S
)


class Obstacles(Struct, frozen=True):
    """What of the person's a landing would overwrite, each sorted."""

    untracked: tuple[str, ...]
    """Not in the old commit, and where going to the new one puts or needs something: ignored and untracked
    files, and newly staged ones where a file becomes a folder or a folder a file (there `read-tree` drops
    what is staged: a random test found it, git 2.39)."""
    edited: tuple[str, ...]
    """Tracked, with uncommitted changes, staged or not, and changed by the landing too. What is staged just
    as it will be is in no one's way, as with `git merge`."""
    absent: tuple[str, ...] = ()
    """The landing deletes them, but they are gone already: not in the way, and not the landing's doing."""


def in_the_way(worktree: Git, old: str, new: str) -> Obstacles:
    """Return what forbids taking the files of a checkout from commit `old` to commit `new`.

    Its HEAD is at `old`, and stays there: the caller has it locked.
    """
    asked = ("diff-tree", "-r", "-z", "--no-renames", "--raw", "--no-abbrev", old, new)
    compared = worktree.start(*asked)
    try:
        staged, edited = _uncommitted(worktree)
    finally:
        answer = compared()
    if answer.code != 0:
        raise worktree.failure(asked, answer)
    landing = _changes(records(answer.stdout))
    leaving = (path for path, change in landing.items() if change.status == "D")
    return Obstacles(
        _untracked(worktree, landing, staged),
        _edited(worktree, edited, landing, staged),
        tuple(sorted(path for path in leaving if not os.path.lexists(worktree.cwd / path))),
    )


class _Change(Struct, frozen=True):
    """How one path differs, in the words of git's raw format."""

    before: tuple[str, str]
    """Mode and object id; zeros where there is nothing."""
    after: tuple[str, str]
    status: str
    """A: added, D: deleted, M: modified, T: of another type, U: unmerged."""


_NOTHING = ("000000", "")


def _uncommitted(worktree: Git) -> tuple[dict[str, _Change], set[str]]:
    """How the index differs from HEAD, by path; and the tracked paths that differ from HEAD there or on disk.

    A changed time alone is no edit; see `is_stale`.
    """
    asked = ("status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=no")
    staged, differing = {}, set()
    for record in worktree.lines_z(*asked, "--ignore-submodules=dirty"):
        kind = record[:2]
        if kind not in (b"1 ", b"u "):
            continue
        # 1 XY sub mH mI mW hH hI path; u XY sub m1 m2 m3 mW h1 h2 h3 path
        fields = record.split(b" ", 8 if kind == b"1 " else 10)
        path = os.fsdecode(fields[-1])
        differing.add(path)
        if kind == b"u ":
            staged[path] = _Change(_NOTHING, _NOTHING, "U")
        elif fields[1][:1] != b".":
            _, xy, _, mode, new_mode, _, oid, new_oid, _ = (os.fsdecode(field) for field in fields)
            staged[path] = _Change((mode, oid), (new_mode, new_oid), xy[0])
    return staged, differing


def _changes(told: Sequence[bytes]) -> dict[str, _Change]:
    changes = {}
    for raw, path in zip(told[::2], told[1::2], strict=True):
        mode, new_mode, oid, new_oid, status = raw.decode().removeprefix(":").split(" ")
        changes[os.fsdecode(path)] = _Change((mode, oid), (new_mode, new_oid), status)
    return changes


def _untracked(
    worktree: Git, landing: Mapping[str, _Change], staged: Mapping[str, _Change]
) -> tuple[str, ...]:
    arriving = [path for path, change in landing.items() if change.status in ("A", "T")]
    needed, folders = set(arriving), {folder for path in arriving for folder in _above(path)}
    added = [path for path, change in staged.items() if change.status == "A"]
    found = {one for one in added if one in folders or not needed.isdisjoint(_above(one))}
    occupied = [path for path in arriving if _is_occupied(worktree.cwd, path)]
    tracked = frozenset(worktree.paths("ls-files", "-z")) if occupied else frozenset()
    found |= {hit for path in occupied if path not in tracked for hit in _hits(worktree.cwd, path, tracked)}
    return tuple(sorted(found))


def _edited(
    worktree: Git, differing: set[str], landing: Mapping[str, _Change], staged: Mapping[str, _Change]
) -> tuple[str, ...]:
    edited = differing & landing.keys()
    return tuple(
        sorted(path for path in edited if _is_in_the_way(worktree, path, landing[path], staged.get(path)))
    )


def _is_in_the_way(worktree: Git, path: str, landing: _Change, staged: _Change | None) -> bool:
    """Whether an edited path is not what it will be, in the index and, where it goes, on disk."""
    is_ahead = staged is not None and staged.status != "U" and staged.after == landing.after
    is_gone = landing.status == "D" and not os.path.lexists(worktree.cwd / path)
    return not is_ahead and not is_gone


def is_stale(refusal: str) -> bool:
    """Whether `git read-tree` refused, having changed nothing, because of a file that is perhaps not edited.

    To it a file whose time was changed is edited until the index says otherwise, which takes a refresh.
    """
    return "not uptodate. Cannot merge" in refusal


def named_in(refusal: str) -> tuple[str, ...]:
    """The paths `git read-tree` names on stderr when it refuses."""
    return tuple(sorted(set(_NAMED.findall(refusal))))


def _above(path: str) -> list[str]:
    return [str(folder) for folder in PurePosixPath(path).parents[:-1]]


def _is_occupied(root: Path, path: str) -> bool:
    """Whether anything is where a path is to be, or stands where a folder above it has to be."""
    if os.path.lexists(root / path):
        return True
    above = (root / folder for folder in _above(path))
    return any(place.is_symlink() or (place.exists() and not place.is_dir()) for place in above)


def _hits(root: Path, path: str, tracked: frozenset[str]) -> Iterator[str]:
    for ancestor in reversed(_above(path)):
        place = root / ancestor
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            if ancestor not in tracked:
                yield ancestor
            return
    place = root / path
    if not os.path.lexists(place):
        return
    if place.is_dir() and not place.is_symlink():
        yield from _untracked_below(root, path, tracked)
    elif not _is_tracked_by_another_case(root, path, tracked):
        yield path


def _untracked_below(root: Path, folder: str, tracked: frozenset[str]) -> Iterator[str]:
    """Files under a folder that must go as a whole; tracked ones are git's to judge."""
    named = 0
    for place, folders, files in os.walk(root / folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in files + links:
            path = str((Path(place) / name).relative_to(root))
            if path not in tracked:
                yield path
                named += 1
                if named == _ENOUGH:
                    return


def _is_tracked_by_another_case(root: Path, path: str, tracked: frozenset[str]) -> bool:
    """On a file system that ignores case, `README` exists where `readme` is tracked: no obstacle."""
    here, folded = (root / path).lstat(), path.casefold()
    others = (root / one for one in tracked if one.casefold() == folded)
    return any(os.path.lexists(other) and os.path.samestat(other.lstat(), here) for other in others)
