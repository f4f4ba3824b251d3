"""A repository, an executor for it, and the events it has reported."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
import venv
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import places
import pytest

from porch_tui.core.model import events as e
from porch_tui.executors.executor import Executor, Job, Offer
from porch_tui.process.supervisor import kernel
from project import Project, until
from tests.places.sshd import Sshd

SLOW = {"open-stdin": pytest.mark.slow, "ssh": pytest.mark.slow}
ENDS = (e.AttemptSucceeded, e.AttemptFailed, e.AttemptStopped)
ENGINES = multiprocessing.get_context("forkserver")
"""Processes of their own, of which each is there at once: all that they import is there already."""
ENGINES.set_forkserver_preload(["porch_tui.executors.local", "porch_tui.places.near.remote"])


@dataclass(frozen=True, slots=True)
class Report:
    """An event, and what was true when it was reported."""

    event: e.AnyEvent
    alive: frozenset[int]
    """Processes of its attempt."""
    pinned: str
    """What the job's ref kept alive; empty for nothing."""


class World:
    """A place, and what a test does there. Each executor is one engine's; engines come and go."""

    def __init__(self, place: str, folder: Path) -> None:
        self.place, self.folder = place, folder
        self.project = Project(folder)
        self.reports: list[Report] = []
        self.jobs: dict[e.AttemptId, Job] = {}
        self.executors: list[Executor] = []
        self._lock = threading.Lock()

    def executor(self, offer: Offer | None = None) -> Executor:
        made = places.PLACES[self.place](offer or self.on_events, self.folder)
        self.executors.append(made)
        return made

    def job(self, task: str, script: str, number: int = 1, timeout_s: float | None = None) -> Job:
        typed_into = places.TYPED_INTO.get(self.place)
        made = places.job(self.folder, task, script, number, timeout_s, typed_into=typed_into)
        self.jobs[made.attempt] = made
        return made

    def on_events(self, *events: e.AnyEvent) -> None:
        for event in events:
            job = self.jobs[event.attempt]
            report = Report(event, frozenset(self.processes_of(job)), self.pinned_by(job.checkout.head_ref))
            with self._lock:
                self.reports.append(report)

    def pinned_by(self, ref: str) -> str:
        return self.project.git("for-each-ref", "--format=%(objectname)", ref)

    def of(self, job: Job) -> list[e.AnyEvent]:
        """Return the events of an attempt, in order."""
        with self._lock:
            return [report.event for report in self.reports if report.event.attempt == job.attempt]

    def ends_of(self, job: Job) -> list[e.AnyEvent]:
        return [event for event in self.of(job) if isinstance(event, ENDS)]

    def end_of(self, job: Job, count: int = 1) -> e.AnyEvent:
        """Wait until the end of an attempt was reported that often, and return it."""
        until(lambda: len(self.ends_of(job)) >= count, f"the end of {job.attempt}")
        return self.ends_of(job)[-1]

    def started(self, job: Job) -> e.AttemptStarted:
        """Wait until an attempt has started."""
        until(lambda: self.of(job), f"the start of {job.attempt}")
        event = self.of(job)[0]
        assert isinstance(event, e.AttemptStarted), event
        return event

    def processes_of(self, job: Job) -> dict[int, bytes]:
        """Return the living processes of an attempt with their state letters, without asking porch."""
        task, number = job.attempt.task, job.attempt.number
        words = (f"PORCH_TASK={task}", f"PORCH_ATTEMPT={number}", f"FOLDER={self.folder}")
        marks = {word.encode() for word in words}
        found = {}
        for pid in kernel.all_pids():
            try:
                environment = set(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"))
            except OSError:
                continue
            fields = kernel.stat_fields(pid)
            if marks <= environment and fields and fields[0] not in b"ZX":
                found[pid] = fields[0]
        return found

    def is_frozen(self, job: Job) -> bool:
        """Say whether an attempt has processes, all frozen; one that waits for a stopped vfork is D."""
        states = set(self.processes_of(job).values())
        return b"T" in states and states <= {b"T", b"D"}

    def file(self, name: str) -> Path:
        """Return what the scripts know as $FOLDER/name."""
        return self.folder / name

    def until_file(self, name: str) -> None:
        until(self.file(name).exists, name)

    def crash(self, job: Job, moment: str, before: Callable[[], None] = lambda: None) -> int:
        """Have another engine start the attempt, and kill it at the moment; return the supervisor's pid."""
        heard, said = ENGINES.Pipe(duplex=False)
        job_of = self.folder, str(job.attempt.task), job.spec.command[2], job.spec.timeout_s
        engine = ENGINES.Process(target=places.engine, args=(said, dict(os.environ), self.place, job_of))
        engine.start()
        said.close()
        pid, kind = 0, ""
        while kind != moment:
            kind, number = heard.recv()
            pid = number or pid
        before()
        engine.kill()
        engine.join()
        return pid


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cluster of dask, for the places that need one."""
    pytest.importorskip("distributed", reason="needs the extra: pip install 'porch-tui[dask]'")
    from tests.places.dask.lab import Lab

    ENGINES.set_forkserver_preload(["porch_tui.places.near.remote", "porch_tui.places.dask.cluster"])
    with Lab.started(tmp_path_factory.mktemp("lab"), "w1") as lab, pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.LAB_ADDRESS, lab.address)
        patch.setenv(places.LAB_CLIENT, str(lab.client.ca_file.parent))
        yield
        if places.dask_cluster.cache_info().currsize:
            connected = places.dask_cluster()
            connected.close()
            assert not asyncio.all_tasks(connected._loop), "a connection that was closed goes on"


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An sshd on loopback, whose Python has no packages, for the places that need one."""
    folder = tmp_path_factory.mktemp("sshd")
    venv.create(folder / "bare")
    path = os.environ["PATH"]
    with (
        Sshd(folder / "server", PATH=f"{folder}/bare/bin:{path}") as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv(places.LAB_SSH, f"{server.client()}:{path}")
        yield


@pytest.fixture(scope="session")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A host for all tests of a place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.LAB_HOSTS, str(tmp_path_factory.mktemp("hosts")))
        yield


@pytest.fixture(params=[pytest.param(name, marks=SLOW.get(name, ())) for name in places.PLACES])
def world(request: pytest.FixtureRequest, tmp_path: Path, hosts: None) -> Iterator[World]:
    """A place to run in, of which nothing is left after the test."""
    if not kernel.IS_LINUX:
        pytest.skip("needs /proc to see what is left")
    for fixture in places.NEEDS.get(request.param, ()):
        request.getfixturevalue(fixture)
    made = World(request.param, tmp_path)
    yield made
    for executor in made.executors:
        executor.close()
    for job in made.jobs.values():
        for pid in made.processes_of(job):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
