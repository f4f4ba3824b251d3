"""A folder with the files of a commit, together with the git directory that is its own.

A git command run *in* a folder does not always act *on* it: git looks for the nearest `.git`, follows what
it says, and obeys `core.worktree` and `core.bare` of the configuration that all worktrees share, which can
change at any time. So every command of porch names both the git directory and the folder. That they belong
together was verified before, in the files git keeps on both sides, without a git process.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from porch_tui.errors import RepositoryError
from porch_tui.git.git_files import common_dir_of, content, linked_git_dir, recorded_path
from porch_tui.git.runner import Git

CLONE_OF = "porch-clone-of"
"""In the git directory of a task's clone: a file with the path of the repository."""


FENCED = "porch-fenced"
"""In the git directory of a worktree: a file that says that a task works, or has worked, behind a fence."""


class NotItsFolderError(RepositoryError):
    """A folder is not, or no longer, the worktree or clone that it should be."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(f"{what} {advice}")
        self.what = what
        self.advice = advice


class WorkingTree(Struct, frozen=True):
    """A folder whose git directory is known. Get one from `Repository.at`, which verifies it."""

    path: Path
    git_dir: Path
    """Where this folder's own HEAD and index are."""
    objects: Path | None = None
    """Where git writes new objects, if not into the repository: see `objects`."""

    @property
    def git(self) -> Git:
        """Git that acts on this folder and nothing else, whatever the configuration says."""
        return self.git_with({})

    def git_with(self, additions: Mapping[str, str]) -> Git:
        """`git`, with more environment variables for every command."""
        named = {"GIT_DIR": str(self.git_dir), "GIT_WORK_TREE": str(self.path)}
        if os.path.exists(f"{self.git_dir}/{FENCED}"):  # noqa: PTH110 - for each command
            named |= _without_looking_into_submodules()
        return Git(self.path, named | self.object_environment | dict(additions))

    @property
    def refreshing_git(self) -> Git:
        """`git` for a folder in which no process works: it records in the index what it has read of files.

        Git cannot trust the times of files that were written within the same second as the index, and reads
        them again each time, until a later index says what was found. Meanwhile the index is locked.
        """
        return self.git_with({"GIT_OPTIONAL_LOCKS": "1"})

    @property
    def object_environment(self) -> dict[str, str]:
        """Environment variables that tell git where to write new objects."""
        return {"GIT_OBJECT_DIRECTORY": str(self.objects)} if self.objects else {}

    @property
    def plain_git(self) -> Git:
        """Git as people and programs in this folder have it. Only for running *their* programs.

        A hook or an editor may look at another repository, and would be misled by a GIT_WORK_TREE.
        """
        return Git(self.path)

    @property
    def is_clone(self) -> bool:
        """Whether it is a repository of its own."""
        return (self.git_dir / CLONE_OF).exists()


def linked_working_tree(path: Path, common_dir: Path) -> WorkingTree:
    """Return the linked worktree at `path` of the repository with this common directory.

    Both sides must say so: the `.git` file of the folder, and what git keeps of the worktree. Raises
    `NotItsFolderError` otherwise, with what can be done.
    """
    git_dir = linked_git_dir(path)
    if git_dir is None:
        raise NotItsFolderError(
            f"{path} should be a worktree of {common_dir}, but its .git file is missing or unreadable.",
            f"To put it back: {_repair(path, common_dir)}",
        )
    recorded, admin_dirs = recorded_path(git_dir), common_dir / "worktrees"
    if recorded == path and git_dir.parent == admin_dirs and not git_dir.is_symlink():  # nearly always
        return WorkingTree(path, git_dir)
    if not git_dir.is_dir():
        raise NotItsFolderError(
            f"{path} is a worktree of a repository that was moved or deleted: there is no {git_dir}.",
            f"If {common_dir} is that repository: {_repair(path, common_dir)}",
        )
    if git_dir.resolve().parent != admin_dirs.resolve():
        raise NotItsFolderError(
            f"{path} is a worktree of another repository ({git_dir}), not of {common_dir}.",
            "porch leaves it alone.",
        )
    if recorded is None or not is_same(recorded, path):
        raise NotItsFolderError(
            f"{path} has the .git file of another worktree: {git_dir} is that of {recorded}.",
            f"If it is a copy of that, delete its .git; else put it right: {_repair(path, common_dir)}",
        )
    return WorkingTree(path, git_dir)


def _without_looking_into_submodules() -> dict[str, str]:
    """Return variables by which git asks no repository inside a worktree for its changes.

    It would start another git there, which starts what the configuration of that repository names. Behind a
    fence a task may write that, and not have it run outside.
    """
    count = os.environ.get("GIT_CONFIG_COUNT", "")
    number = int(count) if count.isdecimal() else 0  # after the person's own
    setting = {f"GIT_CONFIG_KEY_{number}": "diff.ignoreSubmodules", f"GIT_CONFIG_VALUE_{number}": "dirty"}
    return {"GIT_CONFIG_COUNT": str(number + 1), **setting}


def _repair(path: Path, common_dir: Path) -> str:
    """Return the command that makes folder and git directory agree again."""
    records = (recorded_path(one) for one in (common_dir / "worktrees").glob("*"))
    is_known = any(one is not None and one.resolve() == path.resolve() for one in records)
    repair = ["git", f"--git-dir={common_dir}", "worktree", "repair"]
    return shlex.join(repair if is_known else [*repair, str(path)])


def is_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same place. Links are only followed where the paths differ."""
    if one == other:
        return True
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there
        return one.resolve() == other.resolve()


def clone_working_tree(path: Path, root: Path, common_dir: Path) -> WorkingTree:
    """Return the clone at `path` that porch made of the repository with this root and common directory.

    Raises `NotItsFolderError` if it is none.
    """
    git_dir = path / ".git"
    original = original_of(git_dir)
    if git_dir.is_symlink() or original is None:
        raise NotItsFolderError(
            f"{path} should be a worktree or a clone of {root}, but it is a repository of its own.",
            "porch did not make that and leaves it alone: move it away.",
        )
    source = linked_git_dir(original)  # another worktree of a bare repository, perhaps; or it was moved since
    if original.exists() and (source is None or common_dir_of(source) != common_dir.resolve()):
        raise NotItsFolderError(f"{path} is a clone of {original}, not of {root}.", "porch leaves it alone.")
    return WorkingTree(path, git_dir)


def original_of(git_dir: Path) -> Path | None:
    """Return the root of the repository whose clone has this git directory; None if it is no task's clone."""
    original = content(git_dir / CLONE_OF)
    return None if original is None else Path(original)
