"""What has the scheduler of a batch cluster, and submits and cancels its jobs: `python -m … FOLDER`.

See `batch_cluster.py`. A job is submitted when more slots are wanted than there are, or will be. One that
still waits is cancelled when it is not wanted any more; one that runs once it has had nothing to do for a
while. Its worker's end is its own: batch systems start no job twice here.
"""

from __future__ import annotations

import asyncio
import math
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import dask.config
import msgspec
from distributed import Scheduler
from distributed.security import Security
from distributed.utils import get_ip

from porch_tui.core.model.wording import one_line
from porch_tui.errors import PorchError, RepositoryError
from porch_tui.places.dask.batch_cluster import (
    ORDER,
    RECORD,
    WANTED,
    BatchJob,
    BatchOrder,
    BatchRecord,
    Wanted,
    identify_self,
    read,
)
from porch_tui.places.dask.batch_profile import Profile
from porch_tui.places.dask.batch_systems import SYSTEMS
from porch_tui.places.dask.credentials import CA_CERT, CERT, KEY, Role
from porch_tui.process.supervisor import spool

LOOK_S = 0.5
ASK_S = 5.0
"""How often the batch system is asked which jobs there are."""
IDLE_S = 20.0
"""A job that is not wanted is cancelled once it has had nothing to do for so long."""
AT_ONCE_S = 10.0
"""A job that has too little time left so soon after it has begun is followed by no other for a while."""
MARGIN_S = 30.0
"""Besides the lease, until an engine that says nothing counts as gone for good."""
MOST_JOBS = 200
MOST_FAILURES = 3
"""So many jobs in a row may end before their worker has joined; then no more are submitted for a while."""
AGAIN_S = 60.0
"""Until submitting is tried again after that, or after it was refused."""


class _Job:
    """A job that was submitted."""

    def __init__(self, job: Any, worker: str) -> None:
        self.job, self.id, self.worker = job, str(job.job_id), worker
        self.joined_at = 0.0
        """When its worker did, by the monotonic clock; 0: not yet."""
        self.waits = ""
        self.busy_at = self.submitted_at = time.monotonic()

    @property
    def has_joined(self) -> bool:
        return self.joined_at > 0


