"""Find out what has become of an attempt, from its directory alone.

Any process may ask, at any time: the engine that started it, one that adopts it after a crash, a screen.
Nothing is changed here, and no bare process number is ever believed. Whoever holds the attempt's lock is
alive, wherever that is: a container and its host, or two machines, may share a repository and no process.
"""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec
from msgspec import Struct

from porch_tui.errors import JournalError
from porch_tui.process.supervisor import kernel, spool
from porch_tui.process.supervisor.kernel import Identity

UNSURE_S = 5.0
"""How long a held lock may go without a shim to it before that is reported: one that begins has not said yet
who it is, and one that was killed while it started a program has left the lock to that until it is loaded."""
POLL_S = 0.2
"""How often to look where the kernel cannot tell us (no pidfd)."""


Parsed = TypeVar("Parsed", bound=Struct)


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


class Cause(StrEnum):
    """Why an attempt is over."""

    EXIT = "exit"
    SIGNAL = "signal"
    """By a signal that porch did not send."""
    TIMEOUT = "timeout"
    STOPPED = "stopped"
    SPAWN_ERROR = "spawn-error"
    LEASE = "lease"
    """By porch, for nobody renewed its lease: as lost as one whose machine went down, but for its end."""


class StepExit(Struct, frozen=True):
    """The end of one step."""

    name: str
    code: int | None
    wall_s: float


class Exit(Struct, frozen=True):
    """The end of an attempt: that of the last step begun, and what all of them used."""

    step: str
    index: int
    """Of the step, 0 being the first."""
    code: int | None
    """Negative for a signal, None when the step could not be started or was not any more."""
    cause: Cause
    detail: str
    """A sentence for a person; empty when all went well."""
    started_at: float
    """Unix time, as `ended_at`: to be shown, not to be subtracted."""
    ended_at: float
    wall_s: float
    """With the time spent paused, of which `paused_s` is the sum."""
    paused_s: float
    cpu_s: float
    max_rss_bytes: int
    """Of the largest single process, not of all together."""
    steps: tuple[StepExit, ...]
    killed: int
    """How many processes did not end when asked to and were killed."""
    stragglers: tuple[tuple[str, int], ...] = ()
    """What steps had left running when they were over, and porch has ended: each name, and how many."""

    @property
    def has_succeeded(self) -> bool:
        return self.cause is Cause.EXIT and self.code == 0


class NotStarted(Struct, frozen=True):
    """No shim has begun here; it may be started, or started again."""


class Running(Struct, frozen=True):
    """A shim lives and has the attempt in hand."""

    shim: Identity
    started_at: float
    is_paused: bool
    paused_s: float
    """Of the pauses that are over."""
    order: int
    """Number of the last order carried out; 0 for none."""
    stuck: tuple[Stuck, ...] = ()
    """What it waits for, because it cannot be killed."""

    @property
    def shim_pid(self) -> int:
        return self.shim.pid


class Ended(Struct, frozen=True):
    """It is over, and on Linux no process of it exists."""

    exit: Exit


class Elsewhere(Struct, frozen=True):
    """The lock is held by a process that has no number here, so the attempt is alive all the same.

    It can be neither signalled nor measured from here; orders reach it through its directory, in which a
    shim looks once a second.
    """

    where: str
    """For a sentence: `in another PID namespace (a container, or its host)`."""
    is_paused: bool = False
    order: int = 0
    stuck: tuple[Stuck, ...] = ()
    """As of one that runs here; numbers are of that place."""


Alive = Running | Elsewhere


class LostWhy(StrEnum):
    """How the result of an attempt came to be unknown for good."""

    REBOOT = "reboot"
    KILLED = "killed"
    """The shim was; what it supervised may go on (`control.end_leftovers`)."""
    KILLED_ELSEWHERE = "killed in another PID namespace"
    """Likewise, and most of what goes on there cannot be seen from here."""


class Lost(Struct, frozen=True):
    """It began, and nobody will ever say how it ended."""

    why: LostWhy


Liveness = NotStarted | Running | Elsewhere | Ended | Lost


def find(directory: Path) -> Liveness:
    """Return what has become of the attempt. Raises OSError when the directory may not be read."""
    deadline = time.monotonic() + UNSURE_S
    while True:
        # In this order: run.json means that the lock was taken before, a free lock that exit.json, if it
        # ever comes, is there.
        has_begun = spool.has(f"{directory}/run.json")
        is_locked = spool.is_locked(str(directory))
        if ended := _exit(directory, is_over=not is_locked):
            return Ended(ended)
        if not is_locked:
            return _without_shim(directory) if has_begun else NotStarted()
        shim = shim_of(directory)
        if shim and kernel.identify(shim.pid) == shim.identity:
            return _supervised(directory, shim)
        if shim and _is_elsewhere(shim):
            return _seen_elsewhere(directory, _place(shim))
        if time.monotonic() > deadline:
            return _seen_elsewhere(directory, "and its lock is held by a process that is not its shim")
        time.sleep(0.005)


def read_exit(directory: Path) -> Exit | None:
    """Return how the attempt ended; None as long as it has not, or if nobody was left to say."""
    return _exit(directory, is_over=not spool.is_locked(str(directory)))


