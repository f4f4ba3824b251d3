"""A conflict is found, resolved and landed on the screen, with keys in a real terminal and a real engine."""

from __future__ import annotations

import pytest

from project import Project
from tests.tui.pty_harness import PtyProgram

PORCH = "import os, sys; os.chdir(sys.argv[1]); from porch_tui.cli import main; sys.exit(main(sys.argv[2:]))"
LINES = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"
TWO = """\
tasks:
  a: {run: "sed -i.log s/one/ONE-a/ same; sed -i.log s/nine/NINE-a/ same"}
  b: {run: "sleep 0.4; sed -i.log s/one/ONE-b/ same; sed -i.log s/nine/NINE-b/ same"}
"""


def conflicted(project: Project) -> str:
    """Run two tasks that conflict in two hunks, and return the one that needs attention."""
    project.commit({"same": LINES})
    project.plan(TWO)
    project.porch("run", "--headless", expect=1)
    return next(task for task, outcome in project.outcomes().items() if outcome == "conflict")


def test_a_conflict_is_found_by_key_resolved_by_key_and_by_hand_and_lands(project: Project):
    task = conflicted(project)

    with PtyProgram(PORCH, str(project.root), "attach", columns=80, rows=24) as screen:
        screen.read_until_shown("n need")
        screen.send("n")
        screen.read_until_shown("c resolve")
        screen.send("c")
        screen.read_until_shown("2 hunks left")
        screen.send(">")
        screen.read_until_shown(f"result: {task}")
        screen.send("n")
        screen.read_until_shown("hunk 2/2")
        screen.send("e")
        screen.read_until_shown("ctrl+s save")
        screen.send("by hand\r\x13")
        screen.read_until_shown("all chosen: c completes it")
        screen.send("c")
        screen.read_until(lambda: task in project.landed(), "the task to land")
        screen.read_until_shown("2 of 2 tasks landed")
        screen.send("q")
        assert screen.wait() == 0

    lines = (project.root / "same").read_text().splitlines()
    assert (f"ONE-{task}", "by hand") == (lines[0], lines[8])
    assert {"NINE-a", "NINE-b"} == set(lines[9:])


@pytest.mark.slow
def test_the_editor_has_the_terminal_and_one_that_fails_changes_nothing(project: Project):
    task = conflicted(project)
    editor = project.write("../editor", '#!/bin/sh\necho EDITING; read answer; echo "$answer" > "$1"\n')
    editor.chmod(0o755)
    environ = {"GIT_EDITOR": str(editor), "GIT_PAGER": "cat; read key < /dev/tty"}

    with PtyProgram(PORCH, str(project.root), "attach", columns=80, rows=24, environ=environ) as screen:
        screen.read_until_shown("n need")
        screen.send("nc")
        screen.read_until_shown("2 hunks left")
        screen.send("\x05")
        screen.read_until_shown("EDITING")
        screen.send("from my editor\r")
        screen.read_until_shown("all chosen: c completes it")
        editor.write_text("#!/bin/sh\nexit 1\n")
        screen.send("\x05")
        screen.read_until_shown("same unchanged; conflict still open")
        project.git("config", "merge.tool", "mine")
        project.git("config", "mergetool.mine.cmd", 'echo by-tool > "$MERGED"')
        project.git("config", "mergetool.mine.trustExitCode", "true")
        screen.send("\x14")
        screen.read_until_shown("by-tool")
        screen.send("u")
        screen.read_until_shown("from my editor")
        screen.send("o")
        screen.read_until_shown("+from my editor")
        screen.send("\r")
        screen.read_until_shown("all chosen: c completes it")
        screen.send("c")
        screen.read_until(lambda: task in project.landed(), "the task to land")

    assert "from my editor\n" == (project.root / "same").read_text()


@pytest.mark.slow
def test_without_an_editor_one_notice_says_what_to_do(project: Project):
    conflicted(project)
    nothing = {"GIT_EDITOR": ""}

    with PtyProgram(PORCH, str(project.root), "attach", columns=100, rows=30, environ=nothing) as screen:
        screen.read_until_shown("n need")
        screen.send("nc")
        screen.read_until_shown("2 hunks left")
        screen.send("\x05")
        screen.read_until_shown("there is no editor for this terminal")


@pytest.mark.slow
def test_the_command_line_and_the_screen_take_turns(project: Project):
    task = conflicted(project)
    with PtyProgram(PORCH, str(project.root), "attach", columns=80, rows=24) as screen:
        screen.read_until_shown("n need")
        screen.send("nc")
        screen.read_until_shown("2 hunks left")
        screen.send(">")
        screen.read_until_shown("1 hunk left")

        project.porch("resolve", task, "--undo")
        screen.read_until_shown("2 hunks left")
        project.porch("resolve", task, "--take", "main", "same:1", "--take", "task", "same:2")
        screen.read_until_shown("all chosen: c completes it")
        screen.send("c")
        screen.read_until_shown("waits for an engine: R starts one")
        screen.send("R")
        screen.read_until(lambda: task in project.landed(), "the task to land")
