"""Draws a log: a title in row 0, then its lines, colored, highlighted, cut or wrapped, a time before each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset
from porch_tui.tui.drawing.cells import cuts, rule
from porch_tui.tui.log.excerpts import counted_lines
from porch_tui.tui.log.line_times import Times
from porch_tui.tui.log.model import Lines, LogModel
from porch_tui.tui.terminal.ansi import parse_cut
from porch_tui.tui.terminal.terminal import through_filters

COMPONENTS = frozenset(
    {"log-pane--title", "log-pane--rule", "log-pane--muted", "log-pane--here", "log-pane--marked"}
)
_CACHED_LINES = 400
_FOLLOWING = {Charset.UNICODE: "▼", Charset.ASCII: "v"}
_HELD = {Charset.UNICODE: "‖", Charset.ASCII: "|"}


class Paint(Struct, frozen=True):
    """The styles of one frame. Reading one from textual costs 90 µs, so they are kept until one changes."""

    text: Style
    title: Style
    rule: Style
    muted: Style
    hit: Style
    here: Style
    """Of the line that was gone to last."""
    marked: Style


class LogView:
    """The rows of a widget that shows a log. A line is drawn once, until it may look different."""

    def __init__(
        self, widget: Widget, model: LogModel, charset: Charset, *, has_title: bool, is_ruled: bool = False
    ) -> None:
        """With `is_ruled` the title is on a thin line."""
        self._widget, self._model, self._charset = widget, model, charset
        self.title_rows, self._is_ruled = int(has_title), is_ruled
        self.title = ""
        self._drawn: dict[int, list[Strip]] = {}
        self._drawn_as: tuple[int, int] = (0, 0)
        """The model's count of looks, and the width, for which that was drawn."""
        self._paint: Paint | None = None

    def forget_styles(self) -> None:
        """Forget what was drawn in the previous styles."""
        self._paint = None
        self._drawn.clear()

    def rows(self, count: int) -> list[Strip]:
        """Return the first rows of the widget."""
        paint, model = self._styles(), self._model
        rows: list[Strip] = []
        if self.title_rows:
            rows.append(self.title_row(self.status()))
        number, line_count = model.window.top, model.line_count
        while len(rows) < count and number < line_count:
            rows += self._line_rows(number)
            number += 1
        if not line_count and model.log is not None:
            text = clean(model.log.trouble) or "no output"
            if (found := model.search.filter) is not None:
                text = "searching…" if found.finder.left_bytes else "no line matches"
            rows.append(self._fitted(text, paint.muted, paint.text))
        rows += [self._fitted("", paint.muted, paint.text) for _ in range(count - len(rows))]
        return rows[:count]

    def title_row(self, status: str) -> Strip:
        """Return the title, with a status on the right that is always there."""
        paint = self._styles()
        line = rule(1, self._charset) if self._is_ruled else ""
        status = f" {status} "
        room = max(0, self._widget.size.width - len(status) - 2 * len(line))
        title = f" {self.title} "
        fill = rule(room - cell_len(title), self._charset) if line else ""
        segments = [
            Segment(line, paint.rule),
            Segment(set_cell_size(title, room - len(fill)), paint.title),
            Segment(fill, paint.rule),
            Segment(status, paint.title),
            Segment(line, paint.rule),
        ]
        strip = Strip(segments).crop_extend(0, self._widget.size.width, paint.title)
        return through_filters(self._widget, strip)

    @property
    def ground(self) -> Style:
        """How text without colors of its own is drawn."""
        return self._styles().text

    def height(self, number: int) -> int:
        """Return how many rows a line takes."""
        return len(self._line_rows(number))

    def line_at(self, y: int) -> int | None:
        """Return the number of the line in a row of the widget, or of the nearest one; None if empty."""
        model, row = self._model, y - self.title_rows
        if not model.line_count:
            return None
        number = max(0, model.window.top + min(row, 0))
        while row >= 0 and number < model.line_count and (row := row - self.height(number)) >= 0:
            number += 1
        return min(number, model.line_count - 1)

    def status(self) -> str:
        """Return what is on the right of the title: counts, the search, and whether the end is followed."""
        model, log = self._model, self._model.log
        if log is None:
            return ""
        if model.marked is not None:
            return f"{counted_lines(model.marked.count)} marked"
        found = model.search.filter
        count = counted_lines(model.line_count)
        if found is not None:
            count = f"&{found.finder.patterns[0].text}: {count}{'+' if found.finder.is_cut else ''}"
            count += " so far" if found.finder.left_bytes > 0 else ""
        elif not log.is_read:
            count = f"reading {log.read_percent} %"
        if model.is_following:
            where = f"{_FOLLOWING[self._charset]} follow"
        else:
            is_counted = log.is_read or found is not None
            new = model.window.new_lines(model.line_count) if is_counted else 0
            where = f"{_HELD[self._charset]} {new:,} new"
        return "  ".join(filter(None, (search_status(model), f"{count} {where}")))

    def _line_rows(self, number: int) -> list[Strip]:
        model, width = self._model, self._widget.size.width
        if self._drawn_as != (model.looks, width):
            self._drawn.clear()
            self._drawn_as = (model.looks, width)
        if (known := self._drawn.get(number)) is not None:
            return known
        lines = model.lines
        assert lines is not None  # it has a line of that number
        rows = [through_filters(self._widget, strip) for strip in self._draw(lines, number, width)]
        if number < lines.line_count - 1 or not lines.is_last_line_open:
            while len(self._drawn) >= _CACHED_LINES:
                del self._drawn[next(iter(self._drawn))]
            self._drawn[number] = rows
        return rows

    def _draw(self, lines: Lines, number: int, width: int) -> list[Strip]:
        """Return the rows of one line, each of exactly `width` cells."""
        model, paint = self._model, self._styles()
        line, ground = lines.line(number), paint.text
        if model.marked is not None and model.marked.has(number):
            ground += paint.marked
        elif lines.start(number) == model.here:
            ground += paint.here
        margin = ""
        if model.times is not Times.NONE:
            margin = model.known_times.text(lines.start(number), model.times)
        segments = [
            Segment(text, ground + style if style else ground)
            for text, style, _ in parse_cut(line.head, line.tail, line.length)
        ]
        text = "".join(segment.text for segment in segments)
        spans = model.spans(text)
        strip = Strip(highlighted(segments, spans, paint.hit) if spans else segments)
        cells = max(1, width - len(margin))
        if model.is_wrapped:
            pieces = [
                strip.crop(*cut).adjust_cell_length(cells, ground) for cut in pairwise(cuts(text, cells))
            ]
        else:
            pieces = [strip.crop_extend(model.left, model.left + cells, ground)]
        if not margin:
            return pieces
        return [
            Strip([Segment(" " * len(margin) if at else margin, ground + paint.muted), *piece])
            for at, piece in enumerate(pieces)
        ]

    def _fitted(self, text: str, style: Style, ground: Style) -> Strip:
        strip = Strip([Segment(text, style)]).crop_extend(0, self._widget.size.width, ground)
        return through_filters(self._widget, strip)

    def _styles(self) -> Paint:
        if self._paint is None:
            text, part = self._widget.visual_style.rich_style, self._widget.get_component_rich_style
            self._paint = Paint(
                text=text,
                title=part("log-pane--title"),
                rule=text + part("log-pane--rule"),
                muted=text + part("log-pane--muted"),
                hit=Style(reverse=True),
                here=_without_color(part("log-pane--here")),
                marked=_without_color(part("log-pane--marked")),
            )
        return self._paint


