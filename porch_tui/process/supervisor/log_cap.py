"""Limits the disk space of a log while a program writes it.

The middle of a long log is punched out of the file: offsets stay the same, the writer notices nothing, and
the gap reads as zeros, up to one line that says how much was dropped.

Stdlib only, nothing of porch: the shim imports this file from its own folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

MIB = 1024 * 1024
FIRST_BYTES = 1 * MIB
"""Kept from the start of a log, where programs announce what they will do."""
LAST_BYTES = 16 * MIB
"""Kept from its end."""
PUNCH_BYTES = 32 * MIB
"""The smallest hole that is punched: a punch takes up to 66 ms."""
LINE_BYTES = 64 * 1024
"""How far the end of a line is searched for, so that none is cut."""
POLL_S, BUSY_POLL_S = 1.0, 0.05
"""Until the next look; the second if the last one dropped something."""


class LogCap:
    """Watches the size of one open log. Never raises: a log that cannot be cut just grows."""

    def __init__(self, log: int, punch: Callable[[int, int, int], None]) -> None:
        self._log, self._punch = log, punch
        self._start, self._end = 0, 0
        """Of the gap."""
        self._is_supported = True
        self.poll_s = POLL_S

    def look(self) -> str:
        """Drop the middle if enough was written since the last time.

        Returns a message if that is not supported, once; else an empty string.
        """
        size = os.fstat(self._log).st_size
        if size < self._end:
            self._start, self._end = 0, 0  # a step has emptied it through /dev/stdout
        kept = max(self._end, FIRST_BYTES) + LAST_BYTES
        is_due = self._is_supported and size >= kept + PUNCH_BYTES
        self.poll_s = BUSY_POLL_S if is_due else POLL_S
        if is_due:
            try:
                self._drop_until(size - LAST_BYTES)
            except OSError as error:
                self._is_supported = False
                why = f"the file system cannot drop its middle ({error.strerror})"
                return f"-- porch: this log keeps growing, for {why}"
        return ""

    def _drop_until(self, end: int) -> None:
        first, last = (os.pread(self._log, LINE_BYTES, at) for at in (FIRST_BYTES, end - LINE_BYTES))
        start = self._start or FIRST_BYTES + 1 + max(first.find(b"\n"), 0)
        end = end - LINE_BYTES + last.rfind(b"\n") + 1
        self._punch(self._log, start, end - start)
        self._start, self._end = start, end
        line = f"… {(end - start) // MIB} MiB dropped …\n".encode()
        with suppress(OSError):  # the gap is there without its line, too
            # the descriptor of the steps always appends
            log = os.open(f"/proc/self/fd/{self._log}", os.O_WRONLY)
            try:
                os.pwrite(log, b"\n", start - 1)  # where there is one, unless the line there was too long
                os.pwrite(log, line, end - len(line))
            finally:
                os.close(log)
