"""Remove a worktree that porch made, and nothing anyone may still need.

It is renamed out of sight at once, and deleted later: a rename takes 0.05 ms where `git worktree remove`
takes 17 to 390. What is cut off between the two is found again through a note in porch's own folder.
"""

from __future__ import annotations

import os
import shutil
import stat
import uuid
from collections.abc import Callable, Collection
from pathlib import Path

from porch_tui.errors import RefusedError, RepositoryError
from porch_tui.git import changes
from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import NotItsFolderError, WorkingTree
from porch_tui.git.worktree.clones import unsynced_commits
from porch_tui.git.worktree.symlinks import ignored_links
from porch_tui.git.worktree_list import admin_dir, find_worktree, worktrees_lock

_SHOWN = 5
_PREFIX = ".porch-trash-"


def uncommitted_paths(worktree: WorkingTree) -> tuple[str, ...]:
    """Return paths with uncommitted or untracked content, sorted.

    Ignored ones do not count, nor do links out of the worktree whose name is ignored as a folder.
    """
    changed = changes.uncommitted(worktree.git, "all")
    links = ignored_links(worktree, (path for code, path in changed if code == "??"))
    return tuple(sorted(path for _, path in changed if path not in links))


def refuse_foreign(repository: Repository, path: Path) -> None:
    """Raise `NotItsFolderError` if the folder at `path` is not the worktree that git has on record there.

    A repository that was copied with its `.git` lists the worktrees of the original, which are not its own.
    """
    if not _has_content(path):
        return
    try:
        repository.at(path)
    except NotItsFolderError as error:
        linked = linked_git_dir(path)
        if linked is None or not linked.is_dir() or (path / ".git").is_dir():
            raise
        forget = f"If this repository is a copy of that one: rm -r {admin_dir(repository, path)}"
        raise NotItsFolderError(error.what, f"{error.advice} {forget}") from error


def _has_content(path: Path) -> bool:
    return path.exists() and (not path.is_dir() or any(path.iterdir()))


def remove(repository: Repository, path: Path, losing: Collection[str] = ()) -> None:
    """Remove the worktree at `path`; its branch stays. `empty_trash` frees the space.

    `losing` is what may be lost, as `uncommitted_paths` returned it. Raises `RefusedError` if anything else
    is uncommitted, also if it came after the person was asked, and `RepositoryError` for a worktree that is
    not porch's. A worktree that is not on record counts as removed. Commits on a detached HEAD and ignored
    files go too: the caller has checked them.
    """
    refuse_foreign(repository, path)
    with worktrees_lock(repository):
        known = find_worktree(repository, path)
        if known is None:
            return
        if not known.is_ours:
            raise RepositoryError(
                f"porch should remove {path}, but did not make it. `git worktree remove` does."
            )
        at_stake: tuple[str, ...] = ()
        if _has_content(path):
            at_stake = (*uncommitted_paths(repository.at(path)), *unsynced_commits(repository, path))
        surprise = [one for one in at_stake if one not in losing]
        if surprise:
            more = f" and {len(surprise) - _SHOWN} more" if len(surprise) > _SHOWN else ""
            raise RefusedError(
                f"{path} holds uncommitted work: {', '.join(surprise[:_SHOWN])}{more}. "
                "Commit it, move it away, or say that it may be lost."
            )
        rename_away(repository, path)


def discard(repository: Repository, path: Path) -> None:
    """Rename away a worktree of ours in which there is nothing to keep, if it is on record."""
    with worktrees_lock(repository):
        if find_worktree(repository, path) is not None:
            rename_away(repository, path)


def rename_away(repository: Repository, path: Path) -> None:
    """Rename a worktree and git's record of it away, for `empty_trash`. The caller holds the worktrees lock.

    Whose it is and what is in it is not checked.
    """
    admin = admin_dir(repository, path)
    folder = rename_folder_away(repository, path)
    admin.rename(folder / "admin")


def rename_folder_away(repository: Repository, path: Path) -> Path:
    """Rename away a folder of which git has no record; return where its own record would go."""
    token = uuid.uuid4().hex
    folder, away = repository.own_dir / "trash" / token, path.with_name(_PREFIX + token)
    folder.mkdir(mode=0o700, parents=True)
    (folder / "worktree").write_text(str(away), "utf-8", "surrogateescape")
    if os.path.lexists(path):
        path.rename(away)  # of a link the link only: what it leads to must stay
    return folder


def is_renamed_away(folder: Path) -> bool:
    """Whether a folder only waits to be deleted."""
    return folder.name.startswith(_PREFIX)


def empty_trash(repository: Repository) -> None:
    """Delete everything renamed away, also by earlier processes. Slow; safe to cut off and to repeat."""
    with worktrees_lock(repository):  # or one that is only being renamed would be among them
        discarded = list((repository.own_dir / "trash").glob("*"))
    for folder in discarded:
        note = folder / "worktree"
        if note.is_file():
            away = Path(note.read_text("utf-8", "surrogateescape"))
            if away.name == _PREFIX + folder.name:
                delete_folder(away)
        delete_folder(folder)


def delete_folder(folder: Path) -> None:
    """Delete a folder with all that is in it, read-only folders included, if it exists.

    Of a link to a folder the link is deleted, and nothing behind it.
    """
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder, onerror=_force)


def _force(function: Callable[..., object], path: str, _error: object) -> None:
    """Make a folder writable and try once more: caches make folders read-only (Go's does)."""
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
