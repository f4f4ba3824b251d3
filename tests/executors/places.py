"""The places where attempts can run, a job for any of them, and an engine of its own, to be killed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Isolation, OpenStdin, RunId, TaskId, TaskSpec, Terminal
from porch_tui.executors.checkout import TaskCheckout
from porch_tui.executors.executor import Executor, Job, Offer
from porch_tui.executors.local import LocalExecutor
from porch_tui.git.discovery import discover
from porch_tui.places.carriers.pipe import PipeCarrier, SshCarrier
from porch_tui.places.carriers.way_in import ENTRY
from porch_tui.places.near.remote import RemoteExecutor, greeting
from porch_tui.places.wire import messages as m
from tests.places import in_process
from tests.places.in_process import InProcess

if TYPE_CHECKING:
    from porch_tui.places.dask.cluster import DaskCluster

RUN = RunId("contract")


def here(offer: Offer, folder: Path) -> Executor:
    """Return an executor of this machine."""
    return LocalExecutor(offer)


def behind_pipe(offer: Offer, folder: Path) -> Executor:
    """Return an executor of a host that is a program of its own, reached by its standard streams."""
    argv = (sys.executable, "-m", "porch_tui.places.host", "--root", hosts(folder, "pipe"), "--idle", "2")
    return RemoteExecutor(offer, PipeCarrier(argv), hello(folder))


def in_this_process(offer: Offer, folder: Path) -> Executor:
    """Return an executor of a host in this process."""
    root = folder / "hosts"

    class WithHosts(RemoteExecutor):
        def close(self) -> None:
            super().close()
            in_process.close(root)

    return WithHosts(offer, InProcess(root), hello(folder))


def behind_ssh(offer: Offer, folder: Path) -> Executor:
    """Return an executor of a host that has nothing installed, and was sent porch by ssh."""
    words = (ENTRY, "--root", hosts(folder, "ssh"), "--idle", "2")
    carrier = SshCarrier("big", {**os.environ, "PATH": os.environ[LAB_SSH]}, words)
    return RemoteExecutor(offer, carrier, hello(folder))


def behind_dask(offer: Offer, folder: Path) -> Executor:
    """Return an executor of a host beside a worker of dask, reached with TLS through a scheduler."""
    return RemoteExecutor(offer, dask_cluster().carrier("w1"), hello(folder))


@cache
def dask_cluster() -> DaskCluster:
    """Return this process's connection to the cluster of the tests: it takes a while to make."""
    from porch_tui.places.dask.access import access_to
    from porch_tui.places.dask.cluster import DaskCluster

    access = access_to(os.environ[LAB_ADDRESS], {"PORCH_TLS": os.environ[LAB_CLIENT]})
    return DaskCluster(access, root=str(Path(os.environ[LAB_HOSTS]) / "dask"), idle_s=2)


def hosts(folder: Path, place: str) -> str:
    """Return where the hosts of a place are: one for all tests, where that is prepared; it takes a while."""
    return str(Path(os.environ[LAB_HOSTS]) / place if LAB_HOSTS in os.environ else folder / "hosts")


def hello(folder: Path) -> m.Greeting:
    """Return what the engine of a folder says first: hosts tell folders apart by the repository's id."""
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return greeting(name, "app", ("U", "u@example.org"))


LAB_HOSTS = "PORCH_LAB_HOSTS"
"""The folder of hosts that outlive a test."""
LAB_ADDRESS, LAB_CLIENT = "PORCH_LAB_ADDRESS", "PORCH_LAB_CLIENT"
"""Where the cluster of the tests is, and the folder of a client's certificate."""
LAB_SSH = "PORCH_LAB_SSH"
"""A PATH whose ssh knows the host `big`."""
PLACES: dict[str, Callable[[Offer, Path], Executor]] = {
    "local": here,
    "terminal": here,
    "open-stdin": here,
    "in-process": in_this_process,
    "pipe": behind_pipe,
    "ssh": behind_ssh,
    "dask": behind_dask,
}
"""How each executor is made. All must keep the contract."""
TYPED_INTO: dict[str, dict[str, Any]] = {
    "terminal": {"terminal": Terminal()},
    "open-stdin": {"open_stdin": OpenStdin()},
}
"""The places whose jobs have a terminal of their own, or an open standard input: what their tasks say."""
NEEDS = {"ssh": ("sshd",), "dask": ("cluster",)}
"""The fixtures that places need to be there."""


def job(
    folder: Path,
    task: str,
    script: str,
    number: int = 1,
    timeout_s: float | None = None,
    *,
    typed_into: dict[str, Any] | None = None,
) -> Job:
    """Return what is needed to run a shell script as an attempt at a task."""
    root = folder / "app"
    base = subprocess.run(
        ["git", "-C", root, "rev-parse", "main"], capture_output=True, text=True, check=True
    )
    attempt = e.AttemptId(TaskId(task), number)
    (folder / "attempts").mkdir(exist_ok=True)  # as in a run's directory: an attempt makes only its own
    return Job(
        run=RUN,
        attempt=attempt,
        spec=TaskSpec(
            TaskId(task),
            f"Do {task}",
            ("sh", "-c", script),
            timeout_s=timeout_s,
            **(typed_into or {}),
        ),
        slot=0,
        directory=folder / "attempts" / str(attempt),
        checkout=TaskCheckout(
            discover(root),
            path=folder / f"app-{task}",
            branch=f"feature/{task}",
            base=base.stdout.strip(),
            isolation=Isolation.WORKTREE,
            head_ref=f"refs/porch/{RUN}/heads/{attempt}",
            leftover_ref=f"refs/porch/{RUN}/left/{task}/{number}",
            clone_refs=f"refs/porch/{RUN}/clone/{task}/{number}",
            pins=f"refs/porch/{RUN}/attempts/{task}/{number - 1}",
        ),
        setup=(),
        keep_worktree=False,
        env={"FOLDER": str(folder)},
    )


def engine(
    said: Connection, environ: Mapping[str, str], place: str, job_of: tuple[Path, str, str, float | None]
) -> None:
    """Be an engine that starts an attempt and never ends: sends what it hears of it, with pids."""
    os.environ.update(environ)
    folder, task, script, timeout_s = job_of

    def report(*events: e.AnyEvent) -> None:
        for event in events:
            said.send((type(event).__name__, getattr(event, "pid", 0) or 0))

    said.send(("asked", 0))
    PLACES[place](report, folder).start(
        job(folder, task, script, timeout_s=timeout_s, typed_into=TYPED_INTO.get(place))
    )
    while True:
        time.sleep(1000)
