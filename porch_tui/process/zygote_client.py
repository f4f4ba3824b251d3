"""Asks a warm zygote to fork the shim of an attempt: one zygote per engine process, started on first use.

Only for speed. If the zygote is missing, dead or does not answer, the attempt has not begun and its shim
can be started as a program; should both begin after all, the attempt's lock admits one of them.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from porch_tui.process.children import Child
from porch_tui.process.supervisor import kernel

ZYGOTE = Path(__file__).with_name("supervisor") / "zygote.py"
ANSWER_WITHIN_S = 5.0
"""A forked shim begins within some milliseconds; a stopped zygote never answers."""
PADDING = " " * 1024
"""Makes the zygote's command line long enough for those that its children show instead."""


class Zygote:
    """The connection to this process's zygote, for any thread."""

    def __init__(self, program: Path = ZYGOTE) -> None:
        self._program = program
        self._requests: socket.socket | None = None
        self._lock = threading.RLock()

    def fork_shim(self, directory: Path, environment: int) -> None:
        """Have a shim forked, and return once it has begun, or as soon as it is known that none will.

        The directory tells which. `environment` is an open file with the environment of its steps, as JSON.
        Raises OSError when this process has no descriptor left, or the like.
        """
        reading, writing = os.pipe()
        try:
            try:
                self._ask(os.fsencode(directory), writing, environment)
            finally:
                os.close(writing)
            if not _is_closed(reading, ANSWER_WITHIN_S):
                self.close()
        finally:
            os.close(reading)

    def warm(self) -> None:
        """Start a zygote now, unless there is one: it takes as long as starting a shim as a program."""
        with self._lock, suppress(OSError):
            if self._requests is None:
                self._requests = _start(self._program)

    def close(self) -> None:
        """Let the zygote end; the next request starts another."""
        with self._lock:
            if self._requests is not None:
                self._requests.close()
                self._requests = None

    def _ask(self, message: bytes, output: int, environment: int) -> None:
        with self._lock:
            for _ in range(2):  # a zygote started long ago may be dead
                try:
                    if self._requests is None:
                        self._requests = _start(self._program)
                    socket.send_fds(self._requests, [message], [output, environment])
                    return
                except OSError:
                    self.close()


def _start(program: Path) -> socket.socket:
    """Start a zygote, detached, and return the connection to it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(ANSWER_WITHIN_S)
    with (
        theirs,
        Child(
            [sys.executable, "-I", "-S", str(program), str(os.getpid()), PADDING],
            cwd="/",
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as starter,
    ):
        starter.wait()  # if it failed, sending fails
    return ours


def _is_closed(pipe: int, within_s: float) -> bool:
    """Wait until the other end of a pipe is closed. Its text is dropped: the fallback repeats it."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    deadline = time.monotonic() + within_s
    while (left_s := deadline - time.monotonic()) > 0 and poll.poll(left_s * 1000 + 1):
        if not os.read(pipe, 65536):
            return True
    return False


_ours = Zygote()


def warm_up() -> None:
    """Start this process's zygote in the background, so that it is ready for the first attempt."""
    if kernel.IS_LINUX:
        with suppress(RuntimeError):  # no more threads: the first attempt starts it then
            threading.Thread(target=_ours.warm, name="zygote", daemon=True).start()


def fork_shim(directory: Path, environment: int) -> None:
    """Have a shim forked by this process's zygote, where there can be one; see `Zygote.fork_shim`."""
    if kernel.IS_LINUX:
        with suppress(OSError):
            _ours.fork_shim(directory, environment)
