"""A silent and idle task is reported, not ended, by a real engine."""

from __future__ import annotations

import pytest

from porch_tui.core.model.events import AttemptNoticed
from porch_tui.process.typing import TypingInto
from tests.project import Project, until

pytestmark = pytest.mark.slow

PLAN = """
defaults: {kind: check, silence: 3s}
tasks:
  quiet: {run: 'mkfifo go on; read word < go; echo bye; read word < on'}
  chatty: {run: 'while [ ! -e go ]; do echo tick; sleep 0.2; done'}
"""


def test_a_silent_task_is_reported_until_it_writes_something(project: Project):
    project.plan(PLAN)
    engine = project.begin("run", "--headless", "--parallel")

    until(lambda: project.events(AttemptNoticed), "the silence to be noticed")
    need = project.status()["needs_you"]
    (project.root.parent / "app-quiet" / "go").write_text("go\n")
    until(lambda: len(project.events(AttemptNoticed)) > 1, "the end of it to be noticed")

    assert [("quiet", "porch logs quiet; porch stop quiet")] == [(one["task"], one["next"]) for one in need]
    assert "" == project.events(AttemptNoticed)[1].notice
    (project.root.parent / "app-quiet" / "on").write_text("on\n")
    (project.root.parent / "app-chatty" / "go").touch()
    assert 0 == engine.wait()
    assert {"quiet"} == {event.attempt.task for event in project.events(AttemptNoticed)}
    assert "quiet.1 silent: no output and no processor time for 3 s" in project.porch("report").stdout


WAITING = """
defaults: {kind: check, silence: 3s}
tasks:
  asks: {tty: true, run: 'printf "may I? \\a"; read answer; echo so; read more'}
  quiet: {run: 'sleep 1; mkfifo go; read word < go'}
"""


def test_who_waits_for_a_person_is_not_silent_until_they_have_answered(project: Project):
    project.plan(WAITING)
    engine = project.begin("run", "--headless", "--parallel")

    until(lambda: project.events(AttemptNoticed), "the silence of the other to be noticed")
    silent = [str(event.attempt) for event in project.events(AttemptNoticed)]
    needs = {one["task"] for one in project.status()["needs_you"]}
    with TypingInto(project.rundir.attempt("asks.1")) as typing:
        typing.type(b"yes\r")
        until(lambda: len(project.events(AttemptNoticed)) > 1, "its silence to be noticed")
        typing.type(b"more\r")

    assert silent == ["quiet.1"]
    assert needs == {"asks", "quiet"}
    assert str(project.events(AttemptNoticed)[1].attempt) == "asks.1"
    (project.root.parent / "app-quiet" / "go").write_text("go\n")
    assert 0 == engine.wait()
