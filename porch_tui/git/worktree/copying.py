"""Copy ignored files of the main worktree (`.env`, caches) into a task's worktree.

The plan says which files are copied; whether they may be is checked here.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from porch_tui.errors import PlanError, RepositoryError
from porch_tui.git.locks import exclusive
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import removal

_quickest: dict[tuple[Path, tuple[str, ...]], float] = {}
"""Seconds, by the main worktree and the names. Two threads may write it; what is lost then is one of two."""
_FICLONE = 0x40049409
"""Linux: share the blocks of another file until one of the two is written (btrfs, xfs, …)."""


def copy_files(main: WorkingTree, worktree: WorkingTree, names: Sequence[str]) -> None:
    """Copy each name, a file or folder relative to the main worktree, to the same place in `worktree`.

    Symlinks are copied as symlinks, sockets and pipes are left out, an earlier copy is replaced, and what
    vanishes from a folder while it is copied is left out. Raises `PlanError`, having copied nothing, with
    one line for each name that is missing, leads out of either worktree, holds tracked files, or is not
    ignored by git (it would be committed as the task's work). Raises `RepositoryError` where something
    cannot be read or written.
    """
    began = time.monotonic()
    mistakes = [_mistake(main.path, worktree, name) or _not_ignored(main, name) for name in names]
    if any(mistakes):
        raise PlanError("\n".join(filter(None, mistakes)))
    _copy_all(main.path, worktree, names)
    key, took_s = (main.path, tuple(names)), time.monotonic() - began
    _quickest[key] = min(took_s, _quickest.get(key, took_s))


def copy_arrived(source: Path, worktree: WorkingTree, names: Sequence[str]) -> None:
    """Copy like `copy_files` what came from another machine, and lies below `source` as it lay there.

    That git ignores it was checked there, by rules that may be the person's own. So what git does not ignore
    here is excluded in this repository.
    """
    if mistakes := [mistake for name in names if (mistake := _mistake(source, worktree, name))]:
        raise PlanError("\n".join(mistakes))
    for name in names:
        if not _is_ignored(worktree, name):
            _exclude(worktree, name)
    _copy_all(source, worktree, names)


def _copy_all(source: Path, worktree: WorkingTree, names: Sequence[str]) -> None:
    for name in names:
        target = worktree.path / name
        try:
            if target.is_dir() and not target.is_symlink():
                removal.delete_folder(target)
            else:
                target.unlink(missing_ok=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(source / name, target)
        except OSError as error:
            why = f"{error.strerror}: {error.filename or name}"
            raise RepositoryError(
                f"copy: {name!r} should go into {worktree.path}, but {why}. "
                "Fix that, then retry; or drop it from `copy`."
            ) from error


def quickest_s(main: WorkingTree, names: Sequence[str]) -> float | None:
    """Return the seconds of the quickest copy of these names that this process has made; None: of none."""
    return _quickest.get((main.path, tuple(names)))


def why_not_copied(main: WorkingTree, base: str, name: str) -> str:
    """Return why a name of `copy:` cannot be copied into a worktree of `base`; empty if it can."""
    listed = ("--literal-pathspecs", "ls-tree", "-r", "-z", "--name-only", base, "--", name)
    why = _source_mistake(main.path, name) or _tracked_mistake(name, main.git.paths(*listed))
    return why or _not_ignored(main, name)


def _mistake(root: Path, worktree: WorkingTree, name: str) -> str:
    if why := _source_mistake(root, name):
        return why
    target = worktree.path
    if not (target / name).parent.resolve().is_relative_to(target.resolve()):
        return f"copy: {name!r} would be written through a symlink of {target} that leads out of it. Drop it."
    listed = ("--literal-pathspecs", "ls-files", "-z", "--", name)
    return _tracked_mistake(name, worktree.git.paths(*listed))


def _source_mistake(root: Path, name: str) -> str:
    what, relative = f"copy: {name!r}", PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts or not relative.parts or ".git" in relative.parts:
        return f"{what} should be a path inside the repository, relative to its root and without `..`."
    source = root / relative
    if not os.path.lexists(source):
        return f"{what} should go into each worktree, but {source} does not exist. Make it, or drop it."
    if not source.parent.resolve().is_relative_to(root.resolve()):
        return f"{what} is behind a symlink that leads out of {root}. Name something inside the root."
    return ""


def _tracked_mistake(name: str, tracked: Sequence[str]) -> str:
    if not tracked:
        return ""
    return (
        f"copy: {name!r} would overwrite what git tracks there: {tracked[0]}. "
        "Name what is beside it, or drop it."
    )


def _not_ignored(main: WorkingTree, name: str) -> str:
    if _is_ignored(main, name):
        return ""
    return (
        f"copy: {name!r} is not ignored by git, so a copy would be committed with the task's work. "
        "Add it to .gitignore (or .git/info/exclude), or drop it."
    )


def _is_ignored(tree: WorkingTree, name: str) -> bool:
    return tree.git.run("check-ignore", "-q", "--", f"./{name}", check=False).code == 0


def _exclude(worktree: WorkingTree, name: str) -> None:
    """Have git ignore a name in this repository, all its worktrees included."""
    path = worktree.git.text("rev-parse", "--path-format=absolute", "--git-path", "info/exclude")
    pattern = re.sub(r"([\\*?\[\]#! ])", r"\\\1", str(PurePosixPath(name)))
    with exclusive(Path(f"{path}.porch"), "exclude copied files from commits"):
        file = Path(path)
        text = file.read_text("utf-8", "surrogateescape") if file.exists() else ""
        end = "" if not text or text.endswith("\n") else "\n"
        file.write_text(f"{text}{end}/{pattern}\n", "utf-8", "surrogateescape")


def _copy(source: Path, target: Path) -> None:
    """Copy what is at `source` to a free place, except for pipes and the like: reading them could block."""
    kind = source.lstat().st_mode
    if stat.S_ISLNK(kind):
        target.symlink_to(source.readlink())
        shutil.copystat(source, target, follow_symlinks=False)
    elif stat.S_ISDIR(kind):
        target.mkdir(mode=0o700)  # no one looks into it before it has its own mode
        for inner in sorted(source.iterdir()):
            try:
                _copy(inner, target / inner.name)
            except FileNotFoundError:
                if os.path.lexists(inner):
                    raise
                (target / inner.name).unlink(missing_ok=True)
        shutil.copystat(source, target)
    elif stat.S_ISREG(kind):
        _copy_file(source, target)
        shutil.copystat(source, target)


def _copy_file(source: Path, target: Path) -> None:
    """Copy the content of a file, or share its blocks where the file system can (APFS, btrfs, xfs)."""
    if sys.platform == "darwin":
        import ctypes

        clone = getattr(ctypes.CDLL(None), "clonefile", None)
        if clone is not None and clone(os.fsencode(source), os.fsencode(target), 0) == 0:
            return
    # no one else can read it, whatever its mode will be
    created = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with source.open("rb") as reader, os.fdopen(created, "wb") as writer:
        if sys.platform == "linux":
            with suppress(OSError):
                fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())
                return
        shutil.copyfile(source, target)
