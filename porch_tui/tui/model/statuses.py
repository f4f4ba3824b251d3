"""Which status of `looks` a task or an entry of the queue is shown with, without the words beside it.

Pure, and quick: it is asked of every task whenever the run has changed. The words, which need more
looking around, are in `standing` and asked for by the rows in view only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from porch_tui.core.model.events import FailureKind
from porch_tui.core.model.index import may_retry_itself
from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.core.model.state import QueueEntry, RunState
from porch_tui.core.model.status import NOT_JUDGED, UNDONE, WITHDRAWN, TaskStatus
from porch_tui.core.rules.settle import is_frozen
from porch_tui.present.outcome import QueueWord
from porch_tui.tui.drawing.looks import Sign, look

_OF_FAILURE = {
    FailureKind.EXIT: "failed",
    FailureKind.CHECK: "check-failed",
    FailureKind.TIMEOUT: "timed-out",
    FailureKind.LOST: "lost",
    FailureKind.NOT_STARTED: "failed",
    FailureKind.UNCOLLECTABLE: "failed",
}


def sign_of(state: RunState, words: Mapping[TaskId, QueueWord], task_id: TaskId) -> Sign:
    """Return the kind of state the task is in; `words` are those of the queue."""
    return look(status_of(state, words, task_id)).sign


def status_of(state: RunState, words: Mapping[TaskId, QueueWord], task_id: TaskId) -> str:
    """Return what the task is shown as; `words` are those of the queue."""
    entry = state.entries.get(task_id)
    if entry is not None:
        return entry_status(state, words, entry)
    task = state.tasks[task_id]
    match task.status:
        case TaskStatus.FAILED:
            if may_retry_itself(state, task_id):
                return "pending"
            failure = task.attempt.failure if task.attempt else None
            return _OF_FAILURE[failure.kind] if failure else "failed"
        case TaskStatus.SUCCEEDED:
            return "succeeded" if state.specs[task_id].kind is Kind.CHECK else "queued"
        case (
            TaskStatus.PENDING
            | TaskStatus.STARTING
            | TaskStatus.RUNNING
            | TaskStatus.PAUSED
            | TaskStatus.STOPPING
            | TaskStatus.CANCELLED
        ):
            return task.status
        case _:
            assert_never(task.status)


def entry_status(state: RunState, words: Mapping[TaskId, QueueWord], entry: QueueEntry) -> str:
    """Return what an entry of the queue is shown as."""
    word = words[entry.task]
    match word:
        case QueueWord.VALIDATING:
            return "paused" if is_frozen_for(state, entry.task) else word
        case QueueWord.REJECTED:
            return "cancelled" if entry.reason in (NOT_JUDGED, WITHDRAWN, UNDONE) else word
        case _:
            return word


def is_frozen_for(state: RunState, task_id: TaskId) -> bool:
    """Say whether all that validates the task's work stands still."""
    trees = [tree for tree, one in state.validations.items() if task_id in one.tasks]
    return bool(trees) and all(is_frozen(state, tree) for tree in trees)
