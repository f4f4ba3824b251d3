"""Real agent programs in terminals of their own: they ask, a person answers, and what they make lands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from agents.model_server import TOKENS_IN, TOKENS_OUT, ModelServer

from porch_tui.core.model import events as e
from porch_tui.session.task_terminal import TaskTerminal
from project import Project, kill, until

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
  one: {agent: AGENT, prompt: "DO: echo made > made.txt :END", checks: "test -s made.txt"}
"""
SECOND = '  two: {agent: codex, prompt: "DO: echo more > more.txt :END"}\n'
ASKS = {
    "codex": "Would you like to run the following command?",
    "opencode": "Allow once",
    "gemini": "Allow execution",
    "qwen": "Yes, allow once",
}
"""What agents show that ask before they run a command; the others do not ask."""
AGENTS = (*ASKS, "pi")
SAY_WHAT_THEY_USED = set(AGENTS) - {"opencode"}
PATIENCE_S = 300.0
"""An agent that starts on a loaded machine takes more than a minute."""


class Seen:
    """The terminal of a task's first attempt, as a person sees it who types from another terminal."""

    def __init__(self, project: Project, task: str = "one", attempt: int = 1) -> None:
        self._project, self._task = project, task
        self._terminal = TaskTerminal(project.rundir.attempt(f"{task}.{attempt}"))

    def until_it_shows(self, text: str) -> None:
        until(lambda: text in self._shown(), f"a terminal that shows {text!r}", PATIENCE_S)

    def until_it_waits(self) -> None:
        until(lambda: waiting(self._project)[self._task] is not None, "the task to wait for you", PATIENCE_S)

    def send(self, *words: str) -> None:
        self._project.porch("send", self._task, *words)

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
    seen = Seen(project)

    if agent in ASKS:
        seen.until_it_shows(ASKS[agent])
        seen.until_it_waits()
        seen.send("--key", "enter")
    seen.until_it_shows("All done.")
    seen.until_it_waits()
    seen.finish()

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
    two.send("--key", "enter")
    two.until_it_shows("All done.")
    two.finish()

    until(lambda: project.outcomes()["two"] == "landed", "the second to land", PATIENCE_S)
    kill(engine)
