"""Logs as plain text for the clipboard and for files: without colors, cursor moves and dropped middles.

Some files are long: call these from a thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from porch_tui.session.readable_log import Transcripts
from porch_tui.tui.drawing.cells import in_cells
from porch_tui.tui.log.pattern import shown_text

_PIECE_BYTES = 1_048_576
_TAIL_BYTES = 65_536


class Extract(Struct, frozen=True):
    """Some lines of a log to be copied, or what is from a cell of the first to a cell of the last."""

    path: Path
    starts: tuple[int, ...]
    """The byte offsets where they start."""
    part: tuple[int, int | None] | None = None
    """The first cell, of the first line, and the one behind the last, of the last line; None: whole lines."""

    @property
    def label(self) -> str:
        """How much that is."""
        return counted_lines(len(self.starts), is_part=self.part is not None)


def text_of(extract: Extract) -> str:
    """Return the text of an extract: whole lines with their ends. Raises OSError."""
    found = []
    with extract.path.open("rb") as log:
        for start in extract.starts:
            log.seek(start)
            found.append(shown_text(log.readline(_PIECE_BYTES).removesuffix(b"\n").lstrip(b"\0")))
    if extract.part is None:
        return "".join(f"{line}\n" for line in found)
    first, end = extract.part
    found[-1] = found[-1][: in_cells(found[-1], 0, end)[1]]
    found[0] = found[0][in_cells(found[0], first, None)[0] :]
    return "\n".join(found)


def whole(path: Path) -> Iterator[str]:
    """Yield a whole log, line by line."""
    with path.open("rb") as log:
        while line := log.readline(_PIECE_BYTES):
            text = line.lstrip(b"\0")  # what was dropped from the middle of a log reads as zeros
            if text:
                yield shown_text(text.removesuffix(b"\n")) + "\n" * text.endswith(b"\n")


def last_lines(
    path: Path, count: int, transcripts: Transcripts | None = None, *, has_blank: bool = False
) -> list[str]:
    """Return the last lines of a log, as far as its last 64 KiB hold them; blank ones only on request.

    Of an agent's records, which `transcripts` make readable, the last MB counts.
    """
    tail_bytes = _PIECE_BYTES if transcripts else _TAIL_BYTES
    try:
        with path.open("rb") as log:
            size = log.seek(0, 2)
            log.seek(max(0, size - tail_bytes))
            content = log.read().lstrip(b"\0")
    except OSError:
        return []
    is_cut = size > tail_bytes
    if is_cut and b"\n" in content:
        content = content.partition(b"\n")[2]  # the first may be a part of a line
    if transcripts:
        transcript = transcripts(is_whole=not is_cut)
        content = transcript.feed(content) + transcript.end()
    lines = content.split(b"\n")
    texts = (shown_text(line).rstrip() for line in lines[: len(lines) - (not lines[-1])])
    return [text for text in texts if text or has_blank][-count:]


def within(path: Path | None, run: Path) -> str:
    """Return where a log is in the run's directory; empty for no log."""
    if path is None:
        return ""
    return f"{path.relative_to(run)} of the run"


def counted_lines(count: int, *, is_part: bool = False) -> str:
    """Return `1 line`, `1,204 lines`, `part of 2 lines`."""
    return f"{'part of ' * is_part}{count:,} line" + "s" * (count != 1)
