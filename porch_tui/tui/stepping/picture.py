"""The rows of a widget that show a task's terminal, or a part of it, and which cells of them have changed."""

from __future__ import annotations

from itertools import compress
from operator import ne

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from porch_tui.emulator.line import Line
from porch_tui.emulator.spans import spans
from porch_tui.tui.stepping.styles import segments_of
from porch_tui.tui.terminal.terminal import through_filters


class Picture:
    """What was drawn last. A row is made into a strip once, until it changes."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._rows: list[Line] = []
        self._strips: dict[int, Strip] = {}

    def take(self, lines: list[Line]) -> list[Region]:
        """Show other rows; return the parts that differ, as columns and rows from the top left."""
        before, self._rows = self._rows, [_kept(line) for line in lines]
        if len(before) != len(lines):
            self._strips.clear()
            return [Region(0, 0, self._widget.size.width, max(len(before), len(lines)))]
        changed = []
        for y, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            if old.chars == new.chars and old.styles == new.styles:
                continue
            self._strips.pop(y, None)
            if len(old.chars) != len(new.chars):
                changed.append(Region(0, y, self._widget.size.width, 1))
                continue
            begin, end = _difference(old, new)
            changed.append(Region(begin, y, end - begin, 1))
        return changed

    def forget(self) -> None:
        """Forget what was drawn in the previous styles, or for another size."""
        self._strips.clear()

    def row(self, y: int, width: int, ground: Style) -> Strip:
        """Return a row of a certain width; it is blank where the terminal has none."""
        strip = self._strips.get(y)
        if strip is None or strip.cell_length != width:
            row = spans(self._rows[y], 0, width) if y < len(self._rows) else []
            strip = Strip(segments_of(row, ground)).adjust_cell_length(width, ground)
            strip = self._strips[y] = through_filters(self._widget, strip)
        return strip


def _kept(line: Line) -> Line:
    kept = Line(0)
    kept.chars, kept.styles, kept.is_uneven = line.chars[:], line.styles[:], line.is_uneven
    return kept


def _difference(old: Line, new: Line) -> tuple[int, int]:
    """Return where the first cell differs, and where the last one that does ends: whole wide characters."""
    odd = [
        *compress(range(len(new.chars)), map(ne, old.chars, new.chars)),
        *compress(range(len(new.chars)), map(ne, old.styles, new.styles)),
    ]
    begin, end = min(odd), max(odd) + 1
    if old.is_uneven or new.is_uneven:
        begin, end = max(begin - 1, 0), min(end + 1, len(new.chars))
    return begin, end
