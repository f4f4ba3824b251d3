"""When the batch job ends that a host is in."""

from __future__ import annotations

import pytest

from porch_tui.places.host.job import JobTimes, this_job

OURS = {"PORCH_JOB_BEGAN": "1000", "PORCH_JOB_LASTS": "600"}
SLURM = {"SLURM_JOB_START_TIME": "900", "SLURM_JOB_END_TIME": "2100"}


@pytest.mark.parametrize(
    ("environ", "times"),
    [
        ({}, None),
        (OURS, JobTimes(1600, 600)),
        (SLURM, JobTimes(2100, 1200)),
        ({**OURS, **SLURM}, JobTimes(2100, 1200)),  # what Slurm says itself is true
        ({**OURS, "SLURM_JOB_END_TIME": "2100"}, JobTimes(1600, 600)),  # an early one says half of it
        ({**OURS, **SLURM, "SLURM_JOB_END_TIME": "0"}, JobTimes(1600, 600)),
        ({"PORCH_JOB_BEGAN": "1000"}, None),
        ({**OURS, "PORCH_JOB_BEGAN": ""}, None),
    ],
)
def test_a_job_ends_when_its_batch_system_says_or_else_after_its_walltime(environ, times):
    assert times == this_job(environ)
