"""How tasks came out, one by one and counted, and the status of an entry: words for scripts and people."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from msgspec import Struct

from porch_tui.core.judging.scores import Finding
from porch_tui.core.merge_queue.train import landable, train
from porch_tui.core.model.derived import once
from porch_tui.core.model.events import Failure, FailureKind
from porch_tui.core.model.hypothesis import has_won, is_lost, is_to_land
from porch_tui.core.model.index import awaits_review, may_retry_automatically
from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.core.model.state import QueueEntry, RunState, TaskState
from porch_tui.core.model.status import EntryStatus, TaskStatus
from porch_tui.core.model.wording import counted
from porch_tui.core.scheduling.progress import concluded, failed_as_expected, is_answered


class Outcome(StrEnum):
    """The truthful end of a task; None while it is under way."""

    LANDED = "landed"
    NOTHING_TO_LAND = "nothing-to-land"
    FAILED = "failed"
    CHECK_FAILED = "check-failed"
    TIMED_OUT = "timed-out"
    EXPECTED_FAILURE = "expected-failure"
    """It failed in a way that its plan says is expected."""
    STOPPED = "stopped"
    LOST = "lost"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    VALIDATION_STOPPED = "validation-stopped"
    UNDONE = "undone"
    """Like the two before, a person took it out of the queue: nothing is wrong with it."""
    BLOCKED = "blocked"
    HELD = "held"
    """A person does not want it merged for now."""
    REVIEW = "review"
    """Its work waits for a person's approval."""
    WAITING = "waiting"
    WON = "won"
    """The theory that answers its hypothesis: it has landed, or need not."""
    LOST_RACE = "lost-race"
    """A theory whose hypothesis was decided for another one, or for none."""
    UNDECIDED = "undecided"
    """A theory whose hypothesis its judge could not decide."""


class Pause(StrEnum):
    """A status that only people see: a task waits for more than others or a slot."""

    OVER_BUDGET = "over-budget"
    WAITS_FOR_YOU = "waits-for-you"
    """It runs, and has called a person."""
    NOT_HELD = "not-held"
    """It was to be paused, and what is behind its fence runs on."""


GOOD = frozenset(
    {Outcome.LANDED, Outcome.NOTHING_TO_LAND, Outcome.EXPECTED_FAILURE, Outcome.WON, Outcome.LOST_RACE}
)

OF_FAILURE = {
    FailureKind.EXIT: Outcome.FAILED,
    FailureKind.CHECK: Outcome.CHECK_FAILED,
    FailureKind.TIMEOUT: Outcome.TIMED_OUT,
    FailureKind.LOST: Outcome.LOST,
    FailureKind.NOT_STARTED: Outcome.FAILED,
    FailureKind.UNCOLLECTABLE: Outcome.FAILED,
    FailureKind.NO_CHANGE: Outcome.FAILED,
    FailureKind.ASKED: Outcome.FAILED,
    FailureKind.AGENT: Outcome.FAILED,
    FailureKind.ESCAPED: Outcome.FAILED,
}

OF_ENTRY = {
    EntryStatus.QUEUED: None,
    EntryStatus.READY: None,
    EntryStatus.HELD: Outcome.HELD,
    EntryStatus.CONFLICTED: Outcome.CONFLICT,
    EntryStatus.RESOLVING: Outcome.CONFLICT,
    EntryStatus.BLOCKED: Outcome.BLOCKED,
    EntryStatus.REJECTED: Outcome.REJECTED,
    EntryStatus.FAULTED: Outcome.REJECTED,
    EntryStatus.WITHDRAWN: Outcome.WITHDRAWN,
    EntryStatus.VALIDATION_STOPPED: Outcome.VALIDATION_STOPPED,
    EntryStatus.UNDONE: Outcome.UNDONE,
    EntryStatus.NOTHING_TO_LAND: Outcome.NOTHING_TO_LAND,
    EntryStatus.LANDED: Outcome.LANDED,
    EntryStatus.UNDOING: None,
}


def outcome(state: RunState, task_id: TaskId) -> Outcome | None:
    """Return how the task came out so far; None while an attempt or the queue is at work on it."""
    entry, task, spec = state.entries.get(task_id), state.tasks[task_id], state.specs[task_id]
    if is_lost(state, task_id) and not task.is_active and task.status is not TaskStatus.FAILED:
        return Outcome.LOST_RACE
    if entry is not None:
        how = OF_ENTRY[entry.status]
        if how is Outcome.NOTHING_TO_LAND and has_escaped(task):
            return Outcome.HELD
        return Outcome.WON if spec.of is not None and how in GOOD else how
    match task.status:
        case TaskStatus.PENDING:
            return Outcome.WAITING
        case TaskStatus.SUCCEEDED if spec.of is not None and not has_won(state, task_id):
            return None if concluded(state, spec.of).finding is Finding.OPEN else Outcome.UNDECIDED
        case TaskStatus.SUCCEEDED:
            # a check merges nothing; what is to land has an entry as soon as an engine has written one
            if is_to_land(state, task_id):
                return Outcome.REVIEW if awaits_review(state, task_id) else None
            if has_escaped(task):
                return Outcome.HELD
            return Outcome.NOTHING_TO_LAND if spec.of is None else Outcome.WON
        case TaskStatus.CANCELLED:
            return Outcome.STOPPED
        case TaskStatus.FAILED if task.attempt and task.attempt.failure:
            is_over = not may_retry_automatically(state, task_id)
            return of_failure(state, task_id, task.attempt.failure) if is_over else None
        case _:
            return None


