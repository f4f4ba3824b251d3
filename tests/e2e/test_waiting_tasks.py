"""A task that waits for the person, in a real run: in the header, by one bell, and by `on_need`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from porch_tui.core.model import events as e
from project import Project, until
from tests.e2e.test_screen import PORCH
from tests.tui.pty_harness import PtyProgram

PLAN = """\
on_need: [sh, -c, 'cat >> ../need.jsonl']
tasks:
  other: {run: 'until test -e ../go; do sleep 0.05; done; echo > other'}
  ask:
    tty: true
    run: |
      until test -e ../ring; do sleep 0.05; done
      printf 'ready to read\\a'; read first
      until test -e ../again; do sleep 0.05; done
      printf 'once more\\a'; read second
      echo $first $second > ask
"""

pytestmark = pytest.mark.slow


def calls(folder: Path) -> list[Any]:
    path = folder / "need.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_task_that_rings_is_in_the_header_rings_once_and_not_while_the_person_is_inside(project: Project):
    folder = project.root.parent
    project.plan(PLAN)
    with PtyProgram(PORCH, str(project.root), "run", "--yes", columns=120, rows=36) as screen:
        screen.read_until_shown("landed 0/2")
        screen.read_until(lambda: len(project.events(e.AttemptStarted)) == 2, "both tasks to run")
        (folder / "ring").touch()
        screen.read_until_shown("1 waits for you")
        screen.read_until_bytes(b"\x1b]2;porch 0/2 !1\x07")
        screen.read_until(lambda: screen.bells == 1, "a bell")
        screen.read_until(lambda: bool(calls(folder)), "the command to be run")

        screen.send("n")
        screen.read_until_shown("ready to read")
        screen.send("\r")
        screen.read_until_shown("ctrl+] leaves")
        screen.send("one\r")
        screen.read_until(lambda: bool(project.events(e.AttemptAnswered)), "the answer to be noticed")
        (folder / "again").touch()
        screen.read_until(lambda: len(project.events(e.AttemptWaits)) == 2, "the second call")
        screen.read_until(lambda: len(calls(folder)) == 2, "the command to be run once more")
        screen.read_for(2.0)
        assert 1 == screen.bells

        screen.send("two\r")
        screen.read_until(lambda: "ask" in project.landed(), "it to land")
        (folder / "go").touch()
        screen.read_until(lambda: len(project.landed()) == 2, "the other one to land")

    until(lambda: project.status()["engine"] != "alive", "the end of the engine")
    assert "one two" == project.git("show", "main:ask")
    for call in calls(folder):
        (need,) = call["needs_you"]
        assert ("need", "ask", True, True) == (call["call"], need["task"], need["waits"], need["new"])
        assert need["next"] == "porch enter ask, or porch send ask TEXT"
    assert 2 == len(calls(folder)) == len(project.events(e.PersonCalled))
