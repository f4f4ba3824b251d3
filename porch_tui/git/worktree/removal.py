"""Remove a worktree porch made, and nothing anybody might still want. The caller asks about commits."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from porch_tui.errors import RefusedError, RepositoryError
from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.listing import find
from porch_tui.git.repository import Repository
from porch_tui.git.runner import records
from porch_tui.git.working_tree import NotItsFolderError, WorkingTree
from porch_tui.git.worktree import trash
from porch_tui.git.worktree.entry import admin_dir, worktrees_lock
from porch_tui.git.worktree.homing import homeless
from porch_tui.git.worktree.outward import ignored_links

_SHOWN = 5


def uncommitted(worktree: WorkingTree) -> tuple[str, ...]:
    """Paths with uncommitted or untracked content, sorted; ignored ones do not count.

    Neither does a link out of the worktree whose name is ignored as a folder.
    """
    status = worktree.git.run("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all")
    found = [os.fsdecode(record) for record in records(status.stdout)]
    links = ignored_links(worktree, (record[3:] for record in found if record.startswith("?? ")))
    return tuple(sorted(record[3:] for record in found if record[3:] not in links))


def refuse_stranger(repository: Repository, path: Path) -> None:
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
    """Take the worktree at `path` away; its branch stays. `trash.empty` frees the space.

    `losing` is what may be lost, as `uncommitted` told it: with anything else uncommitted there,
    also something that came after the person was asked, it is a `RefusedError`. Not being on
    record is fine (removed before); not being ours is a `RepositoryError`. Commits on a detached
    HEAD and ignored files go too: the caller has looked.
    """
    refuse_stranger(repository, path)
    with worktrees_lock(repository):
        known = find(repository, path)
        if known is None:
            return
        if not known.is_ours:
            raise RepositoryError(
                f"porch should remove {path}, but did not make it. `git worktree remove` does."
            )
        found = (
            (*uncommitted(repository.at(path)), *homeless(repository, path)) if _holds_anything(path) else ()
        )
        surprise = [one for one in found if one not in losing]
        if surprise:
            more = f" and {len(surprise) - _SHOWN} more" if len(surprise) > _SHOWN else ""
            raise RefusedError(
                f"{path} holds uncommitted work: {', '.join(surprise[:_SHOWN])}{more}. "
                "Commit it, move it away, or say that it may be lost."
            )
        trash.discard(repository, path)


def _found_in(repository: Repository, path: Path) -> tuple[str, ...]:
    return (*uncommitted(repository.at(path)), *homeless(repository, path))
