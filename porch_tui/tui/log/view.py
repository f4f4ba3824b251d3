"""Draws a log: a title in row 0, then its lines, colored, highlighted, cut or wrapped, a time before each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset
from porch_tui.tui.drawing.cells import cuts, in_cells, rule
from porch_tui.tui.log.excerpts import counted_lines
from porch_tui.tui.log.line_times import Times
from porch_tui.tui.log.links import FileLink, places_in
from porch_tui.tui.log.model import LogModel
from porch_tui.tui.log.named_files import NamedFiles
from porch_tui.tui.terminal.ansi import MAX_CELLS, parse_cut
from porch_tui.tui.terminal.options import CONTRAST
from porch_tui.tui.terminal.terminal import through_filters

COMPONENTS = frozenset(
    {"log-pane--title", "log-pane--rule", "log-pane--muted", "log-pane--here", "log-pane--marked"}
)
_CACHED_LINES = 400
_FOLLOWING = {Charset.UNICODE: "▼", Charset.ASCII: "v"}
_HELD = {Charset.UNICODE: "‖", Charset.ASCII: "|"}


class Place(NamedTuple):
    """A place in a log."""

    line: int
    cell: int


class Paint(Struct, frozen=True):
    """The styles of one frame. Reading one from textual costs 90 µs, so they are kept until one changes."""

    text: Style
    title: Style
    rule: Style
    muted: Style
    here: Style
    """Of the line that was gone to last."""
    marked: Style


class LogView:
    """The rows of a widget that shows a log. A line is drawn once, until it may look different."""

    def __init__(
        self,
        widget: Widget,
        model: LogModel,
        files: NamedFiles,
        charset: Charset,
        *,
        has_title: bool,
        is_ruled: bool = False,
    ) -> None:
        """With `is_ruled` the title is on a thin line. What leads to one of the files is underlined."""
        self._widget, self._model, self._files, self._charset = widget, model, files, charset
        self.title_rows, self._is_ruled = int(has_title), is_ruled
        self.title = ""
        self._drawn: dict[int, list[Strip]] = {}
        self._drawn_as: tuple[int, int] = (0, 0)
        """The model's count of looks, and the width, for which that was drawn."""
        self._paint: Paint | None = None
        self._names: dict[int, frozenset[str]] = {}
        """The files that drawn lines name."""

    def forget_styles(self) -> None:
        """Forget what was drawn in the previous styles."""
        self._paint = None
        self.forget_lines()

    def forget_lines(self) -> None:
        """Draw each line again when it is needed next."""
        self._drawn.clear()
        self._names.clear()

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

    def place_at(self, x: int, y: int) -> Place | None:
        """Return the line and the cell of it in a cell of the widget, or the nearest one; None if empty.

        Below the last line it is behind that line's end.
        """
        model, row = self._model, y - self.title_rows
        if not model.line_count:
            return None
        number = max(0, model.window.top + min(row, 0))
        while row >= 0 and number < model.line_count and row >= (height := self.height(number)):
            row, number = row - height, number + 1
        if number >= model.line_count:
            return Place(model.line_count - 1, MAX_CELLS)
        first, margin = model.left, model.times.cells
        if model.is_wrapped:
            first = cuts(self.text(number), max(1, self._widget.size.width - margin))[max(0, row)]
        return Place(number, first + max(0, min(x, self._widget.size.width - 1) - margin))

    def text(self, number: int) -> str:
        """Return a line as it is shown, without its time."""
        return "".join(segment.text for segment in self.segments(number))

    def segments(self, number: int) -> list[Segment]:
        """Return a line in its own colors, and with hidden links in its styles."""
        assert self._model.lines is not None
        line = self._model.lines.line(number)
        return parse_cut(line.head, line.tail, line.length)

    def redraw_names(self, found: frozenset[str]) -> None:
        """Draw the lines again that name one of these files."""
        model, width, y = self._model, self._widget.size.width, self.title_rows
        for number in [one for one, names in self._names.items() if names & found]:
            self._names.pop(number)
            self._drawn.pop(number, None)
        number = model.window.top
        while y < self._widget.size.height and number < model.line_count:
            is_drawn, height = number in self._drawn, self.height(number)
            if not is_drawn:
                self._widget.refresh(Region(0, y, width, height))
            y, number = y + height, number + 1

    def status(self) -> str:
        """Return what is on the right of the title: counts, the search, and whether the end is followed."""
        model, log = self._model, self._model.log
        if log is None:
            return ""
        if model.marked is not None:
            is_part = model.marked.cells is not None
            return f"{counted_lines(model.marked.count, is_part=is_part)} marked"
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
            self.forget_lines()
            self._drawn_as = (model.looks, width)
        if (known := self._drawn.get(number)) is not None:
            return known
        rows = [through_filters(self._widget, strip) for strip in self._draw(number, width)]
        lines = model.lines
        assert lines is not None  # it has a line of that number
        if number < lines.line_count - 1 or not lines.is_last_line_open:
            while len(self._drawn) >= _CACHED_LINES:
                oldest = next(iter(self._drawn))
                del self._drawn[oldest]
                self._names.pop(oldest, None)
            self._drawn[number] = rows
        return rows

    def _draw(self, number: int, width: int) -> list[Strip]:
        """Return the rows of one line, each of exactly `width` cells."""
        model, paint = self._model, self._styles()
        ground, margin = paint.text, self._margin(number)
        own = self.segments(number)
        text = "".join(segment.text for segment in own)
        marks, rest = self._marks(number, text)
        is_here = marks is None and self._is_here(number)
        if is_here:
            ground = rest = ground + paint.here
        segments = [Segment(text, ground + style if style else ground) for text, style, _ in own]
        if is_here:
            segments = highlighted(segments, [(0, len(text))], self._readable)
        for spans, look in (
            (self._links(number, own), _underlined),
            (marks, lambda style: self._readable(style + paint.marked)),
            (model.spans(text), lambda style: _reversed(self._readable(style))),
        ):
            segments = highlighted(segments, spans, look) if spans else segments
        cells = max(1, width - len(margin))
        strip = Strip(segments)
        if model.is_wrapped:
            pieces = [strip.crop(*cut).adjust_cell_length(cells, rest) for cut in pairwise(cuts(text, cells))]
        else:
            pieces = [strip.crop_extend(model.left, model.left + cells, rest)]
        if not margin:
            return pieces
        return [
            Strip([Segment(" " * len(margin) if at else margin, ground + paint.muted), *piece])
            for at, piece in enumerate(pieces)
        ]

    def _margin(self, number: int) -> str:
        """Return the time before a line; empty if none is shown."""
        model = self._model
        if model.times is Times.NONE or model.lines is None:
            return ""
        return model.known_times.text(model.lines.start(number), model.times)

    def _is_here(self, number: int) -> bool:
        """Return whether the person went to this line last."""
        model = self._model
        return model.here is not None and model.lines is not None and model.lines.start(number) == model.here

    def _marks(self, number: int, text: str) -> tuple[list[tuple[int, int]] | None, Style]:
        """Return which characters of a line are marked, and how what is behind its end is drawn."""
        marked, paint = self._model.marked, self._styles()
        if marked is None or not marked.has(number):
            return None, paint.text
        first, end = marked.part(number)
        return [in_cells(text, first, end)], paint.text + paint.marked if end is None else paint.text

    def _links(self, number: int, segments: Sequence[Segment]) -> list[tuple[int, int]]:
        """Return which characters lead to a file that is there, or to a web address."""
        if not self._files.is_asked:
            return []
        places = places_in(segments)
        if names := frozenset(one.link.path for one in places if isinstance(one.link, FileLink)):
            self._names[number] = names
        return [(one.first, one.end) for one in places if self._files.has(one.link)]

    def _readable(self, style: Style) -> Style:
        """Return a style in which a person can read what is marked or found."""
        from porch_tui.tui.drawing.on_marks import readable_style  # most logs are read without
        from porch_tui.tui.terminal.contrast import HIGH_CONTRAST, TEXT_CONTRAST

        app = self._widget.app
        return readable_style(
            style, app.ansi_theme, HIGH_CONTRAST if app.theme == CONTRAST else TEXT_CONTRAST
        )

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


def highlighted(
    segments: Sequence[Segment], spans: Sequence[tuple[int, int]], look: Callable[[Style], Style]
) -> list[Segment]:
    """Return the segments with another look of some of their characters; spans are in order and apart."""
    found: list[Segment] = []
    edges = sorted({edge for span in spans for edge in span})
    at = 0
    for text, own, _ in segments:
        bounds = [at, *(edge for edge in edges if at < edge < at + len(text)), at + len(text)]
        for begin, end in pairwise(bounds):
            is_hit = any(first <= begin < last for first, last in spans)
            found.append(Segment(text[begin - at : end - at], look(own or Style()) if is_hit else own))
        at += len(text)
    return found


def _underlined(style: Style) -> Style:
    return style + Style(underline=True)


def _reversed(style: Style) -> Style:
    """Return a style that differs from this one, which may be reversed already."""
    return style + Style(reverse=not style.reverse)


def _without_color(style: Style) -> Style:
    """Return what of a style may be under a line that keeps its own colors."""
    return Style(bgcolor=style.bgcolor, bold=style.bold, underline=style.underline, reverse=style.reverse)
