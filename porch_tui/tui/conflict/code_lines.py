"""Lines of files, and headings above them, cleaned and fitted to the screen. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from rich.cells import cell_len, set_cell_size

from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.drawing.cells import rule, shortened
from porch_tui.tui.drawing.styles import Line, Span

TAB = "    "


class Sheet(Struct, frozen=True):
    """The room lines are drawn in."""

    cells: int
    charset: Charset
    shift: int = 0
    """How many characters of each line are out of view on the left."""


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


def words(text: str, sheet: Sheet) -> Line:
    return (Span(f"   {shortened(text, sheet.cells - 3, sheet.charset)}", Role.MUTED),)


def code(
    sign: str, pieces: Iterable[tuple[str, bool]], role: Role, sheet: Sheet, *, is_compared: bool = False
) -> Line:
    """Return a line of a file behind its sign, in the color of the role: all of it, or only what differs."""
    pieces = [
        (_visible(text, sheet) if differs else clean(text.replace("\t", TAB)), differs)
        for text, differs in pieces
    ]
    spans = [Span(f" {sign} ", role, is_bold=True)]
    skip = sheet.shift
    for text, differs in pieces:
        shown, skip = text[skip:], max(0, skip - len(text))
        is_plain = is_compared and not differs
        spans.append(Span(shown, Role.TEXT if is_plain else role, is_bold=differs))
    return _cut(spans, sheet)


def _visible(text: str, sheet: Sheet) -> str:
    """Return text that differs, blanks shown as dots if there is nothing else in it."""
    text = clean(text.replace("\t", TAB))
    if text.strip():
        return text
    return ("·" if sheet.charset is Charset.UNICODE else "_") * len(text)


def _cut(spans: Iterable[Span], sheet: Sheet) -> Line:
    """Return the line cut to the sheet, with an ellipsis in place of what does not fit."""
    found: list[Span] = []
    room = sheet.cells
    for span in spans:
        cells = cell_len(span.text)
        if cells > room:
            end = "…" if sheet.charset is Charset.UNICODE else "~"
            if room:
                found.append(span._replace(text=set_cell_size(span.text, room - 1) + end))
            return tuple(found)
        if cells:
            found.append(span)
        room -= cells
    return tuple(found)
