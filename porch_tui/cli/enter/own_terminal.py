"""The person's own terminal: raw, on its alternate screen, while it shows a task's, and then as it was."""

from __future__ import annotations

import os
import select
import signal
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from porch_tui.cli.enter import mirror

SIGNALS = (
    signal.SIGWINCH, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP,
    signal.SIGCONT,
)  # fmt: skip
"""Those that are read as bytes from `signals`, in the loop, instead of anywhere."""
BEGIN = "\x1b[?1049h\x1b[?7l" + mirror.BEGIN
"""Another screen, where no character too wide moves a row; what keys send as it is at first."""
END = mirror.END + "\x1b[r\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_PATIENCE_S = 1.0
"""How long a terminal that takes nothing is waited for at the end."""
_REPORT_S = 0.02
"""How long it may take until a terminal that is not to report the mouse any more does not."""


class OwnTerminal:
    """Standard input and output, which are one terminal. What is written waits here for a slow one."""

    def __init__(self, source: int = 0, sink: int = 1) -> None:
        """`source` and `sink` are descriptors."""
        self.source, self.sink = source, sink
        self.may_report = False
        """Whether it may send something that no one has typed, when it is given back."""
        self._waiting = b""
        self._before: Any = None
        self._was_stopped = False
        self.signals = -1
        """Where numbers of signals are read from."""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return os.get_terminal_size(self.sink)

    @property
    def is_busy(self) -> bool:
        """Whether it has not taken all that was written."""
        return bool(self._waiting)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take the terminal; whatever ends the block, give it back as it was."""
        with self._own_sink(), _signals_as_bytes() as self.signals:
            self._before = termios.tcgetattr(self.source)
            try:
                self._begin()
                yield
            finally:
                self._end()

    def stop(self) -> None:
        """Stop this process as ctrl+z does; it has the terminal again when it continues."""
        self._end()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._before = termios.tcgetattr(self.source)
        self._begin()
        self._was_stopped = True

    def take_again(self) -> bool:
        """Set the terminal up again when this process continues; say whether that was needed.

        After SIGSTOP, which no process sees coming, another program had the terminal as it was.
        """
        if self._was_stopped:
            self._was_stopped = False
            return False
        self.write(END.encode())
        self._begin()
        return True

    def write(self, data: bytes) -> None:
        """Write what the terminal takes now; the rest with `flush`. OSError if it is gone."""
        self._waiting += data
        self.flush()

    def flush(self) -> None:
        """Write more of what waits."""
        with suppress(BlockingIOError):
            while self._waiting:
                self._waiting = self._waiting[os.write(self.sink, self._waiting) :]

    def _begin(self) -> None:
        tty.setraw(self.source, termios.TCSANOW)
        self.write(BEGIN.encode())

    def _end(self) -> None:
        """Write all that waits, then what gives the terminal back; a terminal that is gone needs neither."""
        deadline = time.monotonic() + _PATIENCE_S
        with suppress(OSError):
            self.write(END.encode())
            poll = select.poll()
            poll.register(self.sink, select.POLLOUT)
            while self.is_busy and (left := deadline - time.monotonic()) > 0:
                poll.poll(left * 1000)
                self.flush()
        self._waiting = b""
        with suppress(OSError, termios.error):
            if self.may_report:
                time.sleep(_REPORT_S)
                termios.tcflush(self.source, termios.TCIFLUSH)  # or the shell would read them as typed
            termios.tcsetattr(self.source, termios.TCSANOW, self._before)

    @contextmanager
    def _own_sink(self) -> Iterator[None]:
        """Open the terminal once more, so that writing does not block here and does where others write."""
        given = self.sink
        try:
            self.sink = os.open(os.ttyname(given), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError:  # it has no name here: what is written may have to wait
            yield
            return
        try:
            yield
        finally:
            os.close(self.sink)
            self.sink = given


@contextmanager
def _signals_as_bytes() -> Iterator[int]:
    """Have signals written into a pipe; yield its reading end."""
    reading, writing = os.pipe()
    for fd in (reading, writing):
        os.set_blocking(fd, False)
    handlers = {one: signal.signal(one, lambda *_: None) for one in SIGNALS}
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(before)
        for one, handler in handlers.items():
            signal.signal(one, handler)
        os.close(reading)
        os.close(writing)
