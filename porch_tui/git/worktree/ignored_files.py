"""Which ignored files of a worktree are worth keeping when it is removed.

Git treats all of them as expendable, but a `.env` that a person has filled in is not. Nearly every worktree
has ignored files, mostly build caches, so they cannot all keep it. Those that tools can recreate, and those
that porch copied and no one has changed, are deleted with it; all others are moved away first.
"""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, count
from pathlib import Path, PurePosixPath

from porch_tui.git.working_tree import WorkingTree

CACHES = frozenset(
    {
        "__pycache__", ".gradle", ".hypothesis", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache",
        ".tox", ".venv", "node_modules",
    }
)  # fmt: skip
"""Folders with these names are only made by tools. `build`, `dist` or `out` may be anything."""
CACHE_MARKS = ("CACHEDIR.TAG", "pyvenv.cfg")
"""A folder with one of these files says that it can be recreated (bford.info/cachedir)."""
CACHE_ENDINGS = (".pyc", ".pyo", ".o")


def precious(
    root: Path, worktree: WorkingTree, copied: Sequence[str], repositories: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the ignored files and folders of a worktree that nothing else can recreate.

    `copied` are the names that porch copied there from the main worktree, `repositories` the paths of
    repositories in the worktree with work that exists nowhere else.
    """
    query = ("status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--ignored=matching")
    names = [line[3:].rstrip("/") for line in worktree.git.paths(*query) if line.startswith("!! ")]

    def is_precious(name: str) -> bool:
        place, parts = worktree.path / name, PurePosixPath(name)
        if holds(name, repositories):
            return True
        if not CACHES.isdisjoint(parts.parts) or name.endswith(CACHE_ENDINGS):
            return False
        if any((place / mark).is_file() for mark in CACHE_MARKS):
            return False
        was_copied = any(parts.is_relative_to(one) for one in copied)
        originals = ((root / one.relative_to(worktree.path), one) for one in _files(place))
        return not (was_copied and all(_is_same(original, one) for original, one in originals))

    return tuple(sorted(filter(is_precious, names)))


def is_ignored(worktree: WorkingTree, path: str) -> bool:
    """Say whether git ignores a path of a worktree."""
    return worktree.git.run("check-ignore", "-q", "--", f"./{path}", check=False).code == 0


def holds(name: str, repositories: Sequence[str]) -> bool:
    """Say whether one of the repositories is at, or below, a path."""
    return any(PurePosixPath(one).is_relative_to(name) for one in repositories)


def move_aside(worktree: Path, names: Sequence[str], folder: Path) -> list[Path]:
    """Move files and folders of a worktree to the same places in `folder`; return where they are now.

    A name that is taken there gets a number. Raises OSError; everything is complete in one of the two
    places then.
    """
    moved = []
    for name in names:
        place = _free(folder / name)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        move(worktree / name, place)
        moved.append(place)
    return moved


def move_back(folder: Path, worktree: Path) -> None:
    """Move all that `move_aside` has put into `folder` back, over what is there."""
    for source in sorted(folder.iterdir()) if folder.is_dir() else ():
        target = worktree / source.name
        if _is_plain_folder(source) and _is_plain_folder(target) and not (source / ".git").exists():
            move_back(source, target)
        else:
            _delete(target)
            move(source, target)
    with suppress(OSError):  # it never existed
        folder.rmdir()


def move(source: Path, target: Path) -> None:
    """Rename, or copy to another file system; a copy that fails leaves nothing. Raises OSError."""
    try:
        source.rename(target)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    try:
        if _is_plain_folder(source):
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target, follow_symlinks=False)
    except OSError:
        with suppress(OSError):
            _delete(target)
        raise
    _delete(source)


def _delete(place: Path) -> None:
    if _is_plain_folder(place):
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _is_plain_folder(place: Path) -> bool:
    """Say whether it is a folder, and not a link to one."""
    return place.is_dir() and not place.is_symlink()


def _free(place: Path) -> Path:
    numbered = (place.with_name(f"{place.name}.{number}") for number in count(2))
    return next(one for one in chain([place], numbered) if not os.path.lexists(one))


def _files(place: Path) -> Iterator[Path]:
    """Return everything at or below a place that is not a folder."""
    inside = place.rglob("*") if _is_plain_folder(place) else (place,)
    return (one for one in inside if not _is_plain_folder(one))


def _is_same(original: Path, copy: Path) -> bool:
    if original.is_symlink() or copy.is_symlink():
        return original.is_symlink() and copy.is_symlink() and original.readlink() == copy.readlink()
    # the same size and time are enough, since porch copies times too; otherwise the bytes are compared
    return original.is_file() and copy.is_file() and filecmp.cmp(original, copy)
