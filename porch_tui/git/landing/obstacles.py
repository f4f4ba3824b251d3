"""Which of the person's files a landing would overwrite. Reads only.

Git protects tracked and untracked files, but takes ignored ones for expendable: `read-tree -m -u`
and `merge --ff-only` overwrite a `.env` and delete whole ignored folders without a word (measured
with git 2.39). It also brings back a tracked file that was deleted without git.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from msgspec import Struct

from porch_tui.git.changes import COMPARE, Change, parse_changes, parse_status, version
from porch_tui.git.runner import Git, records

_ENOUGH = 20
"""At most this many files of one folder are named."""

_NAMED = re.compile(
    r"^error: (?:Entry|Untracked working tree file|Updating) '(.+?)' (?:not uptodate|would)", re.M | re.S
)


class Obstacles(Struct, frozen=True):
    """Which of the person's files a landing would overwrite; all sorted."""

    untracked: tuple[str, ...]
    """Not in the old commit, and at a place that the new one needs: ignored and untracked files, and newly
    staged ones where a file becomes a folder or a folder a file (there `read-tree` drops what is staged: a
    random test found it, git 2.39)."""
    edited: tuple[str, ...]
    """Tracked, with uncommitted changes, staged or not, and changed by the landing too. As with `git merge`,
    what is staged just as it will be is no obstacle."""
    absent: tuple[str, ...] = ()
    """The landing deletes them, but they are gone already: no obstacle, and not deleted by the landing."""


def find_obstacles(worktree: Git, old: str, new: str) -> Obstacles:
    """Return what forbids taking the files of a checkout from commit `old` to commit `new`.

    Its HEAD is at `old`, and stays there: the caller has it locked.
    """
    command = (*COMPARE, old, new)
    compare = worktree.start(*command)
    try:
        staged, edited = _uncommitted(worktree)
    finally:
        compared = compare()
    if compared.code != 0:
        raise worktree.failure(command, compared)
    landing = {one.path: one for one in parse_changes(records(compared.stdout))}
    deleted = (path for path, change in landing.items() if change.status == "D")
    absent = {path for path in deleted if not os.path.lexists(worktree.cwd / path)}

    def is_as_it_will_be(path: str) -> bool:
        index = staged.get(path)
        is_staged = index is not None and index.status != "U" and index.after == landing[path].after
        return is_staged or path in absent

    return Obstacles(
        _untracked(worktree, landing, staged),
        tuple(sorted(path for path in edited & landing.keys() if not is_as_it_will_be(path))),
        tuple(sorted(absent)),
    )


def is_stale(refusal: str) -> bool:
    """Whether `git read-tree` refused, having changed nothing, because of a file that may not be edited.

    It takes a file whose time was changed for edited until the index says otherwise, which takes a refresh.
    """
    return "not uptodate. Cannot merge" in refusal


def named_in(refusal: str) -> tuple[str, ...]:
    """Return the paths that `git read-tree` names on stderr when it refuses."""
    return tuple(sorted(set(_NAMED.findall(refusal))))


def _uncommitted(worktree: Git) -> tuple[dict[str, Change], set[str]]:
    """Return how the index differs from HEAD, and the tracked paths that differ from it there or on disk.

    A changed time alone is no edit; see `is_stale`.
    """
    command = ("status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=no")
    staged, differing = {}, set()
    for entry in parse_status(worktree.lines_z(*command, "--ignore-submodules=dirty")):
        differing.add(entry.path)
        if entry.staged == "U":
            staged[entry.path] = Change(entry.path, None, None, "U")
        elif entry.staged != ".":
            before, after = map(version, entry.modes[:2], entry.oids)
            staged[entry.path] = Change(entry.path, before, after, entry.staged)
    return staged, differing


def _untracked(worktree: Git, landing: Mapping[str, Change], staged: Mapping[str, Change]) -> tuple[str, ...]:
    root = worktree.cwd
    arriving = [path for path, change in landing.items() if change.status in ("A", "T")]
    needed, folders = set(arriving), {folder for path in arriving for folder in _above(path)}
    added = [path for path, change in staged.items() if change.status == "A"]
    in_the_way = {one for one in added if one in folders or not needed.isdisjoint(_above(one))}
    # something is there, or is no folder where a folder above it has to be
    occupied = [
        path
        for path in arriving
        if os.path.lexists(root / path) or any(_is_no_folder(root / folder) for folder in _above(path))
    ]
    tracked = frozenset(worktree.paths("ls-files", "-z")) if occupied else frozenset()
    in_the_way |= {hit for path in occupied if path not in tracked for hit in _hits(root, path, tracked)}
    return tuple(sorted(in_the_way))


def _above(path: str) -> list[str]:
    return [str(folder) for folder in PurePosixPath(path).parents[:-1]]


def _is_no_folder(place: Path) -> bool:
    return place.is_symlink() or (place.exists() and not place.is_dir())


def _hits(root: Path, path: str, tracked: frozenset[str]) -> Iterator[str]:
    for ancestor in reversed(_above(path)):
        if _is_no_folder(root / ancestor):
            if ancestor not in tracked:
                yield ancestor
            return
    place = root / path
    if not os.path.lexists(place):
        return
    if place.is_dir() and not place.is_symlink():
        yield from _untracked_below(root, path, tracked)
        return
    # a file system that ignores case has `README` where `readme` is tracked: no obstacle
    here, folded = place.lstat(), path.casefold()
    others = (root / one for one in tracked if one.casefold() == folded)
    if not any(os.path.lexists(other) and os.path.samestat(other.lstat(), here) for other in others):
        yield path


def _untracked_below(root: Path, folder: str, tracked: frozenset[str]) -> Iterator[str]:
    """Yield files under a folder that must go as a whole; git decides about the tracked ones."""
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
