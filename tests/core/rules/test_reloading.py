"""What a run takes over of a changed plan: tasks that have not begun, and new ones, all or nothing."""

from __future__ import annotations

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent, Plan, TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.reloading import changes_in
from tests.builders import fold, opened, plan, settled, start, task

A, B = TaskId("a"), TaskId("b")
FAST = Agent("fast", ("old", "{prompt}"))


def other(name: str) -> TaskSpec:
    """Return a task with another command."""
    return replace(task(name), command=("false",))


def reload(state: RunState, new: Plan) -> RunState:
    changes = changes_in(state, new)
    events = decide(state, c.ReloadPlan("1", changes.changed, changes.added, changes.agents))
    assert not any(isinstance(event, e.CommandRefused) for event in events)
    return fold(state, *events)


def test_a_task_that_has_not_begun_is_as_the_plan_says_now_and_one_that_has_stays():
    state = start(opened(plan("a", "b")), "a")

    changes = changes_in(state, plan(other("a"), other("b")))
    after = reload(state, plan(other("a"), other("b")))

    assert ((A, "has begun, and keeps what it began with"),) == changes.left
    assert (("true",), ("false",)) == (after.specs[A].command, after.specs[B].command)
    assert [A, B] == list(after.tasks)


def test_new_tasks_are_added_and_missing_ones_stay():
    state = opened(plan("a", "b"))

    changes = changes_in(state, plan("a", task("c", after=["a"])))
    after = reload(state, plan("a", task("c", after=["a"])))

    assert ((B, "no longer in the plan file, and stays; porch stop b takes it out"),) == changes.left
    assert ["a", "b", "c"] == list(after.tasks)
    assert after.tasks[TaskId("c")].added_at is not None


def test_what_was_added_before_is_not_missing():
    state = fold(opened(plan("a")), e.TasksAdded((task("b"),)))

    assert changes_in(state, plan("a")).is_empty
    assert () == changes_in(state, plan("a")).left


def test_where_a_task_is_in_the_file_changes_nothing():
    assert changes_in(opened(plan("a")), plan(replace(task("a"), line=9))).is_empty


def test_what_comes_after_another_task_now_waits_for_it():
    state = reload(opened(plan("a", "b"), slots=2), plan("a", task("b", after=["a"])))

    assert (A,) == settled(state).active
    assert state.urgency[A] > state.urgency[B]


def test_an_agent_changes_unless_something_that_has_begun_uses_it():
    uses = [replace(task(name), agent="fast", command=("old", "x")) for name in "ab"]
    before = opened(replace(plan(*uses), agents=(FAST,)))
    new_agent = replace(FAST, command=("new", "{prompt}"))
    new = replace(plan(*(replace(one, command=("new", "x")) for one in uses)), agents=(new_agent,))

    untouched = changes_in(start(before, "a"), new)

    assert (new_agent,) == reload(before, new).plan.agents
    assert untouched.is_empty
    assert [A, B] == [name for name, _ in untouched.left]
    assert "the agent fast is another now, and a, which has begun, uses it" in untouched.left[1][1]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (c.ReloadPlan("1", (other("a"),)), "a has begun meanwhile; nothing was taken over, reload it again"),
        (c.ReloadPlan("1", (), (task("b"),)), "the run has a task 'b' by now; nothing was taken over"),
        (c.ReloadPlan("1", (task("b", after=["x"]),)), "b comes after 'x', and the run has no such task"),
        (
            c.ReloadPlan("1", (task("b", after=["c"]),), (task("c", after=["b"]),)),
            "they wait for each other in a cycle",
        ),
    ],
    ids=["begun", "added", "unknown", "cycle"],
)
def test_nothing_is_taken_over_if_the_run_has_changed_meanwhile(command: c.ReloadPlan, why: str):
    (refusal,) = decide(start(opened(plan("a", "b")), "a"), command)

    assert isinstance(refusal, e.CommandRefused)
    assert why in refusal.why
