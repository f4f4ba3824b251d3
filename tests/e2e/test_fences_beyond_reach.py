"""Fences whose work is not their child: it is held, released and ended by commands of the plan."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.process.liveness import shim_of
from tests.project import Project, kill, until

pytestmark = pytest.mark.slow

PLAN = """\
wraps:
  box:
    run: [env]
    end: [sh, -c, 'echo end {{name}} >> {notes}; test ! -e {notes}.broken || {{ echo no daemon; exit 7; }}']
    hold: [sh, -c, 'echo hold >> {notes}; test ! -e {notes}.broken || {{ echo no daemon; exit 7; }}']
    release: [sh, -c, 'echo release >> {notes}']
tasks:
  a: {{wrap: box, kind: check, run: '{command}'{more}}}
"""
BEATS = "while :; do echo beat; sleep 0.05; done"


class Boxed:
    """A project with one task in a box, which notes what was asked of it."""

    def __init__(self, project: Project, command: str = BEATS, more: str = "") -> None:
        self.project, self.notes = project, project.root.with_name("notes")
        self.broken = self.notes.with_name("notes.broken")
        project.plan(PLAN.format(notes=self.notes, command=command, more=more))

    @property
    def asked(self) -> list[str]:
        """What was asked of the box, in order."""
        return (
            [line.split()[0] for line in self.notes.read_text().splitlines()] if self.notes.exists() else []
        )

    @property
    def directory(self) -> Path:
        """The attempt's."""
        return self.project.rundir.attempt("a.1")

    def begin(self) -> None:
        """Start a run without a screen, and wait for the first beat."""
        self.project.porch("run", "--detach")
        until(lambda: self.project.events(e.AttemptStarted), "the attempt")
        until(self.beats, "a beat")

    def beats(self) -> int:
        """How often it has beaten."""
        log = self.directory / "output.log"
        return log.read_text().count("beat") if log.exists() else 0

    def end(self) -> None:
        """Stop the run and wait until its engine is gone."""
        self.project.porch("stop", "--all", "--now")
        until(lambda: self.project.status()["engine"] != "alive", "the engine's end")


def test_what_ends_well_needs_no_end(project: Project):
    boxed = Boxed(project, "true")

    project.porch("run", "--headless")

    assert boxed.asked == []


def test_a_timeout_ends_what_is_behind_the_fence(project: Project):
    boxed = Boxed(project, BEATS, ", timeout: 1s")

    project.porch("run", "--headless", expect=1)

    assert boxed.asked == ["end"]
    assert boxed.notes.read_text().split()[1].startswith("porch-a-1-")


def test_pause_holds_and_resume_releases_what_is_behind_the_fence(project: Project):
    boxed = Boxed(project)
    boxed.begin()

    project.porch("pause", "a")
    until(lambda: boxed.asked == ["hold"], "hold")
    project.porch("resume-tasks", "a")
    until(lambda: boxed.asked == ["hold", "release"], "release")
    boxed.end()

    assert boxed.asked == ["hold", "release", "end"]


def test_a_stop_while_it_is_held_releases_it_to_end(project: Project):
    boxed = Boxed(project)
    boxed.begin()
    project.porch("pause", "a")
    until(lambda: boxed.asked == ["hold"], "hold")

    boxed.end()

    assert boxed.asked == ["hold", "release", "end"]


def test_what_cannot_be_held_is_not_called_frozen_until_it_is(project: Project):
    boxed = Boxed(project)
    boxed.begin()
    boxed.broken.touch()

    said = project.porch("pause", "a").stdout
    (need,) = until(lambda: project.status()["needs_you"], "that it is said")
    before = boxed.beats()
    until(lambda: boxed.beats() > before, "another beat")

    assert "runs on" in need["why"] and "exit 7: no daemon" in need["why"]
    assert "frozen" not in said
    assert "! a  runs on" in project.porch("status").stdout
    boxed.broken.unlink()
    until(lambda: not project.status()["needs_you"], "the hold to be tried again")
    boxed.end()


def test_what_cannot_be_ended_is_said_and_clean_tries_again(project: Project):
    boxed = Boxed(project)
    boxed.begin()
    boxed.broken.touch()
    boxed.end()

    (noticed,) = project.status()["noticed"]
    assert "may still run" in noticed["text"] and "exit 7: no daemon" in noticed["text"]
    assert "may still run" in (boxed.directory / "output.log").read_text()
    assert "may still run" in project.porch("clean").stderr
    boxed.broken.unlink()
    assert "may still run" not in project.porch("clean").stderr
    assert boxed.asked == ["end", "end", "end"]
    project.porch("clean")
    assert boxed.asked == ["end", "end", "end"]


def test_an_engine_ends_what_a_killed_shim_has_left_behind_its_fence(project: Project):
    boxed = Boxed(project)
    boxed.begin()

    _kill_shim(boxed)

    until(lambda: project.events(e.AttemptFailed), "the loss to be noticed")
    assert boxed.asked == ["end"]
    assert "may still run" not in project.events(e.AttemptFailed)[0].failure.text


def test_the_next_engine_ends_it_and_says_what_it_cannot_end(project: Project):
    boxed = Boxed(project)
    project.plan(PLAN.format(notes=boxed.notes, command=BEATS, more=""))
    engine = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the attempt")
    kill(engine)
    boxed.broken.touch()
    _kill_shim(boxed)

    project.porch("resume", "--headless", expect=1)

    assert boxed.asked == ["end"]
    assert "may still run" in project.events(e.AttemptFailed)[0].failure.text
    boxed.broken.unlink()
    project.porch("clean")
    assert boxed.asked == ["end", "end"]


def test_clean_ends_it_when_no_engine_comes_back(project: Project):
    boxed = Boxed(project, "sleep 20")
    engine = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the attempt")
    kill(engine)
    _kill_shim(boxed)

    project.porch("clean", expect=None)

    assert boxed.asked == ["end"]


def test_processor_time_and_memory_behind_it_are_said_to_be_unknown(project: Project):
    Boxed(project, "sleep 1.5")

    project.porch("run", "--headless")

    (task,) = project.status()["tasks"]
    assert (task["cpu_s"], task["peak_rss_bytes"]) == (None, None)
    assert "cpu ?" in project.porch("status").stdout
    assert "without 1 attempt behind a fence" in project.porch("report").stdout


def _kill_shim(boxed: Boxed) -> None:
    shim = shim_of(boxed.directory)
    assert shim is not None
    os.kill(shim.pid, signal.SIGKILL)
