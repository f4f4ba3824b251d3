"""Lines of text that redraw only the cells that changed: lists, panes and bars are made of them.

A textual table repaints as a whole: 13 kB a second for numbers that change once a second, where this needs
a thirtieth.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile, zip_longest
from typing import ClassVar

from msgspec import Struct
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.styles import Line, styles_of, width_of
from porch_tui.tui.terminal.terminal import through_filters


class _Paint(Struct, frozen=True):
    """The styles of one frame; reading them from textual is slow, so they are cached until one changes."""

    base: Style
    chosen: Style
    styles: Mapping[Role, Style]


class Rows(Widget):
    """Draws the lines that a subclass composes; the subclass calls `redraw` when they may have changed."""

    # Textual's selection needs metadata on every segment; the terminal's own needs none.
    ALLOW_SELECT: ClassVar[bool] = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--chosen"}
    DEFAULT_CSS = """
    Rows { height: 1; background: $background; color: $foreground; }
    Rows > .rows--chosen { background: $foreground 8%; }
    Rows:focus > .rows--chosen { background: $primary 16%; }
    Rows:ansi > .rows--chosen { background: ansi_default; text-style: bold; }
    Rows:ansi:focus > .rows--chosen { background: ansi_default; text-style: reverse; }
    """

    def __init__(self, charset: Charset = Charset.UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.charset = charset
        self._lines: tuple[Line, ...] = ()
        self._strips: dict[int, Strip] = {}
        self._drawn_size = Size(0, 0)
        self._chosen: int | None = None
        self._paint: _Paint | None = None

    def compose_lines(self) -> list[Line]:
        """Return the lines for the widget's current size."""
        return self.lines_for(self.size.width)

    def lines_for(self, width: int) -> list[Line]:
        """Return the lines for so many columns, where they are the same for any height."""
        return []

    def chosen_line(self) -> int | None:
        """Return the number of the line under the cursor, if there is one."""
        return None

    def redraw(self) -> None:
        """Compose the lines again, and redraw the cells that differ."""
        if self.size.area == 0:
            return
        before, chosen_before = self._lines, self._chosen
        if self._recompose():
            self.refresh()
            return
        for y, (old, new) in enumerate(zip_longest(before, self._lines, fillvalue=())):
            if (y == chosen_before) != (y == self._chosen):
                self._forget(y, Region(0, y, self.size.width, 1))
            elif old != new:
                self._forget(y, _changed(old, new, y, self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many rows the content takes, where the stylesheet's height is auto."""
        return max(1, len(self.lines_for(width)))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the strips of a region, from the cache where nothing changed."""
        if self._drawn_size != self.size:
            self._recompose()
        for y in crop.line_range:
            if y not in self._strips:
                self._strips[y] = self._draw(y)
        strips = [self._strips[y] for y in crop.line_range]
        if crop.column_span == (0, self.size.width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    def notify_style_update(self) -> None:
        """Forget what was drawn in the previous styles."""
        super().notify_style_update()
        self._paint = None
        self._strips.clear()

    def on_resize(self) -> None:
        """Fit the lines into the new size."""
        self.redraw()

    def _recompose(self) -> bool:
        is_resized = self._drawn_size != self.size
        self._drawn_size = self.size
        if is_resized:
            self._strips.clear()
        self._lines = tuple(self.compose_lines())
        self._chosen = self.chosen_line()
        return is_resized

    def _forget(self, y: int, region: Region) -> None:
        self._strips.pop(y, None)
        self.refresh(region)

    def _draw(self, y: int) -> Strip:
        if self._paint is None:
            chosen = self.get_component_rich_style("rows--chosen")
            self._paint = _Paint(self.visual_style.rich_style, chosen, styles_of(self.app))
        paint, line = self._paint, self._lines[y] if y < len(self._lines) else ()
        is_chosen = y == self._chosen
        ground = paint.base + paint.chosen if is_chosen else paint.base
        segments: list[Segment] = []
        for text, role, is_bold in line:
            style = ground
            # Colors in reverse would make a row of colored boxes.
            if not (is_chosen and paint.chosen.reverse):
                style += paint.styles[role]
                style += paint.styles[Role.STRONG] if is_bold else Style()
            segments.append(Segment(text, style))
        return through_filters(self, Strip(segments).crop_extend(0, self.size.width, ground))


def _changed(old: Line, new: Line, y: int, width: int) -> Region:
    """Return the cells of row `y` in which two lines differ."""
    before = list(takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    start = width_of(span for span, _ in before)
    stop = max(width_of(old), width_of(new))  # after both the row is blank, and stays so
    if width_of(old) == width_of(new):
        after = takewhile(lambda pair: pair[0] == pair[1], zip(reversed(old), reversed(new), strict=False))
        stop = width_of(new) - width_of(span for span, _ in after)
    return Region(start, y, max(1, min(stop, width) - start), 1)
