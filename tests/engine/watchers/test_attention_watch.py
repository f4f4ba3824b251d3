"""A real engine notices that a task waits for a person, and that it goes on; a killed one loses no call."""

from __future__ import annotations

import signal
import sys

import pytest

from porch_tui.core.model.events import AttemptAnswered, AttemptWaits
from porch_tui.process.typing import TypingInto
from tests.project import PORCH, Project, until

SOON_S = 1.0
"""From the call to the event, by the times in the files; a busy machine is given more."""
BUSY = 10
AGENT = """
import os, sys, time, tty
tty.setraw(0)
CALLS = {calls!r}
for number, call in enumerate(CALLS):
    for at in range(0, len(call), 5):
        os.write(1, call[at:at + 5])
        time.sleep(0.02)
    open(f"called-{{number}}", "w").close()
    os.write(1, b"> ")
    answer = os.read(0, 100)
    os.write(1, b"thanks for " + answer + bytes([13, 10]))
"""
CALLS = {
    b"\x07": "",
    b"\x1b]9;may I delete it?\x1b\\": "may I delete it?",
    b"\x1b]777;notify;agent;see this\x07": "agent: see this",
    b"\x1b]99;i=1:d=0;look\x1b\\": "look",
    b"\x1b]7501;state=blocked:kind=permission\x1b\\": "permission",
}
PLAN = "tasks:\n  ask:\n    run: {python} ../agent.py\n    tty: true\n    kind: check\n"


@pytest.fixture
def agent(project: Project) -> Project:
    """A run with a task that makes every kind of call, one after the other, in pieces."""
    (project.root.parent / "agent.py").write_text(AGENT.format(calls=list(CALLS)))
    project.plan(PLAN.format(python=sys.executable))
    return project


def waits(project: Project) -> dict[str, str] | None:
    [task] = project.status()["tasks"]
    found: dict[str, str] | None = task["waits"]
    return found


def test_every_call_of_a_task_is_noticed_soon_and_typing_answers_it(agent: Project):
    engine = agent.begin("run", "--headless")
    worktree = agent.root.parent / "app-ask"
    for number, text in enumerate(CALLS.values()):
        called = until(lambda mark=worktree / f"called-{number}": mark.exists() and mark, "the call")
        until(lambda n=number + 1: len(agent.events(AttemptWaits)) == n, f"call {number} to be noticed")
        assert text == agent.events(AttemptWaits)[-1].text
        [at] = [one.at for one in agent.records() if isinstance(one.event, AttemptWaits)][-1:]
        assert at - called.stat().st_mtime < SOON_S * BUSY
        assert (waits(agent) or {})["text"] == text
        assert ["ask"] == [need["task"] for need in agent.status()["needs_you"]]
        with TypingInto(agent.rundir.attempt("ask.1")) as typing:
            typing.type(b"yes")
        until(
            lambda n=number + 1: len(agent.events(AttemptAnswered)) == n or engine.poll() is not None,
            "the answer",
        )

    assert 0 == engine.wait(60)
    assert len(CALLS) == len(agent.events(AttemptWaits))


@pytest.mark.slow
def test_an_engine_that_was_killed_misses_no_call_and_invents_none(agent: Project):
    engine = agent.begin("run", "--headless")
    worktree = agent.root.parent / "app-ask"
    for number, text in enumerate(CALLS.values()):
        until(lambda mark=worktree / f"called-{number}": mark.exists(), "the call")
        if number % 2:  # killed before it has noticed, or behind that
            until(lambda said=text: (waits(agent) or {}).get("text") == said, "the call to be noticed")
        engine = restarted(agent, engine)
        until(lambda said=text: (waits(agent) or {}).get("text") == said, "the next engine to notice it")
        engine.send_signal(signal.SIGKILL)
        engine.wait()
        with TypingInto(agent.rundir.attempt("ask.1")) as typing:
            typing.type(b"yes")
        following = worktree / f"called-{number + 1}"
        until(lambda mark=following, n=number: mark.exists() or n + 1 == len(CALLS), "it to take the answer")
        engine = restarted(agent, engine)

    assert 0 == engine.wait(60)
    texts = [event.text for event in agent.events(AttemptWaits)]
    assert list(CALLS.values()) == texts, "each once: what was noticed is not noticed again"


def restarted(project: Project, engine):
    """Kill the engine, and return another one that has taken the run over."""
    engine.send_signal(signal.SIGKILL)
    engine.wait()
    begun = len(project.records())
    engine = project.begin("resume", "--headless")
    until(lambda: len(project.records()) > begun, "another engine to take over")
    return engine


@pytest.mark.slow
def test_a_hook_of_a_task_without_a_terminal_calls_and_answers(project: Project):
    notify = " ".join(PORCH)
    project.plan(
        f"tasks:\n  hooked:\n    kind: check\n    run: {notify} notify --waiting log in, please;"
        f" while [ ! -e ../go ]; do sleep 0.1; done; {notify} notify --working;"
        " while [ -e ../go ]; do sleep 0.1; done\n"
    )
    engine = project.begin("run", "--headless")
    until(lambda: project.events(AttemptWaits), "the call")
    assert "log in, please" == project.events(AttemptWaits)[0].text
    assert "porch logs hooked; porch stop hooked" == project.status()["needs_you"][0]["next"]
    (project.root.parent / "go").touch()
    until(lambda: project.events(AttemptAnswered), "that it works")
    assert [] == project.status()["needs_you"]
    (project.root.parent / "go").unlink()

    assert 0 == engine.wait(60)


@pytest.mark.slow
def test_a_question_in_a_terminal_waits_without_a_pattern_and_is_answered_by_send(project: Project):
    project.plan(
        "tasks:\n  ask:\n    kind: check\n    tty: true\n"
        "    run: printf 'Continue? [y/N] '; read answer; test \"$answer\" = y\n"
    )
    engine = project.begin("run", "--headless")
    until(lambda: project.events(AttemptWaits), "the question to be noticed")
    assert "Continue? [y/N]" == project.events(AttemptWaits)[0].text
    project.porch("send", "ask", "y")

    assert 0 == engine.wait(60)


def test_a_paused_task_does_not_wait_and_does_again_when_it_continues(agent: Project):
    engine = agent.begin("run", "--headless")
    until(lambda: agent.events(AttemptWaits), "the call")
    agent.porch("pause", "ask")
    until(lambda: agent.status()["tasks"][0]["status"] == "paused", "the pause")
    assert waits(agent) is None
    agent.porch("resume-tasks", "ask")
    until(lambda: waits(agent), "that it waits again")
    assert 1 == len(agent.events(AttemptWaits))
    agent.porch("stop", "ask")

    engine.wait(60)
    assert waits(agent) is None
