"""Before a run begins on a terminal, a person sees what is expected of it, and may change their mind."""

from __future__ import annotations

import sys

import pytest

from porch_tui.core.model import events as e
from project import Project, until
from tests.tui.pty_harness import PtyProgram

PORCH = "import os, sys; os.chdir(sys.argv[1]); from porch_tui.cli import main; sys.exit(main(sys.argv[2:]))"
PLAN = "tasks:\n  a: {run: echo a > a.txt, estimate: 1m}\n  b: {run: echo b > b.txt, estimate: 1m}\n"
EDITOR = """
import pathlib, sys
plan, turns = pathlib.Path(sys.argv[-1]), pathlib.Path(sys.argv[-1]).with_name("turns")
turns.write_text(turns.read_text() + "x" if turns.exists() else "x")
plan.write_text("tasks: {a: {runn: x}}" if turns.read_text() == "x" else "tasks: {c: {run: echo c > c}}")
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def planned(project: Project) -> Project:
    project.plan(PLAN)
    return project


def test_it_shows_verdict_and_waves_and_a_key_cancels_without_a_trace(planned: Project):
    with PtyProgram(PORCH, str(planned.root), "run") as shown:
        shown.read_until_shown("q cancels")
        assert any("side by side" in line for line in shown.screen())
        assert any(line.startswith("wave 1  a 1m00s, b 1m00s") for line in shown.screen())
        shown.send("q")
        code = shown.wait()

    assert code == 130
    assert planned.records() == []
    assert planned.git("status", "--porcelain") == ""
    assert planned.git("branch", "--list", "feature/*") == ""


@pytest.mark.parametrize("key", ["\r", ""])
def test_enter_begins_the_run_and_so_does_a_moment_without_a_key(planned: Project, key: str):
    with PtyProgram(PORCH, str(planned.root), "run") as shown:
        shown.read_until_shown("starts in")
        shown.send(key)
        shown.read_until(lambda: planned.records() != [], "the run to begin")
        shown.read_until_shown("? help")
        until(lambda: len(planned.landed()) == 2, "both tasks to land")


def test_any_other_key_makes_it_wait(planned: Project):
    with PtyProgram(PORCH, str(planned.root), "run") as shown:
        shown.read_until_shown("starts in")
        shown.send(" ")
        shown.read_until(lambda: not any("starts in" in line for line in shown.screen()), "it to wait")
        shown.send("\x1b")
        assert shown.wait() == 130

    assert planned.records() == []


def test_a_terminal_that_is_hung_up_cancels_where_its_signal_is_ignored(planned: Project):
    under_nohup = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); {PORCH}"
    with PtyProgram(under_nohup, str(planned.root), "run") as shown:
        shown.read_until_shown("starts in")
        shown.hang_up()
        assert shown.wait() == 130

    assert planned.records() == []


def test_yes_begins_at_once(planned: Project):
    with PtyProgram(PORCH, str(planned.root), "run", "--yes") as shown:
        shown.read_until_shown("? help")
        assert not any("q cancels" in line for line in shown.screen())


def test_an_edited_plan_is_checked_again_before_the_run_is_opened(planned: Project):
    editor = planned.write("../editor.py", EDITOR)
    environ = {"GIT_EDITOR": f"{sys.executable} {editor}"}
    with PtyProgram(PORCH, str(planned.root), "run", environ=environ) as shown:
        shown.read_until_shown("q cancels")
        shown.send("e")
        shown.read_until_shown("unknown key 'runn'")
        assert planned.records() == []
        shown.send("e")
        shown.read_until_shown("wave 1  c")
        shown.send("\r")
        shown.read_until_shown("? help")

    assert [spec.id for spec in planned.events(e.RunOpened)[0].plan.tasks] == ["c"]
