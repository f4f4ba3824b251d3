"""The two sides of a conflict, its base, and the file around it, as lines of the screen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import zip_longest
from operator import attrgetter

from porch_tui.core.conflict.conflict import Choice, Hunk
from porch_tui.core.model.copying import replace
from porch_tui.core.model.wording import counted
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.conflict.sheet import KEYS, Sheet, code, heading, lines_in, texts_of, words
from porch_tui.tui.conflict.viewpoint import Drawn, Viewpoint
from porch_tui.tui.conflict.word_diff import Changed, Sign, before_both, changes, count, lines_of
from porch_tui.tui.conflict.words import Names, choice_words, what
from porch_tui.tui.drawing.styles import LazyLine, Line, Span, evaluate, width_of

WIDE, WIDEST = 120, 180
"""From so many columns on the sides are beside each other, and the base of a hunk between them."""
CONTEXT = 3
"""Lines around a change in a whole file, where there is no room for more."""
LEAST_AROUND = 2
"""Lines before and after a hunk, together: what both sides say matters more."""
MORE_CONTEXT = (40, 20, 10, 5)
"""Lines around a change in a whole file, if all of it is in view with so many."""
_ROLES: dict[Sign, Role] = {Sign.SAME: Role.TEXT, Sign.GONE: Role.FAIL, Sign.CAME: Role.RUN}


def side_lines(view: Viewpoint, who: Names, sheet: Sheet) -> list[LazyLine]:
    """Return both sides, as what each changed, and the base where it is shown, in the file around them.

    They are below each other in a narrow window. In a wide one they are beside each other, and the base is
    between them where it fits, else above. No line of the file is there twice.
    """
    has_base = is_base_shown(view, sheet.window)
    is_third = has_base and sheet.window >= WIDEST
    count = 3 if is_third else 2 if sheet.window >= WIDE else 1
    rows = sheet.rows // 2 if count == 1 else sheet.rows
    part = replace(sheet, cells=(sheet.cells - count + 1) // count, rows=rows)
    sides = [_side(view, who, choice, part, has_base) for choice in (Choice.MAIN, Choice.TASK)]
    if is_third:
        sides.insert(1, _base(view, part))
    middle = _base(view, sheet) if has_base and not is_third else []
    if count == 1:
        middle += [line for side in sides for line in side]
    else:
        middle += [partial(_joined, row, part) for row in zip_longest(*sides, fillvalue=())]
    before, after = _around(view, who, sheet, sheet.rows - len(middle))
    return [*before, *middle, *after]


def is_base_shown(view: Viewpoint, cells: int) -> bool:
    """Return whether the base is shown: as the person chose.

    Else if there is room for a third column, or if nothing of it is left on either side: once is enough then.
    """
    if view.wants_base is not None:
        return view.wants_base
    return view.hunk is not None and (cells >= WIDEST or _is_gone(view.hunk, view.drawn))


def versions_of(view: Viewpoint) -> tuple[tuple[str, ...], ...]:
    """Return the lines of the file as it is on either side and in the base, as far as they are text."""
    if view.hunk is None:
        base, *sides = _versions(view)
        return tuple(lines_of(text or b"") for text in (*sides, base))
    return tuple(
        lines_of(b"".join(side(one) if isinstance(one, Hunk) else one for one in view.path.segments))
        for side in map(attrgetter, ("main", "task", "base"))
    )


def _is_gone(hunk: Hunk, drawn: Drawn) -> bool:
    if not hunk.base or drawn not in (Drawn.DIFF, Drawn.NO_WHITESPACE):
        return False
    ignores = drawn is Drawn.NO_WHITESPACE
    both = (changes(hunk.base, side, ignore_whitespace=ignores) for side in (hunk.main, hunk.task))
    return all(one.sign is not Sign.SAME for diff in both for one in diff)


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
    shown = texts_of(lines, Role.MUTED, sheet)
    if view.hunk is not None:
        shown = lines_in(before_both(view.hunk.base, view.hunk.main, view.hunk.task), Role.MUTED, sheet)
    gone = words("nothing was there" if text is not None else "not text", sheet)
    title = heading(KEYS[Choice.BASE], "base", counted(len(lines), "line") if lines else "", sheet)
    return [title, *(shown or [gone])]


def _side(view: Viewpoint, who: Names, choice: Choice, sheet: Sheet, has_base: bool) -> list[LazyLine]:
    base, main, task = _versions(view)
    text = main if choice is Choice.MAIN else task
    title = who.main if choice is Choice.MAIN else who.task_in_full
    if view.drawn is Drawn.PLAIN:
        plain = lines_of(text or b"")
        note = f"plain, {counted(len(plain), 'line')}" if plain else "plain"
        shown = texts_of(plain, Role.TEXT, sheet)
    else:
        note, shown = _compared(view, base, text, sheet, has_base)
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
    view: Viewpoint, base: bytes | None, text: bytes | None, sheet: Sheet, has_base: bool
) -> tuple[str, list[LazyLine]]:
    """Return a note for the heading, and the side as a diff from the base.

    What was removed is left out of a hunk whose base is shown: there it is.
    """
    ignores = view.drawn is Drawn.NO_WHITESPACE
    diff = () if base is None or text is None else changes(base, text, ignore_whitespace=ignores)
    came, gone = count(diff)
    notes = ["whitespace ignored"] if ignores else []
    if came or gone:
        notes.append(f"+{came} -{gone}")
    elif diff and base != text and not ignores:
        notes.append("only line ends differ")
    shown: Iterable[Changed | int] = diff
    if view.hunk is None:
        shown = _folded(diff, sheet.rows - 2)  # without the heading, and what it is
    elif has_base:
        shown = [one for one in diff if one.sign is not Sign.GONE]
    lines: list[LazyLine] = []
    for one in shown:
        if isinstance(one, int):
            lines.append(words(counted(one, "unchanged line"), sheet))
        else:
            role = _ROLES[one.sign]
            lines.append(partial(code, one.sign.value, one.pieces, role, sheet, is_compared=one.is_compared))
    return ", ".join(notes), lines


def _versions(view: Viewpoint) -> tuple[bytes | None, bytes | None, bytes | None]:
    """Return base, main and task; empty where there is none, None where it is not text."""
    if view.hunk is not None:
        return view.hunk.base, view.hunk.main, view.hunk.task
    found: dict[int, bytes | None] = {1: b"", 2: b"", 3: b""}
    found |= {stage.number: view.versions.get(stage.oid) for stage in view.path.stages}
    return found[1], found[2], found[3]


def _folded(diff: Sequence[Changed], rows: int) -> list[Changed | int]:
    """Return a diff without the lines far from any change; a number counts lines left out."""
    for context in MORE_CONTEXT:
        if len(found := _near_changes(diff, context)) <= rows:
            return found
    return _near_changes(diff, CONTEXT)


def _near_changes(diff: Sequence[Changed], context: int) -> list[Changed | int]:
    near: set[int] = set()
    for at, one in enumerate(diff):
        if one.sign is not Sign.SAME:
            near.update(range(at - context, at + context + 1))
    found: list[Changed | int] = []
    for at, one in enumerate(diff):
        if at in near:
            found.append(one)
        elif found and isinstance(found[-1], int):
            found[-1] += 1
        else:
            found.append(1)
    return found


# --- the file around a hunk


def _around(view: Viewpoint, who: Names, sheet: Sheet, rows: int) -> tuple[list[LazyLine], list[LazyLine]]:
    """Return what stands before the hunk and after it: together as many lines as rows are free."""
    if view.hunk is None:
        return [], []
    most = max(rows, LEAST_AROUND)
    before, after = (_beside(view, who, sheet, step, most) for step in (-1, 1))
    above = min(len(before), max(most // 2, most - len(after)))
    return before[:above][::-1], after[: most - above]


def _beside(view: Viewpoint, who: Names, sheet: Sheet, step: int, most: int) -> list[LazyLine]:
    """Return up to so many lines, those nearest to the hunk first; another hunk is one line."""
    segments = view.path.segments
    here = [n for n, one in enumerate(segments) if isinstance(one, Hunk)][view.nth]
    found: list[LazyLine] = []
    number = view.nth
    for one in segments[here + 1 :] if step > 0 else segments[:here][::-1]:
        if len(found) >= most:
            break
        if isinstance(one, Hunk):
            number += step
            decision = view.decisions.get((view.path.path, one))
            chosen = choice_words(decision, who) if decision is not None else "not chosen yet"
            found.append(words(f"hunk {number + 1} of {len(view.path.hunks)}: {chosen}", sheet))
        else:
            found += texts_of(lines_of(one)[::step][:most], Role.TEXT, sheet)
    return found[:most]
