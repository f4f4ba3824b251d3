"""The screen hands the terminal to a person's program and comes back: diff, editor, shell, plain lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from project import Project, until
from tests.tui.pty_harness import PtyProgram

PORCH = "import os, sys; os.chdir(sys.argv[1]); from porch_tui.cli import main; sys.exit(main(sys.argv[2:]))"
SAY = "import os, sys; print('here in', os.getcwd(), sys.argv[1:]); sys.stdout.flush(); input()"


@pytest.fixture
def screen(project: Project) -> Iterator[PtyProgram]:
    """Show a run with a task that has changed a file and runs until a file allows it to end."""
    wait = "until test -e ../go; do sleep 0.05; done"
    project.plan(
        f"tasks:\n  slow: {{run: 'echo changed > README.md; echo from slow; {wait}; echo and on'}}\n"
    )
    say = project.root.parent / "say"
    say.write_text(f"#!{sys.executable}\n{SAY}\n")
    say.chmod(0o755)
    programs = {"SHELL": str(say), "GIT_EDITOR": str(say), "GIT_PAGER": "cat; read key < /dev/tty"}
    with PtyProgram(
        PORCH, str(project.root), "run", "--yes", columns=100, rows=30, environ=programs
    ) as shown:
        shown.read_until_shown("1 line")
        yield shown
        (project.root.parent / "go").touch()
        until(lambda: project.status()["tasks"][0]["landed"], "the task to land")


def worktree(project: Project) -> str:
    return str(project.status()["tasks"][0]["worktree"]).rpartition("/")[2]


def test_a_shell_opens_in_the_worktree_and_the_screen_comes_back(
    project: Project, screen: PtyProgram
) -> None:
    screen.send("!")
    screen.read_until_bytes(f"/{worktree(project)}".encode())
    screen.send("\r")

    screen.read_until_shown("from slow")


@pytest.mark.slow
def test_an_editor_opens_a_file_that_the_task_has_changed(project: Project, screen: PtyProgram) -> None:
    screen.send("e")
    screen.read_until_bytes(b"app-slow/README.md']")
    screen.send("\r")

    screen.read_until_shown("from slow")


@pytest.mark.slow
def test_the_diff_shows_uncommitted_changes(screen: PtyProgram) -> None:
    screen.send("d")
    screen.read_until_shown("+changed")
    screen.send("q")

    screen.read_until_shown("from slow")


def test_plain_lines_show_events_and_output_until_a_key_is_pressed(
    project: Project, screen: PtyProgram
) -> None:
    screen.send("s")
    screen.read_until_bytes(b"slow | from slow")
    (project.root.parent / "go").touch()
    screen.read_until_bytes(b"slow | and on")
    screen.read_until_bytes(b"landed")
    screen.send("s")

    screen.read_until_shown("1 landed")
