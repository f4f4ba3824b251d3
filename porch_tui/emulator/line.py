"""One row of cells, and the same packed for the scrollback: a tenth of its size."""

from __future__ import annotations

from array import array
from itertools import chain, compress, islice
from operator import ne
from sys import getsizeof

from porch_tui.emulator.style import PLAIN
from porch_tui.emulator.widths import JOINER, WIDTHS, is_narrow

TYPE_CHECKING = False
if TYPE_CHECKING:
    Packed = tuple[str, bytes, int, bool]
    """Text, runs of styles (pairs of 8 bytes: style, where it ends), cells used, whether it wraps."""

LARGEST_CELL = 21
"""Bytes of a character with all that is combined with it; more is dropped, as tmux does."""
_TUPLE_BYTES = 150
_NO_RUNS = b""


class Line:
    """A row: for each cell a character and a style.

    The second cell of a wide character has an empty one.
    """

    __slots__ = ("chars", "is_uneven", "styles", "used", "wraps")

    def __init__(self, cols: int, style: int = PLAIN) -> None:
        self.chars, self.styles = [" "] * cols, [style] * cols
        self.used = 0
        """How many cells were written, from the left on: what a change of width moves to other rows."""
        self.wraps = False
        """The text continues in the next row."""
        self.is_uneven = False
        """There may be cells in it that are not one code point each: wide or combined characters."""

    @property
    def text(self) -> str:
        """What is shown, without blanks at the end."""
        return "".join(self.chars).rstrip(" ")

    def mend(self, begin: int, end: int) -> None:
        """Blank the halves of wide characters that remain beside cells that are about to be replaced."""
        if self.is_uneven:
            chars = self.chars
            if begin < len(chars) and not chars[begin]:
                self._blank(begin - 1)
            if end < len(chars) and not chars[end]:
                self._blank(end)

    def _blank(self, x: int) -> None:
        self.chars[x], self.styles[x] = " ", PLAIN

    def erase(self, begin: int, end: int, style: int) -> None:
        """Blank some cells."""
        self.mend(begin, end)
        self.chars[begin:end] = [" "] * (end - begin)
        self.styles[begin:end] = [style] * (end - begin)

    def insert(self, x: int, count: int, style: int) -> None:
        """Move the cells from `x` on to the right; the last ones are lost."""
        cols = len(self.chars)
        self.mend(x, x)
        self.chars[x:x], self.styles[x:x] = [" "] * count, [style] * count
        if self.is_uneven and not self.chars[cols]:
            self._blank(cols - 1)
        del self.chars[cols:], self.styles[cols:]
        self.used = cols

    def delete(self, x: int, count: int, style: int) -> None:
        """Take some cells out; those behind them move to the left."""
        self.mend(x, x + count)
        del self.chars[x : x + count], self.styles[x : x + count]
        self.chars += [" "] * count
        self.styles += [style] * count
        self.used = max(self.used, len(self.chars) - count)

    def fit(self, cols: int) -> None:
        """Cut it, or fill it up with blanks."""
        missing = cols - len(self.chars)
        if missing < 0:
            if self.is_uneven and not self.chars[cols]:
                self._blank(cols - 1)
            del self.chars[cols:], self.styles[cols:]
            self.used = min(self.used, cols)
        else:
            self.chars += [" "] * missing
            self.styles += [PLAIN] * missing


def packed(line: Line) -> Packed:
    """Return a line packed, without blanks behind what was written."""
    styles, used = line.styles, line.used
    behind = styles[used:]
    end = used if behind.count(PLAIN) == len(behind) else len(styles)
    text, styles = "".join(line.chars[:end]), styles[:end]
    if styles.count(PLAIN) == end:
        return text, _NO_RUNS, used, line.wraps
    changes = [*compress(range(1, end), map(ne, styles, islice(styles, 1, None)))]
    ends = zip(map(styles.__getitem__, (0, *changes)), (*changes, end), strict=True)
    runs = array("Q", chain.from_iterable(ends))
    return text, runs.tobytes(), used, line.wraps


def weight(line: Packed) -> int:
    """Return about how many bytes of memory a packed line takes."""
    return getsizeof(line[0]) + len(line[1]) + _TUPLE_BYTES


def unpacked(kept: Packed, cols: int) -> Line:
    """Return a packed line as cells, at least `cols` of them."""
    text, runs, used, wraps = kept
    line = Line(0)
    line.chars, line.used, line.wraps = list(text), used, wraps
    if not is_narrow(text):
        line.chars, line.is_uneven = _cells(text), True
    if runs:
        pairs = array("Q", runs)
        for style, end in zip(pairs[::2], pairs[1::2], strict=True):
            line.styles += [style] * (end - len(line.styles))
    length = max(cols, used, len(line.chars), len(line.styles))
    line.chars += [" "] * (length - len(line.chars))
    line.styles += [PLAIN] * (length - len(line.styles))
    return line


def _cells(text: str) -> list[str]:
    """Return the cells of a text: which characters are combined follows from their widths."""
    chars: list[str] = []
    is_joined = False
    for char in text:
        width = WIDTHS[char]
        if (width == 0 or is_joined) and chars:
            chars[-1 if chars[-1] else -2] += char
        else:
            chars.append(char)
            if width == 2:
                chars.append("")
        is_joined = char == JOINER
    return chars
