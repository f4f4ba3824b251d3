"""`porch budget`: what has used up its budget is paused, and continues with what a person adds."""

from __future__ import annotations

import pytest
from advice import follow, needs, project_status
from in_process import porch

from porch_tui.core.model import events as e
from project import Project, kill, until

pytestmark = pytest.mark.slow

TASK = """\
tasks:
  slow: {run: 'for i in $(seq 40); do sleep 0.1; done; echo > slow', budget: {wall: 1s}}
  quick: {run: 'echo > quick'}
"""
RUN = """\
budget: {wall: 1s}
tasks:
  slow: {run: 'for i in $(seq 40); do sleep 0.1; done; echo > slow'}
  later: {run: 'echo > later', locks: [it]}
  last: {run: 'echo > last', after: [slow]}
"""


def test_a_task_over_its_budget_is_frozen_and_continues_when_it_is_raised_as_advised(project: Project):
    project.plan(TASK)
    project.porch("run", "--headless", "--parallel", expect=1)

    assert project.outcomes() == {"slow": None, "quick": "landed"}
    assert project.status()["tasks"][0]["status"] == "paused"
    assert "budget is used up: 1s of 1s" in porch(project, "status").out
    assert porch(project, "resume-tasks", "slow").code == 4

    follow(
        project,
        str(project_status(project)["next"]).replace("+1s", "+1m"),
        leave=("porch stop", "porch resume"),
    )
    project.porch("resume", "--headless")

    assert project.outcomes() == {"slow": "landed", "quick": "landed"}
    assert len(project.events(e.AttemptScheduled)) == 2, "nothing was ended"


def test_a_task_over_its_budget_may_be_given_up_as_advised(project: Project):
    project.plan(TASK)
    project.porch("run", "--headless", "--parallel", expect=1)

    assert follow(project, needs(project)["slow"], leave=("porch budget",)) == ["porch stop slow"]
    project.porch("resume", "--headless", expect=1)

    assert project.outcomes() == {"slow": "stopped", "quick": "landed"}


def test_a_run_over_its_budget_starts_nothing_and_is_raised_or_stopped_as_advised(project: Project):
    project.plan(RUN)
    project.porch("run", "--headless", "--serial", expect=1)

    (need,) = project.status()["needs_you"]
    assert need["task"] is None and need["why"].startswith("the run's budget is used up")
    assert [one["status"] for one in project.status()["tasks"]] == ["paused", "pending", "pending"]

    assert porch(project, "budget", "+1s").code == 0
    project.porch("resume", "--headless", expect=1)
    follow(project, needs(project)[None], leave=("porch budget",))

    assert project.outcomes()["slow"] == "stopped"


def test_a_budget_that_is_raised_while_the_engine_is_alive_takes_effect_at_once(project: Project):
    project.plan(TASK)
    engine = project.begin("run", "--headless", "--parallel", "--wait")
    until(lambda: project.events(e.AttemptPaused), "the budget to be used up")

    answer = porch(project, "budget", "slow", "+1h30m")

    assert answer.out == "budget slow +1h30m: 1h30m1s from now on\n"
    until(lambda: project.outcomes()["slow"] == "landed", "slow to land")
    assert engine.wait(30) == 0
    kill(engine)


def test_a_budget_survives_that_its_engine_is_killed(project: Project):
    project.plan(TASK)
    engine = project.begin("run", "--headless", "--parallel", "--wait")
    until(lambda: project.events(e.AttemptPaused), "the budget to be used up")
    kill(engine)

    porch(project, "budget", "slow", "+1m")
    project.porch("resume", "--headless")

    assert project.outcomes()["slow"] == "landed"
    assert len(project.events(e.BudgetReached)) == 1


@pytest.mark.parametrize("word", ["+5", "+5x", "+0k", "+5MB", "+1d", "+usd"])
def test_an_amount_without_a_unit_is_refused(ended: Project, word: str):
    answer = porch(ended, "budget", "good", word)

    assert answer.code == 2
    assert f"{word} is no amount; expected +5usd, +1M or +200k (tokens), or +30m" in answer.err


def test_an_amount_is_needed_and_a_budget_to_raise(ended: Project):
    assert "say how much more" in porch(ended, "budget", "good").err
    assert "Can't budget good +1M: it has no budget of tokens" in porch(ended, "budget", "good", "+1M").err
    assert "the run has no budget in usd" in porch(ended, "budget", "+1usd").err


def test_who_waits_for_a_task_hears_that_it_is_over_its_budget(project: Project):
    project.plan(TASK)
    engine = project.begin("run", "--headless", "--parallel", "--wait")
    until(lambda: project.events(e.AttemptScheduled), "the run to begin")

    project.porch("wait", "--for", "slow", "--timeout", "60s", expect=1)

    assert project.events(e.BudgetReached)
    assert porch(project, "stop", "--all").code == 0
    kill(engine)


def test_a_run_that_is_to_finish_does_not_wait_for_a_budget(project: Project):
    project.plan(TASK)
    engine = project.begin("run", "--headless", "--parallel", "--wait")
    until(lambda: project.events(e.AttemptPaused), "the budget to be used up")

    assert porch(project, "stop", "--all", "--finish").code == 0

    assert engine.wait(30) == 1
    assert porch(project, "stop", "slow").code == 0
    project.porch("resume", "--headless", expect=1)
    kill(engine)
