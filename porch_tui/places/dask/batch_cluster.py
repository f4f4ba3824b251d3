"""The cluster that a run has in a batch system: a scheduler on this machine, whose workers are batch jobs.

A process of its own has the scheduler, submits jobs and cancels them (`batch_process.py`). It outlives the
engine, which says in a file how many slots it wants now. When the run has ended, or no engine has said
anything for as long as the lease of the place, the process cancels all jobs and ends. What is known of it is
in one folder: certificates, logs, `cluster.json`. Imports nothing of dask.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from porch_tui.core.model.place import PlaceSpec
from porch_tui.core.model.plan import RunId
from porch_tui.errors import RepositoryError
from porch_tui.places.dask.batch_systems import section_of, word_of
from porch_tui.places.dask.credentials import Credentials, Role
from porch_tui.places.dask.local_cluster import COMES_UP_S, POLL_S, Program, end
from porch_tui.process.children import start_detached
from porch_tui.process.supervisor import kernel, spool
from porch_tui.process.supervisor.kernel import Identity

BATCH = "batch"
"""The folder of all of them in porch's own folder of a repository."""
RECORD, ORDER, WANTED, LOG = "cluster.json", "order.json", "wanted.json", "log"
MODULE = "porch_tui.places.dask.batch_process"

T = TypeVar("T")


class BatchJob(Struct, frozen=True):
    """A job that was submitted and is not over."""

    id: str
    """As the batch system says it."""
    worker: str = ""
    """The name of its worker; empty: it has not joined yet."""
    waits: str = ""
    """Why the batch system lets it wait, if that is known."""


class BatchRecord(Struct, frozen=True):
    """`cluster.json`, as the process writes it."""

    address: str = ""
    """Of the scheduler; empty while it does not listen."""
    program: Program | None = None
    jobs: tuple[BatchJob, ...] = ()
    shared: str = ""
    """Where the worker's certificate is for jobs that cannot read the repository; empty: nowhere else."""
    trouble: str = ""
    """Why no jobs are submitted, or why they end before they work; empty: nothing is in the way."""

    @property
    def is_alive(self) -> bool:
        """Whether that process runs, and its scheduler listens."""
        return bool(self.address) and self.program is not None and self.program.is_alive


class BatchOrder(Struct, frozen=True):
    """`order.json`: what the process is for."""

    system: str
    """As a plan says it: `slurm`."""
    section: str
    """Of dask-jobqueue's configuration, which says what a job is."""
    lease_s: float
    slots: int | None = None
    """Of each job; None: as many as it has cores."""

    @classmethod
    def of(cls, spec: PlaceSpec) -> BatchOrder:
        """Return that for a place of a plan."""
        return cls(word_of(spec), section_of(spec), spec.lease, spec.slots)


class Wanted(Struct, frozen=True):
    """`wanted.json`: what an engine wants, said again and again as long as it lives."""

    slots: int
    """Without those of jobs in `late`."""
    at: float
    """When it was said, by the clock of this machine."""
    is_over: bool = False
    """The run has ended: all jobs are cancelled, whatever they do."""
    late: tuple[str, ...] = ()
    """Workers whose jobs have too little time left for what waits: others are wanted in their stead."""


class BatchCluster:
    """The cluster of a folder, which need not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificates = folder / "certs"

    @classmethod
    def of_run(cls, own_dir: Path, run: RunId, spec: PlaceSpec) -> BatchCluster:
        """Return that of a run, for a place. `own_dir` is porch's own folder of the repository."""
        return cls(own_dir / BATCH / run / re.sub(r"[^\w.-]", "-", spec.name))

    @property
    def client(self) -> Credentials:
        """What a client needs to connect."""
        return Credentials.of(self.certificates / Role.CLIENT)

    def record(self) -> BatchRecord:
        """Return what is known of the process, which may have ended since."""
        return read(self.folder / RECORD, BatchRecord) or BatchRecord()

    def want(self, slots: int, late: Sequence[str] = (), *, is_over: bool = False) -> None:
        """Say how many slots an engine wants now, or that the run has ended. Raises OSError."""
        wanted = Wanted(slots, time.time(), is_over, tuple(late))
        spool.put(str(self.folder / WANTED), msgspec.to_builtins(wanted))

    def ensure(self, order: BatchOrder, slots: int) -> BatchRecord:
        """Return what is known of the process, which is started if it does not run.

        Raises RepositoryError if it does not come up, with the last line of what it said.
        """
        with self._alone():
            if (record := self.record()).is_alive:
                return record
            return self._start(order, slots)

    def down(self) -> bool:
        """End the process with all its jobs, and return whether it ran. Its folder goes."""
        if not self.folder.exists():
            return False
        with self._alone():
            program, shared = self.record().program, self.record().shared
            was_alive = program is not None and program.is_alive
            if was_alive and program is not None:
                end([program.identity])
            for folder in filter(None, (shared, str(self.folder))):
                shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):  # there are others
                self.folder.parent.rmdir()
            return was_alive

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _start(self, order: BatchOrder, slots: int) -> BatchRecord:
        from porch_tui.places.dask.certificates import make

        if not self.certificates.exists():
            make(self.certificates)
        spool.put(str(self.folder / ORDER), msgspec.to_builtins(order))
        self.want(slots)
        log = self.folder / LOG
        log.unlink(missing_ok=True)
        child = start_detached([sys.executable, "-P", "-m", MODULE, str(self.folder)], self.folder, log)
        deadline = time.monotonic() + COMES_UP_S
        while not (record := self.record()).is_alive:
            if child.poll() is not None or time.monotonic() > deadline:
                child.kill()
                lines = log.read_text(errors="replace").strip().splitlines()
                said = lines[-1] if lines else "it said nothing"
                raise RepositoryError(f"the scheduler for {order.system} did not come up: {said}; see {log}")
            time.sleep(POLL_S)
        return record


def identify_self() -> Program:
    """Return what this process is known by."""
    identity = kernel.identify(os.getpid()) or Identity(os.getpid(), 0, "")
    return Program(BATCH, *identity)


def read(path: Path, kind: type[T]) -> T | None:
    """Return what is in a file of a cluster; None if there is none, or it cannot be read."""
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode(path.read_bytes(), type=kind)
    return None


def clusters_in(own_dir: Path, run: RunId | None = None) -> tuple[BatchCluster, ...]:
    """Return the clusters that were made for a run, or for any run of a repository, and not taken down."""
    found = (own_dir / BATCH).glob(f"{run or '*'}/*/{ORDER}")
    return tuple(BatchCluster(path.parent) for path in sorted(found))
