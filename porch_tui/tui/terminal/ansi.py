"""Turns bytes of a log into styled segments that are safe to show. Pure.

No control character, bidirectional override or invisible character gets through.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from rich.cells import cell_len, get_character_cell_size, set_cell_size
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from porch_tui.present.amounts import size
from porch_tui.present.clean import UNSAFE, clean, visible

MAX_CELLS = 4096
"""No line is wider, with the note about what is left out."""
HEAD_BYTES = 16_384
"""How much of a line is read from its start."""
TAIL_BYTES = 8_192
"""How much of a longer line is read from its end, to find the last states of a progress bar."""

_SEQUENCE = re.compile(
    "\x1b\\[([0-?]*)([ -/]*)([@-~]?)"  # CSI: parameters, intermediates, final
    "|\x1b\\].*?(?:[\x07\x18\x1a\x9c]|\x1b\\\\|\\Z)"  # OSC, up to its terminator or the line's end
    "|\x1b[PX^_].*?(?:[\x18\x1a\x9c]|\x1b\\\\|\\Z)"  # DCS, SOS, PM, APC
    "|\x1b[ -/]*[0-~]?"  # every other escape, charset designations among them
    "|[\r\b\t\x0e\x0f]",
    re.DOTALL,
)
_MOVES = re.compile("[\r\b\t]|\x1b\\[[0-?]*[CDGK]")
_HYPERLINK = re.compile("\x1b\\]8;[^;]*;([\x21-\x7e]{0,2000})(?:\x07|\x1b\\\\)")
"""OSC 8; without an address it ends the one before."""
_NOTE_CELLS = 12


def one_line(text: str) -> str:
    """Return a program's message as one safe line, without its escape sequences.

    For names use `clean`, which hides no part of them.
    """
    lines = (_SEQUENCE.sub(lambda found: " " * (found[0] == "\t"), line) for line in text.split("\n"))
    return clean("\n".join(lines))


def parse(line: bytes) -> list[Segment]:
    """Return one line of a log, without its newline, as segments of at most MAX_CELLS cells.

    Colors, attributes, hidden links, carriage return, backspace, tab, erase in line, and moves within the
    line take effect. Other sequences are dropped, other control characters shown as symbols, bytes that
    are not UTF-8 as U+FFFD.
    """
    return parse_cut(line[:HEAD_BYTES], line[-TAIL_BYTES:], len(line))


def parse_cut(head: bytes, tail: bytes, length: int) -> list[Segment]:
    """Return what `parse` returns, from the first and last bytes of a line of `length` bytes.

    `head` is its first HEAD_BYTES, or all of it; `tail` its last TAIL_BYTES, used only if the line is longer
    than `head`. Of a long line with carriage returns only the last state is shown.
    """
    if length <= len(head):
        return _clamped(_segments(head, is_whole=True), 0)
    start = tail.rstrip(b"\r").find(b"\r")
    last = _segments(tail[start + 1 :], is_whole=True) if start >= 0 else []
    if any(text.strip() for text, _, _ in last):
        return _clamped(last, 0)
    return _clamped(_segments(head, is_whole=False), length - len(head))


def _segments(data: bytes, *, is_whole: bool) -> list[Segment]:
    text = codecs.utf_8_decode(data, "replace", is_whole)[0].rstrip("\r")
    if not UNSAFE.search(text):
        return [Segment(text, style(PLAIN))] if text else []
    if not _MOVES.search(text):
        return [Segment(piece, style(pen)) for piece, pen, _ in _pieces(text) if piece]
    row = _Row()
    for piece, pen, order in _pieces(text):
        if piece:
            row.write(piece, pen)
        if order is not None:
            row.obey(order[3] or order[0], order[1] or "")
    row.write("", PLAIN)  # blanks up to the cursor
    return row.segments()


def _pieces(text: str) -> Iterator[tuple[str, Pen, re.Match[str] | None]]:
    """Yield what is written, with its pen, and the sequence behind it that is no color."""
    pen, at = PLAIN, 0
    for match in _SEQUENCE.finditer(text):
        is_color = match[3] == "m"
        yield visible(text[at : match.start()]), pen, None if is_color or match[2] else match
        at = match.end()
        if is_color and not match[2]:
            pen = after(pen, match[1])
        elif (link := _HYPERLINK.fullmatch(match[0])) is not None:
            pen = pen._replace(link=link[1] or None)
    yield visible(text[at:]), pen, None


class _Row:
    """A terminal's row of cells, and a cursor. The second cell of a wide character has the empty string."""

    def __init__(self) -> None:
        self._cells: list[str] = []
        self._pens: list[Pen] = []
        self._at = 0

    def write(self, text: str, pen: Pen) -> None:
        """Overwrite from the cursor on; `text` has no control characters."""
        if text.isascii():
            self._put(list(text), pen)
            return
        for character in text:
            width = get_character_cell_size(character)
            if width == 0:
                self._attach(character)
            else:
                self._put([character, ""][:width], pen)

    def obey(self, order: str, params: str) -> None:
        """Move the cursor or erase; an unknown order does nothing."""
        if params and not params.isdigit():
            return
        number = min(int(params[:6] or 0), MAX_CELLS)
        match order:
            case "\r":
                self._at = 0
            case "\b":
                self._at = max(0, self._at - 1)
            case "\t":
                self._advance(8 - self._at % 8)
            case "C":
                self._advance(number or 1)
            case "D":
                self._at = max(0, self._at - (number or 1))
            case "G":
                self._at = (number or 1) - 1
            case "K":
                self._erase(number)

    def segments(self) -> list[Segment]:
        """Return the row, with cells of the same pen joined."""
        found: list[Segment] = []
        start = 0
        for at in range(1, len(self._cells) + 1):
            if at == len(self._cells) or self._pens[at] != self._pens[start]:
                found.append(Segment("".join(self._cells[start:at]), style(self._pens[start])))
                start = at
        return found

    def _advance(self, cells: int) -> None:
        """Move right, but not past MAX_CELLS: a short line must not make a long row."""
        self._at = min(max(self._at, MAX_CELLS), self._at + cells)

    def _put(self, cells: list[str], pen: Pen) -> None:
        at, stop = self._at, self._at + len(cells)
        missing = at - len(self._cells)
        if missing > 0:
            self._cells += [" "] * missing
            self._pens += [PLAIN] * missing
        self._halve(at)
        self._cells[at:stop] = cells
        self._pens[at:stop] = [pen] * len(cells)
        if stop < len(self._cells) and not self._cells[stop]:
            self._cells[stop] = " "
        self._at = stop

    def _halve(self, at: int) -> None:
        """Blank the left half of a wide character whose right half, at `at`, will be overwritten."""
        if at < len(self._cells) and not self._cells[at]:
            self._cells[at - 1] = " "

    def _attach(self, character: str) -> None:
        """Add a combining character to the cell before the cursor; drop it if there is none."""
        at = self._at - 1
        if 0 < at < len(self._cells) and not self._cells[at]:
            at -= 1
        if 0 <= at < len(self._cells):
            self._cells[at] += character

    def _erase(self, which: int) -> None:
        at = self._at
        if which in {1, 2}:
            self._at = 0
            self._put([" "] * min(at + 1, len(self._cells)), PLAIN)
            self._at = at
        if which in {0, 2}:
            self._halve(at)
            del self._cells[at:], self._pens[at:]


