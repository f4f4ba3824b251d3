"""Runs whose workers are jobs of a real Slurm of one node."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from slurm_lab import Slurm, why_not

from porch_tui.core.model import events as e
from porch_tui.process.processes import all_processes
from project import Project, until

pytest.importorskip("dask_jobqueue", reason="needs the extra: pip install 'porch-tui[hpc]'")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")]
JOBQUEUE = """\
jobqueue:
  slurm:
    cores: 2
    memory: 500MB
    walltime: '00:10:00'
    scheduler-options: {{host: {here}}}
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


def left_in(folder: Path) -> list[int]:
    return [process.pid for process in all_processes() if process.is_in(folder)]


def processes_of(environ: dict[str, str]) -> list[int]:
    return left_in(Path(environ["HOME"]))