def search_status(model: LogModel) -> str:
    """Return how often what is searched for was found: `/word: 3 of 17`; empty without a search."""
    finder = model.search.finder
    if finder is None:
        return ""
    hits, text = finder.hits, finder.patterns[0].text
    is_busy = finder.left_bytes > 0
    if not hits:
        return f"/{text}: {'searching' if is_busy else 'no match'}"
    place = hits.count_up_to(model.here) if model.here is not None else 0
    at = f"{place:,} of " if place else ""
    return f"/{text}: {at}{len(hits):,}{'+' if finder.is_cut else ''}{' so far' if is_busy else ''}"


def highlighted(segments: Sequence[Segment], spans: Sequence[tuple[int, int]], style: Style) -> list[Segment]:
    """Return the segments with a style over some of their characters; spans are in order and apart."""
    found: list[Segment] = []
    edges = sorted({edge for span in spans for edge in span})
    at = 0
    for text, own, _ in segments:
        bounds = [at, *(edge for edge in edges if at < edge < at + len(text)), at + len(text)]
        for begin, end in pairwise(bounds):
            is_hit = any(first <= begin < last for first, last in spans)
            found.append(Segment(text[begin - at : end - at], (own or Style()) + style if is_hit else own))
        at += len(text)
    return found


def _without_color(style: Style) -> Style:
    """Return what of a style may be under a line that keeps its own colors."""
    return Style(bgcolor=style.bgcolor, bold=style.bold, underline=style.underline, reverse=style.reverse)
