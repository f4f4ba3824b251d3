"""What a shim writes about itself into the directory of its attempt, as everyone else reads it.

A damaged file says as little as a missing one: whoever reads it then goes by the lock, and by the processes
there are.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from porch_tui.process.supervisor import kernel, spool
from porch_tui.process.supervisor.kernel import Identity

Said = TypeVar("Said", bound=Struct)


class Stuck(Struct, frozen=True, array_like=True):
    """A process that lives although it was sent SIGKILL."""

    pid: int
    name: str
    owner: str
    state: str
    """Its letter in /proc/PID/stat; `D`: it waits for a device or a file system, in the kernel."""

    def __str__(self) -> str:
        return f"{self.pid} ({self.name}) of {self.owner}"


class Shim(Struct, frozen=True):
    """`run.json`: which process it is, and when the attempt began (Unix time)."""

    pid: int
    ticks: int
    boot: str
    started_at: float
    namespace: str = ""
    """Empty: written by a porch that did not know of PID namespaces."""
    host: str = ""

    @property
    def identity(self) -> Identity:
        return Identity(self.pid, self.ticks, self.boot, self.namespace or kernel.pid_namespace())


class Leader(Struct, frozen=True):
    """`lock`: the first process of the step that runs, or ran last; `born` in clock ticks, 0 if not known."""

    pid: int
    born: int


class Progress(Struct, frozen=True):
    """`state.json`: what has become of the orders it was given."""

    is_paused: bool = False
    paused_s: float = 0.0
    seq: int = 0
    """Of the last order that was carried out."""
    stuck: tuple[Stuck, ...] = ()


def shim_of(directory: Path) -> Shim | None:
    """Return which process supervises the attempt, or did; None if none has said so."""
    return _read(f"{directory}/run.json", Shim)


def leader_of(directory: Path) -> Leader | None:
    """Return the leader of the session of its last step; None if there was none."""
    return _read(f"{directory}/lock", Leader)


def progress_of(directory: Path) -> Progress:
    """Return how far its orders were carried out; nothing was if nothing was written."""
    return _read(f"{directory}/state.json", Progress) or Progress()


def _read(path: str, kind: type[Said]) -> Said | None:
    try:
        return msgspec.convert(spool.read(path), kind)
    except msgspec.ValidationError:
        return None
