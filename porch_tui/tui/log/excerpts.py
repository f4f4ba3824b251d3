"""Logs as plain text, for pasting and for files: without colours, moves of the cursor and dropped middles.

Reads files, some of them long: for threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from porch_tui.tui.log.block_index import BlockIndex
from porch_tui.tui.log.pattern import shown_text

_PIECE_BYTES = 1_048_576


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
