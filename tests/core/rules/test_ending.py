"""Whether a run has ended, read off its state: also where an engine died before it wrote what was due."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.rules.ending import has_ended, would_continue
from porch_tui.core.rules.settle import settle
from tests.builders import (
    attempt,
    board,
    failure,
    fold,
    judge,
    land,
    opened,
    plan,
    settled,
    start,
    succeed,
    task,
    unvalidated,
)

FIRST = opened(unvalidated("a"))
LANDED = settled(land(board(FIRST, "a"), "a"))


def test_a_run_in_which_all_has_landed_has_ended():
    assert has_ended(LANDED)
    assert not would_continue(LANDED)


def test_a_run_in_which_something_runs_or_is_to_start_has_not_ended():
    assert not has_ended(FIRST)
    assert not has_ended(start(FIRST, "a"))
    assert would_continue(FIRST)


def test_what_was_due_when_the_engine_died_is_taken_into_account():
    assert not has_ended(succeed(start(FIRST, "a"), "a"))
    tried_again = opened(unvalidated(task("a", retries=1)))
    assert not has_ended(fold(start(tried_again, "a"), e.AttemptFailed(attempt("a"), failure())))
    assert has_ended(fold(start(FIRST, "a"), e.AttemptFailed(attempt("a"), failure())))


def test_a_validation_that_is_no_longer_needed_changes_no_outcome():
    """Dropping it is due, and the engine that would have done so has died."""
    judged = settled(judge(board(opened(plan("a")), "a"), "t0", True))
    assert not has_ended(judged)

    withdrawn = fold(judged, e.EntryWithdrawn(TaskId("a")))

    assert [e.ValidationDropped] == [type(due) for due in settle(withdrawn)]
    assert has_ended(withdrawn)


def test_a_paused_run_has_not_ended_and_resume_continues_it():
    paused = fold(FIRST, e.RunPaused())

    assert not has_ended(paused)
    assert would_continue(paused)
    assert not would_continue(fold(LANDED, e.RunPaused()))


def test_a_full_disk_is_no_end():
    assert not has_ended(fold(FIRST, e.DiskMeasured("1 MiB are free")))


def test_a_closed_run_has_ended_whatever_was_left():
    closed = fold(FIRST, e.RunClosed())

    assert has_ended(closed)
    assert not would_continue(closed)
