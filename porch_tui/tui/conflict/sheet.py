"""What everything about a conflict is drawn on: the room, headings, and lines of files. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import takewhile
from typing import NamedTuple

from msgspec import Struct
from rich.cells import cell_len, set_cell_size

from porch_tui.core.conflict.conflict import Choice
from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.conflict.word_diff import Changed, Piece
from porch_tui.tui.drawing.cells import rule, shortened
from porch_tui.tui.drawing.headings import line_role
from porch_tui.tui.drawing.styles import LazyLine, Line, Span
from porch_tui.tui.drawing.syntax import NO_COLORS, Colors

TAB = "    "
KEYS = {Choice.MAIN: "<", Choice.TASK: ">", Choice.BASE: "|"}
"""The key that takes one version is also its sign; they are git's own marks."""
_LEAD, _SEEN = 12, 8
"""Cells before the first difference of a long line that are in view, and of it, at least."""
_COLORED = {Role.TEXT, Role.RUN}
"""What was there before is in one color."""


class Sheet(Struct, frozen=True):
    """The room lines are drawn in."""

    cells: int
    charset: Charset
    shift: int = 0
    """How many characters of each line are out of view on the left."""
    rows: int = 0
    """How many lines there is room for; less context is shown rather than more lines."""
    colors: Colors = NO_COLORS
    """Of the lines of the file."""
    around: int = 0
    """Cells of the frame beside the lines."""

    @property
    def window(self) -> int:
        """How many cells there are with the frame."""
        return self.cells + self.around


def heading(key: str, text: str, note: str, sheet: Sheet) -> Line:
    """Return a rule with a key, what it takes, and a note at the end."""
    end = f" {note} " if note else ""
    name = shortened(text, sheet.cells - cell_len(end) - 6, sheet.charset)
    dashes = sheet.cells - cell_len(name) - cell_len(end) - 5
    return (
        Span(" "),
        Span(key, Role.RUN, is_bold=True),
        Span(f" {name} ", Role.STRONG),
        Span(rule(dashes, sheet.charset), Role.RULE),
        Span(end, Role.MUTED),
        Span(" "),
    )


def as_upper_line(line: Line, charset: Charset, *, is_focused: bool) -> Line:
    """Return a heading as the upper line of a frame, two cells wider."""
    role, (_, *middle, _) = line_role(is_focused=is_focused), line
    spans = [one._replace(role=role) if one.role is Role.RULE else one for one in middle]
    return (Span(f"{rule(1, charset)} ", role), *spans, Span(rule(2, charset), role))


def words(text: str, sheet: Sheet) -> Line:
    """Return a line that is not of a file."""
    return (Span(f"   {shortened(text, sheet.cells - 3, sheet.charset)}", Role.MUTED),)


def texts_of(lines: Sequence[str], role: Role, sheet: Sheet, sign: str = " ") -> list[LazyLine]:
    """Return lines of a file behind a sign."""
    return [partial(code, sign, ((line, False),), role, sheet) for line in lines]


def lines_in(diff: Iterable[Changed], role: Role, sheet: Sheet, sign: str = " ") -> list[LazyLine]:
    """Return lines of a diff behind a sign; what differs is in view, but does not stand out."""
    return [partial(code, sign, one.pieces, role, sheet, is_plain=True) for one in diff]


def code(
    sign: str,
    pieces: Sequence[Piece],
    role: Role,
    sheet: Sheet,
    *,
    is_compared: bool = False,
    is_plain: bool = False,
) -> Line:
    """Return a line of a file behind its sign; of a long one as much as leaves what differs in view.

    It is in the colors of its language if they are known; else in the color of the role, all of it
    or only what differs. What was there before is never in more than one color. What differs does not stand
    out in a plain line.
    """
    text: list[_Part] = []
    colored = sheet.colors.of("".join(raw for raw, _ in pieces)) if role in _COLORED else ()
    tone_of_rest = Role.TEXT if is_compared else role
    for raw, differs, tone in _styled(pieces, colored, tone_of_rest):
        shown = clean(raw.replace("\t", TAB))
        stands_out = differs and not is_plain
        if stands_out and not shown.strip():  # blanks that differ are to be seen
            shown = ("·" if sheet.charset is Charset.UNICODE else "_") * len(shown)
        text.append(_Part(Span(shown, role if stands_out else tone, is_bold=stands_out), differs))
    begin = Span(f" {sign} ", role, is_bold=True)
    return (begin, *_in_view(text, sheet.cells - cell_len(begin.text), role, sheet))


