"""Where a branch is checked out, and whether its checkout may be changed now. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from porch_tui.git.configuration import find_misleading_setting
from porch_tui.git.fingerprints import stamp
from porch_tui.git.operations import TRACES, awaiting, under_way
from porch_tui.git.refs import read
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import NotItsFolderError
from porch_tui.git.worktree_list import Worktree, admin_dir, admin_dirs, git_dir_at, worktrees_on


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
    """Where `branch` is checked out, or what a person has to end first."""
    wrong = find_misleading_setting(repository.main, repository.common_dir)
    if wrong is not None:
        return NotMovable(wrong.message(repository.root))
    for directory in _git_dirs(repository):
        operation = awaiting(directory, branch)
        if operation is not None:
            return NotMovable(f"in {_worktree_of(repository, directory)}, {operation.value}")
    holders = _holders(repository, branch)
    match holders:
        case []:
            return _away(repository, branch) or NotCheckedOut()
        case [only]:
            return _checked_out(repository, only.path)
        case [first, second, *_]:
            twice = f"{branch} is checked out twice, in {first.path} and {second.path}"
            return NotMovable(f"{twice}: switch one of them to another branch")
        case _:
            raise AssertionError(holders)


def _checked_out(repository: Repository, path: Path) -> CheckedOut | NotMovable:
    """The one worktree that has the branch, unless it must not be changed now."""
    try:
        tree = repository.at(path)
    except NotItsFolderError as error:
        return NotMovable(str(error))
    operation = under_way(tree.git_dir)
    if operation is not None:
        return NotMovable(f"in {path}, {operation.value}")
    wrong = find_misleading_setting(tree, repository.common_dir)
    return NotMovable(wrong.message(path)) if wrong else CheckedOut(path, tree.git_dir)


def _away(repository: Repository, branch: str) -> NotMovable | None:
    """What forbids moving a branch whose worktree is locked and not there: on a disk that comes back."""
    for one in worktrees_on(repository, branch):
        if one.lock_reason is not None and not one.path.is_dir():
            why = f"{branch} is checked out in {one.path}, which is locked and not there"
            return NotMovable(f"{why}: bring it back, or `git worktree unlock` it")
    return None


def checkout_path(repository: Repository, branch: str) -> Path | None:
    """The worktree that has `branch` checked out, whatever is under way in it."""
    return next((one.path for one in _holders(repository, branch)), None)


def checkout_fingerprint(repository: Repository, branch: str, paths: Sequence[str] = ()) -> str:
    """A word that changes when a blocked landing may go through: cheap enough to ask every second.

    `paths` are those the landing was blocked by. Covered besides: where the branch is checked out
    and points, and each worktree's HEAD, index and operations. File contents are not read.
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
    """The git directory of the main or a linked worktree, or of a clone in its place; git is not asked."""
    if worktree.resolve() == repository.root:
        return repository.git_dir
    return git_dir_at(worktree, admin_dir(repository, worktree))


def _holders(repository: Repository, branch: str) -> list[Worktree]:
    return [one for one in worktrees_on(repository, branch) if one.path.is_dir()]


def _git_dirs(repository: Repository) -> list[Path]:
    return [repository.common_dir, *map(Path, admin_dirs(repository.common_dir))]


def _worktree_of(repository: Repository, directory: Path) -> Path:
    if directory == repository.common_dir:
        return repository.root
    return Path((directory / "gitdir").read_text("utf-8", "surrogateescape").removesuffix("\n")).parent
