"""The batch systems whose jobs can be dask workers, by the word that a plan has for each. Imports no dask."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from msgspec import Struct

from porch_tui.core.model.place import PlaceSpec


class System(Struct, frozen=True):
    """A batch system, as dask-jobqueue knows it."""

    title: str
    job: str
    """The class of its jobs in `dask_jobqueue`, behind the name of its module."""
    submit: str
    """The program that submits a job."""
    name: str = ""
    """In the script of a job, what is its number there; empty: it is not known there."""
    states: tuple[str, ...] = ()
    """Prints the number of each job of this user that waits or runs, one a line, and then why it waits."""
    test: tuple[str, ...] = ()
    """With the file of a job behind it, says whether that would be taken, and submits nothing."""


SYSTEMS: Mapping[str, System] = {
    "slurm": System(
        "Slurm",
        "slurm:SLURMJob",
        "sbatch",
        "$SLURM_JOB_ID",
        ("squeue", "--noheader", "--me", "--format=%A %T %r"),
        ("sbatch", "--test-only"),
    ),
    "pbs": System("PBS", "pbs:PBSJob", "qsub", "${PBS_JOBID%%.*}"),
    "lsf": System("LSF", "lsf:LSFJob", "bsub", "$LSB_JOBID"),
    "sge": System("SGE", "sge:SGEJob", "qsub", "$JOB_ID"),
    "htcondor": System("HTCondor", "htcondor:HTCondorJob", "condor_submit"),
    "oar": System("OAR", "oar:OARJob", "oarsub", "$OAR_JOB_ID"),
}


def system_of(spec: PlaceSpec) -> System:
    """Return the batch system of a place."""
    return SYSTEMS[word_of(spec)]


def word_of(spec: PlaceSpec) -> str:
    """Return what a plan calls the batch system of a place."""
    return spec.address.partition(":")[0]


def section_of(spec: PlaceSpec) -> str:
    """Return the section of dask-jobqueue's configuration that says what the jobs of a place are."""
    return spec.address.partition(":")[2] or word_of(spec)


def why_no_submission(spec: PlaceSpec) -> str:
    """Return why no jobs can be submitted from this machine; empty: nothing is known against it."""
    system = system_of(spec)
    if shutil.which(system.submit):
        return ""
    return (
        f"found no program {system.submit} on PATH, which submits jobs to {system.title}; run porch on a "
        f"machine that has it, such as a login node of the cluster"
    )
