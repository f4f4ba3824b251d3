"""Parse git's text of a conflicted file, with its markers, into merged text and hunks to choose from.

Markers are not trusted: git was given full object ids as labels, and each split must be found in the versions
the file was merged from. If one hunk cannot be verified the text is not split at all: then the whole path is
chosen, and nothing is guessed. Pure: it is given bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from porch_tui.core.conflict.conflict import Hunk, Segment
from porch_tui.core.model.copying import replace

Lines = Sequence[bytes]


class Versions(Struct, frozen=True):
    """The versions a file was merged from; empty where a side has no such file."""

    base: bytes
    main: bytes
    task: bytes


class _Split(Struct, frozen=True):
    """A hunk, and where in each side's version it ends."""

    hunk: Hunk
    main_end: int
    task_end: int
    is_in_base: bool


class _Unverified(Exception):
    """A hunk does not match the versions, or may be split in more than one way."""


def split(merged: bytes, versions: Versions, onto: str, head: str) -> tuple[Segment, ...]:
    """Return the text as merged bytes and hunks; empty without hunks, or if one cannot be verified.

    `onto` and `head` are the full object ids that were merged, which git uses as labels.
    """
    lines = re.findall(rb"[^\n]*\n|[^\n]+", merged)  # only a newline ends a line, as for git
    try:
        segments = tuple(_segments(lines, versions, onto, head))
    except _Unverified:
        return ()
    return segments if len(segments) > 1 else ()


def _segments(lines: Lines, versions: Versions, onto: str, head: str) -> Iterator[Segment]:
    """Yield bytes and hunks in turn, bytes first and last; equal hunks of one file are numbered."""
    begins = re.compile(rb"(<{7,}) " + onto.encode() + rb"(:.*)?\r?\n?", re.DOTALL)
    seen: Counter[Hunk] = Counter()
    settled: list[bytes] = []
    at, main_from, task_from = 0, 0, 0
    while at < len(lines):
        begin = begins.fullmatch(lines[at])
        if begin is None:
            settled.append(lines[at])
            at += 1
            continue
        size = len(begin[1])
        ends = re.compile(rb">{%d} " % size + head.encode() + rb"(:.*)?\r?\n?", re.DOTALL)
        end = next((number for number in range(at + 1, len(lines)) if ends.fullmatch(lines[number])), None)
        if end is None:
            raise _Unverified
        is_last = end == len(lines) - 1  # no merged text comes after the hunk
        splits = list(_fitting(lines[at + 1 : end], size, versions, (main_from, task_from), is_last))
        if len(splits) > 1:
            # the base only breaks a tie: with several merge bases it is a file that never existed
            splits = [one for one in splits if one.is_in_base]
        if len(splits) != 1:
            raise _Unverified
        hunk, main_from, task_from = splits[0].hunk, splits[0].main_end, splits[0].task_end
        yield b"".join(settled)
        yield replace(hunk, nth=seen[hunk])
        seen[hunk] += 1
        settled, at = [], end + 1
    yield b"".join(settled)


def _fitting(
    lines: Lines, size: int, versions: Versions, after: tuple[int, int], is_last: bool
) -> Iterator[_Split]:
    """Yield each way to split a hunk's lines whose sides are in the versions, after the previous hunk."""
    bars = [number for number, line in enumerate(lines) if re.match(rb"\|{%d}( |\r?\n|$)" % size, line)]
    middles = [number for number, line in enumerate(lines) if re.fullmatch(rb"={%d}\r?\n?" % size, line)]
    for bar in bars:
        for middle in (number for number in middles if number > bar):
            main = _place(b"".join(lines[:bar]), versions.main, after[0], is_last)
            task = _place(b"".join(lines[middle + 1 :]), versions.task, after[1], is_last)
            if main is not None and task is not None:
                text = b"".join(lines[bar + 1 : middle])
                base = _place(text, versions.base, 0, is_last)
                hunk = Hunk(base[0] if base else text, main[0], task[0])
                yield _Split(hunk, main[1], task[1], base is not None)


def _place(text: bytes, version: bytes, start: int, is_last: bool) -> tuple[bytes, int] | None:
    """Return the text as the version has it, in whole lines from `start` on, and where it ends there.

    Markers hide a missing newline at a file's end: git adds one before the next marker.
    """
    if is_last and text and version and not version.endswith(b"\n"):
        for end in (b"\r\n", b"\n"):
            bare = text.removesuffix(end)
            begin = len(version) - len(bare)
            if bare != text and begin >= start and version.endswith(bare) and _begins_line(version, begin):
                return bare, len(version)
        return None
    at = version.find(text, start)
    while at > 0 and text and not _begins_line(version, at):
        at = version.find(text, at + 1)
    return (text, at + len(text)) if at >= 0 else None


def _begins_line(version: bytes, at: int) -> bool:
    return at == 0 or version[at - 1 : at] == b"\n"
