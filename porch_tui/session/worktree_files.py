"""A file that a task names, found in its worktree."""

from __future__ import annotations

from pathlib import Path


def file_in(worktree: Path, name: str) -> str:
    """Return a path as one from the worktree on; empty if no file is there, or it is outside of it."""
    try:
        root = worktree.resolve()
        file = (root / name).resolve()  # a link may lead out of it
        return str(file.relative_to(root)) if file.is_relative_to(root) and file.is_file() else ""
    except (OSError, ValueError):
        return ""
