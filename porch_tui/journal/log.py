"""The journal: records are appended, made durable, and read back in order.

There is one writer, the holder of the lease; readers need no leave. What has no
newline yet is not there: readers overlook a torn tail, the next writer cuts it.
Which facts are written, and what they mean, is not decided here.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from porch_tui.core.model.events import AnyEvent, AttemptStarted, Record
from porch_tui.errors import JournalError
from porch_tui.journal.codec import record_from_bytes, record_to_bytes
from porch_tui.journal.durable import PRIVATE_FILE, read_file, sync_folder


def read(path: Path) -> Iterator[Record]:
    """Return the records of a journal as it is now, oldest first, up to the last newline.

    JournalError if it is not there; while iterating, if a record is damaged,
    missing, repeated, or written by a newer porch.
    """
    try:
        block = read_file(path)
    except OSError as error:
        raise JournalError(
            f"cannot read the journal {path}: {error.strerror}; porch runs lists the runs there are"
        ) from error
    return records_in(whole_lines(block), path, after=0)


def whole_lines(block: bytes) -> bytes:
    """Return the block up to its last newline."""
    return block[: block.rfind(b"\n") + 1]


def records_in(lines: bytes, path: Path, after: int) -> Iterator[Record]:
    """Yield the records of whole lines that follow record number `after` in the journal at `path`."""
    for seq, line in enumerate(lines.split(b"\n")[:-1], start=after + 1):
        where = f"{path}:{seq}"
        record = record_from_bytes(line, where)
        if record.seq != seq:
            raise JournalError(
                f"{where}: expected record {seq} of the run, found record {record.seq}; the journal was"
                " edited or mixed with another. Restore it from a copy, or start again with porch run"
            )
        yield record


class Journal:
    """A journal open for writing. Make it with `create` or `open`, holding the lease; end with `close`."""

    def __init__(self, path: Path, descriptor: int, size: int, last: Record | None) -> None:
        self.path = path
        self._descriptor = descriptor
        self._size = size
        """Bytes of the records that are durable; a failed append may have left more."""
        self._last = last
        self._drafted_at = time.monotonic()
        """When the last record was made; of an earlier engine's, when it was read."""

    @classmethod
    def create(cls, path: Path) -> Journal:
        """Begin an empty journal; JournalError if there is one already."""
        try:
            descriptor = os.open(path, _WRITING | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
            sync_folder(path.parent)
        except OSError as error:
            raise _refusal("begin", path, error) from error
        return cls(path, descriptor, size=0, last=None)

    @classmethod
    def open(cls, path: Path) -> Journal:
        """Continue a journal; a torn tail is cut. JournalError as for `read`."""
        try:
            lines = whole_lines(read_file(path))
            last = deque(records_in(lines, path, after=0), maxlen=1)
            journal = cls(path, os.open(path, _WRITING), len(lines), last.pop() if last else None)
        except OSError as error:
            raise _refusal("go on with", path, error) from error
        try:
            journal._cut_back()
        except OSError as error:
            journal.close()
            raise _refusal("cut the torn tail of", path, error) from error
        return journal

    def append(
        self, events: Iterable[AnyEvent], cause: str, now: Callable[[], float] = time.time
    ) -> list[Record]:
        """Write the events and wait until the disk has them; return them as records: `draft` and `write`."""
        records = self.draft(events, cause, now=now)
        self.write(records)
        return records

    def draft(
        self,
        events: Iterable[AnyEvent],
        cause: str,
        behind: Record | None = None,
        now: Callable[[], float] = time.time,
    ) -> list[Record]:
        """Return the events as the records they will be, behind another draft or what is written by now.

        `now` gives seconds since the epoch; if the clock is set back, the journal's time still advances.
        """
        last = behind or self._last
        seq, at = (last.seq, last.at) if last else (0, 0.0)
        wall, moment = now(), time.monotonic()
        if wall < at:  # a minute stays a minute in the journal
            wall = at + moment - self._drafted_at
        self._drafted_at = moment
        # To the millisecond, like the line: what is returned is what will be read.
        at = max(round(wall, 3), at)
        return [Record(seq + n, at, cause, event) for n, event in enumerate(events, start=1)]

    def write(self, records: Sequence[Record]) -> None:
        """Write what was drafted and wait until the disk has it, unless all of it is `SEEN_AGAIN`.

        All or none: if it fails, the journal is cut back and JournalError raised, and the next try may
        succeed.
        """
        if not records:
            return
        lines = b"".join(map(record_to_bytes, records))
        try:
            self._cut_back()
            written = os.write(self._descriptor, lines)
            if written != len(lines):
                raise OSError(errno.ENOSPC, f"only {written} of {len(lines)} bytes could be written")
            if not all(isinstance(record.event, SEEN_AGAIN) for record in records):
                os.fsync(self._descriptor)
        except OSError as error:
            # at once, so that no reader takes half an append for a whole; the next append tries again
            with contextlib.suppress(OSError):
                self._cut_back()
            raise _refusal("write to", self.path, error) from error
        self._size += len(lines)
        self._last = records[-1]

    @property
    def is_deleted(self) -> bool:
        """Whether no file has a name by which this journal could be found again."""
        return os.fstat(self._descriptor).st_nlink == 0

    def close(self) -> None:
        """Let the file go; appending is a JournalError from then on. Nothing happens the second time."""
        if self._descriptor != _CLOSED:
            os.close(self._descriptor)
            self._descriptor = _CLOSED

    def _cut_back(self) -> None:
        """Remove what is beyond the durable records: there is one writer, so a failed append left it."""
        if os.fstat(self._descriptor).st_size != self._size:
            os.ftruncate(self._descriptor, self._size)
            os.fsync(self._descriptor)


SEEN_AGAIN = AttemptStarted
"""Facts that whoever takes over finds out again: if the machine goes down, what had started is lost with it.

The next record that the disk has to have takes them along. To wait for each would cost every short task as
much as its own end does.
"""
_CLOSED = -1
"""The system refuses it: a number closed twice might be another file's by then."""
_WRITING = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC


def _refusal(what: str, path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"cannot {what} the journal {path}: {error.strerror};"
        " mend that and try again: what was written before is safe"
    )


class Follower:
    """A reader that remembers how far it has read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        """Bytes read, always a whole number of lines."""
        self._seq = 0
        self._last_line = b""
        """The last line returned, to notice if it was taken back."""

    def new_records(self) -> list[Record]:
        """Return what was written since the last look; nothing while there is no journal.

        An append that fails (a full disk) is taken back by its writer; if this
        reader saw some of it, it starts again. So a list that begins with record
        1 replaces all that was returned before. JournalError as for `log.read`.
        """
        try:
            lines = self._unread_lines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise JournalError(
                f"cannot follow the journal {self._path}: {error.strerror};"
                " the run directory must be readable"
            ) from error
        records = list(records_in(lines, self._path, after=self._seq))
        if records:
            self._offset += len(lines)
            self._seq = records[-1].seq
            self._last_line = lines[lines.rfind(b"\n", 0, -1) + 1 :]
        return records

    def _unread_lines(self) -> bytes:
        """Return the whole lines beyond those returned, which are all of them if ours were taken back."""
        with self._path.open("rb", buffering=0) as file:
            file.seek(self._offset - len(self._last_line))
            block = file.read()
            if not block.startswith(self._last_line):
                self._offset, self._seq, self._last_line = 0, 0, b""
                file.seek(0)
                block = file.read()
        return whole_lines(block[len(self._last_line) :])
