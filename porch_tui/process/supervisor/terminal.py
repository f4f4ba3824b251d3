"""The terminal of a step: what the step writes there goes into the log, what people type goes to the step.

The shim owns it, so that it lives as long as the step whoever looks. `spool` lists its files: viewers read
`output.log` with `tty.sizes`, and write frames into `tty.in`.

Stdlib only, and of porch nothing but the files beside it: the shim imports this file from its own folder, for
a step that has a terminal.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import struct
import termios
import time
from contextlib import suppress

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from collections.abc import Iterable

    from porch_tui.process.supervisor import answering, frames, spool, typed, waking
else:
    import answering
    import frames
    import spool
    import typed
    import waking

SMALLEST, LARGEST = 2, 1000
"""Columns and rows."""
READ_BYTES = 64 * 1024
ROUND_BYTES = answering.MOST_BYTES
"""So much output is taken before anything else is looked at: a step may write without end."""
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
        self._pending = b""
        """What the step has not taken yet."""
        self._is_open = True
        self._master, self._slave = os.openpty()
        self.name = os.ttyname(self._slave)
        """The path by which the step opens it."""
        self.notes: list[str] = []
        """Lines for the log, once they do not disturb what the terminal shows."""
        os.set_blocking(self._master, False)
        writing = os.O_WRONLY | os.O_CREAT
        self._sizes = os.open(f"{directory}/{spool.TTY_SIZES}", writing | os.O_APPEND, 0o600)
        self._typed, self._waking = typed.Typed(directory, log), waking.Waking()
        self._answering = answering.Answering(log)
        self.resize(cols, rows)

    def begun(self) -> None:
        """Let go of the step's side, which it has opened itself: then its end is noticed."""
        os.close(self._slave)
        self._slave = -1

    def next_signal(self, signals: Iterable[int], timeout_s: float) -> int:
        """Serve the terminal until one of the blocked `signals` comes, and return it; 0 after the time."""
        return self._waking.next_signal(signals, timeout_s, self._serve)

    def close(self) -> None:
        """Take the rest of the output, once no process of the step is left."""
        while self._is_open and select.select([self._master], [], [], 0)[0]:
            self._take_output()
        self._note_size(0, 0)
        for line in self.notes:
            spool.note(self._log, line)
        self._typed.close()
        self._waking.close()
        for fd in (self._master, self._slave, self._sizes):
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
        reading = [self._waking.fd]
        if len(self._pending) < typed.MOST_PENDING_BYTES and self._typed.is_heard:
            reading.append(self._typed.fd)
        if self._is_open:
            reading.append(self._master)
        writing = [self._master] if self._pending and self._is_open else []
        readable, writable, _ = select.select(reading, writing, [], timeout_s)
        if self._waking.fd in readable:
            self._waking.listen()
        if self._typed.fd in readable:  # before output: a person has not seen that yet
            self._take_input()
        if writable:
            self._give()
        if self._master in readable:
            self._take_output()
        if self._redraw and time.monotonic() >= self._redraw[0]:
            size, self._redraw = self._redraw[1], None
            self.resize(*size)

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
        if not self._typed.take():
            self._give(self._answering.left())
        for frame in self._typed.frames():
            self._obey(*frame)

    def _obey(self, kind: bytes, payload: bytes) -> None:
        if kind == frames.TYPED:
            self._typed.note()
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

    def _give(self, data: bytes = b"") -> None:
        """Write to the step as much as it takes; the rest waits."""
        self._pending += data
        with suppress(OSError):
            while self._pending:
                self._pending = self._pending[os.write(self._master, self._pending) :]
