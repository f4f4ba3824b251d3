"""What the jobs of a batch system are like, as a section of dask-jobqueue's own configuration says."""

from __future__ import annotations

import importlib
import shlex
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dask.config
from msgspec import Struct

from porch_tui.errors import RepositoryError
from porch_tui.places.dask.batch_systems import SYSTEMS
from porch_tui.places.dask.credentials import CA_CERT, CERT, KEY
from porch_tui.places.dask.relay import ROOT_VARIABLE
from porch_tui.places.host.daemon import ENDS_WITH
from porch_tui.places.host.job import BEGAN, LASTS

ADDRESS = "PORCH_ADDRESS"
"""In the environment of a job: the address of its node that the scheduler knows it by."""
OWN_ADDRESS = (
    "import socket, sys; from urllib.parse import urlsplit as u; a = u(sys.argv[1]);"
    " i = socket.getaddrinfo(a.hostname, a.port, type=socket.SOCK_DGRAM)[0]; s = socket.socket(*i[:3]);"
    " s.connect(i[4]); print(s.getsockname()[0])"
)
_LOADING = threading.Lock()
_UNITS = (3600, 60, 1)
_SECONDS: Mapping[int, tuple[int, ...]] = {1: (1,), 2: (60, 1)}
_SHORT: Mapping[str, Mapping[int, tuple[int, ...]]] = {
    "slurm": {1: (60,), 2: (60, 1)},
    "lsf": {1: (60,), 2: (3600, 60)},
}
"""What the parts of a walltime without hours, or with no days, count, by how many there are."""


class Profile(Struct, frozen=True):
    """A section of the configuration, for a batch system."""

    system: str
    section: str

    @classmethod
    def of(cls, system: str, section: str) -> Profile:
        """Return that section. Raises RepositoryError if it is not there, or lacks what a job must say."""
        load_jobqueue()
        sections: Mapping[str, Any] = dask.config.get("jobqueue", {})
        where = f"{Path(dask.config.PATH) / 'jobqueue.yaml'}"
        if section not in sections:
            raise RepositoryError(
                f"dask-jobqueue's configuration has no section {section!r}; write jobqueue: {section}: "
                f"with at least cores and memory into {where}"
            )
        found = cls(system, section)
        if missing := [name for name in ("cores", "memory") if not found.get(name)]:
            raise RepositoryError(
                f"the jobs of {section} have no {' and no '.join(missing)}; write jobqueue: {section}: "
                f"with cores and memory of a job, such as 4 and 8GB, into {where}"
            )
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """Return what the section says of something, else what dask-jobqueue's own says of such a system."""
        for section in (self.section, self.system):
            if (found := dask.config.get(f"jobqueue.{section}.{name}", None)) is not None:
                return found
        return default

    @property
    def cores(self) -> int:
        """How many cores a job has."""
        return int(self.get("cores"))

    @property
    def walltime_s(self) -> float | None:
        """After how many seconds the batch system ends a job; None: it is in no form that is known."""
        return seconds_of(self.get("walltime"), self.system)

    def job(self, name: str, address: str, slots: int, credentials: Path, log_folder: Path) -> Any:
        """Return a job of dask-jobqueue that starts a worker. Raises RepositoryError where it refuses to.

        `credentials` is a folder that the job can read, with the worker's certificate.
        """
        load_jobqueue()
        module, _, kind = SYSTEMS[self.system].job.partition(":")
        made = getattr(importlib.import_module(f"dask_jobqueue.{module}"), kind)
        self._fill()
        extra = list(map(str, self.get("worker-extra-args", ())))
        python = self.get("python") or sys.executable
        try:
            return made(
                scheduler=address,
                name=SYSTEMS[self.system].name or name,
                config_name=self.section,
                # in the place of the script: a worker whose script has ended may be overlooked
                python=f"exec {python}",
                processes=1,
                nanny=False,
                protocol="tls://",
                worker_command="distributed.cli.dask_worker",
                worker_extra_args=[*extra, *self._listens(extra), *_options(slots, credentials)],
                job_script_prologue=[*self.get("job-script-prologue", ()), *self._prologue(address)],
                log_directory=self.get("log-directory") or str(log_folder),
            )
        except (TypeError, ValueError, KeyError) as error:
            raise RepositoryError(f"the section {self.section} makes no job: {error}") from error

    def _fill(self) -> None:
        """Give the section what dask-jobqueue asks for and it does not say, from that of the system."""
        defaults = dask.config.get(f"jobqueue.{self.system}")
        own = dask.config.get(f"jobqueue.{self.section}")
        dask.config.set({f"jobqueue.{self.section}": {**defaults, **own}})

    def _listens(self, extra: Sequence[str]) -> Sequence[str]:
        """Return the options by which a worker listens on one address only, unless the section has others."""
        if self.get("interface") or {"--host", "--interface", "--contact-address"} & {
            *" ".join(extra).split()
        }:
            return ()
        return ("--host", f'"${ADDRESS}"')

    def _prologue(self, address: str) -> Sequence[str]:
        lines = {
            "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True",
            "DASK_DISTRIBUTED__COMM__TLS__MIN_VERSION": "1.3",
            "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "'[]'",
            ENDS_WITH: "$$",
            BEGAN: "`date +%s`",
        }
        if self.walltime_s is not None:
            lines[LASTS] = f"{self.walltime_s:g}"
        if folder := self.get("local-directory"):  # a disk of the node; the home is often on another machine
            lines[ROOT_VARIABLE] = f'"{folder}/porch-workers"'
        # where it reaches the scheduler from; backticks, since HTCondor has a use of its own for $()
        asked = shlex.join((self.get("python") or sys.executable, "-c", OWN_ADDRESS, address))
        lines[ADDRESS] = f"`{asked}`"
        return [f"export {name}={value}" for name, value in lines.items()]


def load_jobqueue() -> None:
    """Import dask-jobqueue, from any thread, which adds its defaults to dask's configuration.

    Version 0.9 takes SIGINT for itself when it is imported: a person's ctrl+c would no longer reach porch.
    """
    with _LOADING:
        set_handler = signal.signal
        signal.signal = lambda number, handler: None  # type: ignore[assignment]
        try:
            importlib.import_module("dask_jobqueue")
        finally:
            signal.signal = set_handler


def _options(slots: int, credentials: Path) -> Sequence[str]:
    files = {"ca-file": CA_CERT, "cert": CERT, "key": KEY}
    tls = [word for name, file in files.items() for word in (f"--tls-{name}", str(credentials / file))]
    # the number after the colon keeps dask's pages on loopback; without it they are on all interfaces
    closed = ["--dashboard-address", "127.0.0.1:0", "--no-dashboard"]
    return [shlex.quote(word) for word in ("--resources", f"slots={slots}", *closed, *tls)]


def seconds_of(walltime: object, system: str) -> float | None:
    """Return what a walltime means to a batch system, `D-HH:MM:SS` or a part of it; None: another form."""
    days, dash, rest = str(walltime).strip().rpartition("-")
    parts = rest.split(":")
    if len(parts) > 3 or not all(part.isdecimal() for part in (*parts, days or "0")):
        return None
    units = _UNITS if dash or len(parts) == 3 else _SHORT.get(system, _SECONDS)[len(parts)]
    times = sum(int(part) * unit for part, unit in zip(parts, units, strict=False))
    return float(int(days or 0) * 86400 + times)