def _styled(pieces: Iterable[Piece], colored: Line, plain: Role) -> Iterator[tuple[str, bool, Role]]:
    """Yield the pieces, cut where their color changes as well; plain is what has none."""
    tones = [(len(span.text), span.role) for span in reversed(colored)]
    for raw, differs in pieces:
        rest = raw
        while rest:
            length, tone = tones.pop() if tones else (len(rest), plain)
            if length > len(rest):
                tones.append((length - len(rest), tone))
            yield rest[:length], differs, tone
            rest = rest[length:]


# --- what of a long line is in view


class _Part(NamedTuple):
    """A piece of a line, and whether it differs from the line's counterpart."""

    span: Span
    differs: bool


def _in_view(parts: Sequence[_Part], room: int, role: Role, sheet: Sheet) -> Iterator[Span]:
    """Yield what of a line is in so many cells.

    An ellipsis stands for what is left out, in the color of what differs if that is among it. The middle is
    left out if the first difference would be out of view.
    """
    end = "…" if sheet.charset is Charset.UNICODE else "~"

    def mark(left_out: Sequence[_Part]) -> Span:
        differs = any(one.differs for one in left_out)
        return Span(end, role if differs else Role.MUTED, is_bold=differs)

    passed, parts = _split(parts, sheet.shift)
    if any(one.span.text.strip() for one in passed):
        first, parts = _split(parts, 1)
        yield mark([*passed, *first])
        room -= 1
    before = list(takewhile(lambda one: not one.differs, parts))
    differing = parts[len(before) :]
    least = min(_LEAD, room // 4)
    is_out_of_view = _cells(before) + min(_cells(differing[:1]), _SEEN) >= room
    if differing and is_out_of_view and _cells(before) > room // 3 + 1 + least:
        head, before = _split(before, room // 3)
        room -= _cells(head) + 1
        left_out, lead = _lead(before, max(least, room - _cells(differing)))
        yield from (one.span for one in head)
        yield mark(left_out)
        parts = [*lead, *differing]
    if _cells(parts) <= room:
        yield from (one.span for one in parts)
        return
    for at, (span, _) in enumerate(parts):
        cells = cell_len(span.text)
        if cells >= room:
            yield span._replace(text=set_cell_size(span.text, room - 1))
            yield mark(parts[at + (cells < room) :])
            return
        yield span
        room -= cells


def _cells(parts: Sequence[_Part]) -> int:
    return sum(cell_len(one.span.text) for one in parts)


def _split(parts: Sequence[_Part], count: int) -> tuple[list[_Part], list[_Part]]:
    """Return the first characters, and the rest."""
    first: list[_Part] = []
    for at, (span, differs) in enumerate(parts):
        if len(span.text) > count:
            head, tail = (span._replace(text=text) for text in (span.text[:count], span.text[count:]))
            return [*first, _Part(head, differs)], [_Part(tail, differs), *parts[at + 1 :]]
        first.append(_Part(span, differs))
        count -= len(span.text)
    return first, []


def _lead(parts: Sequence[_Part], cells: int) -> tuple[list[_Part], list[_Part]]:
    """Return the last characters that take so many cells at most, with what is before them in front."""
    text = "".join(one.span.text for one in parts)
    last = text[-cells:]
    while cell_len(last) > cells:
        last = last[1:]
    return _split(parts, len(text) - len(last))
