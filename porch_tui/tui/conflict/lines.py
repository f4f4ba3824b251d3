"""A conflict as lines of the screen: head, files, history, result of a choice. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

from rich.cells import cell_len

from porch_tui.core.conflict.conflict import Choice, Decision, History, Hunk
from porch_tui.core.conflict.splice import chosen_text
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.wording import counted
from porch_tui.present.amounts import age
from porch_tui.present.clean import clean
from porch_tui.present.outcome import QueueWord
from porch_tui.present.signs import Charset, Role
from porch_tui.present.statuses import look
from porch_tui.tui.conflict.sheet import KEYS, Sheet, heading, lines_in, words
from porch_tui.tui.conflict.viewpoint import Viewpoint
from porch_tui.tui.conflict.word_diff import after, lines_of
from porch_tui.tui.conflict.words import Names, choice_words, left_text, source_words
from porch_tui.tui.drawing.cells import bar, left, right, shortened, wrapped
from porch_tui.tui.drawing.styles import LazyLine, Line, Span, glyph, width_of

# --- above


def head_lines(view: Viewpoint, who: Names, sheet: Sheet) -> list[Line]:
    """Return what is in conflict and how much is left, then where the person is."""
    count_left = view.left_count
    left_over = f"{left_text(view)} left" if count_left else "all chosen: c completes it"
    room = sheet.cells - cell_len(left_over) - 3
    title = left(f"{who.task_in_full}  against {who.main}", room, sheet.charset)
    role: Role = Role.ASK if count_left else Role.GOOD
    place = [f"file {view.file + 1}/{len(view.paths)}"]
    if view.hunk is not None:
        place += [f"hunk {view.nth + 1}/{len(view.path.hunks)}", f"line {line_of(view)}"]
    where = (" · " if sheet.charset is Charset.UNICODE else ", ").join(place)
    name = shortened(view.path.path, sheet.cells - cell_len(where) - 4, sheet.charset)
    return [
        (Span(" "), Span(title, Role.STRONG), Span(f" {left_over} ", role, is_bold=True)),
        (Span(" "), Span(name, Role.RUN, is_bold=True), Span("  "), Span(where, Role.MUTED)),
    ]


def file_lines(view: Viewpoint, sheet: Sheet, rows: int) -> list[Line]:
    """Return the files around the current one, each with how much of it is left."""
    top = first_file(view, rows)
    lines: list[Line] = []
    for at, path in enumerate(view.paths[top : top + rows], start=top):
        still_left, is_current = len(view.left[at]), at == view.file
        seen = look(QueueWord.CONFLICTED if still_left else TaskStatus.SUCCEEDED, sheet.charset)
        note = f"{still_left} of {max(1, len(path.hunks))} left" if still_left else "chosen"
        name = left(path.path, sheet.cells - 18, sheet.charset)
        mark = Span(bar(sheet.charset) if is_current else " ", Role.RUN)
        role = Role.STRONG if is_current else Role.TEXT
        lines.append((mark, glyph(seen), Span(f" {name} ", role), Span(note, seen.sign.role)))
    return lines


def first_file(view: Viewpoint, rows: int) -> int:
    """Return which file is in the first of so many rows."""
    return max(0, min(view.file - rows // 2, len(view.paths) - rows))


def line_of(view: Viewpoint) -> int:
    """Return the line, from 1, where the hunk begins in the file with the choices made so far."""
    newlines = 0
    for segment in takewhile(lambda one: one != view.hunk, view.path.segments):
        if isinstance(segment, Hunk):
            decision = view.decisions.get((view.path.path, segment), Decision(Choice.MAIN))
            newlines += chosen_text(segment, decision).count(b"\n")
        else:
            newlines += segment.count(b"\n")
    return newlines + 1


# --- the result


def result_lines(view: Viewpoint, who: Names, sheet: Sheet) -> list[LazyLine]:
    """Return the result of the choice; without a choice an offer, or the keys."""
    offered, decision = view.shown_offer, view.decision
    if offered is not None:
        title = heading('"', source_words(offered, view.conflicted, who), '" takes it, e edits it', sheet)
        return [title, *_given(offered.offer.decision, view, sheet)]
    more = f'" shows what is {view.offers[0].word}' if view.offers else ""
    if decision is None:
        return [heading(" ", "result: not chosen yet", "", sheet), *_key_lines(who, sheet)]
    scope = "whole file: " if view.whole is not None and view.hunk is not None else "result: "
    return [heading("=", scope + choice_words(decision, who), more, sheet), *_given(decision, view, sheet)]


def longest_result(view: Viewpoint) -> int:
    """Return how many lines the result has at most, as far as it can be chosen without writing."""
    if view.hunk is None:
        return 0
    return 1 + max(
        2, len(lines_of(view.hunk.main)) + len(lines_of(view.hunk.task)), len(lines_of(view.hunk.base))
    )


def _key_lines(who: Names, sheet: Sheet) -> list[Line]:
    offered = (("<", who.target), (">", who.task), ("=", "both"), ("~", f"both, {who.task} first"),
               ("|", "base"), ("_", "neither"), ("e", "edit here"))  # fmt: skip
    lines: list[Line] = []
    line: list[Span] = [Span("  ")]
    for key, text in offered:
        spans = (Span(key, Role.RUN, is_bold=True), Span(f" {clean(text)}   "))
        if len(line) > 1 and width_of((*line, *spans)) > sheet.cells:
            lines.append(tuple(line))
            line = [Span("  ")]
        line += spans
    return [*lines, tuple(line)]


def _given(decision: Decision, view: Viewpoint, sheet: Sheet) -> list[LazyLine]:
    """Return the lines of the result, each with the sign of the side it comes from."""
    parts: list[tuple[str, bytes]] = []
    if decision.choice is Choice.TEXT:
        parts = [("~", decision.text)]
    elif view.hunk is not None:
        order = {
            Choice.BOTH: (Choice.MAIN, Choice.TASK),
            Choice.BOTH_REVERSED: (Choice.TASK, Choice.MAIN),
            Choice.NONE: (),
        }.get(decision.choice, (decision.choice,))
        parts = [(KEYS[one], chosen_text(view.hunk, Decision(one))) for one in order]
    base = view.hunk.base if view.hunk is not None else b""
    lines = [line for sign, text in parts for line in lines_in(after(base, text), Role.TEXT, sheet, sign)]
    return lines or [words("no lines", sheet)]


# --- instead of the sides, which commits touched the file

OID_CELLS, AGE_CELLS, MOST_NAME_CELLS = 7, 4, 16


def history_lines(found: History | str, who: Names, now: float, sheet: Sheet) -> list[LazyLine]:
    """Return the commits of both sides, with their ages at `now` and the task that a commit landed with."""
    if isinstance(found, str):
        return [(Span(f" {text}", Role.MUTED),) for text in wrapped(found, sheet.cells - 2)]
    author_cells = _widest(one.author for one in (*found.main, *found.task))
    task_cells = _widest(one.task for one in found.main)
    lines: list[LazyLine] = []
    for choice, title, commits in (
        (Choice.MAIN, who.target, found.main), (Choice.TASK, who.task_in_full, found.task),
    ):  # fmt: skip
        lines.append(heading(KEYS[choice], title, counted(len(commits), "commit"), sheet))
        for one in commits:
            begin = (
                Span(f"   {shortened(one.oid[:OID_CELLS], OID_CELLS)}", Role.MUTED),
                Span(f"  {right(age(now - one.at), AGE_CELLS)}", Role.MUTED),
                Span(f"  {left(one.author, author_cells, sheet.charset)}"),
                Span(f"  {left(one.task, task_cells, sheet.charset)}" if task_cells else "", Role.RUN),
            )
            room = sheet.cells - width_of(begin) - 3
            lines.append((*begin, Span(f"  {shortened(one.subject, room, sheet.charset)}")))
        if not commits:
            lines.append(words("no commit touched this file", sheet))
    return lines


def _widest(names: Iterable[str]) -> int:
    return min(MOST_NAME_CELLS, max((cell_len(clean(name)) for name in names), default=0))
