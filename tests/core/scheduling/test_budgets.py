"""A budget that is used up pauses what uses it, and what a person adds lets it continue."""

from __future__ import annotations

import pytest

from builders import OPENED_AT, fold, opened, settled, start, task, unvalidated
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.agent_report import AgentReport, AgentUsage
from porch_tui.core.model.budget import NONE, Budget, Spent
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent, Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.ending import has_ended, is_at_rest
from porch_tui.core.scheduling.budgets import reached, spent_of
from porch_tui.core.scheduling.readiness import is_ready

ONE, TWO = TaskId("one"), TaskId("two")
ATTEMPT = e.AttemptId(ONE, 1)
TOKENS = Budget(tokens=1000)
HALF, FULL = AgentUsage(400, None, 100), AgentUsage(900, None, 200)


def running(budget: Budget = TOKENS, of_run: Budget = NONE, slots: int = 1) -> RunState:
    """Return a run in which the first of two tasks of an agent runs, with this budget."""
    one = replace(task("one", retries=1), agent="pi", budget=budget)
    other = replace(task("two"), agent="pi")
    a_plan = replace(unvalidated(one, other, "shell"), agents=(Agent("pi", ("pi",), "pi"),), budget=of_run)
    return start(opened(a_plan, slots=slots), "one")


def over(state: RunState) -> RunState:
    """Return the state after the agent of the first task has said that it used more than there is."""
    return settled(fold(state, *reached(state, {ONE: FULL}, state.changed_at)))


def statuses(state: RunState) -> list[TaskStatus]:
    return [one.status for one in state.tasks.values()]


def test_below_its_budget_nothing_happens():
    assert list(reached(running(), {ONE: HALF}, OPENED_AT)) == []


def test_at_its_budget_an_attempt_is_paused_and_its_slot_is_free_for_others():
    state = over(running())

    assert statuses(state) == [TaskStatus.PAUSED, TaskStatus.STARTING, TaskStatus.PENDING]
    assert state.tasks[ONE].attempts[0].pause_cause is e.PauseCause.BUDGET
    assert list(reached(state, {ONE: FULL}, OPENED_AT + 9)) == []


def test_when_it_is_raised_the_attempt_continues_as_soon_as_a_slot_is_free():
    state = settled(fold(over(running()), e.BudgetRaised(ONE, Budget(tokens=500))))
    assert state.tasks[ONE].status is TaskStatus.PAUSED

    state = settled(
        fold(state, e.AttemptFailed(e.AttemptId(TWO, 1), e.Failure(e.FailureKind.EXIT, "exit 1")))
    )

    assert state.tasks[ONE].status is TaskStatus.RUNNING


def test_raised_by_too_little_it_stays_paused():
    state = settled(fold(over(running(slots=3)), e.BudgetRaised(ONE, Budget(tokens=50))))

    assert state.tasks[ONE].status is TaskStatus.PAUSED


def test_a_run_whose_last_attempt_waits_for_a_budget_is_at_rest():
    state = fold(
        over(running(slots=3)), *[e.StopRequested(e.AttemptId(TaskId(one), 1)) for one in ("two", "shell")]
    )
    state = fold(state, *[e.AttemptStopped(e.AttemptId(TaskId(one), 1)) for one in ("two", "shell")])

    assert is_at_rest(state) and has_ended(state)
    assert not is_at_rest(fold(state, e.BudgetRaised(ONE, Budget(tokens=500))))


def test_retries_use_the_same_budget_and_the_next_attempt_does_not_begin():
    failed = e.AttemptFailed(
        ATTEMPT, e.Failure(e.FailureKind.EXIT, "exit 1"), e.Used(agent=AgentReport(FULL))
    )
    state = settled(fold(running(slots=3), failed))

    assert state.tasks[ONE].status is TaskStatus.PENDING
    assert not is_ready(state, state.specs[ONE])
    assert state.tasks[TWO].status is TaskStatus.STARTING, "others of its kind start"
    state = settled(fold(state, e.BudgetRaised(ONE, Budget(tokens=500))))
    assert state.tasks[ONE].status is TaskStatus.STARTING


def test_a_task_that_ends_well_over_its_budget_has_ended_well():
    state = settled(fold(over(running()), e.AttemptSucceeded(ATTEMPT, Sha("c1"))))

    assert ONE in state.entries


def test_time_paused_is_no_time_of_an_attempt():
    state = fold(running(Budget(wall_s=60.0)), e.AttemptPaused(ATTEMPT))
    paused_at = state.changed_at
    state = fold(replace(state, changed_at=paused_at + 99), e.AttemptResumed(ATTEMPT))

    now = state.changed_at + 30
    started_at = state.tasks[ONE].attempts[0].started_at
    assert spent_of(state.tasks[ONE], now=now).wall_s == paused_at - started_at + 30
    assert [one.task for one in reached(state, {}, now + 60)] == [ONE]


def test_the_run_s_budget_pauses_tasks_of_agents_and_no_others():
    state = over(running(NONE, Budget(usd=0.5, tokens=1000), slots=1))

    assert statuses(state) == [TaskStatus.PAUSED, TaskStatus.PENDING, TaskStatus.STARTING]


def test_the_run_s_budget_of_time_is_everybody_s():
    state = running(NONE, Budget(wall_s=60.0), slots=1)

    state = settled(fold(state, *reached(state, {}, state.changed_at + 100)))

    assert statuses(state) == [TaskStatus.PAUSED, TaskStatus.PENDING, TaskStatus.PENDING]
    assert is_at_rest(state)


def test_what_a_person_has_paused_stays_paused_when_its_budget_is_raised():
    state = fold(over(running(slots=3)), e.AttemptPaused(ATTEMPT), e.BudgetRaised(ONE, Budget(tokens=500)))

    assert settled(state).tasks[ONE].status is TaskStatus.PAUSED


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (c.RaiseBudget("1", ONE, Budget(usd=5.0)), "one has no budget in usd"),
        (c.RaiseBudget("1", TWO, Budget(tokens=5)), "two has no budget of tokens"),
        (c.RaiseBudget("1", None, Budget(wall_s=5.0)), "the run has no budget of time"),
        (c.RaiseBudget("1", TaskId("nine"), Budget(wall_s=5.0)), "the run has no task 'nine'"),
        (c.RaiseBudget("1", ONE, Budget()), "nothing of a budget is used up"),
        (
            c.ResumeTask("1", ONE),
            "one has used up its budget, or the run has; raise that with porch budget",
        ),
    ],
)
def test_a_command_that_cannot_be_done_says_why(command: c.AnyCommand, why: str):
    (refused,) = decide(over(running()), command)

    assert isinstance(refused, e.CommandRefused) and refused.why == why


def test_a_figure_of_a_live_attempt_is_not_forgotten_when_it_is_lost():
    state = fold(over(running()), e.AttemptFailed(ATTEMPT, e.Failure(e.FailureKind.LOST, "lost")))

    assert spent_of(state.tasks[ONE]).tokens == 1100
    assert spent_of(state.tasks[ONE]) == replace(Spent(1100), wall_s=spent_of(state.tasks[ONE]).wall_s)
