"""The one table of statuses: sign and word of each, for tasks, entries of the merge queue and outcomes.

A sign has a glyph and a color role (`signs`). State is shown as glyph and
word, with color only on top. Quick: it is asked of every task whenever the run
has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from porch_tui.core.model.hypothesis import has_won, is_to_land
from porch_tui.core.model.index import awaits_review, may_retry_automatically
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import QueueEntry, RunState
from porch_tui.core.model.status import EntryStatus, TaskStatus
from porch_tui.core.rules.settle import is_frozen
from porch_tui.core.scheduling.judging import in_flight
from porch_tui.core.scheduling.lanes import is_behind
from porch_tui.core.scheduling.notice import NoticeKind, kind_of
from porch_tui.present.budget_text import needs_own_budget
from porch_tui.present.clean import clean
from porch_tui.present.outcome import (
    Elsewhere,
    Outcome,
    Pause,
    QueueWord,
    Theory,
    has_escaped,
    of_failure,
    outcome,
    queue_words,
)
from porch_tui.present.signs import Charset, Sign


class Look(Struct, frozen=True):
    """How one status is shown."""

    glyph: str
    word: str
    sign: Sign

    @property
    def label(self) -> str:
        """The word, in capitals where a person has to see to it."""
        return self.word.upper() if self.sign.is_loud else self.word


_LOOKS: Mapping[str, tuple[Sign, str]] = {
    TaskStatus.PENDING: (Sign.WAITS, "waiting"),
    TaskStatus.STARTING: (Sign.RUNS, "starting"),
    TaskStatus.RUNNING: (Sign.RUNS, "running"),
    TaskStatus.PAUSED: (Sign.HELD, "paused"),
    TaskStatus.STOPPING: (Sign.HELD, "stopping"),
    TaskStatus.SUCCEEDED: (Sign.GOOD, "passed"),  # of a check; a change is shown by its entry
    TaskStatus.FAILED: (Sign.FAILED, "failed"),
    TaskStatus.CANCELLED: (Sign.ENDED, "stopped"),
    QueueWord.QUEUED: (Sign.WAITS, "queued"),
    EntryStatus.READY: (Sign.WAITS, "queued"),  # an entry's, which is shown by its `QueueWord`
    QueueWord.MERGING: (Sign.RUNS, "merging"),
    QueueWord.VALIDATING: (Sign.RUNS, "validating"),
    QueueWord.LANDING: (Sign.RUNS, "landing"),
    QueueWord.UNDOING: (Sign.RUNS, "undoing"),
    QueueWord.HELD: (Sign.HELD, "held"),
    QueueWord.CONFLICTED: (Sign.ASKS, "conflict"),
    QueueWord.RESOLVING: (Sign.ASKS, "resolving"),
    QueueWord.BLOCKED: (Sign.ASKS, "blocked"),
    QueueWord.REJECTED: (Sign.FAILED, "rejected"),
    EntryStatus.FAULTED: (Sign.FAILED, "rejected"),  # likewise
    QueueWord.WITHDRAWN: (Sign.ENDED, "withdrawn"),
    QueueWord.VALIDATION_STOPPED: (Sign.ENDED, "test stopped"),
    QueueWord.UNDONE: (Sign.ENDED, "undone"),
    QueueWord.LANDED: (Sign.GOOD, "landed"),
    Elsewhere.LANDED: (Sign.ASKS, "landed"),
    QueueWord.NOTHING_TO_LAND: (Sign.GOOD, "nothing to land"),
    Pause.OVER_BUDGET: (Sign.ASKS, "over budget"),
    Pause.WAITS_FOR_YOU: (Sign.ASKS, "waits for you"),
    Pause.NOT_HELD: (Sign.ASKS, "runs on"),
    Outcome.WAITING: (Sign.WAITS, "waiting"),
    Outcome.CHECK_FAILED: (Sign.FAILED, "check failed"),
    Outcome.TIMED_OUT: (Sign.FAILED, "timed out"),
    Outcome.EXPECTED_FAILURE: (Sign.ENDED, "failed as expected"),
    Outcome.LOST: (Sign.FAILED, "lost"),
    Outcome.STOPPED: (Sign.ENDED, "stopped"),
    Outcome.CONFLICT: (Sign.ASKS, "conflict"),
    Outcome.REVIEW: (Sign.ASKS, "review"),
    Outcome.WON: (Sign.GOOD, "won"),
    Outcome.LOST_RACE: (Sign.ENDED, "lost the race"),
    Outcome.UNDECIDED: (Sign.ASKS, "undecided"),
    Theory.JUDGING: (Sign.RUNS, "judging"),
    Theory.JUDGED: (Sign.WAITS, "waits for judge"),
}


SIGN_WORDS: Mapping[Sign, str] = {
    Sign.FAILED: "failed",
    Sign.ASKS: "",
    Sign.RUNS: "under way",
    Sign.HELD: "held",
    Sign.WAITS: "waiting",
    Sign.ENDED: "",
    Sign.GOOD: "done",
}
"""What tasks with the same sign are called when they are counted together; the most pressing first.

