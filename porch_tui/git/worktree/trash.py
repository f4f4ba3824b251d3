"""Take a worktree away: renamed out of sight at once, deleted later.

A rename takes 0.05 ms where `git worktree remove` takes 17 to 390; whatever is cut off between
the two is found again through a note in porch's own folder. Nothing here asks whether it is ours:
`removal` does.
"""

from __future__ import annotations

import os
import shutil
import stat
import uuid
from collections.abc import Callable
from pathlib import Path

from porch_tui.git.repository import Repository
from porch_tui.git.worktree.entry import admin_dir, worktrees_lock

_PREFIX = ".porch-trash-"


def discard(repository: Repository, path: Path) -> None:
    """Rename the worktree and git's record of it away. `empty` deletes them. Needs the worktrees lock."""
    admin = admin_dir(repository, path)
    folder = discard_folder(repository, path)
    admin.rename(folder / "admin")


def discard_folder(repository: Repository, path: Path) -> Path:
    """Rename a folder away that git has no record of; return where its own record would go."""
    token = uuid.uuid4().hex
    folder, away = repository.own_dir / "trash" / token, path.with_name(_PREFIX + token)
    folder.mkdir(mode=0o700, parents=True)
    (folder / "worktree").write_text(str(away), "utf-8", "surrogateescape")
    if os.path.lexists(path):
        path.rename(away)  # of a link the link only: what it leads to is not ours to delete
    return folder


def is_discarded(folder: Path) -> bool:
    """Whether it only waits to be deleted."""
    return folder.name.startswith(_PREFIX)


def empty(repository: Repository) -> None:
    """Delete everything discarded, also what an earlier process left. Slow; safe to cut off and to repeat."""
    with worktrees_lock(repository):  # or one that is only being discarded would be among them
        discarded = list((repository.own_dir / "trash").glob("*"))
    for folder in discarded:
        note = folder / "worktree"
        if note.is_file():
            away = Path(note.read_text("utf-8", "surrogateescape"))
            if away.name == _PREFIX + folder.name:
                delete(away)
        delete(folder)


def delete(folder: Path) -> None:
    """Delete a folder with all that is in it, folders nobody may write in included; none is fine.

    Of a link to a folder the link goes, and nothing behind it.
    """
    if folder.is_symlink():
        folder.unlink()
        return
    shutil.rmtree(folder, onerror=_force)


def _force(function: Callable[..., object], path: str, _error: object) -> None:
    """Caches make folders read-only (Go's does); open the folder and try once more."""
    if not os.path.lexists(path):
        return
    parent = Path(path).parent
    parent.chmod(parent.stat().st_mode | stat.S_IRWXU)
    if Path(path).is_dir() and not Path(path).is_symlink():
        Path(path).chmod(stat.S_IRWXU)
        if function is not os.rmdir:
            shutil.rmtree(path, onerror=_force)
            return
    function(path)
