"""The batch job that a host is in: when it ends."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

BEGAN, LASTS = "PORCH_JOB_BEGAN", "PORCH_JOB_LASTS"
"""In the environment of a job of porch's: when it began, Unix time, and its walltime in seconds."""
SLURM_BEGAN, SLURM_ENDS = "SLURM_JOB_START_TIME", "SLURM_JOB_END_TIME"
"""What Slurm says itself, from version 22.05 on, of any job."""


class JobTimes(Struct, frozen=True):
    """When a job ends, whatever runs in it."""

    ends_at: float
    """Unix time, by the clock of its machine."""
    lasts_s: float
    """From its beginning to then."""


def this_job(environ: Mapping[str, str]) -> JobTimes | None:
    """Return when the job ends whose environment this is; None if it is none, or that is not known."""
    began, ends = (_seconds(environ, name) for name in (SLURM_BEGAN, SLURM_ENDS))
    if began is not None and ends is not None and ends > began:
        return JobTimes(ends, ends - began)
    began, lasts = (_seconds(environ, name) for name in (BEGAN, LASTS))
    return None if began is None or lasts is None else JobTimes(began + lasts, lasts)


def _seconds(environ: Mapping[str, str], name: str) -> float | None:
    text = environ.get(name, "")
    return float(text) if text.isdecimal() else None
