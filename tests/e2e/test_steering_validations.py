"""Validations of a real run are paused, continued and stopped, even if the engine dies meanwhile."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.process.liveness import Running, find, wait
from tests.project import Project, kill, until

pytestmark = pytest.mark.slow

PLAN = """
validate: 'test ! -e made || {{ while ! test -e {go}; do echo tick; sleep 0.05; done; }}'
validate_timeout: 4s
tasks:
  a: {{run: echo made > made}}
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that validates the work of its only task until a file allows it to end."""

    project: Project
    engine: subprocess.Popen[str]
    directory: Path
    """Of that validation."""

    def let_go(self) -> None:
        (self.project.root.parent / "go").touch()

    def stands_still(self) -> None:
        until(lambda: _is_paused(self.directory), "the validation to stand still")

    def is_over(self) -> None:
        until(lambda: not isinstance(find(self.directory), Running), "the validation's end")


@pytest.fixture
def run(project: Project) -> Iterator[Run]:
    project.plan(PLAN.format(go=project.root.parent / "go"))
    engine = project.begin("run", "--headless")
    until(lambda: _ticks(project), "the validation to run")
    [event] = _validations(project)
    made = Run(project, engine, project.rundir.validation(event.tree, event.number))
    yield made
    made.let_go()
    if engine.poll() is None:
        kill(engine)


def _validations(project: Project) -> list[e.ValidationScheduled]:
    """Return those of the task's work; the base is validated too."""
    return [one for one in project.events(e.ValidationScheduled) if one.tasks]


def _ticks(project: Project) -> bool:
    logs = project.root.glob(".git/porch/runs/*/validations/*/output.log")
    return any(b"tick" in log.read_bytes() for log in logs)


def _is_paused(directory: Path) -> bool:
    found = find(directory)
    return isinstance(found, Running) and found.is_paused


def test_a_paused_run_validates_nothing_and_its_timeout_is_suspended(run: Run):
    run.project.porch("pause")
    run.stands_still()
    size = (run.directory / "output.log").stat().st_size
    [entry] = run.project.status()["queue"]
    assert ("validating", "is frozen: the run is paused") == (entry["status"], entry["reason"])
    assert isinstance(wait(run.directory, 4.5), Running), "suspended time counts for its timeout"
    assert size == (run.directory / "output.log").stat().st_size
    run.let_go()

    run.project.porch("resume-tasks")

    until(run.project.landed, "the landing")
    assert [passed for passed in run.project.events(e.ValidationPassed) if passed.used.paused_s > 4]


def test_a_pause_outlives_its_engine_and_the_next_one_continues_the_same_validation(run: Run):
    run.project.porch("pause")
    run.stands_still()
    kill(run.engine)
    assert _is_paused(run.directory)
    run.let_go()

    run.project.porch("resume", "--headless")

    assert ["a"] == run.project.landed()
    assert 1 == len(_validations(run.project)), "it was started again"


def test_a_stopped_validation_blames_no_task_and_starts_again_on_request(run: Run):
    said = run.project.porch("stop", "a", "--validation").stdout

    assert "cancelled without a verdict; porch requeue a queues it again" in said
    run.is_over()
    assert "its validation was stopped" in run.project.porch("status").stdout
    assert not run.project.landed() and not run.project.events(e.EntryRejected)
    run.let_go()
    run.engine.wait()
    run.project.porch("requeue", "a")
    run.project.porch("resume", "--headless")
    assert ["a"] == run.project.landed()


def test_all_validations_are_stopped_and_start_again_when_the_run_continues(run: Run):
    run.project.porch("stop", "--validation")

    run.is_over()
    run.let_go()
    run.project.porch("resume-tasks")
    until(run.project.landed, "the landing")
    assert not run.project.events(e.EntryWithdrawn)
