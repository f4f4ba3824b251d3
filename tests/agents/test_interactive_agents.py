"""Real agent programs in terminals of their own: they ask, a person answers, and what they make lands."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from agents.model_server import TOKENS_IN, TOKENS_OUT, ModelServer

from porch_tui.core.model import events as e
from porch_tui.session.task_terminal import TaskTerminal
from project import Project, kill, until
from tests.fences import needs_bwrap

pytestmark = pytest.mark.slow

PLAN = """\
target: main
validate: "true"
agents:
  codex: {preset: codex}
  opencode: {preset: opencode}
  gemini: {preset: gemini, model: gemini-2.5-pro}
  qwen: {preset: qwen, model: scripted, args: [--auth-type, openai]}
  pi: {preset: pi, model: scripted, args: [--provider, scripted]}
defaults: {tty: true}
tasks:
  one:
    agent: AGENT
    prompt: "DO: echo made >> made.txt :END"
    checks: "wc -l made.txt"
"""
RETRIED = """\
    retries: 1
    retry_with: resume
"""
FENCE = """\
wraps: {fence: {preset: bwrap, writable: [~/.config AGENTS]}}
"""
"""The home of these tests, and perhaps the folder of the agents, is in /tmp: bwrap has a /tmp of its own."""
SECOND = '  two: {agent: codex, prompt: "DO: echo more > more.txt :END"}\n'
ASKS = {
    "codex": "Would you like to run the following command?",
    "opencode": "Allow once",
    "gemini": "Allow execution",
    "qwen": "Yes, allow once",
}
"""What agents show that ask before they run a command; the others do not ask."""
AGENTS = (*ASKS, "pi")
SAY_WHAT_THEY_USED = CONTINUE = tuple(agent for agent in AGENTS if agent != "opencode")
PATIENCE_S = 300.0
"""An agent that starts on a loaded machine takes more than a minute."""


class Seen:
    """The terminal of a task's attempt, as a person sees it who types from another terminal."""

    def __init__(self, project: Project, task: str = "one", attempt: int = 1) -> None:
        self._project, self._task, self._attempt = project, task, attempt
        self._terminal = TaskTerminal(project.rundir.attempt(f"{task}.{attempt}"))

    def until_it_shows(self, text: str) -> None:
        until(lambda: text in self._shown(), f"a terminal that shows {text!r}", PATIENCE_S)

    def until_it_waits(self) -> None:
        until(lambda: waiting(self._project)[self._task] is not None, "the task to wait for you", PATIENCE_S)

    def answer(self, *words: str) -> None:
        """Send it something while it waits."""
        before = len(self._project.events(e.AttemptAnswered))
        self._project.porch("send", self._task, *words)
        until(lambda: len(self._project.events(e.AttemptAnswered)) > before, "its answer to be noticed")

    def let_it_work(self, agent: str, model: ModelServer) -> None:
        """Permit what it asks for, wait until it has done its work, and end it."""
        if agent in ASKS:
            self.until_it_shows(ASKS[agent])
            self.until_it_waits()
            self.answer("--key", "enter")
        until(lambda: len(model.prompts) >= 2 * self._attempt, "the last words of the model", PATIENCE_S)
        self.until_it_shows("All done.")
        self.until_it_waits()
        self.finish()

    def finish(self) -> None:
        self._project.porch("finish", self._task)

    def _shown(self) -> str:
        while self._terminal.look():
            pass
        screen = self._terminal.screen
        return "\n".join(line.text for line in screen.lines) if screen else ""


def waiting(project: Project) -> dict[str, str | None]:
    """Return what the tasks wait for a person with."""
    return {task["id"]: task["waits"] for task in project.status()["tasks"]}


def have_it_ask(model: ModelServer, env: dict[str, str]) -> None:
    """Have agents ask also if they do so only where their configuration, or the model, says so."""
    model.escalates = True
    settings = Path(env["XDG_CONFIG_HOME"]) / "opencode/opencode.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"permission": {"bash": "ask"}}))


