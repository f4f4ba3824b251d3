"""The commands of the screen, from a script: asked, answered, refused, or left for the next engine."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from in_process import porch
from json_page import documented, keys

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.journal import inbox
from project import Project, until
from tests.at_rest import at_rest

ENDLESS = "tasks:\n  a: {run: 'echo hello; sleep 600'}\n  b: {run: 'sleep 600', after: [a]}\n"
Engine = Callable[[Project, str], None]


@pytest.fixture
def failed() -> Project:
    """A run at rest without an engine: `a` failed unless ../go exists, `b` and `c` wait for it."""
    return at_rest(run_that_failed)


def run_that_failed(project: Project) -> None:
    """Have `a` fail, which `b` and `c` wait for."""
    project.plan(
        "tasks:\n  a: {run: 'test -e ../go && echo > a'}\n"
        "  b: {run: 'echo > b', after: [a]}\n  c: {run: 'echo > c', after: [a]}\n"
    )
    project.porch("run", "--headless", expect=1)


def left(project: Project) -> int:
    """Return how many commands wait in the inbox."""
    return len(list(project.rundir.inbox.glob("*.json")))


def test_a_living_engine_answers_before_the_command_returns(project: Project, engine: Engine):
    engine(project, ENDLESS)

    printed = porch(project, "pause", "a")

    assert (0, "pause a: frozen; clocks inside it continue\n") == (printed.code, printed.out)
    assert [e.AttemptPaused] == [type(event) for event in project.events(e.AttemptPaused)]
    assert 0 == porch(project, "resume-tasks", "a").code
    assert 0 == porch(project, "slots", "7").code
    assert [7] == [event.slots for event in project.events(e.SlotsChanged)]


SIDE_BY_SIDE = (
    "slots: 2\ntasks:\n  a: {run: 'sleep 600'}\n  b: {run: 'sleep 600'}\n  c: {run: 'true', kind: check}\n"
)


@pytest.mark.slow
@pytest.mark.parametrize(("verb", "command"), [("pause", c.PauseRun), ("stop", c.StopRun)])
def test_all_of_a_run_is_one_command_so_that_nothing_starts_before_it_is_obeyed_whole(
    project: Project, verb: str, command: type[c.AnyCommand]
):
    """As one command for each task, the end of the first made room for the start of another."""
    project.plan(SIDE_BY_SIDE)
    engine = project.begin("run", "--headless", "--parallel")
    until(lambda: len(project.events(e.AttemptStarted)) == 2, "both to run")
    engine.send_signal(signal.SIGSTOP)
    asking = project.begin(verb, "--all")

    def kinds() -> list[type]:
        return [type(found) for _, found in inbox.take(project.rundir)]

    until(lambda: command in kinds(), "the command")
    waiting = kinds()
    engine.send_signal(signal.SIGCONT)
    out, _ = asking.communicate(timeout=60)
    assert ([command], 0) == (waiting, asking.returncode)
    spoken = [line.partition(":")[0] for line in out.splitlines()]
    assert [f"{verb} a", f"{verb} b", f"{verb} --all"] == spoken
    assert 2 == len(project.events(e.AttemptScheduled))
    project.porch("stop", "--all", expect=None)
    engine.wait()


def test_each_of_several_tasks_is_tried_and_one_refusal_is_exit_4(project: Project, engine: Engine):
    engine(project, ENDLESS)

    printed = porch(project, "retry", "a", "b")

    assert (4, "") == (printed.code, printed.out)
    assert "Can't retry a: it is running" in printed.err
    assert "Can't retry b: not started yet" in printed.err
    assert 2 == len(project.events(e.CommandRefused))


def test_json_tells_what_was_done_from_what_was_refused(project: Project, engine: Engine):
    engine(project, ENDLESS)

    printed = porch(project, "stop", "a", "b", "--json")

    document = printed.json
    assert ["run", "engine", "commands"] == list(document)
    assert keys(document) == keys(documented("porch retry --json, and all that steer a run"))
    assert [("stop a", "a", "done"), ("stop b", "b", "done")] == [
        (one["command"], one["task"], one["result"]) for one in document["commands"]
    ]
    until(lambda: project.events(e.AttemptStopped), "the task to stop")


def test_a_task_that_is_not_in_the_run_is_exit_2_and_nothing_is_sent(failed: Project):
    printed = porch(failed, "retry", "a", "zz")

    assert 2 == printed.code
    assert "has no task 'zz'" in printed.err
    assert 0 == left(failed)


def test_without_an_engine_a_command_waits_for_the_next_one(failed: Project):
    printed = porch(failed, "retry", "a")

    assert (0, "", 1) == (printed.code, printed.out, left(failed))
    assert f"porch resume {failed.rundir.run}" in printed.err
    (failed.root.parent / "go").touch()
    failed.porch("resume", "--headless")
    assert {"a": "landed", "b": "landed", "c": "landed"} == failed.outcomes()


def test_without_an_engine_what_would_be_refused_is_refused_at_once(failed: Project):
    printed = porch(failed, "requeue", "a")

    assert (4, 0) == (printed.code, left(failed))
    assert "it is not in the merge queue" in printed.err


def test_commands_that_wait_already_are_counted(failed: Project):
    assert 0 == porch(failed, "retry", "a").code

    printed = porch(failed, "retry", "a")

    assert (4, 1) == (printed.code, left(failed))
    assert "not started yet" in printed.err
    assert 0 == porch(failed, "stop", "a").code


def test_a_run_without_an_engine_cannot_be_paused(failed: Project):
    assert (4, 0) == (porch(failed, "pause").code, left(failed))


def test_a_run_is_closed_without_an_engine_and_then_refuses_everything(failed: Project):
    assert 0 == porch(failed, "close").code

    assert failed.status()["ended"]
    assert 1 == len(failed.events(e.RunClosed))
    for words in (["close"], ["retry", "a"], ["slots", "2"]):
        assert 4 == porch(failed, *words).code
    assert "closed" in (failed.rundir.path / "report.md").read_text()


def test_a_run_with_a_living_task_cannot_be_closed(project: Project, engine: Engine):
    engine(project, ENDLESS)

    printed = porch(project, "close")

    assert 4 == printed.code
    assert "still running: a" in printed.err


@pytest.mark.parametrize(
    ("words", "printed"),
    [(["stop"], "name tasks, or all that run with --all"), (["stop", "a", "--all"], "it goes without TASK")],
)
def test_stop_refuses_options_that_contradict_each_other(failed: Project, words: list[str], printed: str):
    refused = porch(failed, *words)

    assert 2 == refused.code and printed in refused.err
