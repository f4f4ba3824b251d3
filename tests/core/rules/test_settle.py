"""What is due alone: one sentence a rule."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind, Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.settle import landed_since_base, settle
from tests.builders import (
    attempt,
    board,
    build,
    candidate_built,
    conflict,
    failure,
    fold,
    judge,
    land,
    opened,
    plan,
    queue,
    scheduled,
    settled,
    start,
    statuses,
    succeed,
    task,
    unvalidated,
)

A, B = TaskId("a"), TaskId("b")


def active(state: RunState) -> list[str]:
    """Return what runs once nothing more is due."""
    return list(settled(state).active)


# --- attempts ----------------------------------------------------------------------


def test_as_many_attempts_start_as_there_are_slots():
    assert ["a", "b"] == active(opened(plan("a", "b", "c"), slots=2))


def test_the_highest_priority_starts_first():
    assert ["c"] == active(opened(plan("a", "b", task("c", priority=1)), slots=1))


def test_the_longest_chain_starts_first_among_equals():
    chained = plan("a", "b", task("c", after=["b"]))

    assert ["b"] == active(opened(chained, slots=1))


def test_plan_order_decides_among_equals():
    assert ["a"] == active(opened(plan("a", "b"), slots=1))


def test_nothing_starts_while_the_run_is_paused():
    assert [] == active(fold(opened(), e.RunPaused()))


def test_nothing_at_all_is_due_in_a_closed_run():
    assert [] == settle(fold(opened(), e.RunClosed()))


def test_a_freed_slot_is_given_again_by_its_number():
    state = settled(opened(unvalidated("a", "b", "c"), slots=2))
    state = settled(fold(state, e.AttemptFailed(attempt("a"), failure())))
    latest = state.tasks[TaskId("c")].attempt

    assert latest is not None and 0 == latest.slot


def test_tasks_that_share_a_lock_start_one_after_the_other():
    assert ["a", "c"] == active(
        opened(plan(task("a", locks=("db",)), task("b", locks=("db",)), "c"), slots=3)
    )


def test_all_first_attempts_share_the_base_pinned_at_the_start():
    moved = e.TargetMoved(Sha("c9"), Sha("t9"), is_descendant=True)

    assert scheduled("a", base=Sha("c0")) in settle(fold(opened(unvalidated("a")), moved))


@pytest.mark.parametrize("kind", ["after", "soft", "again"])
def test_what_comes_later_starts_from_the_tip(kind: str):
    tasks = {"after": ["a", task("b", after=["a"])], "soft": ["a", "b"], "again": ["a", "b"]}[kind]
    state = opened(unvalidated(*tasks), soft=[("b", "a")] if kind == "soft" else [])
    if kind == "again":
        state = fold(start(state, "b"), e.AttemptFailed(attempt("b"), failure()), e.TaskRetried(B, False))
    state = settled(land(board(state, "a"), "a"))
    latest = state.tasks[B].attempt

    assert latest is not None and state.target.tip == latest.base != state.target.base


def test_a_failed_task_is_retried_as_often_as_its_plan_says():
    state = settled(opened(plan(task("a", retries=1))))
    once = settled(fold(state, e.AttemptFailed(attempt("a", 1), failure())))
    twice = settled(fold(once, e.AttemptFailed(attempt("a", 2), failure())))

    assert ["a"] == list(once.active)
    assert [] == list(twice.active)


def test_a_person_who_retries_a_task_gives_it_its_plan_retries_again():
    state = settled(opened(plan(task("a", retries=1))))
    for number in (1, 2):
        state = settled(fold(state, e.AttemptFailed(attempt("a", number), failure())))
    state = settled(fold(state, e.TaskRetried(A, is_automatic=False)))

    assert ["a"] == active(fold(state, e.AttemptFailed(attempt("a", 3), failure())))


def test_a_stopped_task_is_not_retried():
    state = fold(start(opened(plan(task("a", retries=3))), "a"), e.StopRequested(attempt("a")))

    assert [] == active(fold(state, e.AttemptStopped(attempt("a"))))


# --- the queue ---------------------------------------------------------------------


def test_what_succeeded_is_queued():
    assert [e.EntryQueued(A, Sha("h:a"))] == settle(succeed(opened(plan("a")), "a"))


def test_a_check_that_succeeded_has_nothing_to_merge():
    assert {} == statuses(settled(succeed(opened(plan(task("a", kind=Kind.CHECK))), "a")))


def test_a_head_that_changes_nothing_has_nothing_to_land():
    state = queue(opened(plan("a")), "a")
    state = fold(state, candidate_built(state, "a", is_idle=True))

    assert [e.NothingToLand(A)] == settle(state)


def test_a_conflict_with_an_entry_that_left_the_train_is_obsolete():
    state = queue(opened(plan("a", "b")), "a", "b")
    state = conflict(fold(state, candidate_built(state, "a")), "b", partners=("a",))

    assert [e.EntryRequeued(B)] == settle(fold(state, e.EntryWithdrawn(A)))


def test_a_conflict_with_what_has_landed_stays():
    state = queue(opened(unvalidated("a", "b")), "a", "b")
    state = conflict(fold(state, candidate_built(state, "a")), "b", partners=("a",))

    assert "conflicted" == statuses(settled(land(state, "a")))["b"]


def test_the_culprit_is_rejected_with_what_it_fails_on_top_of():
    state = judge(opened(plan("a", "b")), "t0", True)
    state = land(judge(board(state, "a", "b"), "t0+a", True), "a")
    state = judge(judge(state, "t0+a+b", False, False), "t0+a", True)
    (rejected,) = settle(state)

    assert isinstance(rejected, e.EntryRejected)
    assert ("b", ("a",)) == (rejected.task, rejected.partners)
    assert rejected.why == "validation fails on top of a: exit 1"


def test_behind_a_rejected_entry_the_train_continues():
    state = judge(board(judge(opened(plan("a", "b")), "t0", True), "a", "b"), "t0+a", False, False)
    state = settled(build(settled(state)))

    assert {"a": "rejected", "b": "ready"} == statuses(state)
    assert ["t0+b"] == list(state.validations.in_flight)


def test_a_requeued_entry_that_was_rejected_is_judged_again():
    """Whoever puts it back, having mended what made it fail, wants to see it tried."""
    state = judge(board(judge(opened(plan("a")), "t0", True), "a"), "t0+a", False, False)
    state = settled(build(fold(settled(state), e.EntryRequeued(A))))

    assert {"a": "ready"} == statuses(state)
    assert ["t0+a"] == list(state.validations.in_flight)


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_as_many_validations_run_as_there_are_jobs(jobs: int):
    state = judge(opened(plan(*"abcde"), validate_jobs=jobs), "t0", True)

    assert jobs == len(settled(board(state, *"abcde")).validations.in_flight)


def test_validations_begin_one_at_a_time_as_each_may_change_the_train():
    state = board(judge(opened(plan(*"abc"), validate_jobs=2), "t0", True), *"abc")

    assert [e.ValidationScheduled] == [type(event) for event in settle(state)]


def test_a_validation_that_is_not_needed_is_dropped():
    state = judge(opened(plan(*"abc"), validate_jobs=2), "t0", True)
    state = settled(board(state, *"abc"))
    state = settled(judge(state, "t0+a+b+c", True))

    assert {} == state.validations.in_flight


def test_a_validation_in_flight_outlives_the_rebuilding_of_candidates():
    """Landing a prefix under another commit id makes those behind it again, with the same trees."""
    state = judge(opened(plan("a", "b")), "t0", True)
    state = judge(board(state, "a", "b"), "t0+a", True)
    state = fold(state, e.ValidationScheduled(Sha("t0+a+b"), 1, Sha("c0+a+b"), (A, B)))
    signed = e.Landed(A, Sha("h:a"), Sha("c0"), Sha("signed"), Sha("t0+a"))

    assert ["t0+a+b"] == list(settled(fold(state, signed)).validations.in_flight)


def test_a_validation_of_what_left_the_train_is_dropped_at_once():
    state = settled(board(judge(opened(plan("a", "b")), "t0", True), "a", "b"))

    assert ["t0+a"] == list(settled(fold(state, e.EntryWithdrawn(B))).validations.in_flight)


def test_settling_twice_changes_nothing():
    state = settled(board(opened(plan("a", "b", "c")), "a", "b"))

    assert [] == settle(state)


# --- how many validations at once -----------------------------------------------------


@pytest.mark.parametrize(
    ("wall_s", "cpu_s", "expected"),
    [(10.0, 1.0, 4), (10.0, 4.9, 4), (10.0, 5.0, 2), (10.0, 19.0, 2), (0.5, 0.0, 2)],
)
def test_a_validation_that_mostly_waits_gets_company(wall_s: float, cpu_s: float, expected: int):
    state = settled(opened(plan("a"), validate_jobs=2))

    state = settled(fold(state, e.ValidationPassed(Sha("t0"), 1, e.Used(wall_s, cpu_s=cpu_s))))

    assert expected == state.validations.jobs


# --- partners ----------------------------------------------------------------------


def test_a_first_attempt_has_seen_nothing_of_what_landed():
    state = board(land(board(start(opened(unvalidated("a", "b")), "b"), "a"), "a"), "b")

    assert ("a",) == landed_since_base(state, state.entries[B])


def test_an_attempt_from_the_tip_has_seen_what_landed_before_it_began():
    state = settled(land(board(opened(unvalidated("a", task("b", after=["a"]))), "a"), "a"))
    state = board(state, "b")

    assert () == landed_since_base(state, state.entries[B])


def test_what_landed_after_it_was_judged_is_no_partner():
    state = board(judge(opened(plan("a", "b", "c")), "t0", True), "a", "b", "c")
    state = judge(state, "t0+a", False)
    state = land(judge(build(state), "t0+b", True), "b")

    assert () == landed_since_base(state, state.entries[TaskId("a")])
