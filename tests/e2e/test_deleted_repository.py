"""A repository is deleted under a run: its processes end, and nothing is created in its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.process.liveness import Ended, Running, find, wait
from porch_tui.process.supervisor import kernel
from porch_tui.process.supervisor.kernel import Identity
from project import Project, until

PLAN = """\
tasks:
  one: {run: 'until [ -e ../go ]; do sleep 0.05; done; echo one > one', retries: 2}
  two: {run: 'sleep 1000', retries: 2}
"""


def start_run(project: Project) -> list[Identity]:
    """Start a detached run of two tasks; return its engine and its shims."""
    project.plan(PLAN)
    project.porch("run", "--detach", "--parallel")
    until(lambda: len(project.events(e.AttemptStarted)) == 2, "both to start")
    found = [find(project.rundir.attempt(f"{task}.1")) for task in ("one", "two")]
    shims = [one.shim for one in found if isinstance(one, Running)]
    engine = kernel.identify(int(project.rundir.lock.read_text().partition('"pid":')[2].partition(",")[0]))
    assert engine is not None and len(shims) == 2
    return [engine, *shims]


def delete(folder: Path) -> None:
    """Delete a folder, although processes may still write to it."""

    def is_gone() -> bool:
        shutil.rmtree(folder, ignore_errors=True)
        return not folder.exists()

    until(is_gone, f"{folder} to be gone")


def are_gone(processes: list[Identity]) -> bool:
    return all(kernel.identify(one.pid) != one for one in processes)


@pytest.mark.slow
def test_deleting_the_repository_ends_its_engine_and_tasks(project: Project):
    processes = start_run(project)

    delete(project.root)

    until(lambda: are_gone(processes), "the end of the engine and of both shims")
    assert not project.root.exists()


@pytest.mark.slow
def test_deleting_the_run_directory_ends_its_engine_and_tasks(project: Project):
    processes = start_run(project)
    rundir = project.rundir.path

    delete(rundir)

    until(lambda: are_gone(processes), "the end of the engine and of both shims")
    assert not rundir.exists()


def test_when_the_repository_is_moved_tasks_continue_and_the_engine_says_where_to_resume(project: Project):
    engine, *shims = start_run(project)
    run = project.rundir.run

    moved = project.root.rename(project.root.with_name("moved"))

    until(lambda: are_gone([engine]), "the end of the engine")
    place = moved / ".git/porch/runs" / run
    assert f"porch resume {run}" in (place / "engine.log").read_text()
    Path(moved.parent / "go").touch()
    found = wait(place / "attempts/one.1", timeout_s=60)
    assert isinstance(found, Ended) and found.exit.has_succeeded
    assert kernel.send(shims[1], 15)
    wait(place / "attempts/two.1", timeout_s=60)
