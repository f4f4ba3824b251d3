"""`porch places`: where a run's tasks run, as text for a person and as a document for scripts."""

from __future__ import annotations

from collections.abc import Sequence

from porch_tui.core.model.place import PlaceStatus
from porch_tui.core.model.state import RunState
from porch_tui.present.cells import GAP, WIDTH, cells, cut, left, squeezed, wrapped
from porch_tui.present.clean import clean
from porch_tui.present.place_rows import (
    PlaceRow,
    has_text,
    place_rows,
    runs_text,
    status_text,
    tally_text,
    why_text,
)
from porch_tui.report.forms.palette import PLAIN, Palette
from porch_tui.report.place_json import places_document

NAME_CELLS = 32
INDENT = "    "
NO_PLACES = "this run has no places: its tasks run on this machine; porch help places"


def places_text(
    state: RunState, *, engine_is_alive: bool, now: float, palette: Palette = PLAIN, width: int = WIDTH
) -> str:
    """Return each place with its state and load, what it has, what runs there and why it is out of reach.

    `now` is in seconds since the epoch. Lines have at most `width` cells.
    """
    rows = place_rows(state)
    if not state.plan.places:
        return f"{NO_PLACES}\n"
    engine = "" if engine_is_alive else "; no engine"
    if not engine_is_alive:
        now = state.changed_at
    lines = wrapped(clean(f"{state.run}: {tally_text(rows, has_engine=engine_is_alive)}{engine}"), width)
    if rows:
        lines += place_lines(rows, now, palette, width, is_full=True, has_engine=engine_is_alive)
    clusters = {row.known.member_of for row in rows if row.known is not None}
    for spec in state.plan.places:
        if spec.is_cluster and spec.name not in clusters:
            lines += wrapped(clean(f"{spec.name} has no worker now"), width)
    return "\n".join(lines) + "\n"


def place_lines(
    rows: Sequence[PlaceRow],
    now: float,
    palette: Palette,
    width: int,
    *,
    is_full: bool = False,
    has_engine: bool = True,
) -> list[str]:
    """Return a line for each place; below it why it is out of reach, and in full what it has and runs."""
    names = [squeezed(clean(row.name), NAME_CELLS) for row in rows]
    words = [status_text(row, now, has_engine=has_engine) for row in rows]
    loads = [f"{row.load} slots" for row in rows]
    room = [max(map(cells, column)) for column in (names, words, loads)]
    lines = []
    for name, word, load, row in zip(names, words, loads, rows, strict=True):
        placed = [left(text, most) for text, most in zip((name, word, load), room, strict=True)]
        note = clean(has_text(row) if is_full else runs_text(row))
        rest = cut(GAP.join((*placed, note)).rstrip(), width - 2)
        lines.append(palette.painted(row.sign, f"{palette.glyph(row.sign)} {rest}"))
        below = (runs_text(row) if is_full else "", why_text(row))
        for text in filter(None, below):
            lines += wrapped(clean(text), width, INDENT)
    return lines


def in_status(state: RunState, now: float, palette: Palette, width: int, *, has_engine: bool) -> list[str]:
    """Return the section of `porch status`: all places, or those that are not up where there are many."""
    rows = place_rows(state)
    if len(rows) > MOST_SHOWN:
        tally = tally_text(rows, has_engine=has_engine)
        rows = [row for row in rows if row.status is not PlaceStatus.UP][:MOST_SHOWN]
        return [
            "",
            f"places: {tally}; porch places",
            *(place_lines(rows, now, palette, width, has_engine=has_engine) if rows else []),
        ]
    return ["", "places", *place_lines(rows, now, palette, width, has_engine=has_engine)] if rows else []


MOST_SHOWN = 8


def places_json(state: RunState, *, engine_is_alive: bool) -> dict[str, object]:
    """Return the places as the document that scripts rely on."""
    engine = "alive" if engine_is_alive else "gone"
    return {"run": state.run, "engine": engine, "places": places_document(state)}
