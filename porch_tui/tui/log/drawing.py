"""One line of a log as rows of the screen: coloured, its hits marked, cut or wrapped, a time before it.

Which line that is, and where it stands, is `log_view`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from msgspec import Struct
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from porch_tui.tui.drawing.wrapping import cuts
from porch_tui.tui.log.block_index import Line
from porch_tui.tui.terminal.ansi import parse_cut

COMPONENTS = frozenset({"log-pane--title", "log-pane--muted", "log-pane--here", "log-pane--marked"})


class Paint(Struct, frozen=True):
    """The styles of one frame. Reading one from textual costs 90 µs, so they are kept until one changes."""

    text: Style
    title: Style
    muted: Style
    hit: Style
    here: Style
    """Of the line that the search stands on."""
    marked: Style


def paint_of(widget: Widget) -> Paint:
    """Return the styles that the stylesheet gives a log."""
    text = widget.visual_style.rich_style
    part = widget.get_component_rich_style
    return Paint(
        text=text,
        title=part("log-pane--title"),
        muted=text + part("log-pane--muted"),
        hit=Style(reverse=True),
        here=_ground(part("log-pane--here")),
        marked=_ground(part("log-pane--marked")),
    )


def _ground(style: Style) -> Style:
    """Return what of a style may lie under a line whose own colours are kept."""
    return Style(bgcolor=style.bgcolor, bold=style.bold, underline=style.underline, reverse=style.reverse)


class Standout(Struct, frozen=True):
    """What stands out in a line."""

    spans: Callable[[str], Sequence[tuple[int, int]]]
    """Returns which characters of a text do."""
    style: Style


class Room(Struct, frozen=True):
    """Where a line is drawn."""

    cells: int
    left: int
    """Cells of the line that are out of view on the left; none if it is wrapped."""
    is_wrapped: bool


def rows_of(line: Line, room: Room, ground: Style, margin: Segment, standout: Standout) -> list[Strip]:
    """Return the rows that a line takes, each of exactly `room.cells`; `ground` is under its colours."""
    segments = [
        Segment(text, ground + style if style else ground)
        for text, style, _ in parse_cut(line.head, line.tail, line.length)
    ]
    text = "".join(segment.text for segment in segments)
    spans = standout.spans(text)
    strip = Strip(highlighted(segments, spans, standout.style) if spans else segments)
    cells = max(1, room.cells - len(margin.text))
    if room.is_wrapped:
        pieces = [
            strip.crop(begin, end).adjust_cell_length(cells, ground)
            for begin, end in pairwise(cuts(text, cells))
        ]
    else:
        pieces = [strip.crop_extend(room.left, room.left + cells, ground)]
    if not margin.text:
        return pieces
    blank = Segment(" " * len(margin.text), margin.style)
    return [Strip([margin if not at else blank, *piece]) for at, piece in enumerate(pieces)]


def highlighted(segments: Sequence[Segment], spans: Sequence[tuple[int, int]], style: Style) -> list[Segment]:
    """Return the segments with a style laid upon some of their characters; spans are in order and apart."""
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
