"""Where attempts can run besides the machine of the engine: what a plan names, and what is known of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import NewType

from msgspec import Struct

PlaceName = NewType("PlaceName", str)
"""As the screen shows it: `ssh:big`, `box`, `tls://cluster:8786/w1`."""

HERE = PlaceName("")
"""The machine of the engine. Journals from before there were places say nothing else."""
HERE_WORD = "threads"
"""How plans and `--on` call it."""


def called(place: PlaceName) -> str:
    """Return what a place is called where people read it, the engine's machine included."""
    return place or HERE_WORD


Command = tuple[str, ...]


class Scheme(StrEnum):
    """How porch reaches a place."""

    HERE = "threads"
    """Not at all: threads of the engine."""
    PIPE = "pipe"
    """A command of the plan, whose standard streams are those of a Python there."""
    SSH = "ssh"
    DASK = "dask"
    """A dask scheduler; each of its workers is a place."""
    BATCH = "batch"
    """A batch system, which starts dask workers as jobs."""


LEASE_S: Mapping[Scheme, float] = {
    Scheme.PIPE: 3600.0,
    Scheme.SSH: 3600.0,
    Scheme.DASK: 120.0,
    Scheme.BATCH: 120.0,
}
"""How long attempts go on at a place that cannot be reached, in seconds, unless the place has its own."""


class PlaceSpec(Struct, frozen=True):
    """A place, or a cluster of places, as a plan or `--on` names it."""

    name: PlaceName
    scheme: Scheme
    address: str = ""
    """The host of ssh; the URL of a dask scheduler; the batch system and its profile, `slurm:big`."""
    up: Command = ()
    """Makes the place; `{name}` stands for a name of its own."""
    run: Command = ()
    """The way in: its standard streams are those of a Python 3.11 or newer there."""
    down: Command = ()
    """Takes the place away."""
    slots: int | None = None
    """None: as many as it has cores."""
    has: tuple[str, ...] = ()
    """Tools it has, besides those that are found there: `gpu`."""
    lease_s: float | None = None
    """None: as `LEASE_S` has it."""
    line: int = 0
    """Of the plan file; 0: not from there."""

    @property
    def lease(self) -> float:
        """How long its attempts go on while it is out of reach, in seconds."""
        return self.lease_s if self.lease_s is not None else LEASE_S.get(self.scheme, math.inf)

    @property
    def is_cluster(self) -> bool:
        """Whether its members are the places, which join and leave; it is none itself."""
        return self.scheme in (Scheme.DASK, Scheme.BATCH)


WORKTREES = "worktrees"
"""In the folder of a host: those of each run, in a folder of the run's."""


class FarWorktree(Struct, frozen=True):
    """A worktree on another machine."""

    place: PlaceName
    path: str
    """There; empty: its host has not said where."""

    def __str__(self) -> str:
        return f"{self.place}:{self.path or '?'}"


class PlaceStatus(StrEnum):
    """What is known of a place."""

    CONNECTING = "connecting"
    """This engine has not reached it yet, and nothing starts there."""
    UP = "up"
    SILENT = "silent"
    """Out of reach. What runs there goes on until its lease is over."""
    GONE = "gone"
    """It does not come back."""


class Resources(Struct, frozen=True):
    """What a place has, as its host says."""

    slots: int
    cores: int
    memory_bytes: int = 0
    """0: not known."""
    disk_free_bytes: int | None = None
    tools: tuple[str, ...] = ()
    """Of those that tasks need (`needs`): the ones that were found."""
    python: str = ""
    git: str = ""
    folder: str = ""
    """Where the host keeps what is of this repository: a path there."""
    ends_at: float | None = None
    """When it ends, whatever runs there, as a batch job does, Unix time; None: that is not known."""
    lasts_s: float | None = None
    """How long it lasts from its beginning to then."""
    others: int = 0
    """How many attempts of other repositories ran there when it was reached; `slots` leaves them out."""


def boot_on(machine: str, boot: str) -> str:
    """Return what tells a boot from others where a name may lead to another machine today than yesterday."""
    return f"{machine} {boot}"


def boot_id(boot: str) -> str:
    """Return a boot as its machine calls it."""
    return boot.rpartition(" ")[2]


def is_other_machine(one: str, other: str) -> bool:
    """Say whether two boots are of two machines, rather than of one that was started again (`boot_on`)."""
    machines = one.rpartition(" ")[0], other.rpartition(" ")[0]
    return all(machines) and machines[0] != machines[1]


class PlaceState(Struct, frozen=True):
    """A place, as far as it is known."""

    member_of: PlaceName
    """The name of its entry in the plan: its own, or that of its cluster."""
    lease_s: float
    status: PlaceStatus = PlaceStatus.CONNECTING
    since: float = 0.0
    """When it took that status, in seconds since the epoch; leases count from there while it is not up."""
    heard_at: float | None = None
    """When it was last heard before it fell silent."""
    is_lease_over: bool = False
    """It was out of reach for so long that nothing runs there any more."""
    why: str = ""
    """Why it is silent or gone."""
    boot: str = ""
    """Of its machine, when it was last up (see `is_other_machine`); empty: it never was."""
    slots: int | None = None
    """How many attempts run there at once, as the plan says; None: as many as its resources say."""
    has: tuple[str, ...] = ()
    """Tools that the plan says it has."""
    resources: Resources | None = None
    """None: it was never up."""
    disk_short: str = ""
    """Why nothing starts there for lack of disk space; empty: there is enough."""
    memory_short: str = ""
    """Why nothing starts there while anything runs, for lack of memory; empty: there is enough."""
    memory_bytes: int = 0
    """What its running tasks may declare together; 0: not known."""
    auto_paused_at: float = 0.0
    """When a task there was last paused, or resumed, automatically."""

    @property
    def tools(self) -> tuple[str, ...]:
        """What it has for tasks that need tools, sorted."""
        found = self.resources.tools if self.resources is not None else ()
        return tuple(sorted({*found, *self.has}))
