"""Take over what a task left in its worktree: as commits on its branch, or not at all.

Runs after the last process of the task is gone. Whether a result is good is not asked here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git.operations import Operation, git_dir, under_way
from porch_tui.git.runner import Git

_NO_HOOKS = ("-c", "core.hooksPath=/dev/null")
"""The commit is porch's own act; a hook that asks or fails would lose the task's work."""


class UncollectableError(RepositoryError):
    """A worktree is in a state of which porch cannot say what the task's result is."""


def commit_leftovers(worktree: Path, branch: str, message: str, sign: bool = False) -> str:
    """Commit uncommitted and untracked work on `branch`, as the person; return the branch's commit.

    Ignored files are no result. Without leftovers nothing is committed. Raises
    `UncollectableError`, having changed nothing, when HEAD is not on `branch`, when a merge,
    rebase or the like is under way, or when a repository lies nested in the worktree.
    """
    git = Git(worktree)
    _refuse_elsewhere(git, branch)
    _refuse_operation(worktree)
    left = git.lines_z("status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=all")
    if left:
        _refuse_nested(worktree, left)
        git.run(*_NO_HOOKS, "add", "-A")
        if git.run("diff-index", "--cached", "--quiet", "HEAD", check=False).code != 0:
            signing = "-S" if sign else "--no-gpg-sign"
            commit = ("commit", "-q", "--no-verify", "--cleanup=verbatim", signing, "-F", "-")
            git.run(*_NO_HOOKS, *commit, stdin=message.encode())
    return git.text("rev-parse", "--verify", "HEAD^{commit}")


def changed_paths(git: Git, base: str, head: str) -> tuple[str, ...]:
    """Every path that differs between two commits, sorted; a rename is two of them."""
    return tuple(git.paths("diff-tree", "-r", "-z", "--no-renames", "--name-only", base, head))


def _refuse_elsewhere(git: Git, branch: str) -> None:
    on = git.run("symbolic-ref", "-q", "HEAD", check=False).stdout.decode("utf-8", "surrogateescape").strip()
    if on != f"refs/heads/{branch}":
        where = f"on {on.removeprefix('refs/heads/')}" if on else "at a detached HEAD"
        raise UncollectableError(
            f"the task's work is expected on branch {branch}, but its worktree {git.cwd} is {where}. "
            f"Bring the work to {branch} there (git switch {branch}; git merge …), then requeue the task."
        )
    if git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", check=False).code != 0:
        raise UncollectableError(
            f"the task's work is expected on branch {branch}, but that branch does not exist any more. "
            f"`git -C {git.cwd} reflog` shows where it was; restore it, then requeue the task, or retry it."
        )


def _refuse_operation(worktree: Path) -> None:
    operation = under_way(git_dir(worktree))
    if operation is not None and operation is not Operation.BISECT:
        raise UncollectableError(
            f"the task's work in {worktree} cannot be taken over: {operation.value}. "
            "Do that there, then requeue the task."
        )


def _refuse_nested(worktree: Path, status: Sequence[bytes]) -> None:
    """With -uall git names single files; an untracked *folder* is a repository of its own."""
    nested = [
        os.fsdecode(record[2:]) for record in status if record.startswith(b"? ") and record.endswith(b"/")
    ]
    if nested:
        raise UncollectableError(
            f"the task left a git repository inside its worktree {worktree}: {', '.join(nested)}. Committing "
            "it would record a link without content. Move it away, ignore it, or delete its .git."
        )
