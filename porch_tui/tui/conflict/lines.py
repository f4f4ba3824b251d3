"""A conflict as lines of the screen: the head, the files, and what comes of a choice. Pure.

Whose a line of the result is stands before it, as the key that takes it. What each side did
is `conflict_sides`' business.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from rich.cells import cell_len

from porch_tui.core.conflict.conflict import Choice, Decision, Hunk
from porch_tui.core.conflict.splice import chosen_text
from porch_tui.present.signs import Charset, Role
from porch_tui.present.statuses import look
from porch_tui.tui.conflict.code_lines import Sheet, code, heading, width, words
from porch_tui.tui.conflict.viewpoint import Viewpoint
from porch_tui.tui.conflict.word_diff import lines_of
from porch_tui.tui.conflict.words import Names, choice_words, source_words
from porch_tui.tui.drawing.cells import bar, left, shortened
from porch_tui.tui.drawing.styles import LaterLine, Line, Span, glyph
from porch_tui.tui.terminal.ansi import clean

KEYS = {Choice.MAIN: "<", Choice.TASK: ">", Choice.BASE: "|"}
"""The keys that take one version, which stand for it too: they are git's own marks."""


# --- above


def head_lines(view: Viewpoint, who: Names, sheet: Sheet) -> list[Line]:
    """Return what is in conflict and how much is left, then where one is."""
    count_left = view.left_over_all
    left_over = f"{count_left} left over all" if count_left else "nothing left: c completes it"
    room = sheet.cells - cell_len(left_over) - 3
    title = left(f"{who.task_in_full}  against {who.main}", room, sheet.charset)
    role: Role = Role.ASK if count_left else Role.GOOD
    place = [f"file {view.file + 1}/{len(view.paths)}"]
    if view.hunk is not None:
        place += [f"hunk {view.nth + 1}/{len(view.path.hunks)}", f"line {line_of(view)}"]
    where = "  " + " · ".join(place) if sheet.charset is Charset.UNICODE else "  " + ", ".join(place)
    name = shortened(view.path.path, sheet.cells - cell_len(where) - 2, sheet.charset)
    return [
        (Span(" "), Span(title, Role.STRONG), Span(f" {left_over} ", role, is_bold=True)),
        (Span(" "), Span(name, Role.RUN, is_bold=True), Span(where, Role.MUTED)),
    ]


def file_lines(view: Viewpoint, sheet: Sheet, rows: int) -> list[Line]:
    """Return the files around the one that is looked at, each with how much of it is left."""
    top = first_file(view, rows)
    return [_file_line(view, at, sheet) for at in range(top, min(len(view.paths), top + rows))]


def first_file(view: Viewpoint, rows: int) -> int:
    """Return which file stands in the first of so many rows."""
    return max(0, min(view.file - rows // 2, len(view.paths) - rows))


def _file_line(view: Viewpoint, at: int, sheet: Sheet) -> Line:
    path, still_left = view.paths[at], len(view.left[at])
    seen = look("conflict" if still_left else "succeeded", sheet.charset)
    total = max(1, len(path.hunks))
    told = f"{still_left} of {total} left" if still_left else "chosen"
    name = left(path.path, sheet.cells - 18, sheet.charset)
    mark = Span(bar(sheet.charset) if at == view.file else " ", Role.RUN)
    role = Role.STRONG if at == view.file else Role.TEXT
    return mark, glyph(seen), Span(" " + name + " ", role), Span(told, seen.sign.role)


def line_of(view: Viewpoint) -> int:
    """Return the line, from 1, at which the hunk begins in the file as it would be now."""
    before = []
    for segment in view.path.segments:
        if segment is view.hunk or (isinstance(segment, Hunk) and segment == view.hunk):
            break
        if isinstance(segment, bytes):
            before.append(segment)
        else:
            decision = view.decisions.get((view.path.path, segment))
            before.append(chosen_text(segment, decision) if decision else segment.main)
    return sum(text.count(b"\n") for text in before) + 1


# --- what comes of it


def result_lines(view: Viewpoint, who: Names, sheet: Sheet) -> list[LaterLine]:
    """Return what the choice gives; where none is made, what is put forward, or the keys."""
    offered, decision = view.shown_offer, view.decision
    if offered is not None:
        told = "a takes it, e edits it"
        title = heading("a", source_words(offered, view.parked, who), told, sheet)
        return [title, *_given(offered.offer.decision, view, sheet)]
    more = f"a shows what is {view.offers[0].word}" if view.offers else ""
    if decision is None:
        return [heading(" ", "result: not chosen yet", "", sheet), *_key_lines(who, sheet)]
    scope = "whole file: " if view.whole is not None and view.hunk is not None else "result: "
    return [heading("=", scope + choice_words(decision, who), more, sheet), *_given(decision, view, sheet)]


def _key_lines(who: Names, sheet: Sheet) -> list[Line]:
    offered = (("<", who.target), (">", who.task), ("=", "both"), ("B", f"both, {who.task} first"),
               ("|", "base"), ("d", "neither"), ("e", "edit here"))  # fmt: skip
    lines: list[Line] = []
    line: list[Span] = [Span("  ")]
    for key, text in offered:
        spans = (Span(key, Role.RUN, is_bold=True), Span(f" {clean(text)}   "))
        if len(line) > 1 and width((*line, *spans)) > sheet.cells:
            lines.append(tuple(line))
            line = [Span("  ")]
        line += spans
    return [*lines, tuple(line)]


def _given(decision: Decision, view: Viewpoint, sheet: Sheet) -> list[LaterLine]:
    signed = _signed(decision, view)
    lines: list[LaterLine] = [
        partial(code, sign, ((text, False),), Role.TEXT, sheet) for sign, text in signed
    ]
    return lines or [words("no line of it", sheet)]


def _signed(decision: Decision, view: Viewpoint) -> Iterable[tuple[str, str]]:
    """Yield the lines a decision gives, each with the sign of whose it is."""
    hunk = view.hunk
    if decision.choice is Choice.TEXT:
        yield from (("~", line) for line in lines_of(decision.text))
    elif hunk is not None:
        order = {
            Choice.BOTH: (Choice.MAIN, Choice.TASK),
            Choice.BOTH_REVERSED: (Choice.TASK, Choice.MAIN),
            Choice.NONE: (),
        }.get(decision.choice, (decision.choice,))
        for one in order:
            yield from ((KEYS[one], line) for line in lines_of(chosen_text(hunk, Decision(one))))
