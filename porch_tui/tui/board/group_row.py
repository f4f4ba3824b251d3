"""The row of a group of tasks: how many passed, failed and run, with a bar; and the group in detail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.wording import listed
from porch_tui.present.signs import Charset, Role, Sign
from porch_tui.present.statuses import look
from porch_tui.tui.drawing.cells import arrow, wrapped
from porch_tui.tui.drawing.styles import Line, Span, width_of
from porch_tui.tui.model.groups import sign_of
from porch_tui.tui.model.view import View

LEAST_BAR, MOST_BAR = 4, 24
_BARS = {Charset.UNICODE: ("━", "─"), Charset.ASCII: ("=", "-")}
_FOLDS = {True: "- ", False: "+ "}


def fold_sign(*, is_open: bool) -> str:
    """Return what is before the name of a group."""
    return _FOLDS[is_open]


def counts_spans(counts: Counter[Sign], charset: Charset, *, is_short: bool = False) -> list[Span]:
    """Return `312/500 ✓ 3 ✗ 20 running`, each part in its color."""
    failed, running = counts[Sign.FAILED] + counts[Sign.ASKS], counts[Sign.RUNS] + counts[Sign.HELD]
    spans = [Span(f"{counts[Sign.GOOD]}/{counts.total()} {Sign.GOOD.glyph(charset)}", Role.GOOD)]
    if failed:
        spans.append(Span(f" {failed} {Sign.FAILED.glyph(charset)}", Role.FAIL))
    if running:
        word = Sign.RUNS.glyph(charset) if is_short else look(TaskStatus.RUNNING).word
        spans.append(Span(f" {running} {word}", Role.RUN))
    return spans


def state_cells(counts: Counter[Sign], cells: int, charset: Charset) -> list[Span]:
    """Return the state of a group in exactly so many cells: its counts, and a bar where there is room."""
    spans = counts_spans(counts, charset)
    if width_of(spans) > cells:
        spans = counts_spans(counts, charset, is_short=True)
    while spans and width_of(spans) > cells:
        spans = spans[:-1]
    spare = cells - width_of(spans)
    room = min(spare - 1, MOST_BAR)
    if room < LEAST_BAR:
        return [*spans, Span(" " * spare)]
    done, rest = _BARS[charset]
    failed = counts[Sign.FAILED] + counts[Sign.ASKS]
    red = max(1, room * failed // counts.total()) if failed else 0
    green = min(room * counts[Sign.GOOD] // counts.total(), room - red)
    return [
        *spans,
        Span(" "),
        Span(done * green, Role.GOOD),
        Span(done * red, Role.FAIL),
        Span(rest * (room - green - red), Role.MUTED),
        Span(" " * (spare - 1 - room)),
    ]


def group_title(view: View, group: str, charset: Charset) -> tuple[Span, ...]:
    """Return the name of a group with its counts."""
    counts = view.derived.group_counts[group]
    sign = sign_of(counts)
    return (
        Span(f"{sign.glyph(charset)} ", sign.role),
        Span(f"{group}  ", Role.STRONG),
        *counts_spans(counts, charset),
    )


def group_lines(
    view: View, tasks: Sequence[TaskId], width: int, charset: Charset, *, is_open: bool
) -> list[Line]:
    """Return a group in detail: which of it failed, and what a key does."""
    room = width - 2
    lines: list[Line] = []
    failed = [task for task in tasks if view.derived.signs[task].is_loud]
    if failed:
        lines += [(Span(f" {text}", Role.FAIL),) for text in wrapped(f"failed: {listed(failed)}", room)[:3]]
    does = "closes it" if is_open else "opens it"
    hint = f"enter {does}; actions apply to all {len(tasks)} of it"
    lines += [(Span(f" {arrow(charset)} {text}", Role.MUTED),) for text in wrapped(hint, room - 3)[:1]]
    return lines
