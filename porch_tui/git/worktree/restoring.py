"""Restore a worktree to what its setup left: delete what came afterwards, and report what was changed."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from porch_tui.core.files.globs import matches
from porch_tui.errors import RepositoryError
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import untracked
from porch_tui.git.worktree.untracked import Inventory


class RestoreResult(Struct, frozen=True):
    """The state of a worktree now."""

    is_as_setup_left_it: bool
    """Otherwise only tracked files and those to keep are left: the setup has to run (again)."""
    changed: tuple[str, ...] = ()
    """What setup had made, and was changed or deleted since; sorted."""


class KeepRules(Struct, frozen=True):
    """Which files are neither compared nor deleted."""

    always: tuple[str, ...] = ()
    """Patterns, as of `clean -e`: a name without a slash may be anywhere."""
    before_setup: tuple[str, ...] = ()
    """Patterns of files that are kept when the setup runs again."""
    paths: tuple[str, ...] = ()
    """Files and folders that porch puts there itself before each use."""


def restore(worktree: WorkingTree, record: Path, stays: KeepRules) -> RestoreResult:
    """Delete what came into a worktree since its setup; all of it, if what setup had made was changed.

    `record` is what `untracked.write` wrote after the setup; without one the setup did not run to its end.
    Raises `RepositoryError` or OSError where something cannot be read or deleted.
    """
    git_dir, folder = str(worktree.git_dir), str(worktree.path)
    try:
        links = untracked.submodule_paths(git_dir, folder)
        names = untracked.untracked_paths(git_dir, folder)
    except subprocess.CalledProcessError as error:
        raise _untracked_error(worktree, error) from error
    kept = _among(stays.always, stays.paths)
    now = untracked.inventory(folder, names, lambda path: not kept(path))
    try:
        known: _Record | None = _Record(**json.loads(record.read_bytes()))
    except (OSError, ValueError, TypeError):
        known = None
    if known is not None and any(
        not untracked.submodule_git_dir(git_dir, folder, link) for link in links if link not in known.links
    ):
        known = None  # there is an empty submodule that the setup has never seen
    files = known.files if known else {}

    def is_changed(path: str, before: untracked.Stamp) -> bool:
        if now.get(path) == before or kept(path):
            return False
        # a folder is not listed any more as soon as something in it is tracked
        place = worktree.path / path
        return not (stat.S_ISDIR(before[0]) and place.is_dir() and place.lstat().st_mode == before[0])

    changed = sorted(path for path, before in files.items() if is_changed(path, before))
    if known is None or changed:
        is_cache = _among(stays.before_setup, ())
        _delete(worktree.path, [path for path in now if not is_cache(path)])
        record.unlink(missing_ok=True)
        return RestoreResult(False, tuple(changed))
    _delete(worktree.path, [path for path in now if path not in files])
    return RestoreResult(True)


def record_setup(worktree: WorkingTree, record: Path, *, is_empty: bool = False) -> None:
    """Record what is there now as what setup left. Raises `RepositoryError` or OSError.

    `is_empty`: there can be nothing yet, so git is not asked.
    """
    if is_empty and not os.path.lexists(worktree.path / ".gitmodules"):
        record.write_text('{"links": [], "files": {}}')
        return
    record.parent.mkdir(parents=True, exist_ok=True)
    try:
        untracked.write(str(worktree.git_dir), str(worktree.path), str(record))
    except subprocess.CalledProcessError as error:
        raise _untracked_error(worktree, error) from error


def _untracked_error(worktree: WorkingTree, error: subprocess.CalledProcessError) -> RepositoryError:
    message = error.stderr.decode("utf-8", "replace").strip()
    return RepositoryError(f"git cannot list what is untracked in {worktree.path}: {message}")


class _Record(Struct, frozen=True):
    links: list[str]
    files: Inventory


def _among(patterns: Sequence[str], paths: Sequence[str]) -> Callable[[str], bool]:
    anywhere = [pattern if "/" in pattern.strip("/") else f"**/{pattern}" for pattern in patterns]
    folders = tuple(f"{path}/" for path in paths)
    return lambda path: any(matches(one, path) for one in anywhere) or f"{path}/".startswith(folders)


def _delete(folder: Path, paths: Sequence[str]) -> None:
    """Delete files and empty folders; `paths` has a folder before what is in it."""
    for path in reversed(paths):
        place = folder / path
        try:
            _delete_one(place)
        except PermissionError:  # caches make folders read-only (Go's does)
            place.parent.chmod(place.parent.stat().st_mode | stat.S_IRWXU)
            _delete_one(place)


def _delete_one(place: Path) -> None:
    if not place.is_dir() or place.is_symlink():
        place.unlink(missing_ok=True)
    elif not any(place.iterdir()):
        place.rmdir()