class BatchProcess:
    """The scheduler and the jobs of one folder."""

    def __init__(self, folder: Path, order: BatchOrder) -> None:
        self._folder, self._order = folder, order
        self._profile = Profile.of(order.system, order.section)
        self._slots = order.slots or self._profile.cores
        self._jobs: list[_Job] = []
        self._numbers = 0
        self._failures = 0
        self._trouble = ""
        self._not_before = 0.0
        self._asked_at = 0.0
        self._is_over = asyncio.Event()
        self._written = BatchRecord()
        self._certificates = folder / "certs"
        self._shared = self._certificates / Role.WORKER

    async def run(self) -> None:
        """Work until the run has ended, or no engine has said anything for long."""
        await self._end_earlier()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._is_over.set)
        mine = self._certificates / Role.SCHEDULER
        security = Security(
            require_encryption=True,
            tls_ca_file=str(mine / CA_CERT),
            tls_scheduler_cert=str(mine / CERT),
            tls_scheduler_key=str(mine / KEY),
            tls_min_version=0x304,
        )
        options = dict(self._profile.get("scheduler-options", {}))
        if interface := self._profile.get("interface"):
            options.setdefault("interface", interface)
        if not {"host", "interface"} & options.keys():
            options["host"] = _own_address(self._order.section)  # else it would listen on all interfaces
        # dask's pages listen even if there are none
        pages = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
        options |= {"protocol": "tls", "security": security, **pages}
        scheduler = await Scheduler(**{"port": 0, **options})
        if shared := self._profile.get("shared-temp-directory"):
            self._share(Path(shared).expanduser())
        try:
            self._write(scheduler.address)
            while not self._is_over.is_set():
                await self._look(scheduler)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._is_over.wait(), LOOK_S)
        finally:
            for one in self._jobs:
                await self._cancel(one)
            self._jobs.clear()
            await scheduler.close(reason="the run needs it no longer")
            if self._shared.parent != self._certificates:
                shutil.rmtree(self._shared, ignore_errors=True)
            shutil.rmtree(self._certificates, ignore_errors=True)
            (self._folder / RECORD).unlink(missing_ok=True)

    def _share(self, folder: Path) -> None:
        """Put what workers show where jobs can read it, if they cannot read the repository."""
        shared = Path(tempfile.mkdtemp(prefix="porch-", dir=folder))
        for name in (CA_CERT, CERT, KEY):
            shutil.copy2(self._shared / name, shared / name)
        self._shared = shared

    async def _end_earlier(self) -> None:
        """Cancel the jobs of an earlier process that was killed: their scheduler is gone."""
        earlier = read(self._folder / RECORD, BatchRecord) or BatchRecord()
        if earlier.shared:
            shutil.rmtree(earlier.shared, ignore_errors=True)
        if earlier.jobs:
            made = self._profile.job("earlier", "tls://0.0.0.0:1", 1, self._shared, self._logs)
            for one in earlier.jobs:
                with suppress(RuntimeError, OSError):
                    await type(made)._close_job(one.id, made.cancel_command)

    @property
    def _logs(self) -> Path:
        return self._folder / "jobs"

    async def _look(self, scheduler: Any) -> None:
        wanted = read(self._folder / WANTED, Wanted)
        patience_s = self._order.lease_s + MARGIN_S
        if wanted is None or wanted.is_over or time.time() - wanted.at > patience_s:
            self._is_over.set()
            return
        workers = {str(one.name): one for one in scheduler.workers.values()}
        await self._ask()
        for one in list(self._jobs):
            worker = workers.get(one.worker)
            if worker is not None:
                if not one.has_joined:
                    self._failures, self._trouble, one.waits = 0, "", ""
                    one.joined_at = one.busy_at = time.monotonic()
                if worker.processing:
                    one.busy_at = time.monotonic()
            elif one.has_joined:  # a worker that has left does not come back
                await self._forget(one)
        await self._scale(math.ceil(wanted.slots / self._slots), wanted.late, scheduler.address)
        self._write(scheduler.address)

    async def _scale(self, count: int, late: Sequence[str], address: str) -> None:
        useful = [one for one in self._jobs if one.worker not in late]
        for one in sorted(self._jobs, key=lambda one: (one.has_joined, -one.submitted_at)):
            now = time.monotonic()
            idle_s = now - one.busy_at
            if one not in useful and idle_s > LOOK_S:
                await self._forget(one)
                if now - one.joined_at < AT_ONCE_S:
                    self._put_off(f"job {one.id} had too little time left for what waits when it began")
            elif one in useful and len(useful) > count and (not one.has_joined or idle_s > IDLE_S):
                useful.remove(one)
                await self._forget(one)
        wanted = min(count - len(useful), MOST_JOBS - len(self._jobs))
        for _ in range(wanted):
            if time.monotonic() < self._not_before or not await self._submit(address):
                return

    async def _submit(self, address: str) -> bool:
        self._numbers += 1
        try:
            job = self._profile.job(f"j{self._numbers}", address, self._slots, self._shared, self._logs)
            await job.start()
        except (PorchError, OSError, RuntimeError, ValueError) as error:
            self._put_off(f"no job can be submitted: {_said(str(error))}")
            return False
        is_by_id = SYSTEMS[self._order.system].name
        self._jobs.append(_Job(job, str(job.job_id) if is_by_id else f"j{self._numbers}"))
        return True

    def _put_off(self, why: str) -> None:
        self._trouble, self._not_before = why, time.monotonic() + AGAIN_S

    async def _ask(self) -> None:
        """Find out which jobs still wait, and which have ended before their worker had joined."""
        states = SYSTEMS[self._order.system].states
        waiting = [one for one in self._jobs if not one.has_joined]
        if not states or not waiting or time.monotonic() - self._asked_at < ASK_S:
            return
        self._asked_at = time.monotonic()
        try:
            said = await type(waiting[0].job)._call(list(states))
        except (RuntimeError, OSError):
            return  # it may be too busy to answer
        known = {line.split(maxsplit=1)[0]: line for line in said.splitlines() if line.strip()}
        for one in waiting:
            if one.id in known:
                _, state, why = (*known[one.id].split(maxsplit=2), "", "")[:3]
                one.waits = why if state == "PENDING" and why != "None" else ""
            elif one.submitted_at < self._asked_at - ASK_S:
                await self._fail(one)

    async def _fail(self, one: _Job) -> None:
        await self._forget(one)
        self._failures += 1
        said = self._last_words(one.id)
        self._trouble = f"job {one.id} ended before its worker was there: {said}"
        if self._failures >= MOST_FAILURES:
            self._failures = 0
            self._put_off(self._trouble)

    def _last_words(self, job: str) -> str:
        folder = Path(self._profile.get("log-directory") or self._logs)
        for path in sorted(folder.glob(f"*{job}*")):
            with suppress(OSError):
                if lines := path.read_text(errors="replace").strip().splitlines():
                    return f"{one_line(lines[-1])}; see {path}"
        return f"it said nothing in {folder}"

    async def _forget(self, one: _Job) -> None:
        self._jobs.remove(one)
        await self._cancel(one)

    async def _cancel(self, one: _Job) -> None:
        with suppress(RuntimeError, OSError):  # it has ended
            await one.job.close()

    def _write(self, address: str) -> None:
        jobs = tuple(BatchJob(one.id, one.worker if one.has_joined else "", one.waits) for one in self._jobs)
        shared = "" if self._shared.parent == self._certificates else str(self._shared)
        record = BatchRecord(address, identify_self(), jobs, shared, self._trouble)
        if record != self._written:
            self._written = record
            spool.put(str(self._folder / RECORD), msgspec.to_builtins(record))


def _own_address(section: str) -> str:
    """Return the address of this machine that others know it by. Raises RepositoryError if there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: str = get_ip()
    if not ip_address(found).is_loopback:
        return found
    raise RepositoryError(
        f"jobs would not find this machine, whose own name leads to {found}; write interface: NAME, that of "
        f"the network of the cluster, into the section {section} of dask-jobqueue's configuration"
    )


def _said(error: str) -> str:
    """Return what a program has said, of what dask-jobqueue makes of it."""
    _, found, said = error.partition("stderr:\n")
    lines = [line for line in (said if found else error).splitlines() if line.strip()]
    return one_line(lines[-1]) if lines else "it said nothing"


def main(folder: Path) -> None:
    """Be the process of a folder. Raises RepositoryError where the configuration has no such jobs."""
    order = read(folder / ORDER, BatchOrder)
    assert order is not None
    dask.config.set(
        {
            "distributed.comm.require-encryption": True,
            "distributed.comm.default-scheme": "tls",
            "distributed.scheduler.worker-ttl": "60s",
            "distributed.scheduler.http.routes": [],
        }
    )
    asyncio.run(BatchProcess(folder, order).run())


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except PorchError as error:
        sys.exit(str(error))
