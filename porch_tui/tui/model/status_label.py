"""The few words in which a row says where a task is: `run 41s`, `FAIL exit 3`, `landed 3f2a9c1`. Pure."""

from __future__ import annotations

from typing import assert_never

from msgspec import Struct

from porch_tui.core.analysis.prediction import predictions_of
from porch_tui.core.merge_queue.undo import reverted
from porch_tui.core.merge_queue.verdicts import is_base_red
from porch_tui.core.model.events import FailureKind
from porch_tui.core.model.index import may_retry_automatically
from porch_tui.core.model.plan import Sha, TaskId, shown
from porch_tui.core.model.state import Attempt, QueueEntry
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.wording import listed
from porch_tui.core.scheduling.readiness import WaitKind, waits
from porch_tui.present.amounts import duration, elapsed, size
from porch_tui.present.explain import ended_text, reason
from porch_tui.present.outcome import OF_FAILURE, QueueWord
from porch_tui.present.statuses import entry_status, look, status_of
from porch_tui.tui.model.view import View

SHORT_SHA = 7


class StatusLabel(Struct, frozen=True):
    """A status and its words."""

    status: str
    """For `statuses.look`."""
    word: str


def status_label(view: View, task_id: TaskId) -> StatusLabel:
    """Return the status of a task, in the words of its row."""
    entry = view.state.entries.get(task_id)
    if entry is not None:
        return entry_label(view, entry)
    status = status_of(view.state, view.derived.words, task_id)
    task = view.state.tasks[task_id]
    match task.status:
        case TaskStatus.PENDING:
            return StatusLabel(status, _waiting_word(view, task_id))
        case TaskStatus.RUNNING:
            return StatusLabel(status, f"run {elapsed(ran_s(view, task.attempt))}")
        case (
            TaskStatus.STARTING
            | TaskStatus.STOPPING
            | TaskStatus.PAUSED
            | TaskStatus.SUCCEEDED
            | TaskStatus.CANCELLED
        ):
            return StatusLabel(status, look(status).word)
        case TaskStatus.FAILED:
            return StatusLabel(status, _failed_word(view, task_id, task.attempt))
        case _:
            assert_never(task.status)


def entry_label(view: View, entry: QueueEntry) -> StatusLabel:
    """Return the status of an entry of the queue, in the words of its row."""
    status = entry_status(view.state, view.derived.words, entry)
    match status:
        case TaskStatus.PAUSED:
            return StatusLabel(status, "test paused")
        case QueueWord.VALIDATING:
            return StatusLabel(status, f"testing {elapsed(tested_s(view, entry.task))}")
        case QueueWord.LANDED:
            return StatusLabel(status, f"landed {short(entry.landed)}")
        case QueueWord.RESOLVING:
            return StatusLabel(status, status)
        case _:
            return StatusLabel(status, look(status).label)


def queue_detail(view: View, entry: QueueEntry) -> str:
    """Return what a row of the queue says beside the status."""
    word = view.derived.words[entry.task]
    match word:
        case QueueWord.CONFLICTED | QueueWord.RESOLVING:
            return f"in {listed(entry.conflicts)}" if len(entry.conflicts) == 1 else _files(entry)
        case QueueWord.VALIDATING:
            return reason(view.state, entry.task).replace("together with", "with")
        case _:
            return reason(view.state, entry.task)


def why(view: View, task_id: TaskId) -> str:
    """Return in full why the task has its status; its command if there is nothing to explain."""
    is_under_way = view.derived.outcomes[task_id] is None
    warnings = predictions_of(view.state, task_id, view.predictions) if is_under_way else ()
    text = "; ".join(filter(None, (reason(view.state, task_id), *warnings)))
    if text:
        return text
    entry = view.state.entries.get(task_id)
    attempt = view.state.tasks[task_id].attempt
    if entry is not None and entry.landed is not None:
        undeclared = attempt.undeclared_paths if attempt else ()
        also = f"; it also wrote undeclared paths: {listed(undeclared)}" if undeclared else ""
        by = reverted(view.state).get(task_id)
        gone = f"; reverted by {by}" if by else ""
        ended = f"; {left}" if attempt and (left := ended_text(attempt.left_running)) else ""
        return f"landed on {view.state.target.name} as {short(entry.landed)}{gone}{also}{ended}"
    return shown(view.state.specs[task_id].command)


