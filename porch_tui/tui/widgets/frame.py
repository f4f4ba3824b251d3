"""A thin line around a pane, in the accent color while the focus is within, with a mark of what is in view.

Textual's own borders are drawn with the pane, and repaint all of it. This one repaints only its own cells.
"""

from __future__ import annotations

from msgspec import Struct
from rich.segment import Segment
from textual.containers import Container
from textual.events import DescendantBlur, DescendantFocus
from textual.geometry import Region
from textual.strip import Strip

from porch_tui.present.signs import Charset
from porch_tui.tui.drawing.cells import rule
from porch_tui.tui.drawing.headings import CORNERS, line_role
from porch_tui.tui.drawing.styles import styles_of
from porch_tui.tui.terminal.terminal import through_filters


class Extent(Struct, frozen=True):
    """Which of the rows there are is in view."""

    top: int
    rows: int
    of: int

    def thumb(self, cells: int) -> range:
        """Return which of so many cells beside them are marked; none if all rows are in view."""
        if not 0 < self.rows < self.of or cells < 2:
            return range(0)
        length = max(1, min(cells - 1, cells * self.rows // self.of))
        lowest = cells - length
        begin = round(lowest * self.top / max(1, self.of - self.rows))
        return range(min(begin, lowest), min(begin, lowest) + length)


NO_EXTENT = Extent(0, 0, 0)


class Frame(Container):
    """Draws its line into the padding that the stylesheet gives it; without padding it has none.

    Without padding above, the pane draws the upper line, with its title; here are the corners then.
    """

    DEFAULT_CSS = "Frame { background: $background; }"

    def __init__(self, charset: Charset, *, id: str | None = None, is_accented: bool = False) -> None:
        """`is_accented`: it is drawn as if the focus was within."""
        super().__init__(id=id)
        self._charset = charset
        self._is_always, self._is_focused = is_accented, is_accented
        self._extent = NO_EXTENT
        self._strips: list[Strip] = []

    def show(self, extent: Extent) -> None:
        """Mark on the right side what is in view."""
        if extent != self._extent:
            before, self._extent = self._thumb(), extent
            if self._thumb() != before:
                self._redraw(is_side_only=True)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self._set_focused(True)

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        self._set_focused(False)

    def notify_style_update(self) -> None:
        """Forget what was drawn in the previous styles."""
        super().notify_style_update()
        self._strips.clear()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the strips of a region; all are kept until something changes."""
        width, height = self.outer_size
        if len(self._strips) != height or (self._strips and self._strips[0].cell_length != width):
            self._strips = self._drawn(width, height)
        strips = self._strips[crop.y : crop.bottom]
        return strips if crop.column_span == (0, width) else [one.crop(*crop.column_span) for one in strips]

    def _set_focused(self, is_focused: bool) -> None:
        if (is_focused or self._is_always) is not self._is_focused:
            self._is_focused = not self._is_focused
            self._redraw()

    def _thumb(self) -> range:
        return self._extent.thumb(self.outer_size.height - 2)

    def _redraw(self, *, is_side_only: bool = False) -> None:
        self._strips.clear()
        (width, height), gutter = self.outer_size, self.gutter
        if not gutter.width or not width:
            return
        sides = [Region(width - 1, 0, 1, height)]
        if not is_side_only:
            sides += [Region(0, 0, 1, height), Region(0, height - 1, width, 1)]
            sides += [Region(0, 0, width, 1)] if gutter.top else []
        self.refresh(*(side.translate((-gutter.left, -gutter.top)) for side in sides))

    def _drawn(self, width: int, height: int) -> list[Strip]:
        ground = self.visual_style.rich_style
        if not self.gutter.width or width < 2:
            return [through_filters(self, Strip.blank(width, ground))] * height
        style = ground + styles_of(self.app)[line_role(is_focused=self._is_focused)]
        signs, line, thumb = CORNERS[self._charset], rule(width - 2, self._charset), self._thumb()

        def strip(begin: str, middle: str, end: str) -> Strip:
            within = style if middle.strip() else ground
            return through_filters(
                self, Strip([Segment(begin, style), Segment(middle, within), Segment(end, style)])
            )

        rows = [
            strip(signs.side, " " * (width - 2), signs.thumb if y in thumb else signs.side)
            for y in range(height - 2)
        ]
        return [
            strip(signs.upper[0], line, signs.upper[1]),
            *rows,
            strip(signs.lower[0], line, signs.lower[1]),
        ][:height]
