"""`porch undo` and `porch validate`: what a run's engine answers, and the same from a run without one."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from in_process import porch

from porch_tui.core.model import events as e
from project import Project, until
from tests.at_rest import at_rest

PLAN = """\
validate: "! (test -e a && test -e bad)"
tasks:
  a: {run: 'echo a > a'}
  b: {run: 'echo b > b', after: [a]}
  bad: {run: 'echo > bad'}
  fails: {run: 'exit 3'}
"""
ENGINE_PLAN = "validate: test -e README.md\ntasks:\n  a: {run: 'echo > a'}\n  b: {run: 'sleep 600'}\n"


def landed_two(project: Project) -> None:
    """Land `a`, then `b`; `bad` fails with `a`."""
    project.plan(PLAN)
    project.porch("run", "--headless", "--serial", expect=1)


@pytest.fixture
def two() -> Project:
    """A run at rest: `a` and `b` have landed, `bad` was rejected."""
    return at_rest(landed_two)


@pytest.fixture
def alive(project: Project, engine: Callable[[Project, str], None]) -> Project:
    """A run with a living engine, in which `a` has landed and `b` runs."""
    engine(project, ENGINE_PLAN)
    until(project.landed, "the landing")
    return project


def test_the_last_landing_is_undone_and_the_next_and_then_nothing_is_left(two: Project):
    printed = porch(two, "undo")

    assert (0, "undo b: undone, its branch stays; porch requeue b lands it again\n") == (
        printed.code,
        printed.out,
    )
    commands = porch(two, "undo", two.rundir.run, "a", "--json").json["commands"]
    assert [("undo a", "done")] == [(one["command"], one["result"]) for one in commands]
    assert [] == two.landed()
    nothing = porch(two, "undo", two.rundir.run)
    assert (2, True) == (nothing.code, "is on main: nothing to undo" in nothing.err)


def test_landings_are_undone_down_to_a_task_until_one_is_refused(two: Project):
    two.write("a", "mine\n")

    printed = porch(two, "undo", "a")

    assert 4 == printed.code
    assert "undo b: undone" in printed.out
    assert "Can't undo a: " in printed.err
    assert ["a"] == two.landed()


def test_a_revert_is_a_task_and_what_landed_after_it_is_named(two: Project):
    assert "name its task, porch undo TASK --revert" in porch(two, "undo", "--revert").err

    printed = porch(two, "undo", "a", "--revert")

    assert (0, "") == (printed.code, printed.out)
    assert "revert a: queued; landed after it: b" in printed.err.replace("undo a --revert", "revert a")
    refused = porch(two, "undo", "fails", "--revert")
    assert (4, True) == (refused.code, "Can't revert fails: it has not landed" in refused.err)


def test_a_living_engine_undoes_and_reverts(alive: Project):
    printed = porch(alive, "undo", "a")
    assert (0, True) == (printed.code, "undo a: undone" in printed.out)
    porch(alive, "requeue", "a")
    until(alive.landed, "the second landing")

    reverting = porch(alive, "undo", "a", "--revert")

    assert "revert-a reverts it, through the merge queue like any task" in reverting.out
    assert 4 == porch(alive, "undo", "b").code


def test_work_is_validated_alone_and_on_top_of_others_without_an_engine(two: Project):
    alone = porch(two, "validate", "bad")
    again = porch(two, "validate", "bad")
    document = porch(two, "validate", "bad", "--on-top-of", "a", "--json")

    assert (0, True) == (alone.code, alone.out.startswith("bad passes alone"))
    assert "output in " in alone.out and "bad passes" in again.out
    assert (1, "fails on top of a: exit 1") == (document.code, document.json["text"])
    assert document.json["exit_code"] == 1 and document.json["log"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["fails"], 4, "Can't validate fails: it has failed, so it has no head yet"),
        (["bad", "--on-top-of", "bad"], 4, "it cannot be validated on top of itself"),
        (["bad", "--on-top-of", "ba"], 2, "did you mean 'bad'?"),
    ],
)
def test_what_cannot_be_validated_is_refused(two: Project, words: list[str], code: int, said: str):
    refused = porch(two, "validate", *words)

    assert (code, True) == (refused.code, said in refused.err), refused.err


def test_a_living_engine_validates(alive: Project):
    validated = porch(alive, "validate", "a")

    assert (0, True) == (validated.code, validated.out.startswith("a passes alone"))
    assert 4 == porch(alive, "validate", "b").code


@pytest.mark.slow
def test_an_engine_that_does_not_answer_is_reported_and_the_command_stays_queued(
    project: Project, engine: Callable[[Project, str], None]
):
    project.plan(ENGINE_PLAN)
    process = project.begin("run", "--headless", "--wait")
    until(lambda: project.events(e.AttemptStarted), "a task")
    process.send_signal(signal.SIGSTOP)
    unanswered = porch(project, "pause", "b")
    process.send_signal(signal.SIGCONT)

    assert (3, True) == (unanswered.code, "no answer from the engine within 5 s" in unanswered.err)
    until(lambda: project.events(e.AttemptPaused), "the pause")
    assert 0 == porch(project, "stop", "--all", "--now").code
    process.communicate()
