"""The log of an agent's attempt as a person reads it, in a file that grows behind the log."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_right
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Protocol

from porch_tui.process import output
from porch_tui.session.own_file import OwnFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from porch_tui.agents.transcript import Transcript

ASIDE_BYTES = 262_144
"""More than this takes so long that a thread is worth it."""


class Transcripts(Protocol):
    """Begins a transcript, of a whole log or from a line in it on."""

    def __call__(self, *, is_whole: bool = True) -> Transcript:
        """Return a new transcript."""


QUIET_S = 5.0
"""After so long without more an unfinished line is shown as it is."""


class ReadableLog:
    """One log made readable. The file is deleted by `close`, at the latest when porch ends."""

    def __init__(self, log: Path, transcripts: Transcripts, begin: int = 0) -> None:
        """Begin with an empty file, for what follows byte `begin` of the log, from the next line on.

        Raises OSError if there can be none.
        """
        self.log = log
        self._from = begin
        self._transcripts = transcripts
        self._own = OwnFile(log)
        self.is_busy = False
        """A thread reads it."""
        self._lock = Lock()
        self._is_closed = False
        self._begin()

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._own.path

    @property
    def left_bytes(self) -> int:
        """How much of the log was not looked at yet."""
        return max(0, output.size(self.log) - self.read_bytes)

    def advance(self, limit_s: float = float("inf")) -> None:
        """Make readable what the log has gained, for about so many seconds. Raises OSError."""
        until = time.monotonic() + limit_s
        with self._lock:
            if not self._is_closed and output.size(self.log) < self.read_bytes:  # the task has emptied it
                self._from = 0
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
            self._own.close()

    def _begin(self) -> None:
        self._transcript = self._transcripts(is_whole=self._from == 0)
        self.read_bytes, self._shown = self._from, 0
        self._is_in_line = self._from > 0
        """What comes next is the rest of a line of which the beginning is not wanted."""
        self._grew_at = time.monotonic()
        self._log_ends, self._shown_ends = array("Q"), array("Q")
        self.path.write_bytes(b"")

    def _advance_once(self) -> bool:
        """Read a piece of the log; return whether there was one."""
        with self._lock:
            if self._is_closed:
                return False
            content, end = output.next_piece(self.log, self.read_bytes)
            if end > self.read_bytes:
                self._grew_at = time.monotonic()
                self._append(content, end - len(content))
                self.read_bytes = end
                return True
            if time.monotonic() > self._grew_at + QUIET_S and (left := self._transcript.end()):
                with self.path.open("ab") as file:
                    self._shown += file.write(left)
            return False

    def _append(self, content: bytes, begin: int) -> None:
        with self.path.open("ab") as file:
            for line in BytesIO(content):
                begin += len(line)
                if self._is_in_line:
                    self._is_in_line = not line.endswith(b"\n")
                    continue
                self._shown += file.write(self._transcript.feed(line))
                self._log_ends.append(begin)
                self._shown_ends.append(self._shown)
