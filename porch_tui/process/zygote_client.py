"""Ask a warm zygote for the shim of an attempt: one zygote for this process, begun with the first request.

It is a matter of speed alone. A zygote that is missing, dead or deaf leaves an attempt that has not begun,
which may be started as a program: were both to begin after all, the attempt's lock lets one of them.
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
"""A forked shim begins within some milliseconds; a zygote that somebody stopped never says so."""
ROOM = " " * 1024
"""Makes the zygote's command line long enough for those that its children show in its place."""


class Zygote:
    """The way to this process's zygote, for any thread."""

    def __init__(self, program: Path = ZYGOTE) -> None:
        self._program = program
        self._requests: socket.socket | None = None
        self._lock = threading.Lock()

    def fork_shim(self, directory: Path, environment: int) -> None:
        """Have a shim forked, and return once it has begun, or as soon as it is known that none will.

        Which of the two it was, the directory tells. `environment` is an open file that holds that of its
        steps, as JSON. Raises OSError when this process has no descriptor left, or the like.
        """
        ear, mouth = os.pipe()
        try:
            try:
                self._ask(os.fsencode(directory), mouth, environment)
            finally:
                os.close(mouth)
            if not _has_ended(ear, ANSWER_WITHIN_S):
                self.close()
        finally:
            os.close(ear)

    def warm(self) -> None:
        """Begin a zygote now, unless there is one: it takes as long as starting a shim as a program."""
        with self._lock, suppress(OSError):
            if self._requests is None:
                self._requests = _begin(self._program)

    def close(self) -> None:
        """Let the zygote end; the next request begins another."""
        with self._lock:
            self._let_go()

    def _ask(self, message: bytes, mouth: int, environment: int) -> None:
        with self._lock:
            for _ in range(2):  # the one that was begun long ago may be dead
                try:
                    if self._requests is None:
                        self._requests = _begin(self._program)
                    socket.send_fds(self._requests, [message], [mouth, environment])
                    return
                except OSError:
                    self._let_go()

    def _let_go(self) -> None:
        if self._requests is not None:
            self._requests.close()
            self._requests = None


def _begin(program: Path) -> socket.socket:
    """Start a zygote that is nobody's child, and return the way to it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(ANSWER_WITHIN_S)
    with (
        theirs,
        Child(
            [sys.executable, "-I", "-S", str(program), str(os.getpid()), ROOM],
            cwd="/",
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as starter,
    ):
        starter.wait()  # if it failed nobody listens at the other end, and sending fails
    return ours


def _has_ended(ear: int, within_s: float) -> bool:
    """Wait until nobody can write into the pipe any more. What was said is said again by the program."""
    poll = select.poll()
    poll.register(ear, select.POLLIN)
    deadline = time.monotonic() + within_s
    while (left_s := deadline - time.monotonic()) > 0 and poll.poll(left_s * 1000 + 1):
        if not os.read(ear, 65536):
            return True
    return False


_ours = Zygote()


def warm_up() -> None:
    """Begin this process's zygote in the background, so that it is there for the first attempt."""
    if kernel.IS_LINUX:
        with suppress(RuntimeError):  # no more threads: the first attempt begins it then
            threading.Thread(target=_ours.warm, name="zygote", daemon=True).start()


def fork_shim(directory: Path, environment: int) -> None:
    """Have a shim forked by this process's zygote, where there can be one; see `Zygote.fork_shim`."""
    if kernel.IS_LINUX:
        with suppress(OSError):
            _ours.fork_shim(directory, environment)
