"""The log of an attempt as text to read: what a step drew in its terminal as a transcript, the rest as is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from porch_tui.process import output
from porch_tui.process.supervisor import spool

if TYPE_CHECKING:
    from porch_tui.emulator.transcript import Transcript

NEVER = float("inf")


def has_terminal_text(log: Path) -> bool:
    """Say whether a step of the attempt with this log has, or had, a terminal."""
    return log.with_name(spool.TTY_SIZES).exists()


def readable(log: Path, pieces: Iterable[tuple[bytes, int]]) -> Iterator[bytes]:
    """Yield a log, given in pieces from its beginning on, as text to read; see `output.follow_pieces`."""
    text = LogText(log)
    for piece, end in pieces:
        yield text.feed(piece, end)
    yield text.end()


def follow_end(log: Path, lines: int, is_done: Callable[[], bool]) -> Iterator[bytes]:
    """Yield the last lines of what a log has now, as text to read, and what is added until `is_done`."""
    text, at, now, kept = LogText(log), 0, output.size(log), list[bytes]()
    for piece, at in output.pieces(log, 0):
        kept = [*kept, *text.feed(piece, at).splitlines(keepends=True)][-lines:]
        if at >= now:
            break
    yield b"".join(kept)
    for piece, end in output.follow_pieces(log, is_done, at):
        yield text.feed(piece, end)
    yield text.end()


def last_lines(log: Path, lines: int, limit_bytes: int) -> bytes:
    """Return the last lines of a log as text to read, at most so many bytes of them."""
    end: list[bytes] = []
    for text in readable(log, output.follow_pieces(log, lambda: True)):
        end = [*end, *text.splitlines(keepends=True)][-lines:]
    return b"".join(end)[-limit_bytes:]


class LogText:
    """Makes text of a log while it is read, from its first byte on."""

    def __init__(self, log: Path) -> None:
        self._sizes = log.with_name(spool.TTY_SIZES)
        self._known = 0
        """Lines of sizes that the transcript knows."""
        self._at = self._drawn_bytes = 0
        """Where in the log, and how much of it the transcript was given: less, where the log has a gap."""
        self._transcript: Transcript | None = None
        """Of the terminal, while that is read."""

    def feed(self, chunk: bytes, end_of_chunk: int) -> bytes:
        """Take the next bytes of the log, up to an offset; return what will not change any more."""
        if end_of_chunk - self._at > output.BLOCK_BYTES:  # no piece is longer: there is a gap before it
            self._at = end_of_chunk - len(chunk)
        sizes = self._read_sizes()  # after the bytes were read: what concerns them is there
        begin = sizes[0][0] if sizes else NEVER
        end = next((offset for offset, cols, _ in sizes if not cols), NEVER)
        text = []
        while chunk:
            if self._at < begin or self._at >= end:
                text.append(self.end())
                piece, chunk = self._cut(chunk, begin if self._at < begin else NEVER)
                text.append(piece)
                continue
            if self._transcript is None:
                from porch_tui.emulator.transcript import Transcript  # not needed to start a run

                self._transcript = Transcript(*sizes[0][1:])
            piece_at = self._at
            piece, chunk = self._cut(chunk, end)
            new = [one for one in sizes[self._known :] if one[0] < self._at and one[1]]
            self._transcript.add_sizes(
                (self._drawn_bytes + max(0, offset - piece_at), cols, rows) for offset, cols, rows in new
            )
            self._known += len(new)
            self._drawn_bytes += len(piece)
            text.append(self._transcript.feed(piece).encode())
        self._at = end_of_chunk
        return b"".join(text)

    def end(self) -> bytes:
        """Return what is still on the screen of the terminal, if it is being read."""
        picture = self._transcript.picture().encode() if self._transcript else b""
        self._transcript = None
        return picture

    def _cut(self, chunk: bytes, until: float) -> tuple[bytes, bytes]:
        """Return what of the chunk is before an offset of the log, and the rest."""
        count = int(min(len(chunk), until - self._at))
        self._at += count
        return chunk[:count], chunk[count:]

    def _read_sizes(self) -> list[tuple[int, int, int]]:
        """Return offset, columns and rows of each whole line; no columns: the terminal is over."""
        try:
            lines = self._sizes.read_bytes().split(b"\n")[:-1]
        except OSError:
            return []
        found = [tuple(map(int, line.split())) for line in lines]
        return [(one[0], one[1], one[2]) for one in found if len(one) == 3]
