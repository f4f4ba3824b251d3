"""What of the person's a landing would overwrite. Reads only.

Git protects tracked and untracked files, but takes ignored ones for expendable: `read-tree -m -u`
and `merge --ff-only` overwrite a `.env` and delete whole ignored folders without a word (measured
with git 2.39). It also brings back a tracked file somebody deleted without telling git.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from porch_tui.git.runner import Git

_ENOUGH = 20
"""How many files of one folder are named."""

_NAMED = re.compile(
    r"^error: (?:Entry|Untracked working tree file|Updating) '(.+?)' (?:not uptodate|would)", re.M | re.S
)


def untracked_in_the_way(worktree: Git, old: str, new: str) -> tuple[str, ...]:
    """Paths not in `old` that stand where going to `new` puts or needs something.

    Ignored, untracked, and newly staged ones where a file becomes a folder or a folder a file:
    there `read-tree` drops what is staged (a random test found it, git 2.39).
    """
    names = ("-z", "--no-renames", "--name-only")
    arriving = worktree.paths("diff-tree", "-r", *names, "--diff-filter=AT", old, new)
    if not arriving:
        return ()
    tracked = frozenset(worktree.paths("ls-files", "-z"))
    staged = worktree.paths("diff-index", *names, "--cached", "--diff-filter=A", old)
    found = {hit for path in arriving if path not in tracked for hit in _hits(worktree.cwd, path, tracked)}
    needed, folders = set(arriving), {folder for path in arriving for folder in _above(path)}
    found |= {one for one in staged if one in folders or not needed.isdisjoint(_above(one))}
    return tuple(sorted(found))


def edited_in_the_way(worktree: Git, old: str, new: str) -> tuple[str, ...]:
    """Tracked paths with uncommitted changes, staged or not, that going from `old` to `new` changes too.

    What is staged just as it is in `new` is in nobody's way, as with `git merge`.
    """
    names = ("-r", "-z", "--no-renames", "--name-only")
    changed = set(worktree.paths("diff-tree", *names, old, new))
    leaving = set(worktree.paths("diff-tree", *names, "--diff-filter=D", old, new))
    edited = set(
        worktree.paths("diff-index", "-z", "--no-renames", "--name-only", "--ignore-submodules=dirty", old)
    )
    ahead = set(worktree.paths("diff-index", "-z", "--no-renames", "--name-only", "--cached", new))
    gone = {path for path in leaving if not os.path.lexists(worktree.cwd / path)}
    return tuple(sorted((changed & edited & ahead) - gone))


def named_in(refusal: str) -> tuple[str, ...]:
    """The paths `git read-tree` names on stderr when it refuses."""
    return tuple(sorted(set(_NAMED.findall(refusal))))


def _above(path: str) -> list[str]:
    return [str(folder) for folder in PurePosixPath(path).parents[:-1]]


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
