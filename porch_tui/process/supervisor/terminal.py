"""The terminal of a step: what the step writes there goes into the log, what people type goes to the step.

The shim owns it, so that it lives as long as the step whoever looks. `spool` lists its files: viewers read
`output.log` with `tty.sizes`, and write frames into `tty.in`.

Stdlib only, and of porch nothing but the files beside it: the shim imports this file from its own folder, for
a step that has a terminal.
"""

# importing pathlib takes 4 of a shim's 19 ms:
# ruff: noqa: PTH108
from __future__ import annotations

import errno
import fcntl
import os
import select
import signal
import struct
import termios
import time
from contextlib import suppress

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from collections.abc import Iterable

    from porch_tui.process.supervisor import answering, frames, kernel, spool
else:
    import answering
    import frames
    import kernel
    import spool

SMALLEST, LARGEST = 2, 1000
"""Columns and rows."""
READ_BYTES = 64 * 1024
MOST_PENDING_BYTES = 64 * 1024
"""While the step has so much to read, what people type is not taken: they wait."""
ROUND_BYTES = answering.MOST_BYTES
"""So much output is taken before anything else is looked at: a step may write without end."""
RETRY_S = 1.0
REDRAW_S = 0.05
"""Between two changes of size, so that a program sees both."""


class Terminal:
    """A pseudo-terminal with its log. Never raises once it is there: a full disk costs output only."""

    def __init__(self, directory: str, log: int, cols: int, rows: int) -> None:
        """Make it; `log` is the open log of the attempt in `directory`. Raises OSError."""
        self._directory, self._log = directory, log
        self._size = (0, 0)
        self._redraw: tuple[float, tuple[int, int]] | None = None
        """When to go back to which size."""
        self._frames = self._pending = b""
        """Input that is no whole frame yet, and what the step has not taken yet."""
        self._heard: list[int] = []
        """Signals to report."""
        self._is_open = True
        self._master, self._slave = os.openpty()
        self.name = os.ttyname(self._slave)
        """The path by which the step opens it."""
        self.notes: list[str] = []
        """Lines for the log, once they do not disturb what the terminal shows."""
        os.set_blocking(self._master, False)
        writing = os.O_WRONLY | os.O_CREAT
        self._sizes = os.open(f"{directory}/{spool.TTY_SIZES}", writing | os.O_APPEND, 0o600)
        with suppress(FileExistsError):
            os.mkfifo(f"{directory}/{spool.TTY_IN}", 0o600)
        # on Linux the pipe ends when the last who types goes away; elsewhere it would, before the first comes
        access = os.O_RDONLY if kernel.IS_LINUX else os.O_RDWR
        self._input = os.open(f"{directory}/{spool.TTY_IN}", access | os.O_NONBLOCK)
        self._deaf_until = 0.0
        self._typed = -1
        self._answering = answering.Answering(log)
        self._ear, self._mouth = os.pipe()
        for end in (self._ear, self._mouth):
            os.set_blocking(end, False)
        self.resize(cols, rows)

    def begun(self) -> None:
        """Let go of the step's side, which it has opened itself: then its end is noticed."""
        os.close(self._slave)
        self._slave = -1

    def next_signal(self, signals: Iterable[int], timeout_s: float) -> int:
        """Serve the terminal until one of the blocked `signals` comes, and return it; 0 after the time."""
        deadline = time.monotonic() + timeout_s
        signal.set_wakeup_fd(self._mouth, warn_on_full_buffer=False)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        try:
            while not self._heard:
                left_s = deadline - time.monotonic()
                self._serve(max(left_s, 0.0))
                if left_s <= 0:
                    break
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, signals)
            signal.set_wakeup_fd(-1)
        self._listen()
        return self._heard.pop(0) if self._heard else 0

    def close(self) -> None:
        """Take the rest of the output, once no process of the step is left."""
        while self._is_open and select.select([self._master], [], [], 0)[0]:
            self._take_output()
        self._note_size(0, 0)
        for line in self.notes:
            spool.note(self._log, line)
        with suppress(OSError):
            os.unlink(f"{self._directory}/{spool.TTY_IN}")
        for fd in (
            self._master, self._slave, self._input, self._sizes, self._ear, self._mouth, self._typed
        ):  # fmt: skip
            if fd >= 0:
                os.close(fd)

    def resize(self, cols: int, rows: int) -> None:
        """Change the size, and say so in `tty.sizes`; sizes that no terminal has are ignored."""
        is_possible = SMALLEST <= cols <= LARGEST and SMALLEST <= rows <= LARGEST
        if not is_possible or (cols, rows) == self._size:
            return
        self._take_output()  # what was written for the former size
        self._size = cols, rows
        self._note_size(cols, rows)
        self._answering.resize(cols, rows)
        with suppress(OSError):
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def _note_size(self, cols: int, rows: int) -> None:
        with suppress(OSError):
            os.write(self._sizes, b"%d %d %d\n" % (os.fstat(self._log).st_size, cols, rows))

    def _serve(self, timeout_s: float) -> None:
        """Do what can be done, or wait for something to do."""
        if self._redraw:
            timeout_s = min(timeout_s, max(self._redraw[0] - time.monotonic(), 0.0))
        reading = [self._ear]
        if len(self._pending) < MOST_PENDING_BYTES and time.monotonic() >= self._deaf_until:
            reading.append(self._input)
        if self._is_open:
            reading.append(self._master)
        writing = [self._master] if self._pending and self._is_open else []
        readable, writable, _ = select.select(reading, writing, [], timeout_s)
        if self._ear in readable:
            self._listen()
        if self._input in readable:  # before output: a person has not seen that yet
            self._take_input()
        if writable:
            self._give()
        if self._master in readable:
            self._take_output()
        if self._redraw and time.monotonic() >= self._redraw[0]:
            size, self._redraw = self._redraw[1], None
            self.resize(*size)

    def _listen(self) -> None:
        with suppress(BlockingIOError):
            self._heard += os.read(self._ear, 512)

    def _take_output(self) -> None:
        """Append to the log what the step has written."""
        pieces, size = [], 0
        try:
            while self._is_open and size < ROUND_BYTES:
                piece = os.read(self._master, READ_BYTES)
                self._is_open = bool(piece)
                pieces.append(piece)
                size += len(piece)
        except BlockingIOError:
            pass
        except OSError as error:
            self._is_open = error.errno != errno.EIO  # no process has it open any more
        if size:
            output = b"".join(pieces)
            with suppress(OSError):
                os.write(self._log, output)
            if answer := self._answering.after(output):
                self._give(answer)

    def _take_input(self) -> None:
        """Do what frames say."""
        try:
            piece = os.read(self._input, READ_BYTES)
        except BlockingIOError:
            return
        if not piece:
            self._forget_people()
            return
        self._frames += piece
        found, self._frames = frames.take(self._frames)
        while found:
            self._obey(*found)
            found, self._frames = frames.take(self._frames)

    def _forget_people(self) -> None:
        """Go on when the last who had the pipe open has closed it, or was killed."""
        self._frames = b""
        self._give(self._answering.left())
        try:  # it stays at its end until it is opened again: the same pipe, wherever its name is now
            again = os.open(f"/proc/self/fd/{self._input}", os.O_RDONLY | os.O_NONBLOCK)
        except OSError:  # the system allows no more open files
            self._deaf_until = time.monotonic() + RETRY_S
            return
        os.close(self._input)
        self._input = again

    def _obey(self, kind: bytes, payload: bytes) -> None:
        if kind == frames.TYPED:
            self._note_typed()
            self._give(payload)
        elif kind == frames.PASSIVE:
            self._answering.pass_on(payload)
            self._give(payload)
        elif kind == frames.SIZE and len(payload) == frames.COLS_ROWS.size:
            self._redraw = None
            self.resize(*frames.COLS_ROWS.unpack(payload))
        elif kind == frames.REDRAW and not self._redraw:
            cols, rows = self._size
            self._redraw = time.monotonic() + REDRAW_S, (cols, rows)
            self.resize(cols, rows - 1 if rows > SMALLEST else rows + 1)

    def _note_typed(self) -> None:
        with suppress(OSError):
            if self._typed < 0:
                path = f"{self._directory}/{spool.TTY_TYPED}"
                self._typed = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.pwrite(self._typed, b"%020d" % os.fstat(self._log).st_size, 0)

    def _give(self, data: bytes = b"") -> None:
        """Write to the step as much as it takes; the rest waits."""
        self._pending += data
        with suppress(OSError):
            while self._pending:
                self._pending = self._pending[os.write(self._master, self._pending) :]
