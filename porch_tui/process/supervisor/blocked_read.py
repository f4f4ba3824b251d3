"""Notices that a process is blocked in reading a pipe that only a person writes to: it waits for them.

The kernel says so in /proc/PID/task/TID/syscall, to an ancestor everywhere. Where there is no such file
nothing is noticed, nor is a program that waits with poll before it reads.

Stdlib only, and of porch nothing but the files beside it: the shim imports this file from its own folder.
"""

# importing pathlib takes 4 of a shim's 19 ms:
# ruff: noqa: PTH116
from __future__ import annotations

import fcntl
import os
import termios
import time
from contextlib import suppress

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from porch_tui.process.supervisor import calls, kernel, last_line
else:
    import calls
    import kernel
    import last_line

QUIET_S = 0.3
"""So long nothing is written to the log until who reads is looked for."""
SILENT_LOOK_S = 0.6
"""Between two looks while nothing is written: one takes some 100 µs, and 20 for each process of the step."""
NEVER_S = 3600.0


class BlockedRead:
    """Looks at the processes of one step, and writes down when they wait and when they go on."""

    def __init__(self, directory: str, log: int, pipe: int) -> None:
        """Begin with none that waits; `pipe` is the end that is written to of what they read."""
        self._directory, self._log, self._pipe = directory, log, pipe
        self._next_look = time.monotonic() + QUIET_S if kernel.IS_LINUX else float("inf")
        self._searched = -1
        """How long the log was when all processes were looked at last."""
        self._reader: tuple[int, int] | None = None
        """The process and its thread that was found reading last."""
        self._said: int | None = None
        """How long the log was when it was said that it waits; None: that is answered."""
        self._answered = 0
        """How long it was when a person wrote something: no line break of theirs is in it."""
        self._is_waiting = False
        """The last that was said of it is that it waits."""

    def due_in_s(self) -> float:
        """Return the seconds until the next look."""
        return min(max(self._next_look - time.monotonic(), 0.0), NEVER_S)

    def answered(self) -> None:
        """Take that a person has written something: who reads after that waits again."""
        self._said, self._is_waiting = None, False
        self._answered = os.fstat(self._log).st_size
        self._next_look = min(self._next_look, time.monotonic() + QUIET_S)

    def over(self) -> None:
        """Take that nothing more will be read."""
        self._go_on()
        self._next_look = float("inf")

    def look(self) -> None:
        """Look, if that is due."""
        now = time.monotonic()
        if now < self._next_look:
            return
        log = os.fstat(self._log)
        self._next_look = now + (SILENT_LOOK_S if log.st_size == self._searched else QUIET_S)
        has_unread = self._has_unread()
        is_reading = not has_unread and self._reader is not None and self._reads(*self._reader)
        quiet_s = time.time() - log.st_mtime
        if 0 <= quiet_s < QUIET_S:
            self._next_look = now + QUIET_S - quiet_s
        elif not is_reading and not has_unread:
            self._searched = log.st_size
            self._reader = self._found()
            is_reading = self._reader is not None
        if not is_reading:
            self._go_on()
        elif quiet_s >= QUIET_S and self._said != log.st_size:
            self._say("waiting", last_line.last_line(self._log, self._answered))
            self._said, self._is_waiting = log.st_size, True

    def _go_on(self) -> None:
        if self._is_waiting:
            self._say("working", "")
        self._said, self._is_waiting = None, False

    def _say(self, kind: str, text: str) -> None:
        with suppress(OSError):  # a full disk: then only this is lost
            calls.append(self._directory, kind, text, time.time_ns())

    def _found(self) -> tuple[int, int] | None:
        for pid in kernel.pids_below(os.getpid()):
            for thread in kernel.threads(pid):
                if self._reads(pid, thread):
                    return pid, thread
        return None

    def _reads(self, pid: int, thread: int) -> bool:
        """Say whether a thread is blocked in reading the pipe."""
        fd = kernel.reading(pid, thread)
        if fd is None:
            return False
        with suppress(OSError):  # gone, or another user's
            return os.path.samestat(os.stat(f"/proc/{pid}/fd/{fd}"), os.fstat(self._pipe))
        return False

    def _has_unread(self) -> bool:
        """Say whether there is something to read yet: one that is frozen waits for no one then."""
        return fcntl.ioctl(self._pipe, termios.FIONREAD, bytes(4)) != bytes(4)
