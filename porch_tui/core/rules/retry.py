"""When a task runs again: because its plan gives it another try, or because a person
asks for it. `may_retry_automatically`, beside the index of tasks that are due, counts the tries left.
"""

from __future__ import annotations

from porch_tui.core.merge_queue.undo import is_needless, reverted, started_from_undone, why_it_stays_reverted
from porch_tui.core.model import events as e
from porch_tui.core.model.commands import RetryTask
from porch_tui.core.model.state import RunState, due_tasks
from porch_tui.core.model.status import NEEDS_ATTENTION, EntryStatus, TaskStatus
from porch_tui.core.model.wording import predicate

ENDED = frozenset({TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.SUCCEEDED})


def retry_by_plan(state: RunState) -> list[e.AnyEvent]:
    """Return the retries that are due because a task has failed and its plan gives it another try."""
    failed = (task_id for task_id, task in due_tasks(state) if task.status is TaskStatus.FAILED)
    return [e.TaskRetried(task_id, is_automatic=True) for task_id in failed]


def retry(state: RunState, command: RetryTask) -> list[e.AnyEvent] | str:
    """Return the retry that a person asks for; or why the task cannot be retried."""
    task, entry = state.tasks[command.task], state.entries.get(command.task)
    if task.status not in ENDED:
        return f"{command.task} {predicate(task.status)}"
    if is_needless(state, command.task):
        return f"what {command.task} would take back is no longer on {state.target.name}"
    if command.task in reverted(state):
        return why_it_stays_reverted(state, command.task)
    if entry is not None and entry.status not in NEEDS_ATTENTION | {EntryStatus.HELD}:
        return f"{command.task} {predicate(entry.status)}"
    if entry is None and task.status is TaskStatus.SUCCEEDED and task.head is not None:
        return f"{command.task} has succeeded"
    if command.keep_worktree and started_from_undone(state, command.task):
        return f"{command.task} started from a landing that has been undone; retry it without --keep"
    keep_worktree = command.keep_worktree and bool(task.attempts)
    return [e.TaskRetried(command.task, is_automatic=False, keep_worktree=keep_worktree)]
