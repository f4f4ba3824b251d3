"""Where a branch is checked out, and whether its checkout may be changed now. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from porch_tui.git.configuration import find_misleading_setting
from porch_tui.git.fingerprints import stamp
from porch_tui.git.git_files import recorded_path
from porch_tui.git.operations import TRACES, awaiting, under_way
from porch_tui.git.refs import read
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import NotItsFolderError
from porch_tui.git.worktree_list import admin_dir, admin_dirs, git_dir_at, worktrees_on


class CheckedOut(Struct, frozen=True):
    """One worktree has the branch, and no operation is under way in it."""

    worktree: Path
    git_dir: Path


class NotCheckedOut(Struct, frozen=True):
    """No worktree has the branch, and none is about to return to it."""


class NotMovable(Struct, frozen=True):
    """The branch must not be moved now."""

    why: str


Checkout = CheckedOut | NotCheckedOut | NotMovable


def find_checkout(repository: Repository, branch: str) -> Checkout:
    """Return where `branch` is checked out, or what a person has to finish first."""
    wrong = find_misleading_setting(repository.main, repository.common_dir)
    if wrong is not None:
        return NotMovable(wrong.message(repository.root))
    for directory in _git_dirs(repository):
        if (operation := awaiting(directory, branch)) is not None:
            is_main = directory == repository.common_dir
            where = repository.root if is_main else recorded_path(directory) or directory
            return NotMovable(f"in {where}, {operation.value}")
    holders = worktrees_on(repository, branch)
    there = [one.path for one in holders if one.path.is_dir()]
    if not there:
        # locked and not there: on a disk that comes back
        away = next((one.path for one in holders if one.lock_reason is not None), None)
        why = f"{branch} is checked out in {away}, which is locked and not there"
        unlock = "bring it back, or `git worktree unlock` it"
        return NotMovable(f"{why}: {unlock}") if away is not None else NotCheckedOut()
    if len(there) > 1:
        twice = f"{branch} is checked out twice, in {there[0]} and {there[1]}"
        return NotMovable(f"{twice}: switch one of them to another branch")
    try:
        tree = repository.at(there[0])
    except NotItsFolderError as error:
        return NotMovable(str(error))
    if (operation := under_way(tree.git_dir)) is not None:
        return NotMovable(f"in {there[0]}, {operation.value}")
    wrong = find_misleading_setting(tree, repository.common_dir)
    return NotMovable(wrong.message(there[0])) if wrong else CheckedOut(there[0], tree.git_dir)


def checkout_path(repository: Repository, branch: str) -> Path | None:
    """Return the worktree that has `branch` checked out, whatever is under way in it."""
    return next((one.path for one in worktrees_on(repository, branch) if one.path.is_dir()), None)


def checkout_fingerprint(repository: Repository, branch: str, paths: Sequence[str] = ()) -> str:
    """Return a hash that changes when a blocked landing may succeed: cheap enough to ask every second.

    `paths` are those that blocked the landing. Also covered: where the branch is checked out and what it
    points at, and each worktree's HEAD, index and operations. File contents are not read.
    """
    seen: list[object] = [read(repository, f"refs/heads/{branch}"), stamp(repository.common_dir / "config")]
    for directory in _git_dirs(repository):
        seen += [stamp(directory / name) for name in ("HEAD", "index", "config.worktree")]
        seen += [(directory / name).exists() for name in TRACES]
    where = checkout_path(repository, branch)
    seen.append(str(where))
    if where is not None:
        seen += [stamp(where / path) for path in paths]
    return hashlib.sha256(repr(seen).encode("utf-8", "surrogateescape")).hexdigest()


def git_dir_of(repository: Repository, worktree: Path) -> Path:
    """Return the git directory of the main or a linked worktree, or of a clone in its place."""
    if worktree.resolve() == repository.root:
        return repository.git_dir
    return git_dir_at(worktree, admin_dir(repository, worktree))


def _git_dirs(repository: Repository) -> list[Path]:
    return [repository.common_dir, *map(Path, admin_dirs(repository.common_dir))]
