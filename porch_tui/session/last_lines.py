"""The last line that tasks have put out, read again only when a log has grown."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
from porch_tui.process import output
from porch_tui.session.session import Session

END_BYTES = 16_384
"""A line is looked for in so much of the end of a log."""


class _Seen(Struct, frozen=True):
    """What was found when a log was so long."""

    log: Path
    length: int
    line: bytes


class LastLines:
    """The last lines of the logs of a run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: dict[TaskId, _Seen] = {}

    def of(self, task: TaskId) -> bytes:
        """Return the last line with text that the newest attempt of a task has put out, colors and all.

        Of an agent's records it is what a person reads of them. Empty if there is none, and for a task with
        a terminal, whose log has no lines. Raises OSError.
        """
        log = self._session.log(task)
        if log is None or self._session.state.specs[task].terminal is not None:
            return b""
        seen, length = self._seen.get(task), output.size(log)
        if seen is None or (seen.log, seen.length) != (log, length):
            before = seen.line if seen is not None and seen.log == log and seen.length < length else b""
            seen = self._seen[task] = _Seen(log, length, self._read(task, log, length) or before)
        return seen.line

    def _read(self, task: TaskId, log: Path, length: int) -> bytes:
        start = max(0, length - END_BYTES)
        content = output.read_range(log, start, length)
        if start:  # within a line, mostly
            content = content.partition(b"\n")[2] or content
        if (transcripts := self._session.transcripts(task)) is not None:
            transcript = transcripts(is_whole=start == 0)
            content = transcript.feed(content)
        return next((line for line in reversed(content.split(b"\n")) if line.strip()), b"")
