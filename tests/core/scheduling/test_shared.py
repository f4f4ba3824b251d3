"""Checks that share a worktree: where they begin, who waits for the setup, and when it is looked at."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Kind, Plan, TaskId, TaskSpec, from_shell
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.effects import InspectShared, wanted
from porch_tui.core.scheduling.readiness import waits
from porch_tui.core.scheduling.shared import worktree_place
from porch_tui.core.scheduling.starting import base_for
from porch_tui.core.scheduling.waiting import WaitKind
from tests.builders import attempt, board, fold, land, opened, settled, start, task, unvalidated

A, B = TaskId("t-a"), TaskId("t-b")


def check(
    name: str, *, group: str = "t", max_fail: int | None = None, after: tuple[str, ...] = ()
) -> TaskSpec:
    spec = task(name, kind=Kind.CHECK, after=after)
    return replace(spec, group=group, item=name, is_shared=True, max_fail=max_fail)


def with_setup(*tasks: str | TaskSpec) -> Plan:
    return replace(unvalidated(*tasks), setup=(from_shell("make"),))


def ended(state: RunState, task: TaskId, failure: e.Failure | None = None) -> RunState:
    one = attempt(task)
    event = e.AttemptFailed(one, failure) if failure else e.AttemptSucceeded(one, state.target.base)
    return fold(state, event)


def exit_1(*, is_setup: bool = False) -> e.Failure:
    return e.Failure(e.FailureKind.EXIT, "exit 1", 1, is_setup)


def inspections(state: RunState) -> set[InspectShared]:
    return {one for one in wanted(state) if isinstance(one, InspectShared)}


def test_all_checks_of_a_group_work_in_one_worktree_and_other_groups_in_another():
    state = start(
        opened(unvalidated(check("t-a"), check("t-b"), check("u-a", group="u")), slots=3), A, B, "u-a"
    )

    places = [worktree_place(state, TaskId(name), "app") for name in ("t-a", "t-b", "u-a")]

    assert ["../app.porch/run-1/shared-t@c0"] * 2 + ["../app.porch/run-1/shared-u@c0"] == places


def test_checks_of_one_group_begin_at_one_commit_though_others_land_meanwhile():
    checks = (check("t-a", after=("x",)), check("t-b", after=("x",)), check("t-c", after=("x", "y")))
    state = land(board(opened(unvalidated("x", "y", *checks), slots=3), "x"), "x")
    tip = state.target.tip
    state = fold(state, e.AttemptScheduled(attempt(A), tip, 0))

    state = land(board(state, "y"), "y")

    assert tip == base_for(state, state.specs[B])
    assert state.target.tip == base_for(state, state.specs[TaskId("t-c")]), "it comes after what has landed"


def test_while_the_first_check_sets_the_worktree_up_the_others_wait():
    state = start(opened(with_setup(check("t-a"), check("t-b")), slots=2), A)

    assert [WaitKind.SETUP] == [wait.kind for wait in waits(state, state.specs[B])]
    assert TaskStatus.PENDING is settled(state).tasks[B].status


def test_once_a_check_has_got_past_the_setup_the_others_start():
    for failure in (None, exit_1()):
        state = ended(
            start(opened(with_setup(check("t-a"), check("t-b"), check("t-c")), slots=2), A), A, failure
        )

        assert {B, TaskId("t-c")} == set(settled(state).active)


def test_where_the_setup_has_failed_the_next_check_sets_up_alone():
    state = opened(with_setup(check("t-a"), check("t-b"), check("t-c")), slots=2)
    state = ended(start(state, A), A, exit_1(is_setup=True))

    assert (B,) == settled(state).active


def test_without_a_setup_none_of_them_waits():
    state = start(opened(unvalidated(check("t-a"), check("t-b")), slots=2), A)

    assert [] == list(waits(state, state.specs[B]))


def test_a_shared_worktree_is_looked_at_once_after_the_last_check_and_again_after_a_retry():
    state = ended(start(opened(unvalidated(check("t-a"), check("t-b"))), A), A)
    assert set() == inspections(state), "t-b has not run"

    state = ended(start(state, B), B)
    (effect,) = inspections(state)
    report = e.SharedInspected(effect.place, effect.attempts, ("made.txt",))
    assert [report] == admit(state, report)

    state = fold(state, report)
    assert set() == inspections(state)
    assert [] == admit(state, report), "a late second look says nothing new"

    again = fold(
        state, e.TaskRetried(B, is_automatic=False), e.AttemptScheduled(attempt(B, 2), state.target.base, 0)
    )
    assert set() == inspections(again)
    again = fold(again, e.AttemptSucceeded(attempt(B, 2), state.target.base))
    assert [3] == [one.attempts for one in inspections(again)]


def test_after_as_many_failures_as_the_group_may_have_no_more_of_it_starts():
    names = ("t-a", "t-b", "t-c")
    plan = unvalidated(*(check(name, max_fail=2) for name in names), check("u-a", group="u", max_fail=2))
    state = opened(plan, slots=1)
    state = ended(start(state, A), A, exit_1())
    assert TaskStatus.PENDING is state.tasks[TaskId("t-c")].status

    state = settled(ended(start(state, B), B, exit_1()))

    left = state.tasks[TaskId("t-c")]
    assert (TaskStatus.CANCELLED, "2 of t failed, and max_fail is 2") == (left.status, left.cancelled_because)
    assert (TaskId("u-a"),) == state.active, "another group goes on"


def test_failures_that_are_expected_do_not_keep_the_rest_of_a_group_from_starting():
    known = replace(check("t-a", max_fail=1), expected_failure="a known failure")
    state = opened(unvalidated(known, check("t-b", max_fail=1)), slots=1)

    state = settled(ended(start(state, A), A, exit_1()))

    assert (B,) == state.active


def test_what_was_not_started_because_others_failed_starts_when_a_person_retries_it():
    plan = unvalidated(check("t-a", max_fail=1), check("t-b", max_fail=1))
    state = settled(ended(start(opened(plan, slots=1), A), A, exit_1()))
    assert TaskStatus.CANCELLED is state.tasks[B].status

    state = settled(fold(state, e.TaskRetried(B, is_automatic=False)))

    assert (B,) == state.active
