"""The messages between an engine (the near side) and a host (the far side), one JSON object a line.

An attempt is called by its run, task and number (`RUN/TASK.N`). Whatever is said twice does no harm. Bytes
are base64. A side ignores kinds it does not know, and refuses another `PROTOCOL`.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from porch_tui.core.model.events import AttemptId
from porch_tui.core.model.plan import Agent, CommandLine, Isolation, RunId, TaskId, TaskSpec
from porch_tui.core.model.telemetry import Sample
from porch_tui.places.wire import protocol

PROTOCOL = protocol.PROTOCOL
WINDOW = 4 << 20
"""Bytes of a bundle, a pack or copies that a side sends before it is asked for more."""


class Message(Struct, frozen=True, omit_defaults=True):
    """Something one side says to the other."""


class Key(Struct, frozen=True, order=True):
    """An attempt of any run."""

    run: RunId
    task: TaskId
    number: int

    @property
    def attempt(self) -> AttemptId:
        """Its id within the run."""
        return AttemptId(self.task, self.number)

    def __str__(self) -> str:
        return f"{self.run}/{self.task}.{self.number}"


class LeftWorktree(Struct, frozen=True, omit_defaults=True):
    """A worktree of a run, where nothing works any more unless `trouble` says so."""

    name: str
    tree: str = ""
    """What is in it, uncommitted files included, as git writes a tree."""
    commits: tuple[str, ...] = ()
    """What is checked out in it, and the tips of the branches that were made for its attempts."""
    is_dirty: bool = False
    """Not all of it is committed."""
    ignored: tuple[str, ...] = ()
    """Ignored files that no tool can make again."""
    trouble: str = ""
    """Why it must stay, whatever else is true."""


# --- from the engine


def branch_ref(clone_refs: str) -> str:
    """Return the ref under which the branch of an attempt comes home."""
    return f"{clone_refs}/branch"


class Order(Struct, frozen=True, omit_defaults=True):
    """All that a host needs to run an attempt; where it keeps things is its own affair."""

    key: Key
    spec: TaskSpec
    slot: int
    base: str
    branch: str
    head_ref: str
    leftover_ref: str
    clone_refs: str
    pins: str
    lease_s: float
    """How long it goes on while the engine cannot be reached."""
    isolation: Isolation = Isolation.WORKTREE
    is_shared: bool = False
    worktree: str = ""
    """A name; checks that share a worktree say the same one."""
    worktree_here: str = ""
    """The path that its command and its prompt have for the worktree, which is the engine's."""
    copy: tuple[str, ...] = ()
    copies: str = ""
    """Digest of the files of `copy`; empty: none."""
    setup: tuple[CommandLine, ...] = ()
    keep_worktree: bool = False
    env: tuple[tuple[str, str], ...] = ()
    stdin: str = ""
    agent: Agent | None = None
    collections: int = 0
    has_full_history: bool = False
    is_validation: bool = False
    """It finds out whether commands pass at `base`, leaves nothing, and the host chooses its worktree."""
    keep: tuple[str, ...] = ()
    """Of a validation: patterns of untracked files that stay for the next one."""


class Greeting(Message, frozen=True):
    """The engine's first message on a connection."""

    protocol: int
    porch: str
    repository: str
    """An id of the repository, which names the host's folder for it."""
    name: str
    """Of the repository, for people."""
    oid_length: int = 40
    """Digits of an object id there."""
    identity: tuple[str, str] = ("", "")
    """Name and email for commits where the host has none."""
    tools: tuple[str, ...] = ()
    """To look for, because tasks need them."""


class Start(Message, frozen=True):
    """Start the attempt, adopt it, or report its end again."""

    order: Order
    expires_at: float
    """By the host's own clock: what is older must not be begun, since the engine may have given it up."""
    stop_s: float | None = None
    """It is to be stopped, within that time; None: it is not."""
    is_frozen: bool = False


class Stop(Message, frozen=True):
    """End every process of the attempt."""

    key: Key
    grace_s: float


class Freeze(Message, frozen=True):
    """Freeze its process tree, or let it continue."""

    key: Key
    is_frozen: bool


class Pack(Message, frozen=True):
    """A part of the objects that a host lacks for a base."""

    base: str
    at: int
    size: int
    """Of all parts together, in bytes; 0: it cannot be had."""
    data: bytes


class Copies(Message, frozen=True):
    """A part of the files of `copy`."""

    digest: str
    at: int
    size: int
    data: bytes


