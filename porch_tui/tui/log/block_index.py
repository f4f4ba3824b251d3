"""Lines of a growing file by number, without keeping the file in memory.

The index is one running count of newlines per 64 KiB block: 10 million lines (1.25 GB) cost 152 kB.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from array import array
from bisect import bisect_right
from collections import OrderedDict
from enum import Enum, auto
from io import FileIO
from pathlib import Path

from msgspec import Struct

from porch_tui.tui.terminal.ansi import HEAD_BYTES, TAIL_BYTES

BLOCK_BYTES = 65_536
ADVANCE_BYTES = 4_000_000
"""What one `advance` reads by default: some 5 ms of counting."""
_READ_BYTES = 1_048_576
_SPLIT_BLOCKS = 4
_MARK_BYTES = 64
_NEWLINE = re.compile(rb"\n")
STAT_BLOCK_BYTES = 512
"""What `st_blocks` counts, whatever the disk's own blocks are."""


class Growth(Enum):
    """What `advance` found."""

    NOTHING = auto()
    MORE = auto()
    """Bytes were added; known lines stay, the last one may have become longer."""
    AGAIN = auto()
    """The file was truncated, replaced, removed, or its middle was dropped: line numbers start again."""


class Line(Struct, frozen=True):
    """One line without its newline, as much of it as a screen can show."""

    head: bytes
    """The whole line, or its first HEAD_BYTES."""
    tail: bytes
    """The last TAIL_BYTES of a line longer than HEAD_BYTES, else empty."""
    length: int
    """Bytes in the whole line."""


