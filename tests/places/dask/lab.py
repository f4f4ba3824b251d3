"""A cluster of real processes on loopback, which tests start, kill and start again as they like."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from porch_tui.places.dask.access import Access
from porch_tui.places.dask.certificates import make
from porch_tui.places.dask.credentials import Credentials, Role
from project import until

LOOPBACK = "127.0.0.1"
ENDS_S = 5.0


def free_port() -> int:
    """Return a port that no one listens on now."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port


class Lab:
    """A scheduler and workers by name, with certificates of their own; `close` ends whatever is left."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.certificates = root / "certs"
        make(self.certificates)
        self.port = free_port()
        self.address = f"tls://{LOOPBACK}:{self.port}"
        self.client = Credentials.of(self.certificates / Role.CLIENT)
        self.access = Access(self.address, self.client)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._commands: dict[str, tuple[Role, list[str], dict[str, str]]] = {}

    @classmethod
    @contextmanager
    def started(cls, root: Path, *workers: str, env: dict[str, str] | None = None) -> Iterator[Lab]:
        """Have a cluster with these workers, of which nothing is left, whatever happens."""
        lab = cls(root)
        try:
            lab.scheduler()
            for worker in workers:
                lab.worker(worker, env=env)
            lab.until_joined(*workers)
            yield lab
        finally:
            lab.close()

    def scheduler(self, env: dict[str, str] | None = None) -> None:
        """Start the scheduler, and wait until it listens."""
        self._start("scheduler", Role.SCHEDULER, ["--host", LOOPBACK, "--port", str(self.port)], env or {})

    def worker(self, name: str, slots: int = 2, env: dict[str, str] | None = None) -> None:
        """Start a worker; it has joined when `until_joined` says so."""
        options = [
            self.address, "--host", LOOPBACK, "--name", name, "--nworkers", "1", "--no-nanny",
            "--nthreads", str(slots), "--resources", f"slots={slots}", "--memory-limit", "0",
            "--local-directory", str(self.root / name),
        ]  # fmt: skip
        self._start(name, Role.WORKER, options, env or {})

    def until_joined(self, *names: str) -> None:
        """Wait until the scheduler knows these workers, and no others."""
        from porch_tui.errors import RepositoryError
        from porch_tui.places.dask.asking import workers_of

        def are_there() -> bool:
            try:
                return {one.name for one in workers_of(self.address, self.client)} == set(names)
            except RepositoryError:
                return False

        until(are_there, f"the workers {names}; see {self.root}/*.log")

    def pid(self, name: str) -> int:
        """Return the process of a part."""
        return self._running[name].pid

    def kill(self, name: str, signum: int = signal.SIGKILL) -> None:
        """End a part at once."""
        process = self._running.pop(name)
        process.send_signal(signum)
        process.wait(30)

    def restart(self, name: str) -> None:
        """Start a part again as it was started before; one that still runs is waited for."""
        if name in self._running:  # without its scheduler a worker ends on its own
            self._running.pop(name).wait(60)
        self._start(name, *self._commands[name])

    def close(self) -> None:
        """End everything; workers first, or they would look for the scheduler."""
        names = sorted(self._running, key="scheduler".__eq__)
        for names_at_once in (names[:-1], names[-1:]):
            for name in names_at_once:
                self._running[name].send_signal(signal.SIGTERM)
                self._running[name].send_signal(signal.SIGCONT)
            for name in names_at_once:
                try:
                    self._running[name].wait(ENDS_S)
                except subprocess.TimeoutExpired:
                    self._running[name].kill()
                    self._running[name].wait(30)
        self._running.clear()

    def _start(self, name: str, role: Role, options: list[str], env: dict[str, str]) -> None:
        self._commands[name] = (role, options, env)
        log = (self.root / f"{name}.log").open("ab")
        clean = {key: value for key, value in os.environ.items() if not key.startswith("DASK_")}
        self._running[name] = subprocess.Popen(
            [
                sys.executable, "-P", "-m", f"distributed.cli.dask_{role}", *options,
                "--dashboard-address", f"{LOOPBACK}:0", "--no-dashboard",
            ],
            cwd=self.certificates / role, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**clean, "DASK_CONFIG": "dask.yaml", **env}, start_new_session=True,
        )  # fmt: skip
        log.close()
        if role is Role.SCHEDULER:
            until(self._listens, f"the scheduler to listen; see {self.root / 'scheduler.log'}")

    def _listens(self) -> bool:
        with socket.socket() as caller:
            return caller.connect_ex((LOOPBACK, self.port)) == 0
