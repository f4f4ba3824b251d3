"""The screen over the real program, in a real terminal: run, look, leave, come back."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from porch_tui.core.model import events as e
from project import Project, until
from tests.tui.pty_harness import PtyProgram

PORCH = "import os, sys; os.chdir(sys.argv[1]); from porch_tui.cli import main; sys.exit(main(sys.argv[2:]))"

REPORT_IMPORTS = """
import os, sys
class Reporting:
    def find_spec(self, name, path=None, target=None):
        if name in ("porch_tui.cli.lookup", "textual"):
            os.write(2, f"[{name}]".encode())
sys.meta_path.insert(0, Reporting())
"""
"""Prints on the terminal when something slow is imported."""
ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


@pytest.mark.slow
def test_a_run_on_a_terminal_opens_the_screen_and_outlives_it(project: Project):
    wait = "until test -e ../go; do sleep 0.05; done"
    project.plan(f"tasks:\n  quick: {{run: 'echo > quick'}}\n  slow: {{run: '{wait}; echo > slow'}}\n")

    with PtyProgram(PORCH, str(project.root), "run", "--yes", columns=120, rows=36) as screen:
        screen.read_until_shown("quick")
        until(lambda: project.events(e.AttemptStarted), "the tasks to start")
        screen.send("q")
        screen.read_until_shown("leave")
        screen.hang_up()

    (project.root.parent / "go").touch()
    until(lambda: len(project.landed()) == 2, "the slow task to land without a terminal")


@pytest.mark.slow
def test_a_closed_terminal_ends_nothing_and_another_one_shows_everything(project: Project):
    """SIGHUP goes to the whole foreground group, and then the terminal is gone."""
    wait = "until test -e ../go; do sleep 0.05; done"
    project.plan(
        f"tasks:\n  quick: {{run: 'echo > quick'}}\n  slow: {{run: 'echo so far; {wait}; echo > slow'}}\n"
    )
    with PtyProgram(PORCH, str(project.root), "run", "--yes", columns=120, rows=36) as screen:
        screen.read_until(lambda: project.events(e.Landed) != [], "the quick task to land")
        os.killpg(screen.pid, signal.SIGHUP)
        screen.hang_up()
        screen.wait()
    assert "alive" == project.status()["engine"]

    with PtyProgram(PORCH, str(project.root), "attach", columns=120, rows=36) as screen:
        screen.read_until_shown("landed")
        screen.send("j")
        screen.read_until_shown("so far")
        (project.root.parent / "go").touch()
        screen.read_until(lambda: len(project.landed()) == 2, "the slow task to land")


@pytest.mark.parametrize("deaf", ["", pytest.param('trap "" TERM; ', marks=pytest.mark.slow)])
def test_stop_everything_leaves_nothing_of_the_run_alive_though_tasks_are_pending(
    project: Project, deaf: str
):
    project.plan(f"slots: 1\ntasks:\n  a: {{run: '{deaf}sleep 600 & sleep 600'}}\n  b: {{run: 'echo > b'}}\n")
    with PtyProgram(PORCH, str(project.root), "run", "--parallel", "--yes", columns=120, rows=36) as screen:
        (started,) = until(lambda: project.events(e.AttemptStarted), "the task to start")
        screen.read_until_shown("merge queue")
        screen.send("q")
        screen.read_until_shown("stop everything, then leave")
        screen.send("s")
        code = screen.wait()

    assert (0, "gone") == (code, project.status()["engine"])
    assert not psutil.pid_exists(started.pid)
    assert {"a": "stopped", "b": "waiting"} == project.outcomes()
    assert b"porch resume" in screen.output.rpartition(LEAVE.encode())[2]


def test_attach_shows_a_run_of_another_process_and_prints_its_status_on_leaving(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > a'}\n  b: {run: 'echo > b'}\n")
    project.porch("run", "--headless")

    with PtyProgram(PORCH, str(project.root), "attach", columns=80, rows=24) as screen:
        screen.read_until_shown("landed")
        screen.send("q")
        code = screen.wait()

    assert code == 0
    assert "2 of 2 tasks landed" in screen.output.decode(errors="replace").rpartition(LEAVE)[2]


def test_the_first_sign_comes_before_anything_slow_is_imported(project: Project):
    project.plan("tasks:\n  a: {run: 'true'}\n")
    project.porch("run", "--headless")

    with PtyProgram(REPORT_IMPORTS + PORCH, str(project.root), columns=80, rows=24) as screen:
        screen.read_until_bytes(b"[textual]")
        written = screen.output.decode(errors="replace")

    assert written.index(ENTER) < written.index("porch") < written.index("[porch_tui.cli.lookup]")


def test_an_error_after_the_first_sign_is_printed_on_the_normal_screen(project: Project):
    with PtyProgram(PORCH, str(project.root), "attach", columns=80, rows=24) as screen:
        code = screen.wait()

    _, was_left, message = screen.output.decode(errors="replace").rpartition(LEAVE)
    assert (3, LEAVE, True) == (code, was_left, message.startswith("porch: "))


@pytest.mark.slow
def test_a_retry_on_the_screen_starts_an_engine_where_none_is(project: Project):
    project.plan("tasks:\n  a: {run: 'test -e ../go && echo > a'}\n")
    project.porch("run", "--headless", expect=1)
    (project.root.parent / "go").write_text("")

    with PtyProgram(PORCH, str(project.root), "attach", columns=80, rows=24) as screen:
        screen.read_until_shown("FAIL")
        screen.send("r")
        screen.read_until(lambda: project.landed() == ["a"], "the task to land")
        screen.read_until_shown("landed")


def test_without_a_terminal_the_screen_is_refused_in_words(project: Project):
    project.plan("tasks:\n  a: {run: 'true'}\n")
    project.porch("run", "--headless")

    assert "porch status" in project.porch("attach", expect=3).stderr


@pytest.mark.slow
def test_the_last_output_of_failed_tasks_stays_on_the_normal_screen(project: Project):
    bad = 'printf "\\\\033]0;title\\\\007why it failed\\\\n"; exit 3'
    project.plan(f"tasks:\n  bad: {{run: '{bad}'}}\n  good: {{run: 'echo > g'}}\n")
    project.porch("run", "--headless", expect=1)

    with PtyProgram(PORCH, str(project.root), "attach", columns=80, rows=24) as screen:
        screen.read_until_shown("FAIL")
        screen.send("q")
        screen.wait()

    after = screen.output.rpartition(b"\x1b[?1049l")[2]
    assert b"bad: the end of" in after and b"why it failed" in after
    assert b"good: the end of" not in after and b"\x1b]0;" not in after