class LogTaken(Message, frozen=True):
    """The log is here up to this offset; the next bytes may come."""

    key: Key
    at: int


class TakeResult(Message, frozen=True):
    """Send the bundle from this offset on; everything before has arrived."""

    key: Key
    at: int


class Ack(Message, frozen=True):
    """Its end is in the journal, and all it made is here: the host may forget it."""

    key: Key


class Ping(Message, frozen=True):
    """The engine is there. Keeps the leases of its attempts."""

    number: int


class LookOver(Message, frozen=True):
    """Say what is left of a run there."""

    run: RunId


class CleanUp(Message, frozen=True):
    """Remove worktrees of a run that are still as they were said to be, then say what is left."""

    run: RunId
    worktrees: tuple[LeftWorktree, ...]


# --- from the host


class Welcome(Message, frozen=True):
    """The host's first message."""

    protocol: int
    porch: str
    python: str
    git: str
    boot: str
    now: float
    """Its clock."""
    cores: int
    memory_bytes: int
    disk_free_bytes: int
    host: str
    tools: tuple[str, ...] = ()
    """Of those asked for: what is there."""
    disk_bytes: int = 0
    """All of the disk; 0: not known."""
    folder: str = ""
    """Where it keeps what is of this repository."""
    machine: str = ""
    """Another one for each machine, the same after it was started again; without spaces."""
    ends_at: float | None = None
    """When it ends whatever runs there, as a batch job does, by its clock; None: it does not know."""
    lasts_s: float | None = None
    """How long it lasts from its beginning to then."""
    others: int = 0
    """How many attempts of other repositories run there."""


class Need(Message, frozen=True):
    """It cannot begin before it has the base, or the files to copy."""

    base: str = ""
    bases: tuple[str, ...] = ()
    """What the host has, for a pack to build on: see `git.transfer.packs`."""
    histories: tuple[str, ...] = ()
    is_full: bool = False
    """With the whole history."""
    is_again: bool = False
    """What was sent builds on something that is gone."""
    copies: str = ""
    at: int = 0
    """From this offset on; everything before has arrived."""


class Started(Message, frozen=True):
    """The attempt runs."""

    key: Key
    pid: int | None = None


class Told(Message, frozen=True):
    """Events of the attempt before its end: remarks for a person."""

    key: Key
    events: tuple[dict[str, Any], ...]


class Log(Message, frozen=True):
    """Bytes of its log."""

    key: Key
    at: int
    data: bytes


class Ended(Message, frozen=True):
    """It is over; the events of its end come as one."""

    key: Key
    events: tuple[dict[str, Any], ...]
    log_bytes: int
    refs: tuple[tuple[str, str], ...] = ()
    """What it left: names of refs with their commits."""
    bundle_bytes: int = 0
    """0: all of that is the base."""
    collections: int = 0


class Result(Message, frozen=True):
    """A part of the bundle of what it left."""

    key: Key
    at: int
    data: bytes


class SoFar(Message, frozen=True):
    """A part of the bundle of what a running attempt has done so far: advice, never a result."""

    key: Key
    commit: str
    at: int
    size: int
    """Of all parts together, in bytes; at most `WINDOW`."""
    data: bytes


class Samples(Message, frozen=True):
    """What running attempts use now."""

    rows: tuple[tuple[Key, Sample], ...]
    now: float
    disk_free_bytes: int
    disk_bytes: int = 0
    memory_free_bytes: int = 0
    memory_bytes: int = 0
    """0: not known."""


class Leftovers(Message, frozen=True):
    """What is left of a run there."""

    run: RunId
    worktrees: tuple[LeftWorktree, ...] = ()
    is_last: bool = False
    """Nothing of any run is left there."""


class Pong(Message, frozen=True):
    """The answer to a ping."""

    number: int
    now: float


class Refused(Message, frozen=True):
    """Why an attempt is refused, or the whole connection, which is over then."""

    why: str
    key: Key | None = None


FROM_ENGINE: tuple[type[Message], ...] = (
    Greeting, Start, Stop, Freeze, Pack, Copies, LogTaken, TakeResult, Ack, Ping, LookOver, CleanUp,
)  # fmt: skip
FROM_HOST: tuple[type[Message], ...] = (
    Welcome, Need, Started, Told, Log, Ended, Result, SoFar, Samples, Pong, Refused, Leftovers,
)  # fmt: skip
