"""Remove a worktree porch made, and nothing anybody might still want. The caller asks about commits."""

from __future__ import annotations

import os
import shutil
import stat
import uuid
from collections.abc import Callable, Collection
from pathlib import Path

from porch_tui.errors import RefusedError, RepositoryError
from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.repository import Repository
from porch_tui.git.runner import records
from porch_tui.git.working_tree import NotItsFolderError, WorkingTree
from porch_tui.git.worktree.clones import unsynced_commits
from porch_tui.git.worktree.symlinks import ignored_links
from porch_tui.git.worktree_list import admin_dir, find_worktree, worktrees_lock

_SHOWN = 5


def uncommitted_paths(worktree: WorkingTree) -> tuple[str, ...]:
    """Paths with uncommitted or untracked content, sorted; ignored ones do not count.

    Neither does a link out of the worktree whose name is ignored as a folder.
    """
    status = worktree.git.run("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all")
    found = [os.fsdecode(record) for record in records(status.stdout)]
    links = ignored_links(worktree, (record[3:] for record in found if record.startswith("?? ")))
    return tuple(sorted(record[3:] for record in found if record[3:] not in links))


def refuse_foreign(repository: Repository, path: Path) -> None:
    """Raise `NotItsFolderError` if the folder at `path` is not the worktree that git has on record there.

    A repository that was copied with its `.git` lists the worktrees of the original: they are the original's.
    """
    if not _holds_anything(path):
        return
    try:
        repository.at(path)
    except NotItsFolderError as error:
        linked = linked_git_dir(path)
        if linked is None or not linked.is_dir() or (path / ".git").is_dir():
            raise
        forget = f"If this repository is a copy of that one: rm -r {admin_dir(repository, path)}"
        raise NotItsFolderError(error.what, f"{error.advice} {forget}") from error


def _holds_anything(path: Path) -> bool:
    return path.exists() and (not path.is_dir() or any(path.iterdir()))


def remove(repository: Repository, path: Path, losing: Collection[str] = ()) -> None:
    """Take the worktree at `path` away; its branch stays. `removal.empty_trash` frees the space.

    `losing` is what may be lost, as `uncommitted` told it: with anything else uncommitted there,
    also something that came after the person was asked, it is a `RefusedError`. Not being on
    record is fine (removed before); not being ours is a `RepositoryError`. Commits on a detached
    HEAD and ignored files go too: the caller has looked.
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
        found = (
            (*uncommitted_paths(repository.at(path)), *unsynced_commits(repository, path))
            if _holds_anything(path)
            else ()
        )
        surprise = [one for one in found if one not in losing]
        if surprise:
            more = f" and {len(surprise) - _SHOWN} more" if len(surprise) > _SHOWN else ""
            raise RefusedError(
                f"{path} holds uncommitted work: {', '.join(surprise[:_SHOWN])}{more}. "
                "Commit it, move it away, or say that it may be lost."
            )
        rename_away(repository, path)


_PREFIX = ".porch-trash-"


def discard(repository: Repository, path: Path) -> None:
    """Rename a worktree of ours away that has nothing to keep. `empty_trash` deletes it."""
    with worktrees_lock(repository):
        if find_worktree(repository, path) is not None:
            rename_away(repository, path)


def rename_away(repository: Repository, path: Path) -> None:
    """Rename the worktree and git's record of it away. `empty` deletes them. Needs the worktrees lock."""
    admin = admin_dir(repository, path)
    folder = rename_folder_away(repository, path)
    admin.rename(folder / "admin")


def rename_folder_away(repository: Repository, path: Path) -> Path:
    """Rename a folder away that git has no record of; return where its own record would go."""
    token = uuid.uuid4().hex
    folder, away = repository.own_dir / "trash" / token, path.with_name(_PREFIX + token)
    folder.mkdir(mode=0o700, parents=True)
    (folder / "worktree").write_text(str(away), "utf-8", "surrogateescape")
    if os.path.lexists(path):
        path.rename(away)  # of a link the link only: what it leads to is not ours to delete
    return folder


def is_renamed_away(folder: Path) -> bool:
    """Whether it only waits to be deleted."""
    return folder.name.startswith(_PREFIX)


def empty_trash(repository: Repository) -> None:
    """Delete everything discarded, also what an earlier process left. Slow; safe to cut off and to repeat."""
    with worktrees_lock(repository):  # or one that is only being discarded would be among them
        discarded = list((repository.own_dir / "trash").glob("*"))
    for folder in discarded:
        note = folder / "worktree"
        if note.is_file():
            away = Path(note.read_text("utf-8", "surrogateescape"))
            if away.name == _PREFIX + folder.name:
                delete_folder(away)
        delete_folder(folder)


def delete_folder(folder: Path) -> None:
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
