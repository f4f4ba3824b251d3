"""One case per cell of the two tables, generated from them: the tables are the specification."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import LaneName, Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus as E
from porch_tui.core.model.status import TaskStatus as T
from porch_tui.core.model.transitions import ENTRY, TASK, IllegalTransition
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.evolve import replay
from tests.builders import (
    attempt,
    board,
    candidate_built,
    conflict,
    failure,
    fold,
    land,
    opened,
    plan,
    queue,
    records,
    run_opened,
    scheduled,
    start,
    succeed,
)

A, HEAD, TIP = TaskId("a"), Sha("h:a"), Sha("c0")
ONE = attempt("a")
FIRST = opened(plan("a"))
PAUSED = fold(start(FIRST, "a"), e.AttemptPaused(ONE))
STOPPING = fold(start(FIRST, "a"), e.StopRequested(ONE))
PARKED = conflict(queue(FIRST, "a"), "a")

TASK_STATES: Mapping[T, RunState] = {
    T.PENDING: FIRST,
    T.STARTING: fold(FIRST, scheduled("a")),
    T.RUNNING: start(FIRST, "a"),
    T.PAUSED: PAUSED,
    T.STOPPING: STOPPING,
    T.SUCCEEDED: succeed(FIRST, "a"),
    T.FAILED: fold(start(FIRST, "a"), e.AttemptFailed(ONE, failure())),
    T.CANCELLED: fold(STOPPING, e.AttemptStopped(ONE)),
}
TASK_EVENTS: Mapping[type[e.Event], e.AnyEvent] = {
    e.AttemptScheduled: scheduled("a"),
    e.AttemptReturned: e.AttemptReturned(ONE, LaneName("b.1")),
    e.AttemptStarted: e.AttemptStarted(ONE, pid=100),
    e.AttemptPaused: e.AttemptPaused(ONE),
    e.AttemptResumed: e.AttemptResumed(ONE),
    e.AttemptNoticed: e.AttemptNoticed(ONE, "silent: for 10 min"),
    e.AttemptWaits: e.AttemptWaits(ONE, "may I?"),
    e.AttemptAnswered: e.AttemptAnswered(ONE),
    e.FinishRequested: e.FinishRequested(ONE),
    e.FinishIgnored: e.FinishIgnored(ONE),
    e.AttemptEscaped: e.AttemptEscaped(ONE, "was at work in your checkout"),
    e.EscapeAccepted: e.EscapeAccepted(ONE),
    e.AttemptSucceeded: e.AttemptSucceeded(ONE, HEAD),
    e.AttemptFailed: e.AttemptFailed(ONE, failure()),
    e.AttemptLimited: e.AttemptLimited(ONE, "usage limit reached"),
    e.AttemptLost: e.AttemptLost(ONE, "was not heard of for 1h"),
    e.StopRequested: e.StopRequested(ONE),
    e.AttemptStopped: e.AttemptStopped(ONE),
    e.CollectionRequested: e.CollectionRequested(ONE),
    e.TaskCancelled: e.TaskCancelled(A),
    e.TaskApproved: e.TaskApproved(A, HEAD, "Ada"),
    e.TaskRetried: e.TaskRetried(A, is_automatic=False),
}

ENTRY_STATES: Mapping[E | None, RunState] = {
    None: succeed(FIRST, "a"),
    E.QUEUED: queue(FIRST, "a"),
    E.READY: board(FIRST, "a"),
    E.CONFLICTED: PARKED,
    E.HELD: fold(board(FIRST, "a"), e.EntryHeld(A)),
    E.RESOLVING: fold(PARKED, e.ResolutionGiven(A, "record-1")),
    E.BLOCKED: fold(board(FIRST, "a"), e.LandingBlocked(A, (".env",), "in the way", is_retried=True)),
    E.REJECTED: fold(board(FIRST, "a"), e.EntryRejected(A, Sha("t0+a"), (), "it fails")),
    E.FAULTED: fold(board(FIRST, "a"), e.EntryFaulted(A, "the disk is full")),
    E.WITHDRAWN: fold(board(FIRST, "a"), e.EntryWithdrawn(A)),
    E.VALIDATION_STOPPED: fold(board(FIRST, "a"), e.EntryValidationStopped(A)),
    E.UNDONE: fold(land(board(FIRST, "a"), "a"), e.LandingUndone(A, Sha("c0+a"), TIP, Sha("t0"))),
    E.NOTHING_TO_LAND: fold(
        queue(FIRST, "a"), candidate_built(queue(FIRST, "a"), "a", is_idle=True), e.NothingToLand(A)
    ),
    E.LANDED: land(board(FIRST, "a"), "a"),
    E.UNDOING: fold(land(board(FIRST, "a"), "a"), e.UndoRequested(A)),
}
ENTRY_EVENTS: Mapping[type[e.Event], e.AnyEvent] = {
    e.EntryQueued: e.EntryQueued(A, HEAD),
    e.CandidateBuilt: e.CandidateBuilt(A, HEAD, TIP, (), Sha("c0+a"), Sha("t0+a")),
    e.CandidateConflicted: e.CandidateConflicted(A, HEAD, TIP, (), ("f",), (), "both edited it"),
    e.NothingToLand: e.NothingToLand(A),
    e.ResolutionProposed: e.ResolutionProposed(A, HEAD, TIP, "claude", is_complete=True),
    e.ProposalRefused: e.ProposalRefused(A),
    e.ResolutionGiven: e.ResolutionGiven(A, "record-2"),
    e.ConflictResolved: e.ConflictResolved(A),
    e.ResolutionRefused: e.ResolutionRefused(A, "1 hunk is open"),
    e.ResolutionFailed: e.ResolutionFailed(A, Sha("t0+a"), (), "it fails"),
    e.EntryRejected: e.EntryRejected(A, Sha("t0+a"), (), "it fails"),
    e.Landed: e.Landed(A, HEAD, TIP, Sha("c0+a"), Sha("t0+a")),
    e.LandingBlocked: e.LandingBlocked(A, (".env",), "in the way", is_retried=True),
    e.LandingUnblocked: e.LandingUnblocked(A),
    e.EntryFaulted: e.EntryFaulted(A, "the disk is full"),
    e.EntryRequeued: e.EntryRequeued(A),
    e.EntryWithdrawn: e.EntryWithdrawn(A),
    e.EntryValidationStopped: e.EntryValidationStopped(A),
    e.EntryHeld: e.EntryHeld(A),
    e.EntryReleased: e.EntryReleased(A),
    e.EntryMoved: e.EntryMoved(A, (A,)),
    e.HeadMoved: e.HeadMoved(A, Sha("h:a2")),
    e.UndoRequested: e.UndoRequested(A),
    e.LandingUndone: e.LandingUndone(A, Sha("c0+a"), TIP, Sha("t0")),
    e.UndoRefused: e.UndoRefused(A, "it was pushed"),
    e.ProbeBuilt: e.ProbeBuilt(A, HEAD, None, HEAD, Sha("t:a")),
    e.CulpritFound: e.CulpritFound(A, False, (), "fails alone: exit 1"),
    e.TaskRetried: e.TaskRetried(A, is_automatic=False),
}

TASK_CELLS = [(event, status) for event in TASK for status in T]
ENTRY_CELLS = [(event, status) for event in ENTRY for status in (None, *E)]

OFFERED = (
    e.AttemptStarted
    | e.AttemptSucceeded
    | e.AttemptFailed
    | e.AttemptLimited
    | e.AttemptStopped
    | e.ResolutionProposed
    | e.ConflictResolved
    | e.ResolutionRefused
    | e.Landed
    | e.LandingBlocked
    | e.LandingUnblocked
    | e.EntryFaulted
    | e.LandingUndone
    | e.UndoRefused
)
"""What the world reports, and what its own status alone admits."""


def spoken(cell: object) -> str:
    """Return a cell's event or status as part of a test's name."""
    return cell.__name__ if isinstance(cell, type) else str(cell)


def task_status(state: RunState) -> T:
    """Return where the task stands."""
    return state.tasks[A].status


def entry_status(state: RunState) -> E | None:
    """Return where the entry stands; None if there is none."""
    entry = state.entries.get(A)
    return entry.status if entry else None


def check_cell(
    state: RunState, event: e.AnyEvent, expected: object, status: Callable[[RunState], object]
) -> None:
    """Fold the event: it moves to the expected status, or raises if that is the string `illegal`."""
    if expected == "illegal":
        with pytest.raises(IllegalTransition):
            fold(state, event)
    else:
        assert expected == status(fold(state, event))
    if isinstance(event, OFFERED):
        assert ([] if expected == "illegal" else [event]) == admit(state, event)


@pytest.mark.parametrize(("event", "status"), TASK_CELLS, ids=spoken)
def test_a_task_moves_as_its_table_says(event: type[e.Event], status: T):
    check_cell(TASK_STATES[status], TASK_EVENTS[event], TASK[event].get(status, "illegal"), task_status)


@pytest.mark.parametrize(("event", "status"), ENTRY_CELLS, ids=spoken)
def test_an_entry_moves_as_its_table_says(event: type[e.Event], status: E | None):
    check_cell(ENTRY_STATES[status], ENTRY_EVENTS[event], ENTRY[event].get(status, "illegal"), entry_status)


@pytest.mark.parametrize("status", T, ids=spoken)
def test_each_task_state_of_these_tests_is_what_it_says(status: T):
    assert status == task_status(TASK_STATES[status])


@pytest.mark.parametrize("status", (None, *E), ids=spoken)
def test_each_entry_state_of_these_tests_is_what_it_says(status: E | None):
    assert status == entry_status(ENTRY_STATES[status])


def test_a_run_is_opened_once_and_first():
    with pytest.raises(IllegalTransition, match="begins with RunOpened"):
        replay(records(e.RunPaused()))
    with pytest.raises(IllegalTransition, match="opened once"):
        replay(records(run_opened(plan("a")), run_opened(plan("a"))))


def test_a_landing_on_top_of_something_else_than_the_tip_is_illegal():
    elsewhere = e.Landed(A, HEAD, Sha("c9"), Sha("c9+a"), Sha("t9+a"))

    with pytest.raises(IllegalTransition, match="the tip is c0"):
        fold(ENTRY_STATES[E.READY], elsewhere)


def test_a_report_of_another_attempt_is_illegal():
    with pytest.raises(IllegalTransition, match=r"a\.1 is current"):
        fold(TASK_STATES[T.RUNNING], e.AttemptSucceeded(attempt("a", 2), HEAD))


def test_an_attempt_that_another_engine_takes_over_began_when_it_began():
    """Else all that is shown of it, how long it has run among it, would begin again."""
    before = start(FIRST, "a")

    after = fold(before, e.AttemptStarted(ONE, 4711))

    assert before.tasks[A].attempts[-1].started_at == after.tasks[A].attempts[-1].started_at
