"""A person changes the order of a real queue: held work stays out, prioritized work lands first."""

from __future__ import annotations

import os
import signal

import pytest

from porch_tui.core.model.events import EntryHeld, EntryMoved, EntryQueued, Landed
from tests.project import Project, until

pytestmark = pytest.mark.slow

GATED = """
slots: 3
validate: 'while [ ! -e {gate} ]; do sleep 0.05; done'
tasks:
  a: {{run: 'echo > a'}}
  b: {{run: 'echo > b'}}
  c: {{run: 'echo > c'}}
"""


@pytest.fixture
def gated(project: Project) -> Project:
    """A run whose three tasks are queued behind a validation that waits for a file."""
    project.plan(GATED.format(gate=_gate(project)))
    return project


def _gate(project: Project) -> str:
    return str(project.root.parent / "gate")


def _open(project: Project) -> None:
    (project.root.parent / "gate").touch()


def _queued(project: Project) -> list[str]:
    return [entry["task"] for entry in project.status()["queue"]]


def _landed(project: Project) -> list[str]:
    return [str(event.task) for event in project.events(Landed)]


def test_a_held_entry_stays_out_until_it_is_released(gated: Project):
    engine = gated.begin("run", "--headless", "--parallel")
    until(lambda: len(gated.events(EntryQueued)) == 3, "all to stand in line")

    gated.porch("hold", "b")
    _open(gated)
    output, _ = engine.communicate(timeout=60)

    assert 1 == engine.returncode
    assert {"a": "landed", "b": "waiting", "c": "landed"} == gated.outcomes()
    assert "held: not merged until porch release b" in output
    assert [["b", "porch release b"]] == [[n["task"], n["next"]] for n in gated.status()["needs_you"]]

    gated.porch("release", "b")
    gated.porch("resume", "--headless")

    assert "b" == _landed(gated)[-1]


def test_a_prioritized_entry_lands_first_even_if_the_engine_is_killed_meanwhile(gated: Project):
    engine = gated.begin("run", "--headless", "--parallel")
    until(lambda: len(gated.events(EntryQueued)) == 3, "all to stand in line")
    last = _queued(gated)[-1]

    gated.porch("move", last, "--first")
    until(lambda: gated.events(EntryMoved), "the move to be written down")
    os.kill(engine.pid, signal.SIGKILL)
    engine.wait()
    _open(gated)
    gated.porch("resume", "--headless")

    assert last == _landed(gated)[0] and 3 == len(_landed(gated))


def test_commands_given_without_an_engine_are_carried_out_by_the_next(gated: Project):
    engine = gated.begin("run", "--headless", "--parallel")
    until(lambda: len(gated.events(EntryQueued)) == 3, "all to stand in line")
    os.kill(engine.pid, signal.SIGKILL)
    engine.wait()

    gated.porch("hold", "a")
    refused = gated.porch("hold", "a", expect=4)
    _open(gated)
    gated.porch("resume", "--headless", expect=1)

    assert "Can't hold a: it is held already" in refused.stderr
    assert ["a"] == [event.task for event in gated.events(EntryHeld)]
    assert {"b", "c"} == set(_landed(gated))
