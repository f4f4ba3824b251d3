"""Tasks that a person adds to a run: all of them or none, and from then on like any others."""

from __future__ import annotations

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent, Kind, Sha, TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.decide import decide
from porch_tui.core.scheduling.slots import Why
from tests.builders import OPENED_AT, board, fold, land, opened, plan, settled, task, with_slots

RUN = opened(plan("a", task("b", after=["a"])))
AGENT = Agent("fast", ("agent", "{prompt}"))


def add(state: RunState, *specs: str | TaskSpec, agents: tuple[Agent, ...] = ()) -> RunState:
    """Return the state in which the tasks have been added."""
    made = tuple(task(each) if isinstance(each, str) else each for each in specs)
    events = decide(state, c.AddTasks("1", made, agents))
    assert not any(isinstance(event, e.CommandRefused) for event in events)
    return fold(state, *events)


def test_added_tasks_come_last_and_know_when_they_were_added():
    state = add(RUN, "c", task("d", after=["c", "a"]))

    assert ["a", "b", "c", "d"] == list(state.tasks) == [spec.id for spec in state.plan.tasks]
    assert [None, None] == [state.tasks[TaskId(name)].added_at for name in "ab"]
    assert all(state.tasks[TaskId(name)].added_at > OPENED_AT for name in "cd")  # type: ignore[operator]


def test_an_added_task_starts_from_the_landed_tip_when_there_is_a_slot():
    state = add(land(board(RUN, "a"), "a"), "c")

    state = settled(state)

    attempt = state.tasks[TaskId("c")].attempt
    assert attempt is not None
    assert attempt.base == state.target.tip != state.target.base


def test_an_added_task_that_others_wait_for_is_as_urgent_as_they_are():
    long = task("b", estimate_s=600.0)
    before = opened(plan("a", long), slots=1)

    state = add(before, task("after-a", after=["a"], estimate_s=900.0))

    assert before.urgency["a"] < before.urgency["b"]
    assert 960.0 == state.urgency["a"] > state.urgency["b"] == 600.0
    assert ("a",) == settled(state).active


@pytest.mark.parametrize(
    ("specs", "why"),
    [
        ((), "there are no tasks to add"),
        ((task("a"),), "the run has a task 'a' already"),
        ((task("c"), task("c")), "the run has a task 'c' already"),
        ((task("c"), task("d", after=["x"])), "d comes after 'x', and the run has no such task"),
        (
            (task("c", after=["d"]), task("d", after=["c"])),
            "they wait for each other in a cycle: c -> d -> c",
        ),
        ((replace(task("c"), agent="slow"),), "c needs the agent 'slow', which the run does not have"),
    ],
    ids=["none", "known", "twice", "unknown", "cycle", "agent"],
)
def test_what_cannot_be_added_is_refused_with_all_that_came_with_it(specs: tuple[TaskSpec, ...], why: str):
    (refusal,) = decide(RUN, c.AddTasks("1", specs))

    assert isinstance(refusal, e.CommandRefused)
    assert refusal.why == why


def test_agents_that_the_run_has_already_are_not_added_twice_and_others_are_refused():
    fast = replace(task("c"), agent="fast")
    state = add(RUN, fast, agents=(AGENT,))

    assert (AGENT,) == add(state, replace(fast, id=TaskId("d")), agents=(AGENT,)).plan.agents
    (refusal,) = decide(
        state, c.AddTasks("2", (replace(fast, id=TaskId("d")),), (replace(AGENT, command=("x", "{prompt}")),))
    )
    assert isinstance(refusal, e.CommandRefused)
    assert "the run has another agent 'fast' already" == refusal.why


def test_nothing_is_added_to_a_closed_run():
    (refusal,) = decide(fold(RUN, e.RunClosed()), c.AddTasks("1", (task("c"),)))

    assert isinstance(refusal, e.CommandRefused)
    assert "the run is closed" == refusal.why


def test_a_check_can_be_added_and_its_work_is_not_merged():
    state = settled(add(RUN, task("lint", kind=Kind.CHECK)))

    state = fold(state, e.AttemptSucceeded(state.tasks[TaskId("lint")].attempt.id, Sha("c0")))  # type: ignore[union-attr]

    assert TaskId("lint") not in settled(state).entries


def test_a_run_of_one_task_gets_the_slots_its_plan_asks_for_when_it_grows():
    alone = with_slots(opened(plan("a"), slots=1), reason=Why.SERIAL)
    asked = replace(alone, plan=replace(alone.plan, slots=3))

    assert (8, True) == (add(alone, *"bcdefgh").slots.count, add(alone, *"bcdefgh").slots.is_auto)
    assert 3 == add(asked, "b").slots.count
    assert 1 == add(with_slots(asked, reason=""), "b").slots.count, "a person said so"
    meeting = with_slots(opened(plan("a", "b"), slots=1), reason=Why.SERIAL)
    assert 1 == add(meeting, "c").slots.count, "they would meet in the same files"
