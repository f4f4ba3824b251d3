"""A log told in words: its last lines as plain text, and where it is."""

from __future__ import annotations

from pathlib import Path

from porch_tui.tui.terminal.ansi import parse

TAIL_BYTES = 16 * 1024
"""Of a longer log only so much of its end is read."""


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
