"""Read and write the small files in which git records worktrees and git directories.

A worktree is verified before each command, so these are most of what a run of many small tasks reads.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from porch_tui.process.supervisor import spool


def content(path: Path | str) -> str | None:
    """Return the content of a file without the newline at its end; None if it cannot be read."""
    try:
        return os.fsdecode(spool.content(str(path))).removesuffix("\n")
    except OSError:
        return None


def create(path: Path | str, text: str) -> None:
    """Write a file that does not exist yet. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        os.write(descriptor, os.fsencode(text))
    finally:
        os.close(descriptor)


def linked_git_dir(path: Path) -> Path | None:
    """Return the git directory that the `.git` in a folder names, which need not exist; None without one."""
    link = content(f"{path}/.git")
    if link is None:
        return path / ".git" if (path / ".git").is_dir() else None
    _, is_link, named = link.partition("gitdir: ")
    return Path(os.path.join(path, named)) if is_link else None  # noqa: PTH118 - for each command


def recorded_path(git_dir: Path) -> Path | None:
    """Return the folder of a linked worktree, as git has it on record; None without a record."""
    recorded = content(f"{git_dir}/gitdir")
    if recorded is None:
        return None
    return Path(os.path.dirname(os.path.join(git_dir, recorded)))  # noqa: PTH118, PTH120 - for each command


def common_dir_of(git_dir: Path) -> Path:
    """Return the resolved common directory of the repository that a git directory belongs to."""
    named = content(f"{git_dir}/commondir")
    return (git_dir if named is None else git_dir / named).resolve()


def git_dirs(cwd: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the git directory that a command in `cwd` uses, and the common directory if that is another.

    Empty where there is no repository. Git is not asked: it may be what is being killed.
    """
    named = environment.get("GIT_DIR")
    own = cwd / named if named else _git_dir_above(cwd)
    if own is None or not own.is_dir():
        return ()
    shared = content(own / "commondir")
    return (own,) if shared is None else (own, (own / shared).resolve())


def _git_dir_above(folder: Path) -> Path | None:
    for place in (folder, *folder.parents):
        with suppress(OSError):
            if (linked := linked_git_dir(place)) is not None:
                return linked
            if (place / "HEAD").is_file() and (place / "objects").is_dir():
                return place
    return None
