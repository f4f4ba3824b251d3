"""Bound the room that a log takes on disk, without a word to who writes it.

The middle of a long log is punched out of the file: offsets stay what they were, the writer notices nothing,
and what is left reads as zeros, up to one line that says how much was dropped.

Stdlib only and nothing of porch: the shim imports this file as it lies beside it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

MIB = 1024 * 1024
FIRST_BYTES = 1 * MIB
"""Kept from the start of a log, where a program says what it is about to do."""
LAST_BYTES = 16 * MIB
"""Kept from its end."""
AT_ONCE_BYTES = 32 * MIB
"""What is worth a punch, which takes up to 66 ms."""
LINE_BYTES = 64 * 1024
"""How far the end of a line is looked for, so that none is cut."""
CALM_S, BUSY_S = 1.0, 0.05
"""Until the next look, by whether there was something to drop at the last one."""


class LogCap:
    """Watches over the size of one open log. Nothing here raises: a log that cannot be cut just grows."""

    def __init__(self, log: int, punch: Callable[[int, int, int], None]) -> None:
        self._log, self._punch = log, punch
        self._start, self._end = 0, 0
        """The gap: from where, and up to where it was punched last."""
        self._is_able = True
        self.patience_s = CALM_S

    def look(self) -> str:
        """Drop the middle if there has come enough of it since the last time.

        Returns why that cannot be done, in a sentence and once; else nothing.
        """
        size = os.fstat(self._log).st_size
        if size < self._end:
            self._start, self._end = 0, 0  # a step has emptied it through /dev/stdout
        kept = max(self._end, FIRST_BYTES) + LAST_BYTES
        is_due = self._is_able and size >= kept + AT_ONCE_BYTES
        self.patience_s = BUSY_S if is_due else CALM_S
        if is_due:
            try:
                self._drop_until(size - LAST_BYTES)
            except OSError as error:
                self._is_able = False
                why = f"the file system cannot drop its middle ({error.strerror})"
                return f"-- porch: this log keeps growing, for {why}"
        return ""

    def _drop_until(self, end: int) -> None:
        start = self._start or FIRST_BYTES + 1 + max(self._read(FIRST_BYTES).find(b"\n"), 0)
        end = end - LINE_BYTES + self._read(end - LINE_BYTES).rfind(b"\n") + 1
        self._punch(self._log, start, end - start)
        self._start, self._end = start, end
        with suppress(OSError):  # a gap that is not told of is one all the same
            self._tell_of_gap()

    def _read(self, offset: int) -> bytes:
        return os.pread(self._log, LINE_BYTES, offset)

    def _tell_of_gap(self) -> None:
        line = f"… {(self._end - self._start) // MIB} MiB dropped …\n".encode()
        # What the steps write into appends, wherever one wants to write.
        log = os.open(f"/proc/self/fd/{self._log}", os.O_WRONLY)
        try:
            os.pwrite(log, b"\n", self._start - 1)  # where there is one, unless the line there was too long
            os.pwrite(log, line, self._end - len(line))
        finally:
            os.close(log)