def of_failure(state: RunState, task_id: TaskId, failure: Failure) -> Outcome:
    """Return how a task came out whose last attempt failed."""
    return Outcome.EXPECTED_FAILURE if failed_as_expected(state, task_id) else OF_FAILURE[failure.kind]


def all_is_well(state: RunState) -> bool:
    """Say whether everything that should land has landed, every check passed, every hypothesis has a winner.

    But for tasks whose failure is expected. And whether no task wrote outside its worktree; unless a person
    has accepted that.
    """
    tasks = (task for task, spec in state.specs.items() if spec.of is None)
    is_good = all(outcome(state, task) in GOOD for task in tasks) and all(
        known.winner is not None and is_answered(state, name) for name, known in state.hypotheses.items()
    )
    return is_good and not any(has_escaped(task) for task in state.tasks.values())


def has_escaped(task: TaskState) -> bool:
    """Say whether the task's last attempt wrote outside its worktree, and no person has accepted that."""
    return task.attempt is not None and bool(task.attempt.escape)


class Results(Struct, frozen=True):
    """The tasks of a run, counted by what was to become of them."""

    changes: int
    """Tasks whose work is to land; without those whose expected failure came."""
    landed: int
    idle: int
    """Changes that had nothing to land."""
    checks: int
    passed: int
    """Checks that ended well."""
    hypotheses: int = 0
    answered: int = 0
    """Hypotheses with a winner that has landed, or need not."""
    expected_failures: int = 0
    """Changes and checks that failed, as the plan expects of them."""


def results(state: RunState) -> Results:
    """Count the tasks of a run by what was to become of them, and what did."""
    ends = Counter((state.specs[task].kind, outcome(state, task)) for task in state.tasks)
    kinds = Counter(state.specs[task].kind for task in state.tasks)
    expected = {kind: ends[kind, Outcome.EXPECTED_FAILURE] for kind in (Kind.CHANGE, Kind.CHECK)}
    return Results(
        changes=kinds[Kind.CHANGE] - expected[Kind.CHANGE],
        landed=ends[Kind.CHANGE, Outcome.LANDED],
        idle=ends[Kind.CHANGE, Outcome.NOTHING_TO_LAND],
        checks=kinds[Kind.CHECK] - expected[Kind.CHECK],
        passed=ends[Kind.CHECK, Outcome.NOTHING_TO_LAND],
        hypotheses=len(state.hypotheses),
        answered=sum(
            known.winner is not None and is_answered(state, name) for name, known in state.hypotheses.items()
        ),
        expected_failures=sum(expected.values()),
    )


def in_words(counts: Results, target: str = "") -> str:
    """Return `2 of 3 tasks landed, 1 of 1 check passed`; kinds the run does not have are left out.

    `target` names the branch they landed on.
    """
    others = []
    if counts.checks:
        others.append(f"{counts.passed} of {counted(counts.checks, 'check')} passed")
    if counts.hypotheses:
        all_of_them = counted(counts.hypotheses, "hypothesis", "hypotheses")
        others.append(f"{counts.answered} of {all_of_them} answered")
    if counts.expected_failures:
        others.append(f"{counts.expected_failures} failed as expected")
    if others and not counts.changes:
        return ", ".join(others)
    where = f" on {target}" if target else ""
    landed = f"{counts.landed} of {counted(counts.changes, 'task')} landed{where}"
    return ", ".join([landed, *others])


class QueueWord(StrEnum):
    """The status of an entry, derived parts included."""

    QUEUED = "queued"
    MERGING = "merging"
    VALIDATING = "validating"
    LANDING = "landing"
    HELD = "held"
    BLOCKED = "blocked"
    CONFLICTED = "conflicted"
    RESOLVING = "resolving"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    VALIDATION_STOPPED = "validation-stopped"
    UNDONE = "undone"
    LANDED = "landed"
    NOTHING_TO_LAND = "nothing-to-land"
    UNDOING = "undoing"


class Theory(StrEnum):
    """The status of a theory that has succeeded, as long as its hypothesis is open."""

    JUDGING = "judging"
    JUDGED = "judged"
    """It waits for its judge, or for what that finds out about its rivals."""


class Elsewhere(StrEnum):
    """Instead of a good status, of a task that wrote outside its worktree, until a person accepts that."""

    LANDED = "landed-but-wrote-elsewhere"


@once()
def queue_words(state: RunState) -> dict[TaskId, QueueWord]:
    """Return the status of each entry of the queue. In a run that is closed nothing moves any more."""
    is_open = state.closed_at is None
    missing = train(state).missing if is_open else None
    merging = {missing.entry.task} if missing else set()
    landing = {entry.task for entry in landable(state)} if is_open else set()
    validating = {task for flight in state.validations.in_flight.values() for task in flight.tasks}

    def word(entry: QueueEntry) -> QueueWord:
        if entry.status not in (EntryStatus.QUEUED, EntryStatus.READY):
            is_faulted = entry.status is EntryStatus.FAULTED
            return QueueWord.REJECTED if is_faulted else QueueWord(entry.status.value)
        if entry.task in landing:
            return QueueWord.LANDING
        if entry.task in merging:
            return QueueWord.MERGING
        return QueueWord.VALIDATING if entry.task in validating else QueueWord.QUEUED

    return {entry.task: word(entry) for entry in state.entries.values()}
