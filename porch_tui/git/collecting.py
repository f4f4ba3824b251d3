"""Take over what a task left in its worktree: as commits on its branch, or not at all.

Runs after the last process of the task is gone. Whether a result is good is not asked here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git.operations import Operation, under_way
from porch_tui.git.ref_files import head_commit
from porch_tui.git.runner import Git
from porch_tui.git.working_tree import WorkingTree

_NO_HOOKS = ("-c", "core.hooksPath=/dev/null")
"""The commit is porch's own act; a hook that asks or fails would lose the task's work."""
_STATUS = (
    "--porcelain=v2",
    "-z",
    "--branch",
    "--no-ahead-behind",  # what the branch is to its upstream may take a walk through all of history
    "--no-renames",
)


class UncollectableError(RepositoryError):
    """A worktree is in a state of which porch cannot say what the task's result is."""


def commit_leftovers(worktree: WorkingTree, branch: str, message: str, sign: bool = False) -> str:
    """Commit uncommitted and untracked work on `branch`, as the person; return the branch's commit.

    Ignored files are no result. Without leftovers nothing is committed. Raises
    `UncollectableError`, having changed nothing, when HEAD is not on `branch`, when a merge,
    rebase or the like is under way, or when a repository lies nested in the worktree.
    """
    git = worktree.git
    # one command for all there is to know: each git process counts between a task's end and its record
    told = git.lines_z("status", *_STATUS, "--untracked-files=all")
    head, on = (_header(told, name) for name in ("branch.oid", "branch.head"))
    _refuse_elsewhere(git, branch, head, on)
    _refuse_operation(worktree)
    left = [record for record in told if not record.startswith(b"# ")]
    if not left:
        return head
    _refuse_nested(worktree.path, left)
    if any(_is_unstaged(record) for record in left):
        git.run(*_NO_HOOKS, "add", "-A")
    signing = "-S" if sign else "--no-gpg-sign"
    commit = ("commit", "-q", "--no-verify", "--cleanup=verbatim", signing, "-F", "-")
    done = git.run(*_NO_HOOKS, *commit, stdin=message.encode(), check=False)
    if done.code != 0:
        # what was staged and put back on disk leaves nothing to commit
        if git.run("diff-index", "--cached", "--quiet", "HEAD", check=False).code == 0:
            return head
        raise git.failure(commit, done)
    return head_commit(worktree.git_dir) or git.text("rev-parse", "--verify", "HEAD^{commit}")


def tracked_state(worktree: WorkingTree) -> tuple[str, tuple[str, ...]]:
    """The commit a worktree is at, and the tracked paths that differ from it, staged or not."""
    found = worktree.git.lines_z("status", *_STATUS, "--untracked-files=no")
    changed = [record for record in found if not record.startswith(b"# ")]
    fields = {b"1": 8, b"u": 10}  # fields before the path, in version 2 of the format
    paths = (record.split(b" ", fields[record[:1]])[-1] for record in changed)
    return _header(found, "branch.oid"), tuple(map(os.fsdecode, paths))


def changed_paths(git: Git, base: str, head: str) -> tuple[str, ...]:
    """Every path that differs between two commits, sorted; a rename is two of them."""
    return tuple(git.paths("diff-tree", "-r", "-z", "--no-renames", "--name-only", base, head))


def _header(told: Sequence[bytes], name: str) -> str:
    """Return what a line such as `# branch.head main` of git's status says."""
    start = f"# {name} ".encode()
    return next(os.fsdecode(record[len(start) :]) for record in told if record.startswith(start))


def _is_unstaged(record: bytes) -> bool:
    """Whether a line of git's status speaks of a file that is not in the index as it is on disk."""
    return record[:1] in (b"?", b"u") or record[3:4] != b"."


def _refuse_elsewhere(git: Git, branch: str, head: str, on: str) -> None:
    if on != branch:
        where = "at a detached HEAD" if on == "(detached)" else f"on {on}"
        raise UncollectableError(
            f"the task's work is expected on branch {branch}, but its worktree {git.cwd} is {where}. "
            f"Bring the work to {branch} there (git switch {branch}; git merge …), then requeue the task."
        )
    if head == "(initial)":
        raise UncollectableError(
            f"the task's work is expected on branch {branch}, but that branch does not exist any more. "
            f"`git -C {git.cwd} reflog` shows where it was; restore it, then requeue the task, or retry it."
        )


def _refuse_operation(worktree: WorkingTree) -> None:
    operation = under_way(worktree.git_dir)
    if operation is not None and operation is not Operation.BISECT:
        raise UncollectableError(
            f"the task's work in {worktree.path} cannot be taken over: {operation.value}. "
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
