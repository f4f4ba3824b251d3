"""Logs as plain text, for pasting and for files: without colours, moves of the cursor and dropped middles.

Reads files, some of them long: for threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from porch_tui.tui.log.block_index import BlockIndex
from porch_tui.tui.log.pattern import shown_text
from porch_tui.tui.terminal.ansi import parse

_PIECE_BYTES = 1_048_576
TAIL_BYTES = 16 * 1024
"""Of a longer log only so much of its end is read."""


class Extract(Struct, frozen=True):
    """Some lines of a log to be copied."""

    path: Path
    starts: tuple[int, ...]
    """Byte offsets at which each of them starts."""


def text_of(extract: Extract) -> str:
    """Return the lines of an extract. Raises OSError."""
    found = []
    with extract.path.open("rb") as log:
        for start in extract.starts:
            log.seek(start)
            found.append(shown_text(log.readline(_PIECE_BYTES).removesuffix(b"\n").lstrip(b"\0")) + "\n")
    return "".join(found)


def whole(path: Path) -> Iterator[str]:
    """Yield all of a log, line by line."""
    with path.open("rb") as log:
        while line := log.readline(_PIECE_BYTES):
            text = line.lstrip(b"\0")  # what was dropped from the middle of a log reads as zeros
            if text:
                yield shown_text(text.removesuffix(b"\n")) + "\n" * text.endswith(b"\n")


def ending(path: Path, lines: int) -> str:
    """Return the last lines of a log; nothing of one that is not there."""
    index = BlockIndex(path)
    try:
        return "".join(f"{shown_text(line.head)}\n" for line in index.tail(lines))
    finally:
        index.close()


def last_lines(path: Path, count: int) -> tuple[str, ...]:
    """Return up to `count` last lines that say something, as a terminal shows them."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL_BYTES))
            read = file.read()
    except OSError:
        return ()
    shown = ("".join(piece.text for piece in parse(line)).rstrip() for line in read.split(b"\n"))
    found = [text for text in shown if text]
    return tuple(found[-count:])


def within(path: Path | None, run: Path) -> str:
    """Return a log's place in the run's directory, whose own is the same for all; empty for no log."""
    if path is None:
        return ""
    return f"{path.relative_to(run)} of the run"


def counted_lines(count: int) -> str:
    """Return `1 line`, `1,204 lines`."""
    return f"{count:,} line" + "s" * (count != 1)
