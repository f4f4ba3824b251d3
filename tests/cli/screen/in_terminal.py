"""A terminal for code in this process: the standard streams are a pseudo-terminal that the test reads."""

from __future__ import annotations

import os
import pty
import re
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

PATIENCE_S = 60.0
STYLES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")
"""What may stand in the middle of a text: a row is drawn in pieces."""


class Terminal:
    """What was shown so far, and a keyboard."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.output = b""
        self._pressing: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            try:
                self.output += os.read(self._fd, 65536)
            except OSError:
                return

    def end(self) -> None:
        """Wait for the threads: the next file may get the descriptor that they read and write."""
        for thread in (*self._pressing, self._thread):
            thread.join(PATIENCE_S)

    def press_once_shown(self, text: bytes, *keys: bytes) -> None:
        """Send keys, from another thread, one by one, as soon as a text is shown."""

        def press() -> None:
            self.read_until_shown(text)
            for key in keys:
                os.write(self._fd, key)

        self._pressing.append(threading.Thread(target=press, daemon=True))
        self._pressing[-1].start()

    def read_until_shown(self, text: bytes) -> bytes:
        """Wait for a text, and return everything that was shown so far."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.output and text not in STYLES.sub(b"", self.output):
            assert time.monotonic() < deadline, f"{text!r} is not in {self.output!r}"
            time.sleep(0.02)
        return self.output


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch, columns: int = 120) -> Iterator[Terminal]:
    """Make the standard streams a terminal."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (36, columns))
    streams = {name: os.fdopen(os.dup(slave), mode, buffering=1, closefd=True) for name, mode in
               (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))}  # fmt: skip
    for name, stream in streams.items():
        monkeypatch.setattr(sys, name, stream)
        monkeypatch.setattr(sys, f"__{name}__", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    shown = Terminal(master)
    try:
        yield shown
    finally:
        monkeypatch.undo()
        for stream in streams.values():
            stream.close()
        os.close(slave)
        shown.end()
        os.close(master)
