"""A conflict as lines of the screen: the head, the files, both sides, and the result of a choice. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import zip_longest

from rich.cells import cell_len

from porch_tui.core.conflict.conflict import Choice, Decision, Hunk
from porch_tui.core.conflict.splice import chosen_text
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.wording import counted
from porch_tui.present.clean import clean
from porch_tui.present.outcome import QueueWord
from porch_tui.present.signs import Charset, Role
from porch_tui.present.statuses import look
from porch_tui.tui.conflict.code_lines import Sheet, code, heading, words
from porch_tui.tui.conflict.viewpoint import Drawn, Viewpoint
from porch_tui.tui.conflict.word_diff import Changed, Sign, changes, count, lines_of
from porch_tui.tui.conflict.words import Names, choice_words, left_text, source_words, what
from porch_tui.tui.drawing.cells import bar, left, shortened
from porch_tui.tui.drawing.styles import LazyLine, Line, Span, evaluate, glyph, width_of

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
    return [_file_line(view, at, sheet) for at in range(top, min(len(view.paths), top + rows))]


def first_file(view: Viewpoint, rows: int) -> int:
    """Return which file is in the first of so many rows."""
    return max(0, min(view.file - rows // 2, len(view.paths) - rows))


def _file_line(view: Viewpoint, at: int, sheet: Sheet) -> Line:
    path, still_left = view.paths[at], len(view.left[at])
    seen = look(QueueWord.CONFLICTED if still_left else TaskStatus.SUCCEEDED, sheet.charset)
    total = max(1, len(path.hunks))
    note = f"{still_left} of {total} left" if still_left else "chosen"
    name = left(path.path, sheet.cells - 18, sheet.charset)
    mark = Span(bar(sheet.charset) if at == view.file else " ", Role.RUN)
    role = Role.STRONG if at == view.file else Role.TEXT
    return mark, glyph(seen), Span(" " + name + " ", role), Span(note, seen.sign.role)


def line_of(view: Viewpoint) -> int:
    """Return the line, from 1, where the hunk begins in the file with the choices made so far."""
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
    signed = _signed(decision, view)
    lines: list[LazyLine] = [partial(code, sign, ((text, False),), Role.TEXT, sheet) for sign, text in signed]
    return lines or [words("no lines", sheet)]


def _signed(decision: Decision, view: Viewpoint) -> Iterable[tuple[str, str]]:
    """Yield the lines of the result, each with the sign of the side it comes from."""
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


# --- the two sides

WIDE, WIDEST = 120, 180
"""From so many columns on the sides are beside each other, and the base of a hunk between them."""
CONTEXT = 3
"""Lines around a hunk, and around a change in a whole file."""
_INKS: dict[Sign, Role] = {Sign.SAME: Role.TEXT, Sign.GONE: Role.FAIL, Sign.CAME: Role.RUN}


def side_lines(view: Viewpoint, who: Names, sheet: Sheet) -> list[LazyLine]:
    """Return both sides, as what each changed, and the base where it is shown."""
    return (_stacked if sheet.cells < WIDE else _beside)(view, who, sheet)


def is_base_shown(view: Viewpoint, cells: int) -> bool:
    """Return whether the base is shown: as the person chose, else if there is room for a third column."""
    if view.wants_base is not None:
        return view.wants_base
    return cells >= WIDEST and view.hunk is not None


def _stacked(view: Viewpoint, who: Names, sheet: Sheet) -> list[LazyLine]:
    lines = _base(view, sheet) if is_base_shown(view, sheet.cells) else []
    lines += _context(view, sheet, is_before=True)
    lines += _side(view, who, Choice.MAIN, sheet)
    lines += _side(view, who, Choice.TASK, sheet)
    return lines + _context(view, sheet, is_before=False)


def _beside(view: Viewpoint, who: Names, sheet: Sheet) -> list[LazyLine]:
    """Return the sides beside each other, the base between them where it fits, else above."""
    has_base = is_base_shown(view, sheet.cells)
    is_third = has_base and sheet.cells >= WIDEST
    count = 3 if is_third else 2
    part = Sheet((sheet.cells - count + 1) // count, sheet.charset, sheet.shift)
    sides = [_side(view, who, choice, part) for choice in (Choice.MAIN, Choice.TASK)]
    columns = [sides[0], _base(view, part), sides[1]] if is_third else sides
    before, after = (_context(view, part, is_before=is_before) for is_before in (True, False))
    columns = [[title, *before, *lines] for title, *lines in columns]
    lines = _base(view, sheet) if has_base and not is_third else []
    lines += [partial(_joined, row, part) for row in zip_longest(*columns, fillvalue=())]
    return lines + [_joined([line] * count, part) for line in after]


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
    is_plain = view.drawn is Drawn.PLAIN
    note, shown = _plain(text, sheet) if is_plain else _compared(view, base, text, sheet)
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


def _plain(text: bytes | None, sheet: Sheet) -> tuple[str, list[LazyLine]]:
    """Return a note for the heading, and the side as plain text."""
    lines = lines_of(text or b"")
    note = f"plain, {counted(len(lines), 'line')}" if lines else "plain"
    return note, _texts(lines, Role.TEXT, sheet)


def _compared(
    view: Viewpoint, base: bytes | None, text: bytes | None, sheet: Sheet
) -> tuple[str, list[LazyLine]]:
    """Return a note for the heading, and the side as a diff from the base."""
    ignore_whitespace = view.drawn is Drawn.NO_WHITESPACE
    diff = (
        changes(base, text, ignore_whitespace=ignore_whitespace)
        if base is not None and text is not None
        else ()
    )
    came, gone = count(diff)
    notes = ["whitespace ignored"] if ignore_whitespace else []
    if came or gone:
        notes.append(f"+{came} -{gone}")
    elif diff and base != text and not ignore_whitespace:
        notes.append("only line ends differ")
    shown = _folded(diff) if view.hunk is None else diff
    return ", ".join(notes), [partial(_diff_line, one, sheet) for one in shown]


def _texts(lines: Sequence[str], role: Role, sheet: Sheet) -> list[LazyLine]:
    return [partial(code, " ", ((line, False),), role, sheet) for line in lines]


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


def _diff_line(one: Changed | int, sheet: Sheet) -> Line:
    if isinstance(one, int):
        return words(counted(one, "unchanged line"), sheet)
    return code(one.sign.value, one.pieces, _INKS[one.sign], sheet, is_compared=one.is_compared)


def _context(view: Viewpoint, sheet: Sheet, *, is_before: bool) -> list[LazyLine]:
    if view.hunk is None:
        return []
    segments = view.path.segments
    at = [n for n, one in enumerate(segments) if isinstance(one, Hunk)][view.nth]
    beside = segments[at - 1 : at] if is_before else segments[at + 1 : at + 2]
    text = beside[0] if beside and isinstance(beside[0], bytes) else b""
    lines = lines_of(text)
    near = lines[-CONTEXT:] if is_before else lines[:CONTEXT]
    return _texts(near, Role.MUTED, sheet)