@pytest.mark.parametrize("agent", AGENTS)
def test_an_agent_in_a_terminal_waits_for_you_is_answered_and_finished_and_its_work_lands(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    have_it_ask(model, agent_env)
    project.plan(PLAN.replace("AGENT", agent))
    engine = project.begin("run", "--headless", env=agent_env)
    until(lambda: project.events(e.AttemptStarted), "an attempt", PATIENCE_S)

    Seen(project).let_it_work(agent, model)

    assert engine.wait(PATIENCE_S) == 0
    assert project.outcomes() == {"one": "landed"}
    assert project.git("show", "main:made.txt") == "made"
    (ended,) = project.events(e.AttemptSucceeded)
    assert ended.used.agent.session
    if agent in SAY_WHAT_THEY_USED:
        usage = ended.used.agent.usage
        assert (usage.input_tokens, usage.output_tokens) == (2 * TOKENS_IN, 2 * TOKENS_OUT)
        assert ended.used.agent.message == "All done."
    kill(engine)


@pytest.mark.parametrize("agent", CONTINUE)
def test_a_retry_continues_the_conversation_in_another_terminal(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    have_it_ask(model, agent_env)
    twice = PLAN.replace("wc -l made.txt", "echo FAILED tests/test_made.py; test $(wc -l < made.txt) = 2")
    project.plan(twice.replace("AGENT", agent) + RETRIED)
    engine = project.begin("run", "--headless", env=agent_env)
    until(lambda: project.events(e.AttemptStarted), "an attempt", PATIENCE_S)
    Seen(project).let_it_work(agent, model)
    until(lambda: len(project.events(e.AttemptStarted)) == 2, "another attempt", PATIENCE_S)

    Seen(project, attempt=2).let_it_work(agent, model)

    assert engine.wait(PATIENCE_S) == 0
    assert project.outcomes() == {"one": "landed"}
    assert project.git("show", "main:made.txt") == "made\nmade"
    (failed,), (succeeded,) = project.events(e.AttemptFailed), project.events(e.AttemptSucceeded)
    assert succeeded.used.agent.session == failed.used.agent.session
    assert "DO: echo made" in model.prompts[-1] and "FAILED tests/test_made.py" in model.prompts[-1]
    kill(engine)


@needs_bwrap
@pytest.mark.parametrize("agent", ["codex", "pi"])  # all of them did; each takes half a minute
def test_an_agent_in_a_terminal_works_behind_bwrap(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None], agent: str
):
    needs(agent)
    have_it_ask(model, agent_env)
    folder = os.environ.get("PORCH_TEST_AGENTS")
    fence = FENCE.replace(" AGENTS", f", {Path(folder).parent}" if folder else "")
    fenced = PLAN.replace("tty: true}", "tty: true, wrap: fence}")
    project.plan(fenced.replace("AGENT", agent) + fence)
    engine = project.begin("run", "--headless", env=agent_env)
    until(lambda: project.events(e.AttemptStarted), "an attempt", PATIENCE_S)

    Seen(project).let_it_work(agent, model)

    assert engine.wait(PATIENCE_S) == 0
    assert project.outcomes() == {"one": "landed"}
    assert project.events(e.AttemptSucceeded)[0].used.agent.session
    kill(engine)


def test_two_tasks_of_codex_in_one_home_do_not_end_each_other(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("codex")
    have_it_ask(model, agent_env)
    project.plan(PLAN.replace("AGENT", "codex") + SECOND)
    engine = project.begin("run", "--headless", "--parallel", "--slots", "2", env=agent_env)
    until(lambda: len(project.events(e.AttemptStarted)) == 2, "both attempts", PATIENCE_S)
    one, two = Seen(project, "one"), Seen(project, "two")
    one.until_it_shows(ASKS["codex"])
    two.until_it_shows(ASKS["codex"])

    assert project.porch("stop", "one", env=agent_env, expect=None).returncode in (0, 1)
    until(lambda: project.events(e.AttemptStopped), "the first to be stopped", PATIENCE_S)
    two.let_it_work("codex", model)

    until(lambda: project.outcomes()["two"] == "landed", "the second to land", PATIENCE_S)
    kill(engine)
