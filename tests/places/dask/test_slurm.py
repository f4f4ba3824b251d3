"""Runs whose workers are jobs of a real Slurm of one node."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from slurm_lab import Slurm, needs_jobqueue, why_not
from sockets import LOOPBACK, listening

from porch_tui.core.model import events as e
from porch_tui.places.dask.batch_cluster import BatchRecord, clusters_in
from porch_tui.process.processes import all_processes
from project import Project, until

pytestmark = [
    needs_jobqueue,
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "-"),
]
JOBQUEUE = """\
jobqueue:
  slurm:
    cores: 2
    memory: 500MB
    walltime: '00:10:00'
    scheduler-options: {{host: {here}}}
  brief: {{cores: 2, memory: 500MB, walltime: '00:02:00', scheduler-options: {{host: {here}}}}}
"""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    with Slurm.started(tmp_path_factory.mktemp("slurm")) as lab:
        yield lab


@pytest.fixture
def environ(tmp_path: Path, slurm: Slurm) -> Iterator[dict[str, str]]:
    """What porch and the jobs that it submits need; nothing of them is left afterwards."""
    home, dask = tmp_path / "home", tmp_path / "dask"
    home.mkdir()
    dask.mkdir()
    (dask / "jobqueue.yaml").write_text(JOBQUEUE.format(here=slurm.here))
    yield {**slurm.environ, "DASK_CONFIG": str(dask), "HOME": str(home)}
    for process in all_processes():
        if process.is_in(home) or process.is_in(tmp_path):
            os.kill(process.pid, signal.SIGKILL)


def test_a_task_runs_in_a_job_and_its_work_lands(tmp_path: Path, slurm: Slurm, environ: dict[str, str]):
    project = Project(tmp_path)
    project.plan("tasks: {one: {run: 'echo $SLURM_JOB_ID > one; git add one; git commit -qm one'}}")

    project.porch("run", "--headless", "--on", "slurm", env=environ)

    job = project.git("show", "main:one")
    assert [f"slurm/{job}"] == [event.place for event in project.events(e.AttemptScheduled)]
    until(lambda: not slurm.jobs(), "the job to be cancelled")
    until(lambda: not left_in(tmp_path), "all of its processes to end")
    workers = tmp_path / "home/.cache/porch/workers"
    until(lambda: not list(workers.iterdir()), "what was in the job to go with it")


def test_a_killed_engine_finds_its_jobs_again_and_a_cancelled_job_leaves_no_process(
    tmp_path: Path, slurm: Slurm, environ: dict[str, str]
):
    project, gate = Project(tmp_path), tmp_path / "gate"
    wait = f"until [ -e {gate} ]; do sleep 0.2; done; echo $SLURM_JOB_ID"
    project.plan(
        f"""
        place: hpc
        places: {{hpc: {{at: slurm, slots: 1}}}}
        tasks:
          one: {{run: "{wait} > one; git add one; git commit -qm one"}}
          two: {{run: "{wait} > two; git add two; git commit -qm two"}}
        """
    )
    engine = project.begin("run", "--headless", env=environ)
    until(lambda: len(project.events(e.AttemptStarted)) == 2, "both tasks to run")
    address = re.fullmatch(r"tls://([\d.]+):\d+", record_of(project).address)
    sockets = listening(left_in(project.root / ".git/porch/batch"))
    assert address and {hexadecimal(address[1]): 1} == {
        one: count for one, count in sockets.items() if one not in LOOPBACK
    }
    engine.kill()
    engine.communicate()
    before = slurm.jobs()

    engine = project.begin("resume", "--headless", env=environ)
    until(lambda: {"hpc/" + job for job in before} <= {one["name"] for one in places(project)}, "both jobs")
    assert before == slurm.jobs()
    assert 2 == len(project.events(e.AttemptStarted))

    lost = project.events(e.AttemptScheduled)[0]
    victim = lost.place.removeprefix("hpc/")
    slurm.call("scancel", victim)
    folder = [
        path
        for path in (tmp_path / "home/.cache/porch/workers").iterdir()
        if path.name.startswith(f"{victim}-")
    ]
    until(lambda: victim not in slurm.jobs(), "the job to end")
    until(lambda: not [pid for path in folder for pid in left_in(path)], "its processes to end", 10)
    until(lambda: f"hpc/{victim}" not in {one["name"] for one in places(project)}, "the place to be silent")
    project.porch("elsewhere", lost.attempt.task)  # it is known to be over; else its lease has to be
    gate.touch()
    _, errors = engine.communicate(timeout=120)

    assert 0 == engine.returncode, errors
    again = [one.place for one in project.events(e.AttemptScheduled) if one.attempt.task == lost.attempt.task]
    assert lost.place == again[0] and len(again) == 2 and again[1] != lost.place
    assert {"one", "two"} == {*project.landed()}
    until(lambda: not slurm.jobs(), "the jobs to be cancelled")
    project.porch("clean", env=environ)
    assert not (project.root / ".git/porch/batch").exists() or not list(
        (project.root / ".git/porch/batch").iterdir()
    )


def test_a_task_that_a_job_has_too_little_time_left_for_gets_another_job(
    tmp_path: Path, slurm: Slurm, environ: dict[str, str]
):
    project, gate = Project(tmp_path), tmp_path / "gate"
    project.plan(
        f"""
        place: hpc
        places: {{hpc: {{at: "slurm:brief", slots: 1}}}}
        tasks:
          first: {{run: "until [ -e {gate} ]; do sleep 0.2; done"}}
          second: {{after: [first], timeout: 55s, run: "echo 2 > two; git add two; git commit -qm two"}}
        """
    )
    engine = project.begin("run", "--headless", env=environ)
    until(lambda: project.events(e.AttemptStarted), "the first task to run", 60)
    ends_at = project.events(e.PlaceUp)[0].resources.ends_at
    assert ends_at is not None
    first = project.events(e.AttemptScheduled)[0].place
    says = slurm.call("squeue", "-h", "-j", first.removeprefix("hpc/"), "-o", "%e").strip()
    assert abs(datetime.fromisoformat(says).timestamp() - ends_at) < 3
    until(lambda: time.time() > ends_at - 75, "the first job to have too little time left", 120)
    gate.touch()

    _, errors = engine.communicate(timeout=120)

    assert 0 == engine.returncode, errors
    assert time.time() < ends_at  # it did not wait for the end of the first job
    second = project.events(e.AttemptScheduled)[1].place
    assert second != first and not project.events(e.AttemptLost)
    assert ["second"] == project.landed()
    until(lambda: not slurm.jobs(), "the jobs to be cancelled")


def test_jobs_that_slurm_would_not_take_are_named_before_anything_begins(
    tmp_path: Path, slurm: Slurm, environ: dict[str, str]
):
    with (tmp_path / "dask/jobqueue.yaml").open("a") as file:
        file.write("  strange: {cores: 2, memory: 500MB, queue: nosuch}\n")
    project = Project(tmp_path)
    project.plan("tasks: {one: {run: 'true', timeout: 11m}}")

    looked = project.porch("doctor", "--on", "slurm,slurm:strange", env=environ, expect=3).stdout
    assert "2 cores, 500MB of memory, for 00:10:00 at most" in looked and "Job " in looked
    assert "Slurm would take no job" in looked and "nosuch" in looked
    checked = project.porch("check", "--on", "slurm", env=environ, expect=2).stderr
    assert "tasks.one.timeout: found 660 s, and Slurm ends each job of slurm after 00:10:00" in checked
    project.plan("tasks: {one: {run: 'true'}}")
    refused = project.porch("run", "--headless", "--on", "slurm:strange", env=environ, expect=1).stderr
    assert "Slurm would take no job" in refused and "Nothing was started" in refused
    assert {} == slurm.jobs()


def record_of(project: Project) -> BatchRecord:
    (cluster,) = clusters_in(project.root / ".git/porch")
    return cluster.record()


def hexadecimal(address: str) -> str:
    """Return an address of version 4 as the kernel lists it."""
    return f"{int.from_bytes(ip_address(address).packed, 'little'):08X}"


def places(project: Project) -> list[dict[str, object]]:
    found: list[dict[str, object]] = project.status()["places"]
    return [one for one in found if one["status"] == "up"]


def left_in(folder: Path) -> list[int]:
    return [process.pid for process in all_processes() if process.is_in(folder)]
