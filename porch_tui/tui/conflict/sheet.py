"""What everything about a conflict is drawn on: the room, headings, and lines of files. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from msgspec import Struct
from rich.cells import cell_len, set_cell_size

from porch_tui.core.conflict.conflict import Choice
from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.conflict.word_diff import Piece
from porch_tui.tui.drawing.cells import rule, shortened
from porch_tui.tui.drawing.headings import line_role
from porch_tui.tui.drawing.styles import LazyLine, Line, Span
from porch_tui.tui.drawing.syntax import NO_COLORS, Colors

TAB = "    "
KEYS = {Choice.MAIN: "<", Choice.TASK: ">", Choice.BASE: "|"}
"""The key that takes one version is also its sign; they are git's own marks."""
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


def code(sign: str, pieces: Sequence[Piece], role: Role, sheet: Sheet, *, is_compared: bool = False) -> Line:
    """Return a line of a file behind its sign.

    It is in the colors of its language if they are known; else in the color of the role, all of it
    or only what differs. What was there before is never in more than one color.
    """
    spans = [Span(f" {sign} ", role, is_bold=True)]
    skip = sheet.shift
    colored = sheet.colors.of("".join(raw for raw, _ in pieces)) if role in _COLORED else ()
    plain = Role.TEXT if is_compared else role
    for raw, differs, tone in _styled(pieces, colored, plain):
        text = clean(raw.replace("\t", TAB))
        if differs and not text.strip():  # blanks that differ are to be seen
            text = ("·" if sheet.charset is Charset.UNICODE else "_") * len(text)
        shown, skip = text[skip:], max(0, skip - len(text))
        spans.append(Span(shown, role if differs else tone, is_bold=differs))
    return _cut(spans, sheet)


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


def _cut(spans: Iterable[Span], sheet: Sheet) -> Line:
    """Return the line cut to the sheet, with an ellipsis in place of what does not fit."""
    found: list[Span] = []
    room = sheet.cells
    for span in spans:
        cells = cell_len(span.text)
        if cells > room:
            end = "…" if sheet.charset is Charset.UNICODE else "~"
            last = span
            if not room and found:  # what is before it ends with the last cell
                last = found.pop()
                room = cell_len(last.text)
            if room:
                found.append(last._replace(text=set_cell_size(last.text, room - 1) + end))
            return tuple(found)
        if cells:
            found.append(span)
        room -= cells
    return tuple(found)
