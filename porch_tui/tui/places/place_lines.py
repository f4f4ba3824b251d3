"""The lines of the places: a place each, those of a cluster below its row or folded into it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct
from rich.cells import cell_len

from porch_tui.core.model.place import PlaceName, PlaceStatus
from porch_tui.core.model.state import RunState
from porch_tui.present.amounts import size
from porch_tui.present.place_rows import (
    PlaceRow,
    has_text,
    place_rows,
    runs_text,
    status_text,
    tally_text,
    why_text,
)
from porch_tui.present.signs import Charset, Role, Sign
from porch_tui.tui.drawing.cells import arrow, left, right, shortened, wrapped
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.model.run_summary import waits_for_engine
from porch_tui.tui.model.view import EngineStatus, View

OPEN_UP_TO = 8
"""A cluster with more members is folded until it is opened."""
WIDE = 110
"""Cells from which on cores, memory and disk have columns."""
MOST_NAME_CELLS, STATUS_CELLS, LOAD_CELLS, AMOUNT_CELLS = 32, 14, 8, 8
BAR_CELLS = 10
FILLED = {Charset.UNICODE: "█", Charset.ASCII: "#"}
EMPTY = {Charset.UNICODE: "░", Charset.ASCII: "."}
FOLDED = {False: "+", True: "-"}
DETAIL_LINES = 6


class Shown(Struct, frozen=True):
    """A row of the list: a place, or a cluster with its members."""

    name: PlaceName
    rows: tuple[PlaceRow, ...]
    is_cluster: bool = False
    is_member: bool = False

    @property
    def worst(self) -> Sign:
        """The sign of a place; of a cluster, the most important one of its members."""
        signs = {row.sign for row in self.rows}
        return next((sign for sign in _WORST_FIRST if sign in signs), Sign.WAITS)


_WORST_FIRST = (Sign.ASKS, Sign.RUNS, Sign.GOOD, Sign.WAITS, Sign.ENDED)


def shown_places(state: RunState, toggled: frozenset[PlaceName]) -> list[Shown]:
    """Return the rows of the list; `toggled` are the clusters that a person opened or closed."""
    clusters = {spec.name for spec in state.plan.places if spec.is_cluster}
    found: list[Shown] = []
    rows = sorted(place_rows(state), key=lambda row: _order(state).get(_entry(row), 0))
    for entry, group in groupby(rows, key=_entry):
        members = tuple(group)
        if entry not in clusters:
            found += [Shown(row.place, (row,)) for row in members]
            continue
        found.append(Shown(entry, members, is_cluster=True))
        if (len(members) <= OPEN_UP_TO) != (entry in toggled):
            found += [Shown(row.place, (row,), is_member=True) for row in members]
    return found


def _entry(row: PlaceRow) -> PlaceName:
    return row.known.member_of if row.known is not None else row.place


def _order(state: RunState) -> dict[PlaceName, int]:
    return {spec.name: number for number, spec in enumerate(state.plan.places)}


def name_cells(shown: Sequence[Shown]) -> int:
    """Return the cells that names take."""
    longest = max((cell_len(_label(one, is_open=False)) for one in shown), default=0)
    return min(MOST_NAME_CELLS, max(len("place"), longest))


def _label(one: Shown, *, is_open: bool) -> str:
    if one.is_cluster:
        return f"{FOLDED[is_open]} {one.name}"
    name = one.rows[0].name
    return f"  {name.rpartition('/')[2]}" if one.is_member else name


def heading(names: int, width: int, charset: Charset) -> Line:
    """Return the titles of the columns."""
    text = f"   {left('place', names, charset)} {left('state', STATUS_CELLS, charset)}"
    text += right("slots", LOAD_CELLS, charset)
    if width >= WIDE:
        text += " " * (BAR_CELLS + 1)
        text += "".join(right(title, AMOUNT_CELLS, charset) for title in ("cores", "memory", "disk"))
    return (Span(f"{text}  runs", Role.MUTED),)


def place_line(
    one: Shown, names: int, width: int, view: View, charset: Charset, *, is_here: bool, is_open: bool
) -> Line:
    """Return the line of a place or a cluster."""
    sign = one.worst
    used, slots = sum(row.taken for row in one.rows), sum(row.slots or 0 for row in one.rows)
    load = f"{used}/{slots}" if one.is_cluster else one.rows[0].load
    status = f"{len(one.rows)} places" if one.is_cluster else _status(one.rows[0], view)
    spans = [
        Span(">" if is_here else " ", Role.RUN, is_bold=True),
        Span(f"{sign.glyph(charset)} ", sign.role),
        Span(left(_label(one, is_open=is_open), names, charset) + " ", Role.STRONG if is_here else Role.TEXT),
        Span(left(status, STATUS_CELLS, charset), sign.role if sign.is_loud else Role.MUTED),
        Span(right(load, LOAD_CELLS, charset)),
    ]
    taken = 4 + names + STATUS_CELLS + LOAD_CELLS
    if width >= WIDE:
        filled = min(BAR_CELLS, -(-BAR_CELLS * used // slots)) if slots else 0
        spans += [
            Span(" " + FILLED[charset] * filled, Role.RUN),
            Span(EMPTY[charset] * (BAR_CELLS - filled), Role.MUTED),
            *(Span(right(text, AMOUNT_CELLS, charset), Role.MUTED) for text in _amounts(one)),
        ]
        taken += BAR_CELLS + 1 + 3 * AMOUNT_CELLS
    text = shortened(_note(one, view), max(0, width - taken - 3), charset)
    return (*spans, Span(f"  {text}", sign.role if sign.is_loud else Role.MUTED))


def _amounts(one: Shown) -> Iterator[str]:
    cores = sum(row.cores or 0 for row in one.rows)
    memory = sum(row.memory_bytes or 0 for row in one.rows)
    disks = [row.disk_free_bytes for row in one.rows if row.disk_free_bytes is not None]
    yield str(cores) if cores else ""
    yield size(memory) if memory else ""
    yield size(min(disks)) if disks else ""


def _note(one: Shown, view: View) -> str:
    """Return what runs there, behind what a person should know first."""
    if one.is_cluster:
        return tally_text(one.rows, has_engine=_has_engine(view))
    row = one.rows[0]
    return "; ".join(filter(None, (why_text(row), ", ".join(row.running))))


def _status(row: PlaceRow, view: View) -> str:
    return status_text(row, view.now, has_engine=_has_engine(view))


def _has_engine(view: View) -> bool:
    return view.engine is not EngineStatus.GONE


def _next(row: PlaceRow, view: View) -> str:
    """Return what to do next about a place; empty: nothing."""
    options = view.options
    if waits_for_engine(view):
        resume = f"press {options.key('run.resume', 'R')} to resume"
        return f"{resume if view.can_start_engine else 'porch resume starts an engine'}, which connects to it"
    if row.known is None or row.status is not PlaceStatus.SILENT or view.state.closed_at is not None:
        return ""
    doctor = f"porch doctor --on {row.name}"
    if row.used.tasks:
        key = options.key("task.elsewhere", "F")
        return f"press {key} to begin {row.used.tasks[0]} elsewhere now; {doctor} says what is in the way"
    return f"{doctor} says what is in the way; it is tried again until it answers"


def detail_lines(one: Shown, view: View, width: int, charset: Charset) -> list[Line]:
    """Return all about a place: what it has, what runs there, why it is out of reach, and what to do next.

    What is wrong and what to do about it come first: a low window has no room for all.
    """
    if one.is_cluster:
        silent = [row.name for row in one.rows if row.status is PlaceStatus.SILENT]
        texts = [
            tally_text(one.rows, has_engine=_has_engine(view)),
            f"silent: {', '.join(silent)}" if silent else "",
        ]
    else:
        row = one.rows[0]
        about = ", ".join(filter(None, (_status(row, view), f"{row.load} slots", has_text(row))))
        whose = f"; keys act on {row.used.tasks[0]}" if len(row.used.tasks) > 1 else ""
        todo = _next(row, view)
        texts = [why_text(row), f"{arrow(charset)} {todo}" if todo else "", runs_text(row) + whose, about]
    title: Line = (Span(f" {shortened(one.name or one.rows[0].name, width - 2, charset)}", Role.STRONG),)
    lines: list[Line] = [title]
    for text in filter(None, texts):
        lines += [(Span(f" {line}"),) for line in wrapped(text, width - 2)]
    return lines[:DETAIL_LINES]