Empty: each word of theirs is counted for itself, as what a person is to do depends on it.
"""
_COUNTED = {
    "conflict": ("in conflict", "in conflict"),
    "review": ("to review", "to review"),
    "waits for you": ("waits for you", "wait for you"),
    "runs on": ("runs on", "run on"),
}
"""Words that are others after a number: after 1, and after more."""


def counted_words(state: RunState, sign: Sign, tasks: Sequence[TaskId]) -> Iterator[tuple[str, list[TaskId]]]:
    """Yield `2 in conflict`, or what else tasks with the same sign are called, each with its tasks."""
    by_word: dict[str, list[TaskId]] = {}
    for task in tasks:
        word = SIGN_WORDS[sign] or look(status_of(state, task)).word
        by_word.setdefault(word, []).append(task)
    for word, found in by_word.items():
        one, several = _COUNTED.get(word, (word, word))
        yield f"{len(found)} {one if len(found) == 1 else several}", found


def look(status: str, charset: Charset = Charset.UNICODE) -> Look:
    """Return how a status of a task, an outcome or a queue entry is shown.

    A status of a newer porch is shown by its word with a question mark.
    """
    known = _LOOKS.get(status)
    if known is None:
        return Look("?", clean(status).replace("-", " "), Sign.WAITS)
    sign, word = known
    return Look(sign.glyph(charset), word, sign)


def status_of(state: RunState, task_id: TaskId) -> str:
    """Return the status the task is shown with."""
    entry, task = state.entries.get(task_id), state.tasks[task_id]
    if state.specs[task_id].of is not None and (status := _theory_status(state, task_id)):
        return status
    if entry is not None:
        return entry_status(state, entry)
    if needs_own_budget(state, task_id):
        return Pause.OVER_BUDGET
    match task.status:
        case TaskStatus.STARTING if is_behind(state, task_id):
            return TaskStatus.PENDING
        case TaskStatus.RUNNING if task.waits is not None:
            return Pause.WAITS_FOR_YOU
        case TaskStatus.PAUSED if task.attempt and kind_of(task.attempt.notice) is NoticeKind.NOT_HELD:
            return Pause.NOT_HELD
        case TaskStatus.FAILED if may_retry_automatically(state, task_id):
            return TaskStatus.PENDING
        case TaskStatus.FAILED if task.attempt and task.attempt.failure:
            return of_failure(state, task_id, task.attempt.failure)
        case TaskStatus.SUCCEEDED if awaits_review(state, task_id):
            return Outcome.REVIEW
        case TaskStatus.SUCCEEDED if is_to_land(state, task_id):
            return QueueWord.QUEUED  # an engine is about to write that down, or died before it did
        case TaskStatus.SUCCEEDED if has_escaped(task):
            return QueueWord.HELD
        case _:
            return task.status


def _theory_status(state: RunState, task_id: TaskId) -> str | None:
    """Return the status of a theory where it is another than it would be of a change."""
    how = outcome(state, task_id)
    if how in (Outcome.LOST_RACE, Outcome.UNDECIDED):
        return how
    entry, task = state.entries.get(task_id), state.tasks[task_id]
    if how is Outcome.WON and (entry is None or entry.landed is None):
        return how
    if entry is not None or task.status is not TaskStatus.SUCCEEDED or has_won(state, task_id):
        return None
    is_judged = any(one.theory == task_id for _, one in in_flight(state))
    return Theory.JUDGING if is_judged else Theory.JUDGED


def entry_status(state: RunState, entry: QueueEntry) -> str:
    """Return the status an entry of the queue is shown with."""
    word = queue_words(state)[entry.task]
    match word:
        case QueueWord.VALIDATING if is_frozen_for(state, entry.task):
            return TaskStatus.PAUSED
        case QueueWord.LANDED if has_escaped(state.tasks[entry.task]):
            return Elsewhere.LANDED
        case QueueWord.NOTHING_TO_LAND if has_escaped(state.tasks[entry.task]):
            return QueueWord.HELD
        case _:
            return word


def is_frozen_for(state: RunState, task_id: TaskId) -> bool:
    """Say whether every validation of the task's work is frozen."""
    trees = [tree for tree, one in state.validations.in_flight.items() if task_id in one.tasks]
    return bool(trees) and all(is_frozen(state, tree) for tree in trees)
