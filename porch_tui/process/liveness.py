"""What has become of an attempt, found out from its directory alone.

Any process may ask, at any time: the engine that started it, one that adopts it after a crash, a screen.
Nothing is changed here, and no bare pid is ever trusted. If the attempt's lock is taken, its shim is alive,
wherever that is: a container and its host, or two machines, may share a repository but no processes.

A damaged file counts as a missing one: then the lock and the running processes decide.
"""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from porch_tui.errors import JournalError
from porch_tui.process.supervisor import kernel, spool
from porch_tui.process.supervisor.kernel import Identity

UNSURE_S = 5.0
"""How long a lock may be taken without a known shim before that is reported: a shim that begins has not
written its identity yet, and one killed while it started a program leaves the lock to that until it is
loaded."""
POLL_S = 0.2
"""How often to look where the kernel cannot wake us (no pidfd)."""


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
    """`run.json`: the shim's process, and when the attempt began (Unix time)."""

    pid: int
    ticks: int
    boot: str
    started_at: float
    namespace: str = ""
    """Empty: written by an earlier porch, which did not record it."""
    host: str = ""
    mark: str = ""
    """The attempt's directory, as the environment of its processes names it; empty: as for `namespace`."""

    @property
    def identity(self) -> Identity:
        return Identity(self.pid, self.ticks, self.boot, self.namespace or kernel.pid_namespace())


class Leader(Struct, frozen=True):
    """`lock`: the first process of the present or last step; `born` in clock ticks, 0 if not known."""

    pid: int
    born: int


class Progress(Struct, frozen=True):
    """`state.json`: how far orders were carried out."""

    is_paused: bool = False
    paused_s: float = 0.0
    seq: int = 0
    """Of the last order that was carried out."""
    is_finished: bool = False
    """Its step in a terminal was ended as one that ends well."""
    stuck: tuple[Stuck, ...] = ()
    trouble: str = ""
    """Why what is behind the fence could not be held, or released; empty: it could."""


class Cause(StrEnum):
    """Why an attempt is over."""

    EXIT = "exit"
    SIGNAL = "signal"
    """By a signal that porch did not send."""
    TIMEOUT = "timeout"
    STOPPED = "stopped"
    SPAWN_ERROR = "spawn-error"
    LEASE = "lease"
    """Who gave the order could not be reached for longer than was agreed."""


class StepExit(Struct, frozen=True):
    """The end of one step."""

    name: str
    code: int | None
    wall_s: float
    """Includes the time spent paused, `paused_s`."""
    paused_s: float = 0.0
    cpu_s: float | None = None
    """None: written by an earlier porch, which did not record it."""
    delay_s: float = 0.0
    """For how long its processes, added up, were ready to run and had no core."""
    open_line: str = ""
    """What it wrote last, if no line break ended that: it may be a question that no one could answer."""


class Exit(Struct, frozen=True):
    """The end of an attempt: that of the last step started, and what all steps used."""

    step: str
    index: int
    """Of the step, 0 being the first."""
    code: int | None
    """Negative for a signal, None when the step was not, or could not be, started."""
    cause: Cause
    detail: str
    """A sentence for a person; empty when all went well."""
    started_at: float
    """Unix time, like `ended_at`: for display, not for differences."""
    ended_at: float
    wall_s: float
    """Includes the time spent paused, `paused_s`."""
    paused_s: float
    cpu_s: float
    max_rss_bytes: int
    """Of the largest single process."""
    steps: tuple[StepExit, ...]
    killed: int
    """How many processes did not end when asked to and were killed."""
    stragglers: tuple[tuple[str, int], ...] = ()
    """Processes that steps left running and porch ended: names with their numbers."""
    unended: str = ""
    """Why what is behind the fence could not be ended; empty: it was, or ended before."""

    @property
    def has_succeeded(self) -> bool:
        return self.cause is Cause.EXIT and self.code == 0


for _kind in (Shim, Leader, Progress, Exit):
    # msgspec builds what it knows of a type at its first use, and crashes if two threads do that at once
    msgspec.json.Decoder(_kind)


class NotStarted(Struct, frozen=True):
    """No shim has begun here; one may be started."""


class Running(Struct, frozen=True):
    """A shim is alive and supervises the attempt."""

    shim: Identity
    started_at: float
    is_paused: bool
    paused_s: float
    """Without the present pause."""
    order: int
    """Number of the last order carried out; 0 for none."""
    stuck: tuple[Stuck, ...] = ()
    """Processes it waits for, because they cannot be killed."""
    trouble: str = ""
    """Why what is behind the fence could not be held, or released."""

    @property
    def shim_pid(self) -> int:
        return self.shim.pid


class Ended(Struct, frozen=True):
    """It is over, and on Linux none of its processes exists."""

    exit: Exit


class Elsewhere(Struct, frozen=True):
    """The lock is taken by a process that has no pid here: the attempt is alive.

    It can be neither signalled nor measured from here; orders reach it through its directory, which a shim
    checks once a second.
    """

    where: str
    """For a sentence: `in another PID namespace (a container, or its host)`."""
    is_paused: bool = False
    order: int = 0
    stuck: tuple[Stuck, ...] = ()
    """Pids are those of that place."""
    trouble: str = ""


Alive = Running | Elsewhere


class LostWhy(StrEnum):
    """Why the result of an attempt will never be known."""

    REBOOT = "reboot"
    KILLED = "killed"
    """The shim was; what it supervised may still run (`control.end_leftovers`)."""
    KILLED_ELSEWHERE = "killed in another PID namespace"
    """Likewise, and most processes there cannot be seen from here."""


class Lost(Struct, frozen=True):
    """It began, and its end will never be known."""

    why: LostWhy


Liveness = NotStarted | Running | Elsewhere | Ended | Lost


