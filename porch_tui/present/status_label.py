"""The few words in which a row says where a task is: `run 41s`, `FAIL exit 3`, `landed 3f2a9c1`.

`now` is in seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from porch_tui.core.merge_queue.prediction import Prediction, predictions_of
from porch_tui.core.merge_queue.undo import reverted
from porch_tui.core.model.events import FailureKind, PauseCause
from porch_tui.core.model.index import may_retry_automatically
from porch_tui.core.model.plan import TaskId, shown
from porch_tui.core.model.state import Attempt, QueueEntry, RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.wording import listed
from porch_tui.core.scheduling.readiness import waits
from porch_tui.core.scheduling.waiting import WaitKind
from porch_tui.present.amounts import clock, duration, elapsed, short, size
from porch_tui.present.clean import clean
from porch_tui.present.explain import ended_text, reason
from porch_tui.present.hypothesis_text import score_word
from porch_tui.present.outcome import (
    Elsewhere,
    Outcome,
    Pause,
    QueueWord,
    Theory,
    of_failure,
    outcome,
    queue_words,
)
from porch_tui.present.statuses import entry_status, look, status_of

_THEORY = frozenset({*Theory, Outcome.WON, Outcome.LOST_RACE, Outcome.UNDECIDED})


class StatusLabel(Struct, frozen=True):
    """A status and its words."""

    status: str
    """For `statuses.look`."""
    word: str


def task_label(state: RunState, task_id: TaskId, now: float) -> StatusLabel:
    """Return the status of a task, in the words of its row."""
    entry, task = state.entries.get(task_id), state.tasks[task_id]
    status = status_of(state, task_id)
    if state.specs[task_id].of is not None and status in _THEORY:
        return StatusLabel(status, " ".join(filter(None, (look(status).label, score_word(state, task_id)))))
    if entry is not None:
        return entry_label(state, entry, now)
    if status in (Pause.OVER_BUDGET, Pause.NOT_HELD):
        return StatusLabel(status, look(status).label)
    if task.waits is not None:
        said = clean(task.waits)
        return StatusLabel(status, f"{look(status).label}{f': {said}' if said else ''}")
    match task.status:
        case TaskStatus.PENDING:
            return StatusLabel(status, _waiting_word(state, task_id))
        case TaskStatus.RUNNING:
            return StatusLabel(status, f"run {elapsed(ran_s(task.attempt, now))}")
        case TaskStatus.PAUSED if task.attempt and task.attempt.pause_cause is PauseCause.AGENT:
            agent = state.specs[task_id].agent
            return StatusLabel(status, _until(state, agent) or look(status).word)
        case TaskStatus.FAILED:
            return StatusLabel(status, _failed_word(state, task_id))
        case _:
            return StatusLabel(status, look(status).word)


def entry_label(state: RunState, entry: QueueEntry, now: float) -> StatusLabel:
    """Return the status of an entry of the queue, in the words of its row."""
    status = entry_status(state, entry)
    match status:
        case TaskStatus.PAUSED:
            return StatusLabel(status, "test paused")
        case QueueWord.VALIDATING:
            flights = state.validations.in_flight.values()
            began = min(flight.scheduled_at for flight in flights if entry.task in flight.tasks)
            return StatusLabel(status, f"testing {elapsed(now - began)}")
        case QueueWord.LANDED | Elsewhere.LANDED:
            return StatusLabel(status, f"landed {short(entry.landed)}")
        case QueueWord.RESOLVING:  # nothing for a person to do
            return StatusLabel(status, look(status).word)
        case _:
            return StatusLabel(status, look(status).label)


def _waiting_word(state: RunState, task_id: TaskId) -> str:
    match next(waits(state, state.specs[task_id]), None):
        case None:
            return "ready"
        case wait if wait.kind is WaitKind.SLOT:
            return "waits for a slot"
        case wait if wait.kind is WaitKind.PAUSED:
            return "run is paused"
        case wait if wait.kind is WaitKind.AGENT:
            return _until(state, wait.text)
        case _:
            return reason(state, task_id)


def _until(state: RunState, agent: str | None) -> str:
    """Return until when the account of an agent must wait; empty if it may be used."""
    limit = state.limit_of(agent)
    return f"until {clock(limit.until)}" if limit else ""


def _failed_word(state: RunState, task_id: TaskId) -> str:
    attempt = state.tasks[task_id].attempt
    failure = attempt.failure if attempt else None
    if failure is None:
        return "FAIL"
    if may_retry_automatically(state, task_id):
        return f"again after {failure.text}"
    how = of_failure(state, task_id, failure)
    if how is Outcome.EXPECTED_FAILURE:
        return "failed"  # the reason beside it says that this is expected
    match failure.kind:
        case FailureKind.EXIT:
            return f"FAIL {failure.text}"
        case FailureKind.CHECK:
            return f"CHECK {failure.text.removeprefix('check: ')}"
        case _:
            return _FAILED.get(failure.kind) or look(how).label


_FAILED = {
    FailureKind.NOT_STARTED: "NOT STARTED",
    FailureKind.UNCOLLECTABLE: "NOT COLLECTED",
    FailureKind.NO_CHANGE: "NO CHANGE",
    FailureKind.ASKED: "ASKED",
    FailureKind.AGENT: "AGENT FAILED",
    FailureKind.ESCAPED: "LEFT ITS WORKTREE",
}


def queue_detail(state: RunState, entry: QueueEntry) -> str:
    """Return what a row of the queue says beside the status."""
    match queue_words(state)[entry.task]:
        case QueueWord.CONFLICTED | QueueWord.RESOLVING if len(entry.conflicts) == 1:
            return f"in {entry.conflicts[0]}"
        case QueueWord.CONFLICTED | QueueWord.RESOLVING:
            return f"in {len(entry.conflicts)} files" if entry.conflicts else entry.reason
        case QueueWord.VALIDATING:
            return reason(state, entry.task).replace("together with", "with")
        case _:
            return reason(state, entry.task)


def beside(state: RunState, task_id: TaskId, word: str, predictions: Sequence[Prediction]) -> str:
    """Return why the task has its status, without what the word of its row says already; often empty."""
    is_under_way = outcome(state, task_id) is None
    warnings = predictions_of(state, task_id, predictions) if is_under_way and predictions else ()
    text, said = clean(reason(state, task_id)).removeprefix("check: "), word.casefold()
    if text.casefold() in said:
        text = ""
    elif text.casefold().startswith(said):
        text = text[len(word) :].lstrip(" ,:;")
    return "; ".join(filter(None, (text, *warnings)))


def why(state: RunState, task_id: TaskId, predictions: Sequence[Prediction]) -> str:
    """Return in full why the task has its status; its command if there is nothing to explain."""
    is_under_way = outcome(state, task_id) is None
    warnings = predictions_of(state, task_id, predictions) if is_under_way else ()
    text = "; ".join(filter(None, (reason(state, task_id), *warnings)))
    if text:
        return text
    entry, attempt = state.entries.get(task_id), state.tasks[task_id].attempt
    if entry is None or entry.landed is None:
        return shown(state.specs[task_id].command)
    texts = [f"landed on {state.target.name} as {short(entry.landed)}"]
    if by := reverted(state).get(task_id):
        texts.append(f"reverted by {by}")
    if attempt and attempt.undeclared_paths:
        texts.append(f"it also wrote undeclared paths: {listed(attempt.undeclared_paths)}")
    if attempt and attempt.left_running:
        texts.append(ended_text(attempt.left_running))
    return "; ".join(texts)


def cost(attempt: Attempt | None) -> str:
    """Return what an attempt used, once it has ended: `took 3m12s  cpu 2m50s  peak 512MB`."""
    if attempt is None or attempt.used is None:
        return ""
    used = attempt.used
    if not used.is_measured:
        return f"took {duration(used.wall_s)}  cpu and memory unknown behind its fence"
    return f"took {duration(used.wall_s)}  cpu {duration(used.cpu_s)}  peak {size(used.peak_rss_bytes)}"


def is_noticed(state: RunState, task_id: TaskId) -> bool:
    """Say whether something was noticed about the task that its status does not say: silence, escapes."""
    task = state.tasks[task_id]
    attempt = task.attempt
    if attempt is not None and (attempt.left_running or attempt.escape):
        return True
    is_odd = attempt is not None and task.status is TaskStatus.RUNNING and bool(attempt.notice)
    return is_odd or any(one.task == task_id for one in state.noticed)


def ran_s(attempt: Attempt | None, now: float) -> float:
    """Return for how long an attempt has run."""
    if attempt is None:
        return 0.0
    return (attempt.ended_at or now) - (attempt.started_at or attempt.scheduled_at)
