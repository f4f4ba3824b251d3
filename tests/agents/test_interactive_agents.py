"""Real agent programs in terminals of their own: they ask, a person answers, and what they make lands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from agents.model_server import TOKENS_IN, TOKENS_OUT, ModelServer

from porch_tui.core.model import events as e
from porch_tui.process.typing import TypingInto
from porch_tui.session.task_terminal import TaskTerminal
from project import Project, kill, until

pytestmark = pytest.mark.slow

PLAN = """\
target: main
validate: "true"
tasks:
  one: {agent: codex, tty: true, prompt: "DO: echo made > made.txt :END"}
  two: {agent: codex, tty: true, prompt: "DO: echo more > more.txt :END"}
"""
PATIENCE_S = 180.0
"""An agent that starts on a loaded machine takes a minute."""


class Seen:
    """The terminal of a task's first attempt, as a person sees it who may type into it."""

    def __init__(self, project: Project, task: str) -> None:
        self.directory: Path = project.rundir.attempt(f"{task}.1")
        self._terminal = TaskTerminal(self.directory)

    def until_it_shows(self, text: str) -> None:
        until(lambda: text in self._shown(), f"a terminal that shows {text!r}", PATIENCE_S)

    def type(self, keys: bytes) -> None:
        with TypingInto(self.directory) as typing:
            assert typing.type(keys) == 0

    def end_codex(self) -> None:
        self.type(b"/quit")
        self.until_it_shows("› /quit")
        self.type(b"\r")

    def _shown(self) -> str:
        while self._terminal.look():
            pass
        screen = self._terminal.screen
        return "\n".join(line.text for line in screen.lines) if screen else ""


def waiting(project: Project) -> dict[str, str | None]:
    """Return what the tasks wait for a person with."""
    return {task["id"]: task["waits"] for task in project.status()["tasks"]}


def test_codex_asks_for_permission_is_answered_and_its_work_lands(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("codex")
    model.escalates = True
    project.plan("\n".join(PLAN.splitlines()[:-1]) + "\n")
    engine = project.begin("run", "--headless", env=agent_env)
    until(lambda: project.events(e.AttemptStarted), "an attempt", PATIENCE_S)
    seen = Seen(project, "one")

    seen.until_it_shows("Would you like to run the following command?")
    until(lambda: waiting(project)["one"] is not None, "the task to wait for a person")
    seen.type(b"\r")
    seen.until_it_shows("All done.")
    seen.end_codex()

    assert engine.wait(PATIENCE_S) == 0
    assert project.outcomes() == {"one": "landed"}
    assert project.git("show", "main:made.txt") == "made"
    (ended,) = project.events(e.AttemptSucceeded)
    usage = ended.used.agent.usage
    assert (usage.input_tokens, usage.output_tokens) == (2 * TOKENS_IN, 2 * TOKENS_OUT)
    assert ended.used.agent.session and ended.used.agent.message == "All done."
    kill(engine)


def test_two_tasks_of_codex_in_one_home_do_not_end_each_other(
    project: Project, model: ModelServer, agent_env: dict[str, str], needs: Callable[[str], None]
):
    needs("codex")
    model.escalates = True
    project.plan(PLAN)
    engine = project.begin("run", "--headless", "--parallel", "--slots", "2", env=agent_env)
    until(lambda: len(project.events(e.AttemptStarted)) == 2, "both attempts", PATIENCE_S)
    one, two = Seen(project, "one"), Seen(project, "two")
    one.until_it_shows("Would you like to run the following command?")
    two.until_it_shows("Would you like to run the following command?")

    assert project.porch("stop", "one", env=agent_env, expect=None).returncode in (0, 1)
    until(lambda: project.events(e.AttemptStopped), "the first to be stopped", PATIENCE_S)
    two.type(b"\r")
    two.until_it_shows("All done.")
    two.end_codex()

    until(lambda: project.outcomes()["two"] == "landed", "the second to land", PATIENCE_S)
    kill(engine)
