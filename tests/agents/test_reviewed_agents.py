"""Real agents whose work a person reviews: sent back, they go on in their conversation with what was said."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from agents.model_server import ModelServer

from porch_tui.core.model import events as e
from project import Project

pytestmark = pytest.mark.slow

PLAN = """\
defaults: {{review: required}}
agents:
  codex: {{preset: codex}}
  pi: {{preset: pi, model: scripted, args: [--provider, scripted]}}
tasks:
  one: {{agent: {agent}, prompt: "Make it. DO: echo made >> made.txt :END"}}
"""


@pytest.mark.parametrize("agent", ["codex", "pi"])
def test_an_agent_that_is_sent_back_goes_on_in_its_conversation_and_lands_once_approved(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    project.plan(PLAN.format(agent=agent))
    project.porch("run", "--headless", env=agent_env, expect=1)
    assert project.landed() == []

    words = "made.txt:1: once more, please. DO: echo again >> made.txt :END"
    project.porch("retry", "one", "--say", words)
    project.porch("resume", "--headless", env=agent_env, expect=1)
    first, second = project.events(e.AttemptSucceeded)
    assert first.used.agent.session == second.used.agent.session
    assert "made.txt:1: once more, please." in model.prompts[-1]
    assert "+again" in project.porch("diff", "one").stdout

    project.porch("approve", "one")
    project.porch("resume", "--headless", env=agent_env)

    assert project.git("show", "main:made.txt").splitlines() == ["made", "again"]
