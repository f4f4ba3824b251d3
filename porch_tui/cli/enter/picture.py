"""What a person's terminal shows, and the bytes that make it show something else: as few as are needed.

Only characters of cells, and sequences made here, are written, never what a program wrote.
"""

from __future__ import annotations

from itertools import compress
from operator import ne

from porch_tui.emulator.line import Line
from porch_tui.emulator.spans import spans, trimmed
from porch_tui.emulator.style import PLAIN, sgr
from porch_tui.emulator.window import Cursor

_GAP = 8
"""Cells that stay as they are and are written all the same: to move the cursor takes as many bytes."""
_MANY = 2
"""Rows from which on the terminal is asked to show them at once."""
_AT_ONCE, _AT_ONCE_END = "\x1b[?2026h\x1b[?25l", "\x1b[?2026l"
_LEAST_GAIN = 3
"""Rows that must be in place after scrolling, and are not before it."""


class Picture:
    """The rows of a terminal as they were drawn last. The last one is a status line and never scrolls."""

    def __init__(self, cols: int, rows: int) -> None:
        """Nothing is known of what the terminal shows: the first drawing clears it."""
        self.cols, self.rows = cols, rows
        self._shown: list[Line] | None = None
        self._cursor: Cursor = None

    def drawn(self, lines: list[Line], cursor: Cursor) -> bytes:
        """Return what to write so that these rows are shown; each has at least as many cells as the terminal.

        Empty if they are already.
        """
        out = ""
        if self._shown is None:
            self._shown = [Line(self.cols) for _ in range(self.rows)]
            self._cursor = (-1, -1)
            out = "\x1b[0m\x1b[r\x1b[2J"
        lines = [_copied(line, self.cols) for line in lines]
        if count := self._scrolled(lines):
            blank = [Line(self.cols) for _ in range(count)]
            self._shown[: self.rows - 1] = [*self._shown[count : self.rows - 1], *blank]
            out += f"\x1b[1;{self.rows - 1}r\x1b[{count}S\x1b[r"
        changed = [y for y, line in enumerate(lines) if not _is_same(line, self._shown[y])]
        pen = PLAIN
        for y in changed:
            for x, end in _segments(self._shown[y], lines[y]):
                text, pen = _painted(lines[y], x, end, self.cols, pen)
                out += f"\x1b[{y + 1};{x + 1}H{text}"
        out += "\x1b[0m" if pen else ""
        is_hidden = False
        if len(changed) >= _MANY:
            out, is_hidden = _AT_ONCE + out, True
        if cursor and (out or cursor != self._cursor):
            out += f"\x1b[{cursor[1] + 1};{cursor[0] + 1}H"
        if (cursor is None) != (self._cursor is None) or is_hidden or self._cursor == (-1, -1):
            out += "\x1b[?25h" if cursor else "" if is_hidden else "\x1b[?25l"
        self._shown, self._cursor = lines, cursor
        return (out + _AT_ONCE_END * is_hidden).encode("utf-8", "replace")

    def _scrolled(self, lines: list[Line]) -> int:
        """Return by how many rows to scroll first, if that saves most of the drawing."""
        assert self._shown is not None
        old, new = self._shown[:-1], lines[:-1]
        still = sum(map(_is_same, old, new))
        best, gain = 0, still + _LEAST_GAIN - 1
        if still > len(new) - _LEAST_GAIN:
            return 0
        for count in range(1, len(new)):
            if len(new) - count <= gain:
                break
            same = sum(map(_is_same, old[count:], new))
            if same > gain:
                best, gain = count, same
        return best


def _copied(line: Line, cols: int) -> Line:
    copy = Line(0)
    copy.chars, copy.styles, copy.is_uneven = line.chars[:cols], line.styles[:cols], line.is_uneven
    return copy


def _is_same(one: Line, other: Line) -> bool:
    return one.chars == other.chars and one.styles == other.styles


def _segments(old: Line, new: Line) -> list[tuple[int, int]]:
    """Return from where to where a row differs; a cut is never inside a wide character."""
    cells = range(len(new.chars))
    places = {*compress(cells, map(ne, old.chars, new.chars))}
    places |= {*compress(cells, map(ne, old.styles, new.styles))}
    found: list[tuple[int, int]] = []
    for x in sorted(places):
        begin, end = x, x + 1
        while begin and not new.chars[begin]:
            begin -= 1
        while end < len(new.chars) and not new.chars[end]:
            end += 1
        if found and begin - found[-1][1] <= _GAP:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((begin, end))
    return found


def _painted(line: Line, begin: int, end: int, cols: int, pen: int) -> tuple[str, int]:
    """Return part of a row, drawn from where the cursor is, and the style the terminal is in then."""
    row, at, out = spans(line, begin, end), begin, ""
    if end == cols:
        row = trimmed(row)
    for text, style, cells in row:
        if style != pen:
            out, pen = out + sgr(style), style
        out += text if len(text) <= cells and text.isascii() else _steady(line, at, at + cells, text)
        at += cells
    if (missing := end - at) > 0:  # only at the end of the row
        out += "\x1b[0m" * (pen != PLAIN) + ("\x1b[K" if missing > len("\x1b[K") else " " * missing)
        pen = PLAIN
    return out, pen


def _steady(line: Line, begin: int, end: int, text: str) -> str:
    """Return text so that what follows a combined character is in its place.

    Terminals do not agree how wide such characters are.
    """
    chars = line.chars[begin:end]
    if "".join(chars) != text or not any(len(char) > 1 for char in chars):
        return text
    out = ""
    for x, char in enumerate(chars, begin):
        out += char
        if len(char) > 1:
            behind = x + 1 + (x + 1 < len(line.chars) and not line.chars[x + 1])
            out += f"\x1b[{behind + 1}G" if behind < len(line.chars) else ""
    return out