def _clamped(segments: list[Segment], hidden: int) -> list[Segment]:
    """Cut to MAX_CELLS and say how many bytes are not shown."""
    # A character takes two cells at most, so most lines need no measuring.
    if not hidden and sum(len(text) for text, _, _ in segments) * 2 <= MAX_CELLS:
        return segments
    if not hidden and sum(cell_len(text) for text, _, _ in segments) <= MAX_CELLS:
        return segments
    room = MAX_CELLS - _NOTE_CELLS
    kept: list[Segment] = []
    for text, pen_style, _ in segments:
        shown = text if cell_len(text) <= room else set_cell_size(text, room)
        room -= cell_len(shown)
        hidden += len(text.encode()) - len(shown.encode())
        if shown:
            kept.append(Segment(shown, pen_style))
    return [*kept, Segment(f"… +{size(hidden)}", Style(dim=True))]


# --- colors and attributes: SGR sequences in, a rich Style out

_LONGEST = 128
"""Characters read of one sequence; a foreground and a background in truecolor take 40."""


class Pen(NamedTuple):
    """How the next character is drawn, as parameters of a Style.

    Blink and conceal are left out: blink annoys, conceal hides text.
    """

    color: Color | None = None
    bgcolor: Color | None = None
    bold: bool | None = None
    dim: bool | None = None
    italic: bool | None = None
    underline: bool | None = None
    reverse: bool | None = None
    strike: bool | None = None
    link: str | None = None
    """The address that an OSC 8 sequence hides behind the text. It is not for the terminal."""


PLAIN = Pen()
_CHANGES: dict[int, dict[str, Any]] = {
    0: {name: None for name in Pen._fields if name != "link"},
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    9: {"strike": True},
    21: {"underline": True},  # double underline
    22: {"bold": None, "dim": None},
    23: {"italic": None},
    24: {"underline": None},
    27: {"reverse": None},
    29: {"strike": None},
    39: {"color": None},
    49: {"bgcolor": None},
}
"""By SGR code; codes of colors are in `_basic_color`."""


@lru_cache(1024)
def style(pen: Pen) -> Style:
    """Return the pen as a style."""
    return Style(**pen._asdict())


@lru_cache(1024)
def after(pen: Pen, params: str) -> Pen:
    """Return the pen after `ESC [ params m`; unknown codes change nothing."""
    if params[:1] in {"<", "=", ">", "?"}:
        return pen
    words = iter(params[:_LONGEST].split(";"))
    for word in words:
        code, *rest = map(_number, word.split(":"))
        if code in {38, 48}:
            if len(rest) > 4 and rest[0] == 2:
                del rest[1]  # the color space that the form with colons may have: `2:space:r:g:b`
            color = _extended(iter(rest) if rest else map(_number, words))
            pen = pen if color is None else _tinted(pen, code == 48, color)
        elif rest:
            pen = pen._replace(underline=rest[0] > 0 or None) if code == 4 else pen
        else:
            pen = pen._replace(**_CHANGES[code]) if code in _CHANGES else _basic_color(pen, code)
    return pen


def _basic_color(pen: Pen, code: int) -> Pen:
    for first, number, is_background in ((30, 0, False), (40, 0, True), (90, 8, False), (100, 8, True)):
        if first <= code < first + 8:
            return _tinted(pen, is_background, Color.from_ansi(code - first + number))
    return pen


def _tinted(pen: Pen, is_background: bool, color: Color) -> Pen:
    return pen._replace(bgcolor=color) if is_background else pen._replace(color=color)


def _extended(numbers: Iterator[int]) -> Color | None:
    """Return the color that `5;n` or `2;r;g;b` names; None if there is no such color."""
    kind = next(numbers, -1)
    values = [next(numbers, -1) for _ in range({5: 1, 2: 3}.get(kind, 0))]
    if not values or not all(0 <= value <= 255 for value in values):
        return None
    return Color.from_ansi(values[0]) if kind == 5 else Color.from_rgb(*values)


def _number(word: str) -> int:
    if not word:
        return 0
    return int(word) if word.isdigit() else -1
