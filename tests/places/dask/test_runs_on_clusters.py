"""A plan of many kinds of tasks on a cluster, and on this machine: both must come to the same."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Lab

from porch_tui.core.model import events as e
from porch_tui.process.processes import all_processes
from project import Project, until
from tests.places.many_kinds import FAILED, project_in


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That of the workers."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Lab]:
    """Three workers with a home of their own, of which no process is left afterwards."""
    try:
        folder = tmp_path_factory.mktemp("lab")
        with Lab.started(folder, "w1", "w2", "w3", env={"HOME": str(home)}) as lab:
            yield lab
    finally:
        for process in all_processes():
            if process.is_in(home):
                os.kill(process.pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_plan_comes_to_the_same_on_a_cluster_of_which_a_worker_is_killed(tmp_path: Path, lab: Lab):
    here, there = (project_in(tmp_path / name) for name in ("here", "there"))
    here.porch("run", "--headless", "--parallel", expect=1)

    environ = {"PORCH_TLS": str(lab.client.ca_file.parent)}
    run = there.begin("run", "--headless", "--on", lab.address, env=environ)
    until(lambda: there.events(e.AttemptStarted), "a start")
    victim = there.events(e.AttemptScheduled)[0].place.rpartition("/")[2]
    lab.kill(victim)
    lab.restart(victim)
    _, errors = run.communicate(timeout=120)

    assert 1 == run.returncode, errors
    outcomes = here.outcomes()
    assert FAILED == {task: outcome for task, outcome in outcomes.items() if outcome != "landed"}
    assert outcomes == there.outcomes()
    assert here.git("rev-parse", "main^{tree}") == there.git("rev-parse", "main^{tree}")
    places = {event.place for event in there.events(e.AttemptScheduled)}
    assert {f"{lab.address}/{worker}" for worker in ("w1", "w2", "w3")} == places
    starts = [str(event.attempt) for event in there.events(e.AttemptStarted)]
    assert len(starts) == len(set(starts))
    assert "2" == there.git("show", "main:again")
    assert not [path for path in there.root.parent.iterdir() if path.name.startswith("app-")]


@pytest.mark.slow
def test_a_cluster_that_refuses_the_certificate_is_said_before_the_run_begins(tmp_path: Path, lab: Lab):
    from porch_tui.places.dask.certificates import make

    make(tmp_path / "other")
    project = project_in(tmp_path / "app")
    environ = {"PORCH_TLS": str(tmp_path / "other" / "client")}

    done = project.porch("run", "--headless", "--on", lab.address, env=environ, expect=1)

    assert "belongs to another cluster" in done.stderr and "Traceback" not in done.stderr
    assert [] == project.records()


@pytest.mark.slow
def test_what_is_beside_a_worker_is_shown_entered_and_cleaned_as_at_any_place(
    tmp_path: Path, lab: Lab, home: Path
):
    environ = {"PORCH_TLS": str(lab.client.ca_file.parent)}
    project = Project(tmp_path)
    project.plan(
        f"place: {lab.address}\ntasks:\n"
        f"  a: {{run: 'echo new > a; until test -e {tmp_path}/go; do sleep 0.05; done'}}\n"
        "  d: {run: 'echo lost > d; exit 3'}\n"
    )
    run = project.begin("run", "--headless", env=environ)
    until(lambda: project.events(e.AttemptStarted) and project.events(e.AttemptFailed), "a to run, d to fail")
    row = next(row for row in project.status()["tasks"] if row["id"] == "a")
    worktree = Path(row["worktree"])
    assert worktree.is_relative_to(home)
    until((worktree / "a").exists, "a to write there")
    refused = project.porch("diff", "a", expect=4).stderr
    command = shlex.split(refused.partition("to look there now: ")[2])
    there = subprocess.run(command, input="pwd; cat a\n", capture_output=True, text=True, check=True)
    assert [str(worktree), "new"] == there.stdout.split()
    (tmp_path / "go").touch()
    _, errors = run.communicate(timeout=120)
    assert 1 == run.returncode, errors

    done = project.porch("clean", env=environ)

    removed = [line.rpartition(":")[2] for line in done.stdout.splitlines() if "removed: worktree" in line]
    assert ["app-a", "app-d"] == sorted(removed), done.stdout
    assert not worktree.exists()
    repository = worktree.parents[2].name
    assert not list(home.glob(f".cache/porch/workers/*/{repository}/worktrees/*/app-*"))
    assert "Traceback" not in done.stderr
