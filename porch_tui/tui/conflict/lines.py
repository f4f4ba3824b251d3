"""A conflict as lines of the screen: head, files, sides or their history, result of a choice. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import takewhile, zip_longest

from msgspec import Struct
from rich.cells import cell_len, set_cell_size

from porch_tui.core.conflict.conflict import Choice, Decision, History, Hunk
from porch_tui.core.conflict.splice import chosen_text
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.wording import counted
from porch_tui.present.amounts import age
from porch_tui.present.clean import clean
from porch_tui.present.outcome import QueueWord
from porch_tui.present.signs import Charset, Role
from porch_tui.present.statuses import look
from porch_tui.tui.conflict.viewpoint import Drawn, Viewpoint
from porch_tui.tui.conflict.word_diff import Changed, Sign, changes, count, lines_of
from porch_tui.tui.conflict.words import Names, choice_words, left_text, source_words, what
from porch_tui.tui.drawing.cells import bar, left, right, rule, shortened, wrapped
from porch_tui.tui.drawing.styles import LazyLine, Line, Span, evaluate, glyph, width_of

TAB = "    "


class Sheet(Struct, frozen=True):
    """The room lines are drawn in."""

    cells: int
    charset: Charset
    shift: int = 0
    """How many characters of each line are out of view on the left."""


KEYS = {Choice.MAIN: "<", Choice.TASK: ">", Choice.BASE: "|"}
"""The key that takes one version is also its sign; they are git's own marks."""


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
    where = "  " + " · ".join(place) if sheet.charset is Charset.UNICODE else "  " + ", ".join(place)
    name = shortened(view.path.path, sheet.cells - cell_len(where) - 2, sheet.charset)
    return [
        (Span(" "), Span(title, Role.STRONG), Span(f" {left_over} ", role, is_bold=True)),
        (Span(" "), Span(name, Role.RUN, is_bold=True), Span(where, Role.MUTED)),
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
        title = heading("a", source_words(offered, view.conflicted, who), "a takes it, e edits it", sheet)
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
    lines = [line for sign, text in parts for line in _texts(lines_of(text), Role.TEXT, sheet, sign)]
    return lines or [words("no lines", sheet)]


# --- the two sides

WIDE, WIDEST = 120, 180
"""From so many columns on the sides are beside each other, and the base of a hunk between them."""
CONTEXT = 3
"""Lines around a hunk, and around a change in a whole file."""
_INKS: dict[Sign, Role] = {Sign.SAME: Role.TEXT, Sign.GONE: Role.FAIL, Sign.CAME: Role.RUN}


def side_lines(view: Viewpoint, who: Names, sheet: Sheet) -> list[LazyLine]:
    """Return both sides, as what each changed, and the base where it is shown.

    They are below each other in a narrow window. In a wide one they are beside each other, and the base is
    between them where it fits, else above.
    """
    has_base = is_base_shown(view, sheet.cells)
    is_third = has_base and sheet.cells >= WIDEST
    count = 3 if is_third else 2 if sheet.cells >= WIDE else 1
    part = Sheet((sheet.cells - count + 1) // count, sheet.charset, sheet.shift)
    above = _base(view, sheet) if has_base and not is_third else []
    main, task = (_side(view, who, choice, part) for choice in (Choice.MAIN, Choice.TASK))
    before, after = _context(view, part)
    if count == 1:
        return [*above, *before, *main, *task, *after]
    columns = [main, _base(view, part), task] if is_third else [main, task]
    rows = zip_longest(*([title, *before, *lines] for title, *lines in columns), fillvalue=())
    beside = [partial(_joined, row, part) for row in rows]
    return [*above, *beside, *(_joined([line] * count, part) for line in after)]


def is_base_shown(view: Viewpoint, cells: int) -> bool:
    """Return whether the base is shown: as the person chose, else if there is room for a third column."""
    if view.wants_base is not None:
        return view.wants_base
    return cells >= WIDEST and view.hunk is not None


def _joined(row: Sequence[LazyLine], part: Sheet) -> Line:
    """Return one line of all columns, a rule between each two."""
    between = Span("│" if part.charset is Charset.UNICODE else "|", Role.RULE)
    found: list[Span] = []
    for line in map(evaluate, row[:-1]):
        missing = part.cells - width_of(line)
        found += [*line, Span(" " * max(0, missing)), between]
    return (*found, *evaluate(row[-1]))


def _base(view: Viewpoint, sheet: Sheet) -> list[LazyLine]:
    text = _versions(view)[0]
    lines = lines_of(text or b"")
    gone = words("nothing was there" if text is not None else "not text", sheet)
    title = heading(KEYS[Choice.BASE], "base", counted(len(lines), "line") if lines else "", sheet)
    return [title, *(_texts(lines, Role.MUTED, sheet) or [gone])]


def _side(view: Viewpoint, who: Names, choice: Choice, sheet: Sheet) -> list[LazyLine]:
    base, main, task = _versions(view)
    text = main if choice is Choice.MAIN else task
    title = who.main if choice is Choice.MAIN else who.task_in_full
    if view.drawn is Drawn.PLAIN:
        plain = lines_of(text or b"")
        note = f"plain, {counted(len(plain), 'line')}" if plain else "plain"
        shown = _texts(plain, Role.TEXT, sheet)
    else:
        note, shown = _compared(view, base, text, sheet)
    lines: list[LazyLine] = [heading(KEYS[choice], title, note, sheet)]
    if view.hunk is None:
        number = 2 if choice is Choice.MAIN else 3
        stage = next((one for one in view.path.stages if one.number == number), None)
        lines.append(words(what(stage, view.versions), sheet))
        if stage is None:
            return lines
    elif not shown:
        lines.append(words("no lines" if base else "no lines, as in the base", sheet))
    return [*lines, *shown]


def _compared(
    view: Viewpoint, base: bytes | None, text: bytes | None, sheet: Sheet
) -> tuple[str, list[LazyLine]]:
    """Return a note for the heading, and the side as a diff from the base."""
    ignores = view.drawn is Drawn.NO_WHITESPACE
    diff = () if base is None or text is None else changes(base, text, ignore_whitespace=ignores)
    came, gone = count(diff)
    notes = ["whitespace ignored"] if ignores else []
    if came or gone:
        notes.append(f"+{came} -{gone}")
    elif diff and base != text and not ignores:
        notes.append("only line ends differ")
    lines: list[LazyLine] = []
    for one in _folded(diff) if view.hunk is None else diff:
        if isinstance(one, int):
            lines.append(words(counted(one, "unchanged line"), sheet))
        else:
            role = _INKS[one.sign]
            lines.append(partial(code, one.sign.value, one.pieces, role, sheet, is_compared=one.is_compared))
    return ", ".join(notes), lines


def _texts(lines: Sequence[str], role: Role, sheet: Sheet, sign: str = " ") -> list[LazyLine]:
    return [partial(code, sign, ((line, False),), role, sheet) for line in lines]


def _versions(view: Viewpoint) -> tuple[bytes | None, bytes | None, bytes | None]:
    """Return base, main and task; empty where there is none, None where it is not text."""
    if view.hunk is not None:
        return view.hunk.base, view.hunk.main, view.hunk.task
    found: dict[int, bytes | None] = {1: b"", 2: b"", 3: b""}
    found |= {stage.number: view.versions.get(stage.oid) for stage in view.path.stages}
    return found[1], found[2], found[3]


def _folded(diff: Sequence[Changed]) -> list[Changed | int]:
    """Return a diff without the lines far from any change; a number counts lines left out."""
    near: set[int] = set()
    for at, one in enumerate(diff):
        if one.sign is not Sign.SAME:
            near.update(range(at - CONTEXT, at + CONTEXT + 1))
    found: list[Changed | int] = []
    for at, one in enumerate(diff):
        if at in near:
            found.append(one)
        elif found and isinstance(found[-1], int):
            found[-1] += 1
        else:
            found.append(1)
    return found


def _context(view: Viewpoint, sheet: Sheet) -> tuple[list[LazyLine], list[LazyLine]]:
    """Return some lines from before the hunk, and from after it."""
    if view.hunk is None:
        return [], []
    segments = view.path.segments
    at = [n for n, one in enumerate(segments) if isinstance(one, Hunk)][view.nth]
    before, after = (
        lines_of(b"".join(one for one in beside if isinstance(one, bytes)))
        for beside in (segments[max(0, at - 1) : at], segments[at + 1 : at + 2])
    )
    return _texts(before[-CONTEXT:], Role.MUTED, sheet), _texts(after[:CONTEXT], Role.MUTED, sheet)


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


# --- lines of files and headings, fitted to the sheet


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
    spans = [Span(f" {sign} ", role, is_bold=True)]
    skip = sheet.shift
    for raw, differs in pieces:
        text = clean(raw.replace("\t", TAB))
        if differs and not text.strip():  # blanks that differ are to be seen
            text = ("·" if sheet.charset is Charset.UNICODE else "_") * len(text)
        shown, skip = text[skip:], max(0, skip - len(text))
        is_plain = is_compared and not differs
        spans.append(Span(shown, Role.TEXT if is_plain else role, is_bold=differs))
    return _cut(spans, sheet)


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
