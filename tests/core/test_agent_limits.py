"""When the account of an agent has reached a limit, its tasks wait, and the others do not."""

from __future__ import annotations

import pytest

from builders import OPENED_AT, fold, opened, plan, settled, start, task, unvalidated
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import AgentLimit, RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.ending import is_at_rest
from porch_tui.core.scheduling.agent_limits import FIRST_WAIT_S, LONGEST_WAIT_S, limit_after, releases
from porch_tui.core.scheduling.readiness import is_ready, waits

SAID = "usage limit reached"
ONE = e.AttemptId(TaskId("one"), 1)


def limited(until: float | None = None) -> RunState:
    """Return a run in which the first of codex's two tasks met a limit; a third task has no agent."""
    tasks = [replace(task(name), agent="codex") for name in ("one", "two")]
    running = start(opened(plan(*tasks, "three")), "one")
    return fold(running, e.AgentLimited("codex", SAID, until), e.AttemptLimited(ONE, SAID))


def test_no_task_of_the_agent_starts_and_the_others_do():
    state = limited()

    assert [is_ready(state, spec) for spec in state.specs.values()] == [False, False, True]
    assert [wait.text for wait in waits(state, state.specs[TaskId("two")])] == ["codex"]


def test_a_limit_uses_no_retry_and_the_next_attempt_keeps_the_worktree():
    one = limited().tasks[TaskId("one")]

    assert (one.retries_used, one.keep_worktree, one.attempts[0].limit) == (0, True, SAID)


def test_the_run_is_not_at_rest_while_it_waits():
    state = replace(limited(), specs={name: spec for name, spec in limited().specs.items() if spec.agent})

    assert not is_at_rest(state)


def test_the_wait_ends_at_the_moment_that_was_named():
    state = limited(OPENED_AT + 500)

    assert releases(state, OPENED_AT + 499) == []
    (released,) = releases(state, OPENED_AT + 500)
    state = fold(state, released)
    assert is_ready(state, state.specs[TaskId("two")])
    assert releases(state, OPENED_AT + 501) == []


def test_a_second_task_that_meets_the_limit_changes_nothing():
    state = limited(OPENED_AT + 500)

    after = fold(state, e.AgentLimited("codex", SAID))

    assert after.agent_limits == state.agent_limits


def test_where_no_moment_is_named_the_waits_grow():
    limits: dict[str, AgentLimit] = {}
    at, found = 0.0, []
    for _ in range(8):
        limit = limit_after(limits, e.AgentLimited("codex", SAID), at)
        found.append(limit.wait_s)
        limits, at = {"codex": replace(limit, is_over=True)}, limit.until + 60

    assert found[:3] == [FIRST_WAIT_S, 2 * FIRST_WAIT_S, 4 * FIRST_WAIT_S]
    assert found[-1] == LONGEST_WAIT_S


def test_a_limit_long_after_the_last_one_is_a_first_one():
    old = {"codex": AgentLimit(SAID, until=0.0, wait_s=960.0, is_over=True)}

    assert limit_after(old, e.AgentLimited("codex", SAID), 10_000.0).wait_s == FIRST_WAIT_S


@pytest.mark.parametrize("agent", [None, "pi"])
def test_a_limit_is_of_one_agent(agent: str | None):
    assert limited().limit_of(agent) is None


def at_work() -> RunState:
    """Return a run in which both tasks of codex and another one run, and one slot is left for no more."""
    tasks = [replace(task(name), agent="codex") for name in ("one", "two")]
    return start(opened(unvalidated(*tasks, "three", "four"), slots=3), "one", "two", "three")


def status(state: RunState, name: str) -> TaskStatus:
    return state.tasks[TaskId(name)].status


def test_running_tasks_of_the_agent_are_paused_and_others_take_their_slots():
    state = settled(fold(at_work(), e.AgentLimited("codex", SAID, OPENED_AT + 500)))

    found = [status(state, name) for name in ("one", "two", "three", "four")]
    assert found == [TaskStatus.PAUSED, TaskStatus.PAUSED, TaskStatus.RUNNING, TaskStatus.STARTING]
    assert not is_at_rest(state)


def test_they_continue_on_their_own_as_far_as_there_are_slots():
    state = settled(fold(at_work(), e.AgentLimited("codex", SAID, OPENED_AT + 500)))

    state = settled(fold(state, *releases(state, OPENED_AT + 500)))

    found = [status(state, name) for name in ("one", "two", "three", "four")]
    assert found == [TaskStatus.RUNNING, TaskStatus.PAUSED, TaskStatus.RUNNING, TaskStatus.STARTING]
    state = settled(fold(state, e.AttemptSucceeded(e.AttemptId(TaskId("three"), 1), Sha("c1"))))
    assert status(state, "two") is TaskStatus.RUNNING


def test_what_a_person_has_paused_stays_paused_when_the_wait_is_over():
    state = fold(at_work(), e.AttemptPaused(ONE), e.AgentLimited("codex", SAID, OPENED_AT + 500))
    state = settled(state)
    state = settled(fold(state, e.AttemptPaused(e.AttemptId(TaskId("two"), 1))))

    state = settled(fold(state, *releases(state, OPENED_AT + 500)))

    assert [status(state, name) for name in ("one", "two")] == [TaskStatus.PAUSED, TaskStatus.PAUSED]


def test_what_a_person_resumes_before_the_wait_is_over_continues():
    state = settled(fold(at_work(), e.AgentLimited("codex", SAID, OPENED_AT + 500)))

    state = settled(fold(state, *decide(state, c.ResumeTask("1", TaskId("one")))))

    assert [status(state, name) for name in ("one", "two")] == [TaskStatus.RUNNING, TaskStatus.PAUSED]


def test_a_run_that_is_resumed_as_a_whole_leaves_them_waiting():
    state = settled(fold(at_work(), e.AgentLimited("codex", SAID, OPENED_AT + 500), e.RunPaused()))

    state = settled(fold(state, *decide(state, c.ResumeRun("1", with_tasks=True))))

    assert status(state, "one") is TaskStatus.PAUSED
