"""What the jobs of a batch system are like, by dask-jobqueue's own configuration."""

from __future__ import annotations

import signal
from pathlib import Path

import dask.config
import pytest
from slurm_lab import needs_jobqueue

from porch_tui.errors import RepositoryError
from porch_tui.places.dask.batch_profile import Profile, load_jobqueue, seconds_of
from porch_tui.places.dask.batch_systems import SYSTEMS

pytestmark = needs_jobqueue


@pytest.mark.parametrize(
    ("walltime", "system", "seconds"),
    [
        ("00:30:00", "slurm", 1800),
        ("30", "slurm", 1800),
        ("30:15", "slurm", 1815),
        ("1-12", "slurm", 36 * 3600),
        ("2-01:30", "slurm", 49.5 * 3600),
        ("00:30", "lsf", 1800),
        ("90", "pbs", 90),
        (120, "sge", 120),
        ("soon", "slurm", None),
        (None, "slurm", None),
        ("1:2:3:4", "slurm", None),
    ],
)
def test_a_walltime_is_read_as_its_batch_system_reads_it(walltime, system, seconds):
    assert seconds == seconds_of(walltime, system)


@pytest.mark.filterwarnings("ignore:OAR Job memory")
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_job_of_each_batch_system_starts_one_worker_with_tls_and_no_open_pages(system: str, tmp_path: Path):
    load_jobqueue()
    section = {"cores": 2, "memory": "1GB", "disk": "1GB", "walltime": "00:10:00"}
    with dask.config.set({"jobqueue.mine": section}):
        job = Profile.of(system, "mine").job("j1", "tls://10.0.0.1:8786", 2, tmp_path, tmp_path / "logs")

    script = job.job_script()
    assert "exec " in script and "-m distributed.cli.dask_worker tls://10.0.0.1:8786" in script
    assert f"--tls-key {tmp_path}/key.pem" in script and "REQUIRE_ENCRYPTION=True" in script
    assert "--resources slots=2" in script and "--no-nanny" in script
    assert "--dashboard-address 127.0.0.1:0 --no-dashboard" in script
    assert "export PORCH_ENDS_WITH=$$" in script
    assert "export PORCH_JOB_BEGAN=`date +%s`" in script and "export PORCH_JOB_LASTS=600" in script


def test_a_section_that_does_not_exist_or_says_too_little_is_named_with_its_file(tmp_path: Path):
    load_jobqueue()
    with pytest.raises(
        RepositoryError, match=r"no section 'nope'; write jobqueue: nope: with at least cores"
    ):
        Profile.of("slurm", "nope")
    little = dask.config.set({"jobqueue.little": {"cores": 2}})
    with little, pytest.raises(RepositoryError, match=r"jobs of little have no memory; .*jobqueue\.yaml"):
        Profile.of("slurm", "little")


def test_ctrl_c_still_reaches_porch_once_dask_jobqueue_is_loaded():
    before = signal.getsignal(signal.SIGINT)

    load_jobqueue()

    assert before is signal.getsignal(signal.SIGINT)


def test_a_section_says_where_nodes_keep_their_files_and_where_workers_listen(tmp_path: Path):
    load_jobqueue()
    section = {
        "cores": 2,
        "memory": "1GB",
        "local-directory": "$SCRATCH",
        "worker-extra-args": ["--host", "h"],
    }
    with dask.config.set({"jobqueue.mine": section}):
        job = Profile.of("slurm", "mine").job("j1", "tls://h:1", 2, tmp_path / "a b", tmp_path)

    script = job.job_script()
    assert 'export PORCH_WORKERS="$SCRATCH/porch-workers"' in script
    assert f"--tls-key '{tmp_path}/a b/key.pem'" in script
    assert script.count("--host") == 1  # a section may know better where workers listen
