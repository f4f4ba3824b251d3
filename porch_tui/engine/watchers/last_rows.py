"""Searches the last rows of a terminal, or of a log, for patterns, from the files of an attempt."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from porch_tui.emulator.attention import cleaned
from porch_tui.executors.unanswered import question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from porch_tui.emulator.screen import Screen

ROWS, CELLS = 5, 160
"""How many rows are searched, from the last one with text, and how much of each: that is quick."""
PICTURE_ROWS = 12
"""Of the rows that are searched together."""
REPLAY_BYTES = 64 * 1024
"""Of the output before: some 10 ms of an emulator."""


class Patterns(NamedTuple):
    """What is found in the rows of a terminal while its program waits; None: no pattern is looked for."""

    row: re.Pattern[str] | None = None
    """In one of the last rows."""
    picture: re.Pattern[str] | None = None
    """In the last rows together, a line each."""
    has_questions: bool = False
    """A question that its cursor stands behind, such as `Continue? [y/N]`, is found as well."""


NOTHING = Patterns()


def found_in_rows(patterns: Patterns, log: Path, sizes: Path, begin: int, size: int) -> str | None:
    """Return the row, cleaned, in which a pattern is found, the lowest first; None if it is in none.

    `begin` and `size`: the part of the log that was printed for the terminal.
    """
    from porch_tui.emulator.replay import Replay, read_sizes  # few plans have a pattern
    from porch_tui.emulator.screen import Screen

    known = []
    start = max(begin, size - REPLAY_BYTES)
    with suppress(OSError):
        known = read_sizes(sizes.read_text("ascii", "replace"))
    data = _end_of(log, start, size)
    before = [one for one in known if one[0] <= start]
    if not before:
        return None
    replay = Replay(Screen(*before[-1][1:]), start)
    replay.add_sizes(one for one in known if one[0] > start)
    if start > begin:  # no half of a sequence
        replay.feed(b"\x18")
        replay.offset = start
    replay.feed(data)
    return _found_on(replay.screen, patterns)


def found_in_lines(patterns: Patterns, log: Path, size: int) -> str | None:
    """Return what `found_in_rows` does, of a log that is no terminal's and is so long."""
    from porch_tui.emulator.screen import Screen  # few plans have a pattern

    screen = Screen(CELLS, PICTURE_ROWS)
    screen.feed(_end_of(log, max(0, size - REPLAY_BYTES), size).replace(b"\n", b"\r\n"))
    return _found_on(screen, patterns)


def _end_of(log: Path, start: int, size: int) -> bytes:
    with suppress(OSError), log.open("rb", buffering=0) as file:
        return os.pread(file.fileno(), size - start, start)
    return b""


def _found_on(screen: Screen, patterns: Patterns) -> str | None:
    rows = [text[:CELLS] for line in screen.lines if (text := line.text.strip())]
    if patterns.row is not None:
        for row in reversed(rows[-ROWS:]):
            if patterns.row.search(row):
                return cleaned(row)
    picture = "\n".join(rows[-PICTURE_ROWS:])
    if patterns.picture is not None and (found := patterns.picture.search(picture)):
        return cleaned(picture[: found.end()].rpartition("\n")[2])
    return cleaned(_question_on(screen)) or None if patterns.has_questions else None


def _question_on(screen: Screen) -> str:
    """Return the question that the cursor stands behind; empty if it does not.

    On the alternate screen are editors and pagers: what they show is no question of theirs.
    """
    if screen.is_alternate:
        return ""
    x, y = screen.cursor
    text = screen.lines[y].text.rstrip()
    return question(text[-CELLS:]) if len(text) <= x + 1 else ""
