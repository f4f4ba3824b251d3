"""A recording as text to read: every row that has left the screen, then what is on it.

Rows that wrap are one line. What a program drew on the alternate screen is not in the lines, since it draws
the same again and again: of that the last picture is shown. Takes as much memory as a screen.
"""

from __future__ import annotations

from porch_tui.emulator.history import History
from porch_tui.emulator.line import Line
from porch_tui.emulator.replay import Replay
from porch_tui.emulator.screen import Screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from porch_tui.emulator.line import Packed
    from porch_tui.emulator.replay import Size

LONGEST_LINE = 65_536
"""Characters; a longer line, such as output without any line break, is broken."""
_PIECE = 16_384


class _Leaving(History):
    """Rows that have left the screen, as lines, until they are taken."""

    def __init__(self) -> None:
        super().__init__()
        self._done: list[str] = []
        self._open: list[str] = []
        self._length = 0

    def append(self, line: Packed) -> None:
        """Take a row."""
        text, _, _, wraps = line
        self._open.append(text)
        self._length += len(text)
        if not wraps or self._length > LONGEST_LINE:
            self._close()

    def unwrap(self) -> None:
        """End the line of the last row."""
        if self._open:
            self._close()

    def _close(self) -> None:
        self._done.append("".join(self._open).rstrip(" "))
        self._open, self._length = [], 0

    def take(self) -> list[str]:
        """Return the lines that are complete."""
        done, self._done = self._done, []
        return done

    @property
    def beginning(self) -> str:
        """What has left the screen of a line whose rest is still on it."""
        return "".join(self._open)


class Transcript:
    """Makes text of a recording while it is read."""

    def __init__(self, cols: int, rows: int) -> None:
        """Begin for a terminal of so many columns and rows; see `add_sizes` for others."""
        self._left = _Leaving()
        self._screen = Screen(cols, rows, self._left)
        self._screen.on_alternate_left = self._keep
        self._replay = Replay(self._screen)
        self._full: list[str] = []
        """The last picture of the alternate screen."""

    def add_sizes(self, sizes: Iterable[Size]) -> None:
        """Learn at which bytes the terminal got other sizes."""
        self._replay.add_sizes(sizes)

    def feed(self, data: bytes) -> str:
        """Take the next bytes; return the lines that will not change any more, each with its line break."""
        lines: list[str] = []
        for at in range(0, len(data), _PIECE):
            self._replay.feed(data[at : at + _PIECE])
            lines += self._left.take()
        return "".join(f"{line}\n" for line in lines)

    def picture(self) -> str:
        """Return what is still on the screen, and the last alternate screen. Changes nothing."""
        main = _joined(self._screen.main.lines)
        if main or self._left.beginning:
            main[:1] = [self._left.beginning + (main[0] if main else "")]
        full = _rows(self._screen.lines) if self._screen.is_alternate else self._full
        return "".join(f"{line}\n" for line in [*main, *full])

    def _keep(self, lines: list[Line]) -> None:
        self._full = _rows(lines)


def _rows(lines: list[Line]) -> list[str]:
    """Return rows as they are, without empty ones at the end: a picture is not text that wraps."""
    return _without_end([line.text for line in lines])


def _joined(lines: list[Line]) -> list[str]:
    """Return rows as lines, without empty ones at the end."""
    texts: list[str] = []
    is_continued = False
    for line in lines:
        text = "".join(line.chars)
        if is_continued:
            texts[-1] += text
        else:
            texts.append(text)
        is_continued = line.wraps
    return _without_end([text.rstrip(" ") for text in texts])


def _without_end(texts: list[str]) -> list[str]:
    while texts and not texts[-1]:
        texts.pop()
    return texts
