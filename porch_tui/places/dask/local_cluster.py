"""A cluster on this machine, to try things out: a scheduler and workers as detached processes on loopback.

Everything of it is in one folder: certificates, logs, folders of the workers, and `cluster.json`, which says
what was started. A process is known by its identity (`process/supervisor/kernel.py`), so whatever was killed,
by whom and when, `status` and `down` find out what is there. Imports nothing of dask.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from porch_tui.errors import RefusedError, RepositoryError
from porch_tui.places.dask.credentials import DASK_CONFIG, Credentials, Role
from porch_tui.process.children import Child, start_detached
from porch_tui.process.machine import cores
from porch_tui.process.processes import all_processes
from porch_tui.process.supervisor import kernel, spool
from porch_tui.process.supervisor.kernel import Identity

LOOPBACK = "127.0.0.1"
SCHEDULER = "scheduler"
COMES_UP_S = 60.0
"""A scheduler takes a second, and a worker two; a machine too busy for this is an error."""
GOES_S = 5.0
"""Until those that do not end when asked to are killed."""
POLL_S = 0.05

T = TypeVar("T")


class Program(Struct, frozen=True):
    """One process of the cluster: the scheduler, or a worker."""

    name: str
    pid: int
    ticks: int
    boot: str
    namespace: str
    slots: int = 0

    @property
    def identity(self) -> Identity:
        """What it is known by."""
        return Identity(self.pid, self.ticks, self.boot, self.namespace)

    @property
    def is_alive(self) -> bool:
        """Say whether this very process runs."""
        return kernel.identify(self.pid) == self.identity


class Record(Struct, frozen=True):
    """`cluster.json`."""

    address: str = ""
    """Of the scheduler, `tls://127.0.0.1:PORT`; empty while it has none."""
    programs: tuple[Program, ...] = ()

    @property
    def scheduler(self) -> Program | None:
        return next((one for one in self.programs if one.name == SCHEDULER), None)

    @property
    def workers(self) -> tuple[Program, ...]:
        return tuple(one for one in self.programs if one.name != SCHEDULER)


class LocalCluster:
    """The cluster of a folder, which need not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificates = folder / "certs"

    @classmethod
    def of_user(cls, environ: Mapping[str, str]) -> LocalCluster:
        """Return this user's: in `$XDG_STATE_HOME/porch/cluster`, else under `~/.local/state`."""
        folder = Path(environ.get("XDG_STATE_HOME", ""))
        if not folder.is_absolute():
            folder = Path.home() / ".local" / "state"
        return cls(folder / "porch" / "cluster")

    @property
    def client(self) -> Credentials:
        """What a client needs to connect."""
        return Credentials.of(self.certificates / Role.CLIENT)

    def record(self) -> Record:
        """Return what was started; what has ended meanwhile is still in it."""
        try:
            return msgspec.json.decode((self.folder / "cluster.json").read_bytes(), type=Record)
        except (OSError, msgspec.MsgspecError):
            return Record()

    def log(self, name: str) -> Path:
        """Return where the scheduler or a worker says what it does."""
        return self.folder / f"{name}.log"

    def up(self, workers: int, port: int = 0) -> Record:
        """Bring the cluster to at least so many workers; what runs already goes on.

        Port 0: any free one. Raises RefusedError if it runs on another port, RepositoryError if it does not
        come up: then everything that was started here ends again.
        """
        with self._alone():
            record = self.record()
            if record.scheduler is None or not record.scheduler.is_alive:
                self._end_all(record)
                record = self._with_scheduler(port)
            elif port and not record.address.endswith(f":{port}"):
                raise RefusedError(
                    f"the cluster runs already, at {record.address}; porch cluster down ends it, then the "
                    "other port can be used"
                )
            return self._with_workers(record, workers)

    def down(self) -> tuple[str, ...]:
        """End everything of it, and return the names of what was still running; its logs stay."""
        if not self.folder.exists():
            return ()
        with self._alone():
            return self._end_all(self.record())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder: only one `up` or `down` at a time."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise RepositoryError(
                f"cannot write to {self.folder}, where the cluster is kept: {error.strerror}; fix that, or "
                "set XDG_STATE_HOME to another folder"
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, record: Record) -> Record:
        spool.put(str(self.folder / "cluster.json"), msgspec.to_builtins(record))
        return record

    def _with_scheduler(self, port: int) -> Record:
        from porch_tui.places.dask.certificates import examine, make

        if self.certificates.exists():
            try:
                examine(self.client)
            except RepositoryError:  # expired, or damaged: no one but this cluster has used them
                shutil.rmtree(self.certificates)
        if not self.certificates.exists():
            make(self.certificates)
        address_file = self.folder / "scheduler.json"
        address_file.unlink(missing_ok=True)
        options = ["--host", LOOPBACK, "--port", str(port), "--scheduler-file", str(address_file)]
        child, program = self._start(SCHEDULER, Role.SCHEDULER, options)
        record = self._write(Record(programs=(program,)))
        address = self._wait_for(SCHEDULER, child, lambda: _address_in(address_file), record)
        return self._write(Record(address, record.programs))

    def _with_workers(self, record: Record, count: int) -> Record:
        alive = {one.name for one in record.workers if one.is_alive}
        slots = max(1, cores() // count)
        free = (name for number in itertools.count(1) if (name := f"w{number}") not in alive)
        children = {}
        for name in itertools.islice(free, max(0, count - len(alive))):
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)
            options = [
                record.address, "--host", LOOPBACK, "--name", name, "--nworkers", "1", "--no-nanny",
                "--nthreads", str(slots), "--resources", f"slots={slots}", "--memory-limit", "0",
                "--local-directory", str(self.folder / name),
            ]  # fmt: skip
            children[name], program = self._start(name, Role.WORKER, options, slots)
            others = (one for one in record.programs if one.name != name)
            record = self._write(Record(record.address, (*others, program)))
        for name, child in children.items():
            self._wait_for(name, child, lambda: self._joined(record.address, children), record)
        return record

    def _start(self, name: str, role: Role, options: list[str], slots: int = 0) -> tuple[Child, Program]:
        # -P: nothing in the folder must stand in for installed packages
        argv = [sys.executable, "-P", "-m", f"distributed.cli.dask_{role}", *options]
        # the number after the colon keeps dask's pages on loopback; without it they are on all interfaces
        argv += ["--dashboard-address", f"{LOOPBACK}:0", "--no-dashboard"]
        mine = self.certificates / role
        environ = {name: value for name, value in os.environ.items() if not name.startswith("DASK_")}
        environ["DASK_CONFIG"] = str(mine / DASK_CONFIG)
        child = start_detached(argv, mine, self.log(name), environ)
        identity = kernel.identify(child.pid) or Identity(child.pid, 0, "")
        return child, Program(name, *identity, slots=slots)

    def _wait_for(self, name: str, child: Child, is_up: Callable[[], T | None], record: Record) -> T:
        """Return what a program that was started here has when it is up; end everything if it fails."""
        deadline = time.monotonic() + COMES_UP_S
        while not (found := is_up()):
            if child.poll() is not None or time.monotonic() > deadline:
                self._end_all(record)
                what = "ended at once" if child.returncode is not None else f"was not up in {COMES_UP_S:g} s"
                lines = self.log(name).read_text(errors="replace").strip().splitlines()
                said = lines[-1] if lines else "it said nothing"
                raise RepositoryError(
                    f"the cluster did not come up: {name} {what}: {said}; "
                    f"see {self.log(name)}, then try porch cluster up again"
                )
            time.sleep(POLL_S)
        return found

    def _joined(self, address: str, names: Collection[str]) -> bool:
        from porch_tui.places.dask.asking import workers_of

        try:
            return {one.name for one in workers_of(address, self.client)} >= set(names)
        except RepositoryError:
            return False  # a worker that fails, or the deadline, ends the waiting

    def _end_all(self, record: Record) -> tuple[str, ...]:
        """End what the record has, and what an `up` that was killed had not recorded yet; workers first."""
        known = {one.identity: one.name for one in (*record.workers, record.scheduler) if one is not None}
        known |= self._unrecorded()
        alive = [one for one in known if kernel.identify(one.pid) == one]
        # without its scheduler a worker would look for it instead of ending
        end([one for one in alive if known[one] != SCHEDULER])
        end([one for one in alive if known[one] == SCHEDULER])
        for name in ("cluster.json", "scheduler.json"):
            (self.folder / name).unlink(missing_ok=True)
        return tuple(known[identity] for identity in alive)

    def _unrecorded(self) -> dict[Identity, str]:
        """Return the processes whose output is a log in this folder, with its name; none without /proc."""
        found = {}
        for process in all_processes():
            for output in process.outputs:
                if output.parent == self.folder.resolve() and output.suffix == ".log":
                    identity = kernel.identify(process.pid)
                    if identity is not None:
                        found[identity] = output.stem
        return found


def end(processes: list[Identity]) -> None:
    """Ask them to end, and kill those that do not."""
    for identity in processes:
        kernel.send(identity, signal.SIGTERM)
        kernel.send(identity, signal.SIGCONT)
    deadline, left = time.monotonic() + GOES_S, processes
    while left and time.monotonic() < deadline:
        time.sleep(POLL_S)
        left = [one for one in left if kernel.identify(one.pid) == one]
    for identity in left:
        kernel.send(identity, signal.SIGKILL)


def _address_in(file: Path) -> str | None:
    """Return the address that a scheduler has written; None while it has not."""
    try:
        return str(msgspec.json.decode(file.read_bytes(), type=_SchedulerFile).address)
    except (OSError, msgspec.MsgspecError):  # not there, or half written
        return None


class _SchedulerFile(Struct, frozen=True):
    """Of what dask writes there, the part that is needed."""

    address: str