class BlockIndex:
    """The lines of one file from byte `origin` on, as far as `advance` has read.

    A missing file is empty. A file that cannot be read raises nothing; `trouble` says why.
    """

    def __init__(self, path: Path, origin: int = 0) -> None:
        self.path = path
        self.origin = origin
        self.trouble = ""
        """Why the file cannot be read, in a sentence; empty if it can, or does not exist yet."""
        self._file: FileIO | None = None
        self._identity = (0, 0)
        self._stamp = (0, 0)
        self._behind_gap = 0
        """Where the file continues after the part dropped from its middle; 0 if nothing was dropped."""
        self._forget()

    @property
    def line_count(self) -> int:
        """Lines known, a last one without a newline included."""
        return self._newlines + self.is_last_line_open

    @property
    def is_last_line_open(self) -> bool:
        """Whether the last line has no newline yet, and so may still change."""
        return self._mark[-1:] not in {b"", b"\n"}

    @property
    def is_complete(self) -> bool:
        """Whether all was read that the file had at the last `advance`."""
        return self.read_bytes >= self.file_bytes

    def advance(self, limit: int = ADVANCE_BYTES) -> Growth:
        """Look at the file and index at most `limit` new bytes of it."""
        had_content = self.read_bytes > self.origin
        is_again = self._follow_file() and had_content
        start = self.read_bytes
        if start < self._behind_gap:
            self._pass_gap()
        stop = min(self.read_bytes + limit, self.file_bytes)
        while self.read_bytes < stop:
            chunk = pread(self._file, self.read_bytes, min(_READ_BYTES, stop - self.read_bytes))
            if not chunk:
                break
            self._count(chunk)
        if is_again:
            return Growth.AGAIN
        return Growth.MORE if self.read_bytes > start else Growth.NOTHING

    def line(self, number: int) -> Line:
        """Return one line, counted from 0. Raises IndexError beyond `line_count`."""
        if not 0 <= number < self.line_count:
            raise IndexError(f"line {number} of {self.path} was asked for, which has {self.line_count}")
        start = self.start(number)
        stop = self._newline(number) if number < self._newlines else self.read_bytes
        if start < self._behind_gap < stop:  # the line that reports the gap contains it
            rest = pread(self._file, self._behind_gap, stop - self._behind_gap)
            start = self._behind_gap + len(rest) - len(rest.lstrip(b"\0"))
        length = max(0, stop - start)
        head = pread(self._file, start, min(length, HEAD_BYTES))
        tail = pread(self._file, stop - TAIL_BYTES, TAIL_BYTES) if length > HEAD_BYTES else b""
        return Line(head, tail, length)

    def start(self, number: int) -> int:
        """Return the byte offset of a line's first byte."""
        return self._newline(number - 1) + 1 if number else self.origin

    def near_end(self) -> BlockIndex:
        """Return a second index of only the file's last 64 KiB, starting at the start of a line."""
        ending = BlockIndex(self.path, self.origin)
        ending._follow_file()
        start = max(self.origin, ending.file_bytes - BLOCK_BYTES)
        if start > self.origin:
            # Read from one byte earlier, since a newline may be there, and leave out the last byte:
            # a newline there ends the last line and starts no other.
            cut = pread(ending._file, start - 1, BLOCK_BYTES).find(b"\n")
            ending.origin = start + max(cut, 0)
            ending._forget()
        return ending

    def lines_before(self, offset: int) -> int:
        """Return how many lines end before byte `offset`, of what was read."""
        offset = min(offset, self.read_bytes)
        block = (offset - self.origin) // BLOCK_BYTES
        before = self._counts[block - 1] if block else 0
        if block == len(self._counts):
            return before
        return before + sum(at < offset for at in self._split(block))

    def close(self) -> None:
        """Close the file. A later `advance` opens it again and starts from its beginning."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self.origin = 0  # the next file at this path is another one
        self.trouble = ""
        self._forget()

    def _forget(self) -> None:
        self.file_bytes = 0
        self._counts = array("Q")  # newlines up to the end of each block, the last one still growing
        self._newlines = 0
        self.read_bytes = self.origin
        """Where the next `advance` continues, in bytes from the start of the file."""
        self._mark = b""
        self._splits: OrderedDict[int, array[int]] = OrderedDict()

    def _follow_file(self) -> bool:
        """Notice if the file was replaced; return whether the index was reset."""
        try:
            now = self.path.stat()
            if self._is_same(now) and self._find_behind_gap(now) == self._behind_gap:
                self.file_bytes = now.st_size
                return False
            self.close()
            if not stat.S_ISREG(now.st_mode):
                raise OSError(errno.EINVAL, "it is not a regular file")
            self._file = opened(self.path)
            found = os.fstat(self._file.fileno())
            self._identity = (found.st_dev, found.st_ino)
            self._stamp = (found.st_size, found.st_mtime_ns)
            self.file_bytes = found.st_size
            self._behind_gap = self._find_behind_gap(found)
        except FileNotFoundError:
            self.close()
        except OSError as error:
            self.close()
            self.trouble = f"The log {self.path} cannot be read: {error.strerror}. Trying again."
        return True

    def _is_same(self, now: os.stat_result) -> bool:
        if self._file is None or self._identity != (now.st_dev, now.st_ino) or now.st_size < self.read_bytes:
            return False
        stamp = (now.st_size, now.st_mtime_ns)
        # A file truncated and written again between two calls may be longer than before;
        # then the last bytes read are no longer where they were.
        is_same = stamp == self._stamp or pread(
            self._file, self.read_bytes - len(self._mark), _MARK_BYTES
        ).startswith(self._mark)
        self._stamp = stamp
        return is_same

    def _find_behind_gap(self, now: os.stat_result) -> int:
        # A gap is a hole, which takes no disk space: most logs have none and are not searched.
        if self._file is None or now.st_blocks * STAT_BLOCK_BYTES >= now.st_size:
            return 0
        try:
            hole = os.lseek(self._file.fileno(), 0, os.SEEK_HOLE)
            return os.lseek(self._file.fileno(), hole, os.SEEK_DATA) if hole < now.st_size else 0
        except OSError:
            return 0  # the hole reaches to the end, or the file system does not say

    def _pass_gap(self) -> None:
        """Skip a dropped part, if the file continues with one: it has no newlines."""
        assert self._file is not None
        gap_bytes = os.lseek(self._file.fileno(), self.read_bytes, os.SEEK_DATA) - self.read_bytes
        in_block = -(self.read_bytes - self.origin) % BLOCK_BYTES
        if gap_bytes >= in_block + BLOCK_BYTES:
            self._count(bytes(in_block))
            blocks = (gap_bytes - in_block) // BLOCK_BYTES
            self._counts.extend([self._newlines] * blocks)
            self.read_bytes += blocks * BLOCK_BYTES
            self._mark = bytes(_MARK_BYTES)

    def _count(self, chunk: bytes) -> None:
        at = 0
        while at < len(chunk):
            block, used = divmod(self.read_bytes - self.origin, BLOCK_BYTES)
            stop = min(at + BLOCK_BYTES - used, len(chunk))
            self._newlines += chunk.count(b"\n", at, stop)
            if used:
                self._counts[block] = self._newlines
                self._splits.pop(block, None)
            else:
                self._counts.append(self._newlines)
            self.read_bytes += stop - at
            at = stop
        self._mark = (self._mark + chunk[-_MARK_BYTES:])[-_MARK_BYTES:]

    def _newline(self, number: int) -> int:
        """Return the byte offset of a newline, counted from 0 at `origin`."""
        block = bisect_right(self._counts, number)
        before = self._counts[block - 1] if block else 0
        offsets = self._split(block)
        # Fewer offsets than counted: the file was cut since the last `advance`; the next one notices.
        return offsets[number - before] if number - before < len(offsets) else self.read_bytes

    def _split(self, block: int) -> array[int]:
        """Return the offsets of the newlines in one block; those of the last few blocks are cached."""
        if (known := self._splits.get(block)) is not None:
            self._splits.move_to_end(block)
            return known
        start = self.origin + block * BLOCK_BYTES
        data = pread(self._file, start, min(BLOCK_BYTES, self.read_bytes - start))
        offsets = array("Q", [start + match.start() for match in _NEWLINE.finditer(data)])
        self._splits[block] = offsets
        if len(self._splits) > _SPLIT_BLOCKS:
            self._splits.popitem(last=False)
        return offsets


def opened(path: Path) -> FileIO:
    """Open a log to read. Raises OSError."""
    # O_NONBLOCK: if a named pipe takes the log's place just now, the screen must not wait for it.
    return FileIO(path, "r", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))


def pread(file: FileIO | None, offset: int, size: int) -> bytes:
    """Return some bytes of a file; none if it cannot be read: a lost file system does not stop the screen."""
    if file is None:
        return b""
    try:
        return os.pread(file.fileno(), size, offset)
    except OSError:
        return b""
