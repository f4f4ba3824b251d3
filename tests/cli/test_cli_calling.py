"""`on_need` and `on_end` are run by the engine: once each, with the facts, and without harm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from in_process import porch

from porch_tui.core.model import events as e
from project import Project, kill, until

HOSTILE = "\\033]0;owned\\007"
PLAN = f"""\
on_need: [sh, -c, 'cat >> ../need.jsonl; echo "$PORCH_CALL|$PORCH_TASK|$PORCH_TEXT" >> ../said']
on_end: [sh, -c, 'cat >> ../end.jsonl']
tasks:
  good: {{run: 'echo > good'}}
  fails: {{run: 'printf "{HOSTILE}"; exit 3'}}
"""


def alive_in(group: int) -> list[int]:
    """Return the processes of a group that still do anything."""
    found = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in found.splitlines())
    return [int(pgid) for pgid, status in rows if int(pgid) == group and not status.startswith("Z")]


def given(project: Project, name: str) -> list[Any]:
    path = project.root.parent / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_each_command_is_run_once_with_the_facts(project: Project):
    project.plan(PLAN)

    porch(project, "run", "--headless")
    porch(project, "resume", "--headless")

    (need,), (end,) = given(project, "need.jsonl"), given(project, "end.jsonl")
    (wanted,) = need["needs_you"]
    assert ("need", project.rundir.run, str(project.root)) == (need["call"], need["run"], need["repository"])
    assert ("fails", "failed", True) == (wanted["task"], wanted["outcome"], wanted["new"])
    assert wanted["next"] == "porch logs fails; porch retry fails"
    assert ("end", False, 1, 2) == (end["call"], end["is_well"], end["done"], end["of"])
    said = (project.root.parent / "said").read_text()
    assert said.startswith("need|fails|fails: failed: exit 3") and said[:-1].isprintable()
    assert [e.CallKind.NEED, e.CallKind.END] == [one.kind for one in project.events(e.PersonCalled)]


def test_another_attempt_that_fails_is_another_need(project: Project):
    project.plan(PLAN)

    porch(project, "run", "--headless")
    porch(project, "retry", "fails")
    porch(project, "resume", "--headless")

    assert 2 == len(given(project, "need.jsonl")) == len(given(project, "end.jsonl"))


def test_the_commands_of_the_settings_are_run_as_well(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "own/porch").mkdir(parents=True)
    (tmp_path / "own/porch/settings.toml").write_text(f'on_end = ["touch", "{tmp_path / "mine"}"]\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    project.plan("tasks:\n  good: {run: 'echo > good'}\n")

    assert 0 == porch(project, "run", "--headless").code
    assert (tmp_path / "mine").exists()


@pytest.mark.parametrize("command", ["[no-such-program]", "[sh, -c, 'echo no luck >&2; exit 7']"])
def test_a_command_that_fails_is_noticed_once_and_harms_nothing(project: Project, command: str):
    project.plan(f"on_end: {command}\ntasks:\n  good: {{run: 'echo > good'}}\n")

    assert 0 == porch(project, "run", "--headless").code

    (noticed,) = project.events(e.Noticed)
    assert noticed.text.startswith("on_end failed: ")
    assert ("no luck" in noticed.text) is ("sh" in command)


@pytest.mark.slow
def test_a_command_that_never_ends_is_killed_with_what_it_started(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("porch_tui.cli.calling.TIMEOUT_S", 1.0)
    project.plan("on_end: [sh, -c, 'echo $$ > ../pid; sleep 600']\ntasks:\n  good: {run: 'echo > good'}\n")

    assert 0 == porch(project, "run", "--headless").code

    (noticed,) = project.events(e.Noticed)
    assert "no end within 1 s" in noticed.text
    group = int((project.root.parent / "pid").read_text())
    until(lambda: not alive_in(group), "the end of all that it started")


@pytest.mark.slow
def test_an_engine_that_is_killed_while_it_calls_does_not_call_again(project: Project):
    project.plan(
        "on_need: [sh, -c, 'echo $$ >> ../pids; sleep 600']\n"
        "tasks:\n  fails: {run: 'exit 3'}\n"
        "  slow: {run: 'until test -e ../gate; do sleep 0.05; done; echo > slow'}\n"
    )
    pids = project.root.parent / "pids"
    engine = project.begin("run", "--headless")
    until(lambda: pids.exists() and pids.read_text().strip(), "the command to run")
    kill(engine)
    os.killpg(int(pids.read_text()), signal.SIGKILL)

    again = project.begin("resume", "--headless")
    until(lambda: project.events(e.EngineTookOver), "another engine to take over")
    (project.root.parent / "gate").touch()
    again.wait()

    assert 1 == len(pids.read_text().split())
    assert 1 == len(project.events(e.PersonCalled))
