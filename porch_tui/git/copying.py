"""Copy ignored files of the main worktree (`.env`, caches) into a task's worktree.

Bytes only: whether a file ought to be copied is the plan's word, that it may be is checked here.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from porch_tui.errors import PlanError
from porch_tui.git.runner import Git

_FICLONE = 0x40049409
"""Linux: share the blocks of another file until one is written (btrfs, xfs, …)."""


def copy_files(root: Path, worktree: Path, names: Sequence[str]) -> None:
    """Copy each name, a file or folder relative to `root`, to the same place in `worktree`.

    Symlinks are copied as symlinks, sockets and pipes are left out, what an earlier copy put there
    is replaced. Raises `PlanError`, having copied nothing, with one line for each name that is
    missing, leads out of `root`, or is not ignored by git: it would be committed as the task's work.
    """
    mistakes = [mistake for name in names if (mistake := _mistake(root, worktree, name))]
    if mistakes:
        raise PlanError("\n".join(mistakes))
    for name in names:
        _copy(root / name, worktree / name)


def _mistake(root: Path, worktree: Path, name: str) -> str | None:
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts or not relative.parts or ".git" in relative.parts:
        return (
            f"copy: {name!r} should be a path inside the repository, relative to its root and without `..`."
        )
    source = root / relative
    if not os.path.lexists(source):
        return (
            f"copy: {name!r} should go into each worktree, but {source} does not exist. Make it, or drop it."
        )
    if not source.parent.resolve().is_relative_to(root.resolve()):
        return (
            f"copy: {name!r} lies behind a symlink that leads out of {root}. Name something inside the root."
        )
    if not _is_ignored(root, name) or _is_tracked(worktree, name):
        return (
            f"copy: {name!r} is not ignored by git, so a copy would be committed with the task's work. "
            "Add it to .gitignore (or .git/info/exclude), or drop it."
        )
    return None


def _is_ignored(root: Path, name: str) -> bool:
    return Git(root).run("check-ignore", "-q", "--", f"./{name}", check=False).code == 0


def _is_tracked(worktree: Path, name: str) -> bool:
    return bool(Git(worktree).run("--literal-pathspecs", "ls-files", "-z", "--", name).stdout)


def _copy(source: Path, target: Path) -> None:
    _remove(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        target.symlink_to(source.readlink())
    elif source.is_dir():
        shutil.copytree(source, target, symlinks=True, copy_function=_clone, ignore=_special)
    else:
        _clone(str(source), str(target))


def _remove(target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


def _special(folder: str, names: list[str]) -> list[str]:
    """Names that are neither file, folder nor symlink: reading them could wait for ever."""
    modes = {name: (Path(folder) / name).lstat().st_mode for name in names}
    return [
        name
        for name, mode in modes.items()
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))
    ]


def _clone(source: str, target: str) -> str:
    """Copy a file with its mode and times, sharing its blocks where the file system can."""
    if not _share_blocks(source, target):
        shutil.copyfile(source, target)
    shutil.copystat(source, target)
    return target


def _share_blocks(source: str, target: str) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl

    with Path(source).open("rb") as reader, Path(target).open("wb") as writer:
        try:
            fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())
        except OSError:
            return False
    return True