def _exit(directory: Path, *, is_over: bool) -> Exit | None:
    """Read how it ended. Whether it is over was asked before: then a name that is to come is there."""
    record = spool.read(f"{directory}/exit.json")
    if not record and is_over:
        record = spool.read(f"{directory}/exit.json.tmp")  # a loss of power took the name
    if not record:
        return None
    try:
        steps = tuple(StepExit(**step) for step in record.pop("steps"))
        stragglers = tuple(record.pop("stragglers", {}).items())
        return Exit(**{**record, "steps": steps, "stragglers": stragglers, "cause": Cause(record["cause"])})
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise JournalError(
            f"{directory}/exit.json should say how it ended, but is damaged: {error!r}; what it wrote is in "
            f"{directory}/output.log"
        ) from error


def shim_of(directory: Path) -> Shim | None:
    """Return which process supervises the attempt, or did; None if none has said so."""
    return _parsed(f"{directory}/run.json", Shim)


def leader_of(directory: Path) -> Leader | None:
    """Return the leader of the session of its last step; None if there was none."""
    return _parsed(f"{directory}/lock", Leader)


def progress_of(directory: Path) -> Progress:
    """Return how far its orders were carried out; nothing was if nothing was written."""
    return _parsed(f"{directory}/state.json", Progress) or Progress()


def _parsed(path: str, kind: type[Parsed]) -> Parsed | None:
    try:
        return msgspec.convert(spool.read(path), kind)
    except msgspec.ValidationError:
        return None


def _is_elsewhere(shim: Shim) -> bool:
    """Say whether the number of a shim means nothing here, or another process."""
    place = shim.identity
    return (place.boot, place.namespace) != (kernel.boot_id(), kernel.pid_namespace())


def _place(shim: Shim) -> str:
    host = shim.host
    if shim.boot != kernel.boot_id():
        return f"on another machine ({host})" if host else "on another machine"
    named = f", host name {host}" if host and host != os.uname().nodename else ""
    return f"in another PID namespace (a container or its host{named})"


def _seen_elsewhere(directory: Path, where: str) -> Elsewhere:
    progress = progress_of(directory)
    return Elsewhere(where, progress.is_paused, progress.seq, progress.stuck)


def _supervised(directory: Path, shim: Shim) -> Running:
    progress = progress_of(directory)
    return Running(
        shim=shim.identity,
        started_at=shim.started_at,
        is_paused=progress.is_paused,
        paused_s=progress.paused_s,
        order=progress.seq,
        stuck=progress.stuck,
    )


def _without_shim(directory: Path) -> Lost:
    shim = shim_of(directory)  # none: it had begun when the power went
    if not shim or shim.boot != kernel.boot_id():
        return Lost(LostWhy.REBOOT)
    return Lost(LostWhy.KILLED_ELSEWHERE if _is_elsewhere(shim) else LostWhy.KILLED)


class Bell:
    """Wakes every thread that waits with it. Once rung it stays so until `hush`, as an Event stays set."""

    def __init__(self) -> None:
        self._ear, self._clapper = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(self._clapper, False)

    def ring(self) -> None:
        with suppress(BlockingIOError):  # rung so often that the pipe is full
            os.write(self._clapper, b"!")

    def hush(self) -> None:
        with suppress(BlockingIOError):
            while os.read(self._ear, 4096):
                pass

    def fileno(self) -> int:
        """Return a descriptor that is readable while the bell is rung."""
        return self._ear

    def close(self) -> None:
        os.close(self._ear)
        os.close(self._clapper)

    def __enter__(self) -> Bell:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def wait(directory: Path, timeout_s: float | None = None, bell: Bell | None = None) -> Liveness:
    """Return the liveness once the attempt is no longer running, the time is over or the bell is rung.

    Costs nothing while it waits: the kernel wakes it (where there are no pidfds, or the attempt runs
    elsewhere, it looks every 0.2 s).
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    while True:
        left_s = None if deadline is None else max(0.0, deadline - time.monotonic())
        is_rung = _is_rung_before_end(directory, left_s, bell)
        found = find(directory)
        is_late = deadline is not None and time.monotonic() >= deadline
        if is_rung or is_late or not isinstance(found, Alive):
            return found


def _is_rung_before_end(directory: Path, timeout_s: float | None, bell: Bell | None) -> bool:
    """Wait for the bell, or the end of the shim that has the attempt in hand; not at all if none has."""
    shim = shim_of(directory)
    if not shim or not spool.is_locked(str(directory)):
        return False
    poll = select.poll()
    if bell:
        poll.register(bell, select.POLLIN)
    pidfd = kernel.open_pidfd(shim.identity)
    if pidfd is not None:
        poll.register(pidfd, select.POLLIN)
    elif _is_elsewhere(shim) or kernel.identify(shim.pid) == shim.identity:
        timeout_s = POLL_S if timeout_s is None else min(timeout_s, POLL_S)
    else:
        return False
    try:
        ready = poll.poll(None if timeout_s is None else timeout_s * 1000 + 1)
        return bell is not None and any(fd == bell.fileno() for fd, _ in ready)
    finally:
        if pidfd is not None:
            os.close(pidfd)
