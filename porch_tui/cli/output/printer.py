"""A thread that prints for a run: a reader that has stopped (a pager, ctrl+s) delays nothing."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from porch_tui import log
from porch_tui.cli.output.printing import say
from porch_tui.cli.output.streams import descriptor, destinations, put, put_all

REST_S = 0.02
"""After printing, the thread waits this long for more. It is not noticed, and waking the thread for each line
of a busy run is what costs."""
LEAVING_S = 2.0
"""A process that was asked to end waits this long for a slow reader."""

_patience_s: list[float] = []
"""How long leaving `unhurried` may take; empty: as long as it takes."""


class Printer:
    """Writes to the standard streams in the order of the calls. For any thread, and for signal handlers."""

    def __init__(self, *, is_json: bool) -> None:
        self._is_json = is_json
        self._waiting: deque[tuple[TextIO | None, bytes]] = deque()
        self._bytes = 0
        self._left_out = 0
        self._broken: set[int] = set()
        """Descriptors that could not be written to: nothing more goes there."""
        self._is_ending = False
        self._is_resting = False
        """The thread looks again soon, and need not be notified."""
        self._news = threading.Condition()  # with a lock that a signal handler may take again
        self._thread: threading.Thread | None = None

    def put(self, stream: TextIO | None, content: bytes, most_bytes: int | None) -> None:
        """Queue it; leave it out and count it if more than `most_bytes` would wait then. Never waits."""
        with self._news:
            if most_bytes is not None and self._bytes + len(content) > most_bytes:
                self._left_out += 1
                return
            if not (self._waiting or self._is_resting):  # else it is awake, or about to be
                self._news.notify()
            self._waiting.append((stream, content))
            self._bytes += len(content)
            if self._thread is None:
                self._start()

    def finish(self, patience_s: float | None) -> None:
        """Wait, at most this long, until everything is written or cannot be written."""
        with self._news:
            self._is_ending = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join(patience_s)

    def _start(self) -> None:
        thread = threading.Thread(target=self._print, name="printer", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads: then it is written at once, and may have to wait
            while self._waiting:
                self._write(*self._next_piece())
        else:
            self._thread = thread

    def _print(self) -> None:
        while True:
            with self._news:
                if not (self._waiting or self._left_out or self._is_ending):
                    self._is_resting = True
                    self._news.wait(REST_S)
                    self._is_resting = False
                while not (self._waiting or self._left_out or self._is_ending):
                    self._news.wait()
                if not self._waiting and self._left_out:
                    self._report_gap()
                if not self._waiting:
                    if self._is_ending:
                        return
                    continue
                stream, content = self._next_piece()
            self._write(stream, content)

    def _next_piece(self) -> tuple[TextIO | None, bytes]:
        stream, content = self._waiting.popleft()
        self._bytes -= len(content)
        return stream, content

    def _report_gap(self) -> None:
        """Print how much was left out: on standard error for JSON, whose records are numbered anyway."""
        what = "records" if self._is_json else "lines"
        text = f"porch: {self._left_out} {what} left out, as nothing read them; porch report has them all\n"
        self._left_out = 0
        self._waiting.append((sys.stderr if self._is_json else sys.stdout, text.encode()))
        self._bytes += len(text)

    def _write(self, stream: TextIO | None, content: bytes) -> None:
        fd = descriptor(stream)
        if fd in self._broken:
            return
        try:
            if fd is None:
                put(stream, content)
            else:
                put_all(fd, content)
        except (OSError, ValueError):
            self._broken.add(-1 if fd is None else fd)


def hurry() -> None:
    """Make the end of `unhurried` wait only a moment: this process was asked to end."""
    _patience_s.append(LEAVING_S)


@contextmanager
def unhurried(*, is_json: bool = False) -> Iterator[None]:
    """Have a thread write everything that is printed in the block: its reader may be slow, stopped or gone.

    Leaving the block waits until the reader has read the rest, unless it is gone.
    """
    if destinations:
        yield
        return
    printer = Printer(is_json=is_json)
    destinations.append(printer)
    log.listeners.append(say)  # what the engine logs
    try:
        yield
    finally:
        log.listeners.remove(say)
        printer.finish(_patience_s[0] if _patience_s else None)
        destinations.clear()
        _patience_s.clear()
