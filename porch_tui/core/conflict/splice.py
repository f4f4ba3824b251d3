"""What a conflicted path becomes by a record: choices put in place of hunks, to the byte. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import assert_never

from msgspec import Struct

from porch_tui.core.conflict.conflict import (
    Choice,
    Conflict,
    ConflictRecord,
    Decision,
    Hunk,
    PathConflict,
    Settled,
    Stage,
    Step,
    Subject,
)


class Content(Struct, frozen=True):
    """The path gets this text."""

    mode: str
    text: bytes


class Removed(Struct, frozen=True):
    """The path is removed."""


class AsMerged(Struct, frozen=True):
    """The path stays as git's merged tree has it."""


class Named(Struct, frozen=True):
    """One version gets another name; the path keeps the target's version, if that is a different one."""

    name: str
    version: Stage
    stays: Stage | None


Result = Content | Stage | Named | Removed | AsMerged
"""What a conflicted path becomes; a Stage: that version as it is."""


def result(path: PathConflict, record: ConflictRecord) -> Result | None:
    """Return what the path becomes by the record; None while something is left to choose."""
    decisions = record.decisions()
    whole = decisions.get((path.path, path.stages))
    if whole is not None:
        return _whole(path, whole)
    if not path.hunks or undecided(path, record):
        return None
    return Content(path.mode, splice(path, record))


def undecided(path: PathConflict, record: ConflictRecord) -> tuple[int, ...]:
    """Return the numbers, from 1, of the hunks left to choose; of a path without hunks (0,) or nothing."""
    return open_in(path, record.decisions())


def open_in(path: PathConflict, decisions: Mapping[tuple[str, Subject], Decision]) -> tuple[int, ...]:
    """Return the same by the decisions that count: for many paths of one record."""
    if (path.path, path.stages) in decisions:
        return ()
    if not path.hunks:
        return (0,)
    return tuple(number for number, hunk in enumerate(path.hunks, 1) if (path.path, hunk) not in decisions)


def is_complete(conflict: Conflict, record: ConflictRecord) -> bool:
    """Say whether every path is decided."""
    return not any(undecided(path, record) for path in conflict.paths)


def splice(path: PathConflict, record: ConflictRecord) -> bytes:
    """Return the path's text by the record; what is not chosen yet is between markers."""
    decisions = record.decisions()
    whole = decisions.get((path.path, path.stages))
    if whole is not None and whole.choice is Choice.TEXT:
        return whole.text
    return b"".join(
        segment if isinstance(segment, bytes) else _text_for(segment, decisions.get((path.path, segment)))
        for segment in path.segments
    )


def _text_for(hunk: Hunk, decision: Decision | None) -> bytes:
    return marked(hunk) if decision is None else chosen_text(hunk, decision)


def chosen_text(hunk: Hunk, decision: Decision) -> bytes:
    """Return the lines a decision puts in place of a hunk."""
    match decision.choice:
        case Choice.MAIN:
            return hunk.main
        case Choice.TASK:
            return hunk.task
        case Choice.BOTH:
            return _joined(hunk.main, hunk.task)
        case Choice.BOTH_REVERSED:
            return _joined(hunk.task, hunk.main)
        case Choice.BASE:
            return hunk.base
        case Choice.NONE:
            return b""
        case Choice.TEXT:
            return decision.text
        case Choice.AS:
            raise AssertionError("a name is for a whole path, never for a hunk")
        case _:
            assert_never(decision.choice)


def stray_markers(text: bytes, versions: Iterable[bytes]) -> tuple[int, ...]:
    """Return the numbers, from 1, of lines that look like conflict markers and are in none of the versions.

    A line of equal signs is none: it underlines a heading.
    """
    known = {line for version in versions for line in version.splitlines()}
    lines = text.splitlines()
    return tuple(n for n, line in enumerate(lines, 1) if _MARKER.match(line) and line not in known)


_MARKER = re.compile(rb"(<{7,}|\|{7,}|>{7,})( |$)")


def marked(hunk: Hunk) -> bytes:
    """Return a hunk as a person edits it, between markers that name the sides."""
    end = _line_end(hunk.main + hunk.task + hunk.base)
    parts = (
        b"<<<<<<< main" + end, _closed(hunk.main, end),
        b"||||||| base" + end, _closed(hunk.base, end),
        b"=======" + end, _closed(hunk.task, end),
        b">>>>>>> task" + end,
    )  # fmt: skip
    return b"".join(parts)


def _whole(path: PathConflict, decision: Decision) -> Result:
    number = {Choice.BASE: 1, Choice.MAIN: 2, Choice.TASK: 3}.get(decision.choice)
    if number is not None:
        return next((stage for stage in path.stages if stage.number == number), Removed())
    if decision.choice is Choice.TEXT:
        return Content(path.mode or "100644", decision.text)
    if decision.choice is not Choice.AS:
        return Removed() if decision.choice is Choice.NONE else AsMerged()
    versions = {stage.number: stage for stage in path.stages}
    if 2 in versions and 3 in versions:
        return Named(decision.name, versions[3], stays=versions[2])
    return Named(decision.name, versions.get(3) or versions[2], stays=None)


def _joined(first: bytes, second: bytes) -> bytes:
    return _closed(first, _line_end(first + second)) + second if second else first


def _closed(text: bytes, end: bytes) -> bytes:
    return text + end if text and not text.endswith(b"\n") else text


def _line_end(text: bytes) -> bytes:
    return b"\r\n" if b"\r\n" in text else b"\n"


def edited(path: PathConflict, record: ConflictRecord, text: bytes) -> Step:
    """Return what a person decided by editing `splice(path, record)` into `text`.

    If all that was settled is still there in its order, and only once, each hunk gets
    what is now in its place, and one still between its markers stays open; so the
    rest holds on another tip too. Otherwise the whole text is taken as it is.
    """
    between = _between(path, text)
    if between is None:
        return (Settled(path.path, path.stages, Decision(Choice.TEXT, text)),)
    decisions = record.decisions()
    step = []
    for hunk, piece in zip(path.hunks, between, strict=True):
        if piece != _text_for(hunk, decisions.get((path.path, hunk))):
            step.append(Settled(path.path, hunk, said(hunk, piece)))
    return tuple(step)


def _between(path: PathConflict, text: bytes) -> list[bytes] | None:
    """Return what is in each hunk's place; None if that is not clear."""
    settled = [segment for segment in path.segments if isinstance(segment, bytes)]
    inner = settled[1:-1]
    if not path.hunks or not text.startswith(settled[0]) or not text.endswith(settled[-1]):
        return None
    rest = text[len(settled[0]) : len(text) - len(settled[-1])]
    if len(text) < len(settled[0]) + len(settled[-1]) or any(rest.count(one) != 1 for one in inner):
        return None
    found = []
    for one in inner:
        piece, mark, rest = rest.partition(one)
        if not mark:
            return None
        found.append(piece)
    return [*found, rest]


def said(hunk: Hunk, piece: bytes) -> Decision:
    """Return the plainest choice that puts these lines in place of a hunk."""
    plain = (Choice.MAIN, Choice.TASK, Choice.BOTH, Choice.BOTH_REVERSED, Choice.BASE)
    found = (Decision(choice) for choice in plain)
    return next((one for one in found if chosen_text(hunk, one) == piece), Decision(Choice.TEXT, piece))
