"""The log of an agent's attempt as a person reads it, in a file that grows behind the log."""

from __future__ import annotations

import tempfile
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from threading import Lock

from porch_tui.agents.transcript import Transcript
from porch_tui.process import output

ASIDE_BYTES = 262_144
"""More than this takes so long that a thread is worth it."""


Transcripts = Callable[[], Transcript]
"""Begins a transcript."""
QUIET_S = 5.0
"""After so long without more an unfinished line is shown as it is."""


class ReadableLog:
    """One log made readable. The file is deleted by `close`, at the latest when porch ends."""

    def __init__(self, log: Path, transcripts: Transcripts) -> None:
        """Begin with an empty file. Raises OSError if there can be none."""
        self.log = log
        self._transcripts = transcripts
        self._folder = tempfile.TemporaryDirectory(prefix="porch-")
        self.path = Path(self._folder.name) / log.parent.name / log.name
        """Its last folder is named as the log's."""
        self.path.parent.mkdir()
        self.is_busy = False
        """A thread reads it."""
        self._lock = Lock()
        self._is_closed = False
        self._begin()

    @property
    def left_bytes(self) -> int:
        """How much of the log was not looked at yet."""
        return max(0, output.size(self.log) - self._read_bytes)

    def advance(self, limit_s: float = float("inf")) -> None:
        """Make readable what the log has gained, for about so many seconds. Raises OSError."""
        until = time.monotonic() + limit_s
        with self._lock:
            if not self._is_closed and output.size(self.log) < self._read_bytes:  # the task has emptied it
                self._begin()
        while self._advance_once() and time.monotonic() < until:
            pass

    def advance_aside(self) -> None:
        """Make all of it readable, in a thread."""
        self.is_busy = True
        try:
            with suppress(OSError):  # a full disk ends it where it is
                self.advance()
        finally:
            self.is_busy = False

    def shown_bytes(self, log_bytes: int) -> int:
        """Return how long the file was when the log had so many bytes."""
        at = bisect_right(self._log_ends, log_bytes)
        return self._shown_ends[at - 1] if at else 0

    def close(self) -> None:
        """Delete the file."""
        with self._lock:
            self._is_closed = True
            self._folder.cleanup()

    def _begin(self) -> None:
        self._transcript = self._transcripts()
        self._read_bytes, self._shown = 0, 0
        self._grew_at = time.monotonic()
        self._log_ends, self._shown_ends = array("Q"), array("Q")
        self.path.write_bytes(b"")

    def _advance_once(self) -> bool:
        """Read a piece of the log; return whether there was one."""
        with self._lock:
            if self._is_closed:
                return False
            content, end = output.next_piece(self.log, self._read_bytes)
            if end > self._read_bytes:
                self._grew_at = time.monotonic()
                self._append(content, end - len(content))
                self._read_bytes = end
                return True
            if time.monotonic() > self._grew_at + QUIET_S and (left := self._transcript.end()):
                with self.path.open("ab") as file:
                    self._shown += file.write(left)
            return False

    def _append(self, content: bytes, begin: int) -> None:
        with self.path.open("ab") as file:
            for line in BytesIO(content):
                begin += len(line)
                self._shown += file.write(self._transcript.feed(line))
                self._log_ends.append(begin)
                self._shown_ends.append(self._shown)
