"""Approves the work of a task: the commit that the person has looked at, or none."""

from __future__ import annotations

from porch_tui.cli.person import name_of_person
from porch_tui.core.model.commands import ApproveTask
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.errors import RefusedError
from porch_tui.executors.checkout import worktree_of
from porch_tui.git import refs
from porch_tui.git.changes import changes
from porch_tui.git.refs import RunRefs
from porch_tui.git.repository import Repository
from porch_tui.git.worktree import nested_repositories
from porch_tui.journal.inbox import new_command_id
from porch_tui.journal.reviewing import last_shown
from porch_tui.journal.rundir import RunDir
from porch_tui.present.amounts import short


def result_now(repository: Repository, state: RunState, task: TaskId) -> Sha | None:
    """Return the commit that approving would merge: that of the task's branch, where a person may have added
    to what the task left; what it left, if the branch is gone. None: it has left nothing yet.
    """
    known = state.tasks[task].head
    if known is None:
        return None
    branch = state.plan.branch_of(task, state.run)
    return Sha(refs.read(repository, f"refs/heads/{branch}") or known)


def approval(repository: Repository, rundir: RunDir, state: RunState, task: TaskId) -> ApproveTask:
    """Return the command that approves what the task has left, and keep that alive.

    RefusedError if it is another commit than the one that was shown last. The engine refuses a task that
    waits for no review.
    """
    result, head = state.tasks[task].head or Sha(""), result_now(repository, state, task)
    command = ApproveTask(new_command_id(), task, result, head or result, name_of_person(repository))
    if head is None or not awaits_review(state, task):
        return command
    refuse_other(task, head, last_shown(rundir, task))
    keep_result(repository, state, task, head)
    return command


def refuse_other(task: TaskId, head: Sha, seen: Sha | None) -> None:
    """Raise RefusedError if the person has looked at another commit than the one there is; None: at none."""
    if seen not in (None, head):
        raise RefusedError(
            f"{task} is at {short(head)} by now, and you have looked at {short(seen)}; "
            f"look again: porch diff {task}"
        )


def keep_result(repository: Repository, state: RunState, task: TaskId, head: Sha) -> None:
    """Keep a commit of the task's branch alive that is not what its attempt left.

    Raises RepositoryError if it links to commits that are in no submodule.
    """
    attempt = state.tasks[task].attempt
    if attempt is None or head == state.tasks[task].head:
        return
    changed = changes(repository.git, attempt.base, head)
    nested_repositories.refuse_lost_links(repository, worktree_of(repository, state, task), head, changed)
    refs.keep(repository, RunRefs(state.run).head(f"{attempt.id}-{head[:10]}"), head)