def find(directory: Path) -> Liveness:
    """Return what has become of the attempt. Raises OSError when the directory may not be read."""
    deadline = time.monotonic() + UNSURE_S
    while True:
        # In this order: run.json means that the lock was taken before; if the lock is free, exit.json is
        # there or will never be.
        has_begun = spool.has(f"{directory}/run.json")
        is_locked = spool.is_locked(str(directory))
        if ended := _exit(directory, is_over=not is_locked):
            return Ended(ended)
        if not is_locked:
            return _without_shim(directory) if has_begun else NotStarted()
        shim, now = shim_of(directory), progress_of(directory)
        if shim and kernel.identify(shim.pid) == shim.identity:
            return Running(
                shim.identity,
                shim.started_at,
                now.is_paused,
                now.paused_s,
                now.seq,
                now.stuck,
                now.trouble,
            )
        if shim and _is_elsewhere(shim):
            return Elsewhere(_place(shim), now.is_paused, now.seq, now.stuck, now.trouble)
        if time.monotonic() > deadline:
            where = "and its lock is held by a process that is not its shim"
            return Elsewhere(where, now.is_paused, now.seq, now.stuck, now.trouble)
        time.sleep(0.005)


def read_exit(directory: Path) -> Exit | None:
    """Return how the attempt ended; None if it has not, or if its end was not recorded."""
    return _exit(directory, is_over=not spool.is_locked(str(directory)))


def _exit(directory: Path, *, is_over: bool) -> Exit | None:
    """Read the exit record. `is_over` must be determined before: then its final name is there."""
    record = spool.read(f"{directory}/exit.json")
    if not record and is_over:
        record = spool.read(f"{directory}/exit.json.tmp")  # a power loss undid the rename
    if not record:
        return None
    try:
        record["stragglers"] = list(record.get("stragglers", {}).items())
        return msgspec.convert(record, Exit)
    except (msgspec.ValidationError, AttributeError) as error:
        raise JournalError(
            f"{directory}/exit.json should say how it ended, but is damaged: {error!r}; what it wrote is in "
            f"{directory}/{spool.OUTPUT}"
        ) from error


def shim_of(directory: Path) -> Shim | None:
    """Return the process that supervises the attempt, or did; None if none is recorded."""
    return _parsed(f"{directory}/run.json", Shim)


def leader_of(directory: Path) -> Leader | None:
    """Return the leader of the session of the last step; None if there was none."""
    return _parsed(f"{directory}/lock", Leader)


def progress_of(directory: Path) -> Progress:
    """Return how far its orders were carried out."""
    return _parsed(f"{directory}/state.json", Progress) or Progress()


def _parsed(path: str, kind: type[Parsed]) -> Parsed | None:
    try:
        return msgspec.convert(spool.read(path), kind)
    except msgspec.ValidationError:
        return None


def _is_elsewhere(shim: Shim) -> bool:
    """Say whether the shim's pid means nothing here, or another process."""
    place = shim.identity
    return (place.boot, place.namespace) != (kernel.boot_id(), kernel.pid_namespace())


def _place(shim: Shim) -> str:
    host = shim.host
    if shim.boot != kernel.boot_id():
        return f"on another machine ({host})" if host else "on another machine"
    named = f", host name {host}" if host and host != os.uname().nodename else ""
    return f"in another PID namespace (a container or its host{named})"


def _without_shim(directory: Path) -> Lost:
    shim = shim_of(directory)  # none: it had begun when the power went
    if not shim or shim.boot != kernel.boot_id():
        return Lost(LostWhy.REBOOT)
    return Lost(LostWhy.KILLED_ELSEWHERE if _is_elsewhere(shim) else LostWhy.KILLED)


class Bell:
    """Wakes every thread that waits with it. Once rung it stays rung until `hush`, like an Event."""

    def __init__(self) -> None:
        self._ear, self._clapper = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(self._clapper, False)

    def ring(self) -> None:
        with suppress(BlockingIOError):  # the pipe is full
            os.write(self._clapper, b"!")

    def hush(self) -> None:
        with suppress(BlockingIOError):
            while os.read(self._ear, 4096):
                pass

    def wait(self) -> None:
        """Wait until it is rung."""
        select.select([self], [], [])

    def fileno(self) -> int:
        """Return a descriptor that is readable while the bell is rung."""
        return self._ear

    def close(self) -> None:
        os.close(self._ear)
        os.close(self._clapper)


def is_lane(directory: Path) -> bool:
    """Say whether more may still begin behind this attempt, under its shim."""
    return spool.is_locked(str(directory), spool.LANE)


def is_of_earlier_boot(directory: Path) -> bool:
    """Say whether an attempt has begun before the machine was started: not all it did need be on the disk."""
    shim = shim_of(directory)
    return spool.has(f"{directory}/run.json") and (shim is None or shim.boot != kernel.boot_id())


def wait_for_lane(directory: Path, timeout_s: float, bell: Bell) -> None:
    """Wait until the shim of this attempt is over, whatever it runs by now, or the bell is rung."""
    if shim := shim_of(directory):
        _is_rung_before(shim, timeout_s, bell)


def wait(directory: Path, timeout_s: float | None = None, bell: Bell | None = None) -> Liveness:
    """Wait until the attempt is no longer running, the time is over or the bell is rung; return its liveness.

    The kernel wakes it; it polls only where there are no pidfds, or the attempt runs elsewhere.
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
    """Wait for the bell, or the end of the attempt's shim; not at all if there is none."""
    shim = shim_of(directory)
    if not shim or not spool.is_locked(str(directory)):
        return False
    return _is_rung_before(shim, timeout_s, bell)


def _is_rung_before(shim: Shim, timeout_s: float | None, bell: Bell | None) -> bool:
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
