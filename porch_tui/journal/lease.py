"""At most one engine works on a run: the lock that ensures it, and its holder.

The lock is the kernel's (`flock`), so it ends with its holder however that
ends; what is written in the file is for people. The file is never removed: a
lock on a removed file would exclude no one.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct

from porch_tui.errors import JournalError
from porch_tui.journal.durable import PRIVATE_FILE
from porch_tui.journal.rundir import RunDir

PATIENCE_S = 5.0
"""How long to wait for readers; each of them holds the lock for microseconds."""


class Holder(Struct, frozen=True):
    """The engine that works on a run, as it introduces itself."""

    pid: int
    """0 in the moment between taking the lock and saying so."""
    host: str
    started: str
    """`2026-11-22T08:15:00Z`; empty like `host` while `pid` is 0."""
    namespace: str = ""
    """The PID namespace in which `pid` is its number; empty where there are none, or it is not known."""

    def __str__(self) -> str:
        if not self.pid:
            return "just starting"
        is_here = self.namespace in ("", _pid_namespace())
        where = "" if is_here else " in another PID namespace (a container or its host)"
        return f"pid {self.pid}{where}, host {self.host}"


def _pid_namespace() -> str:
    """Return the name of our PID namespace; empty where there are none."""
    with suppress(OSError):
        return str(Path("/proc/self/ns/pid").readlink())
    return ""


UNSAID = Holder(pid=0, host="", started="")


class Lease:
    """The right to write one run's journal. Make it with `take`.

    Programs started meanwhile do not inherit it; a bare `os.fork` would.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, rundir: RunDir) -> Lease:
        """Take the right, or raise JournalError at once if an engine has it."""
        try:
            descriptor = os.open(rundir.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
            lease = cls(descriptor)
            try:
                is_ours = _lock(descriptor)
                if is_ours:
                    started = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
                    us = Holder(os.getpid(), os.uname().nodename, started, _pid_namespace())
                    os.ftruncate(descriptor, 0)
                    os.pwrite(descriptor, json.dumps(msgspec.to_builtins(us)).encode() + b"\n", 0)
                who = _introduction(descriptor)
            except BaseException:
                lease.release()
                raise
        except OSError as error:
            raise JournalError(
                f"cannot lock run {rundir.run} for an engine: {rundir.lock}: {error.strerror};"
                " the run directory must be writable, on a file system that knows flock"
            ) from error
        if not is_ours:
            lease.release()
            raise JournalError(
                f"cannot start an engine on run {rundir.run}: an engine ({who})"
                f" already works on this run; look at it with porch attach {rundir.run}"
            )
        return lease

    def release(self) -> None:
        """Give the right back; nothing happens the second time."""
        if self._descriptor is not None:
            # a program that is just being started has it open too, until the kernel closes it there
            with suppress(OSError):
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def holder(rundir: RunDir) -> Holder | None:
    """Return which engine works on the run, without disturbing it; None if none does."""
    try:
        descriptor = os.open(rundir.lock, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            return None if _try_lock(descriptor, fcntl.LOCK_SH) else _introduction(descriptor)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise JournalError(
            f"cannot tell whether an engine works on run {rundir.run}: {rundir.lock}: {error.strerror};"
            " the run directory must be readable, on a file system that knows flock"
        ) from error


def _lock(descriptor: int) -> bool:
    """Take the lock exclusively; False if an engine has it.

    Readers share the lock for a moment. If we can share it too, only readers are in
    the way, and they will be gone in a moment.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not _try_lock(descriptor, fcntl.LOCK_EX):
        if not _try_lock(descriptor, fcntl.LOCK_SH) or time.monotonic() > deadline:
            return False
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        time.sleep(0.001)
    return True


def _try_lock(descriptor: int, how: int) -> bool:
    """Try to lock, without waiting, and say whether it went well."""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_HOLDER = msgspec.json.Decoder(Holder)  # made here, since threads must not be the first to use a type


def _introduction(descriptor: int) -> Holder:
    """Read the holder from the file; UNSAID if it is just being written."""
    try:
        return _HOLDER.decode(os.pread(descriptor, 4096, 0))
    except (msgspec.DecodeError, RecursionError):
        return UNSAID