def cost(view: View, task_id: TaskId) -> str:
    """Return what the last attempt used, once it has ended: `took 3m12s  cpu 2m50s  peak 512MB`."""
    attempt = view.state.tasks[task_id].attempt
    if attempt is None or attempt.used is None:
        return ""
    used = attempt.used
    return f"took {duration(used.wall_s)}  cpu {duration(used.cpu_s)}  peak {size(used.peak_rss_bytes)}"


def short(sha: Sha | None) -> str:
    """Return an object id as short as people write it."""
    return (sha or "")[:SHORT_SHA]


def is_noticed(view: View, task_id: TaskId) -> bool:
    """Say whether something was noticed about the task that its status does not say: silence, escapes."""
    task = view.state.tasks[task_id]
    attempt = task.attempt
    is_odd = task.status is TaskStatus.RUNNING and attempt is not None and bool(attempt.notice)
    is_odd = is_odd or (attempt is not None and bool(attempt.left_running or attempt.escape))
    return is_odd or any(one.task == task_id for one in view.state.noticed)


def ran_s(view: View, attempt: Attempt | None) -> float:
    """Return for how long an attempt has run."""
    if attempt is None:
        return 0.0
    began = attempt.started_at or attempt.scheduled_at
    return (attempt.ended_at or view.now) - began


def tested_s(view: View, task_id: TaskId) -> float:
    """Return for how long the state with the task's work has been validated."""
    began = [one.scheduled_at for one in view.state.validations.in_flight.values() if task_id in one.tasks]
    return view.now - min(began, default=view.now)


def validation_of(view: View, task_id: TaskId) -> tuple[Sha, int] | None:
    """Return tree and number of the validation of the task's work; None if none was begun."""
    state = view.state
    for flight in state.validations.in_flight.values():
        if task_id in flight.tasks:
            return flight.tree, flight.number
    entry = state.entries.get(task_id)
    if entry is None:
        return None
    tree = state.target.tip_tree if is_base_red(state) else entry.tree
    number = state.validations.begun.get(tree, 0) if tree else 0
    return (tree, number) if tree and number else None


def _waiting_word(view: View, task_id: TaskId) -> str:
    first = next(waits(view.state, view.state.specs[task_id], view.derived.occupied), None)
    if first is None:
        return "ready"
    if first.kind is WaitKind.SLOT:
        return "waits for a slot"
    if first.kind is WaitKind.PAUSED:
        return "run is paused"
    return reason(view.state, task_id)


def _failed_word(view: View, task_id: TaskId, attempt: Attempt | None) -> str:
    if attempt is None or attempt.failure is None:
        return "FAIL"
    text, kind = attempt.failure.text, attempt.failure.kind
    if may_retry_automatically(view.state, task_id):
        return f"again after {text}"
    match kind:
        case FailureKind.EXIT:
            return f"FAIL {text}"
        case FailureKind.CHECK:
            return f"CHECK {text.removeprefix('check: ')}"
        case FailureKind.TIMEOUT | FailureKind.LOST:
            return look(OF_FAILURE[kind]).label
        case FailureKind.NOT_STARTED:
            return "NOT STARTED"
        case FailureKind.UNCOLLECTABLE:
            return "NOT COLLECTED"
        case FailureKind.NO_CHANGE:
            return "NO CHANGE"
        case FailureKind.ESCAPED:
            return "LEFT ITS WORKTREE"
        case _:
            assert_never(kind)


def _files(entry: QueueEntry) -> str:
    return f"in {len(entry.conflicts)} files" if entry.conflicts else entry.reason
