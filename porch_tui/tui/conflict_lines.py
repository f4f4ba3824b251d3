"""A conflict as lines of the screen: the head, the files, what each side did, and what comes of it. Pure.

Both sides are drawn as what they did to the base: one wants the change, not two
texts to compare by eye. Whose a line of the result is stands before it, as the key that takes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from porch_tui.core.conflict import Choice, Decision, Hunk
from porch_tui.core.splice import chosen_text
from porch_tui.tui.ansi import clean
from porch_tui.tui.cells import left, shortened
from porch_tui.tui.code_lines import Sheet, code, heading, width, words
from porch_tui.tui.conflict_words import Names, choice_words, source_words, what
from porch_tui.tui.inks import Ink, Line, Span, Tone, glyph
from porch_tui.tui.looks import Hue, Letters, look
from porch_tui.tui.viewpoint import Viewpoint
from porch_tui.tui.word_diff import Changed, Sign, changes, count, lines_of

CONTEXT = 3
"""Lines around a hunk, and around a change in a whole file."""
_INKS: dict[Sign, Ink] = {Sign.SAME: Tone.TEXT, Sign.GONE: Hue.FAIL, Sign.CAME: Hue.RUN}
_KEYS = {Choice.MAIN: "<", Choice.TASK: ">", Choice.BASE: "|"}


# --- above


def head_lines(view: Viewpoint, who: Names, sheet: Sheet) -> list[Line]:
    """Return what is in conflict and how much is left, then where one is."""
    count_left = view.left_over_all
    left_over = f"{count_left} left over all" if count_left else "nothing left: c completes it"
    room = sheet.cells - cell_len(left_over) - 3
    title = left(f"{who.task_in_full}  against {who.main}", room, sheet.letters)
    ink: Ink = Hue.ASK if count_left else Hue.GOOD
    place = [f"file {view.file + 1}/{len(view.paths)}"]
    if view.hunk is not None:
        place += [f"hunk {view.nth + 1}/{len(view.path.hunks)}", f"line {line_of(view)}"]
    where = "  " + " · ".join(place) if sheet.letters is Letters.UNICODE else "  " + ", ".join(place)
    name = shortened(view.path.path, sheet.cells - cell_len(where) - 2, sheet.letters)
    return [
        (Span(" "), Span(title, Tone.STRONG), Span(f" {left_over} ", ink, is_bold=True)),
        (Span(" "), Span(name, Hue.RUN, is_bold=True), Span(where, Tone.MUTED)),
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
    seen = look("conflict" if still_left else "succeeded", sheet.letters)
    total = max(1, len(path.hunks))
    told = f"{still_left} of {total} left" if still_left else "chosen"
    name = left(path.path, sheet.cells - 18, sheet.letters)
    mark = Span(">" if at == view.file else " ", Hue.RUN, is_bold=True)
    ink = Tone.STRONG if at == view.file else Tone.TEXT
    return mark, glyph(seen), Span(" " + name + " ", ink), Span(told, seen.sign.hue)


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


# --- the two sides


def stacked_lines(view: Viewpoint, who: Names, sheet: Sheet) -> list[Line]:
    """Return base, if wanted, what the target did and what the task did, one below the other."""
    lines = _base_lines(view, sheet) if view.shows_base else []
    lines += _context(view, sheet, is_before=True)
    lines += _side(view, who, Choice.MAIN, sheet)
    lines += _side(view, who, Choice.TASK, sheet)
    return lines + _context(view, sheet, is_before=False)


def beside_lines(view: Viewpoint, who: Names, sheet: Sheet) -> list[Line]:
    """Return the same with the two sides beside each other."""
    half = Sheet((sheet.cells - 1) // 2, sheet.letters, sheet.shift)
    around = [_context(view, half, is_before=is_before) for is_before in (True, False)]
    columns = []
    for choice in (Choice.MAIN, Choice.TASK):
        title, *diff = _side(view, who, choice, half)
        columns.append([title, *around[0], *diff])
    lines = _base_lines(view, sheet) if view.shows_base else []
    pairs = zip(_padded(columns[0], columns[1]), _padded(columns[1], columns[0]), strict=True)
    lines += [_joined(one, other, half) for one, other in pairs]
    return lines + [_joined(one, one, half) for one in around[1]]


def _padded(lines: list[Line], other: list[Line]) -> list[Line]:
    return lines + [()] * (len(other) - len(lines))


def _joined(one: Line, other: Line, half: Sheet) -> Line:
    between = Span("│" if half.letters is Letters.UNICODE else "|", Tone.RULE)
    missing = half.cells - sum(cell_len(span.text) for span in one)
    return (*one, Span(" " * max(0, missing)), between, *other)


def _base_lines(view: Viewpoint, sheet: Sheet) -> list[Line]:
    text = _versions(view)[0]
    shown = [code(" ", ((line, False),), Tone.MUTED, sheet) for line in lines_of(text or b"")]
    gone = "nothing was there" if text is not None else "not text"
    return [heading("|", "before both", "", sheet), *(shown or [words(gone, sheet)])]


def _side(view: Viewpoint, who: Names, choice: Choice, sheet: Sheet) -> list[Line]:
    base, main, task = _versions(view)
    text = main if choice is Choice.MAIN else task
    title = who.main if choice is Choice.MAIN else who.task_in_full
    diff = changes(base, text) if base is not None and text is not None else ()
    came, gone = count(diff)
    told = f"+{came} -{gone}" if came or gone else ""
    lines = [heading(_KEYS[choice], title, told, sheet)]
    if view.hunk is None:
        number = 2 if choice is Choice.MAIN else 3
        stage = next((one for one in view.path.stages if one.number == number), None)
        lines.append(words(what(stage, view.versions), sheet))
        if stage is None:
            return lines  # all its lines would only say so again
    shown = _folded(diff) if view.hunk is None else list(diff)
    lines += [_diff_line(one, sheet) for one in shown]
    return lines if len(lines) > 1 else [*lines, words("no lines, as in the base", sheet)]


def _versions(view: Viewpoint) -> tuple[bytes | None, bytes | None, bytes | None]:
    """Return base, main and task; empty where there is none, None where it is no text."""
    if view.hunk is not None:
        return view.hunk.base, view.hunk.main, view.hunk.task
    found: dict[int, bytes | None] = {1: b"", 2: b"", 3: b""}
    found |= {stage.number: view.versions.get(stage.oid) for stage in view.path.stages}
    return found[1], found[2], found[3]


def _folded(diff: Sequence[Changed]) -> list[Changed | int]:
    """Return a diff without what is far from any change: numbers are of lines left out."""
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
        return words(f"{one} more, the same", sheet)
    return code(one.sign.value, one.pieces, _INKS[one.sign], sheet, is_compared=one.is_compared)


def _context(view: Viewpoint, sheet: Sheet, *, is_before: bool) -> list[Line]:
    if view.hunk is None:
        return []
    segments = view.path.segments
    at = [n for n, one in enumerate(segments) if isinstance(one, Hunk)][view.nth]
    beside = segments[at - 1 : at] if is_before else segments[at + 1 : at + 2]
    text = beside[0] if beside and isinstance(beside[0], bytes) else b""
    lines = lines_of(text)
    near = lines[-CONTEXT:] if is_before else lines[:CONTEXT]
    return [code(" ", ((line, False),), Tone.MUTED, sheet) for line in near]


# --- what comes of it


def result_lines(view: Viewpoint, who: Names, sheet: Sheet) -> list[Line]:
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
        spans = (Span(key, Hue.RUN, is_bold=True), Span(f" {clean(text)}   "))
        if len(line) > 1 and width((*line, *spans)) > sheet.cells:
            lines.append(tuple(line))
            line = [Span("  ")]
        line += spans
    return [*lines, tuple(line)]


def _given(decision: Decision, view: Viewpoint, sheet: Sheet) -> list[Line]:
    lines = [code(sign, ((text, False),), Tone.TEXT, sheet) for sign, text in _signed(decision, view)]
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
            yield from ((_KEYS[one], line) for line in lines_of(chosen_text(hunk, Decision(one))))
