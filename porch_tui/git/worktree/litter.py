"""Moves out of a worktree what an agent writes there for itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from porch_tui.git.working_tree import WorkingTree


def set_aside(worktree: WorkingTree, base: str, patterns: Iterable[str], folder: Path) -> tuple[str, ...]:
    """Move what fits a pattern into `folder`, and return the paths, relative to the worktree.

    A pattern without a slash fits a name in any folder, as in gitignore. What `base` has is the person's and
    stays, and so do ignored files. A file that was committed since then is moved as well: that deletes it,
    as far as git is concerned. Raises RepositoryError or OSError, having moved some.
    """
    globs = [one.strip("/") if "/" in one.strip("/") else f"**/{one.strip('/')}" for one in patterns]
    if not globs:
        return ()
    specs = [f":(top,glob){one}{end}" for one in globs for end in ("", "/**")]
    words = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *specs)
    found = worktree.git.paths(*words)
    kept = {*worktree.git.paths("ls-tree", "-r", "-z", "--name-only", base)} if found else set[str]()
    moved = sorted({*found} - kept)
    for path in moved:
        source, target = worktree.path / path, folder / path
        if source.exists() or source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source, target)
    _remove_empty(worktree.path, moved)
    return tuple(moved)


def _remove_empty(root: Path, paths: Iterable[str]) -> None:
    """Remove the folders that have become empty."""
    for path in paths:
        for parent in (root / path).parents:
            if parent == root or not parent.is_dir() or any(parent.iterdir()):
                break
            parent.rmdir()
