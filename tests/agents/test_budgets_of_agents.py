"""Real agent programs with a budget: at its end the task is paused, a person is asked, and it goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from agents.model_server import TOKENS

from porch_tui.core.model import events as e
from project import Project

pytestmark = pytest.mark.slow

PLAN = """\
target: main
agents:
  codex: {{preset: codex}}
  pi: {{preset: pi, model: scripted, args: [--provider, scripted]}}
tasks:
  one:
    agent: {agent}
    prompt: "DO: {command} :END"
    budget: {budget}
    retries: 1
    retry_with: resume
    checks: "test $(wc -l < made.txt) = {lines}"
"""


def test_an_agent_over_its_budget_is_frozen_while_it_works_and_continues_when_that_is_raised(
    project: Project, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("pi")
    command = "sleep 6; echo made >> made.txt"
    project.plan(PLAN.format(agent="pi", command=command, budget="{tokens: 0.1k}", lines=1))

    project.porch("run", "--headless", env=agent_env, expect=1)

    (reached,) = project.events(e.BudgetReached)
    assert reached.spent.tokens == TOKENS
    (need,) = project.status()["needs_you"]
    assert need["why"] == "its budget is used up: 120 of 0.1k tokens"
    assert need["next"].startswith("porch budget one +0.1k ")

    project.porch("budget", "one", "+1k", env=agent_env)
    project.porch("resume", "--headless", env=agent_env)

    assert project.outcomes() == {"one": "landed"}
    assert len(project.events(e.AttemptScheduled)) == 1


def test_an_agent_that_reports_at_its_end_gets_no_second_attempt_until_its_budget_is_raised(
    project: Project, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("codex")
    command = "echo made >> made.txt"
    project.plan(PLAN.format(agent="codex", command=command, budget="{tokens: 0.2k}", lines=2))

    project.porch("run", "--headless", env=agent_env, expect=1)

    assert len(project.events(e.AttemptFailed)) == 1
    assert "240 of 0.2k tokens" in project.status()["needs_you"][0]["why"]

    project.porch("budget", "one", "+1k", env=agent_env)
    project.porch("resume", "--headless", env=agent_env)

    assert project.outcomes() == {"one": "landed"}
