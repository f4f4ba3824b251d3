"""What one text did to another: lines that went, came and stayed, and which words of a line are others.

Pure, and never slow: what is too large to be compared is told as gone and come.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from enum import Enum
from functools import lru_cache
from itertools import zip_longest

from msgspec import Struct

MOST_PAIRS = 4_000_000
"""Lines of the one times lines of the other, after what is equal at both ends; half a second at the worst."""
LONGEST_LINE = 500
"""Characters; a longer line is not compared word by word,"""
MOST_COMPARED = 200
"""nor are lines beyond so many in one place."""
ALIKE = 0.35
"""Of two lines' words so many must be the same for one to be the other, changed."""
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Sign(Enum):
    """What happened to a line; the value is how it is marked."""

    SAME = " "
    GONE = "-"
    CAME = "+"


Piece = tuple[str, bool]
"""Some text of a line, and whether it differs from the line's counterpart."""


class Changed(Struct, frozen=True):
    """One line of a diff."""

    sign: Sign
    pieces: tuple[Piece, ...]
    is_compared: bool = False
    """Whether it has a counterpart, from which the marked pieces differ; perhaps none of its own does."""


def lines_of(text: bytes) -> tuple[str, ...]:
    """Return the lines of a text without their ends; bytes that are not UTF-8 become surrogates."""
    told = text.decode("utf-8", "surrogateescape").removesuffix("\n")
    return tuple(line.removesuffix("\r") for line in told.split("\n")) if text else ()


@lru_cache(256)
def changes(before: bytes, after: bytes, *, is_bare: bool = False) -> tuple[Changed, ...]:
    """Return what made `before` into `after`, line by line; a last newline that came or went is not told.

    With `is_bare` whitespace makes no difference within a line, as with `git diff -w`; lines that are
    the same without it are told as `after` has them.
    """
    old, new = lines_of(before), lines_of(after)
    was, now = (_bare(old), _bare(new)) if is_bare else (old, new)
    head = _common(was, now)
    tail = _common(was[head:][::-1], now[head:][::-1])
    upto, until = len(old) - tail, len(new) - tail
    inner = _inner(old[head:upto], new[head:until], was[head:upto], now[head:until], is_bare=is_bare)
    return (*_same(new[:head]), *inner, *_same(new[until:]))


def count(diff: Sequence[Changed]) -> tuple[int, int]:
    """Return how many lines came and how many went."""
    return sum(one.sign is Sign.CAME for one in diff), sum(one.sign is Sign.GONE for one in diff)


def _bare(lines: Sequence[str]) -> tuple[str, ...]:
    """Return lines without their whitespace."""
    return tuple("".join(line.split()) for line in lines)


def _inner(
    old: Sequence[str], new: Sequence[str], was: Sequence[str], now: Sequence[str], *, is_bare: bool
) -> list[Changed]:
    """Return what made `old` into `new`, of whose lines `was` and `now` are what is compared."""
    if len(old) * len(new) > MOST_PAIRS:
        return [*_whole(Sign.GONE, old), *_whole(Sign.CAME, new)]
    found: list[Changed] = []
    for word, a, b, c, d in SequenceMatcher(None, was, now, autojunk=len(now) > 500).get_opcodes():
        found += _same(new[c:d]) if word == "equal" else _replaced(old[a:b], new[c:d], is_bare=is_bare)
    return found


def _replaced(old: Sequence[str], new: Sequence[str], *, is_bare: bool) -> list[Changed]:
    """Return lines that went and came in one place: the n-th is taken for the n-th, where they are alike."""
    gone, came = [], []
    for at, (one, other) in enumerate(zip_longest(old, new)):
        is_pair = at < MOST_COMPARED and one is not None and other is not None
        pair = _by_words(one, other, is_bare=is_bare) if is_pair else None
        if one is not None:
            gone.append(Changed(Sign.GONE, pair[0] if pair else ((one, False),), pair is not None))
        if other is not None:
            came.append(Changed(Sign.CAME, pair[1] if pair else ((other, False),), pair is not None))
    return [*gone, *came]


def _by_words(one: str, other: str, *, is_bare: bool) -> tuple[tuple[Piece, ...], tuple[Piece, ...]] | None:
    """Return both lines in pieces; None if they have too little in common."""
    if max(len(one), len(other)) > LONGEST_LINE:
        return None
    old, new = _WORDS.findall(one), _WORDS.findall(other)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return None
    before, after = list[Piece](), list[Piece]()
    for word, a, b, c, d in matcher.get_opcodes():
        before += _pieces("".join(old[a:b]), word != "equal", is_bare=is_bare)
        after += _pieces("".join(new[c:d]), word != "equal", is_bare=is_bare)
    return tuple(filter(_has_text, before)), tuple(filter(_has_text, after))


def _pieces(text: str, differs: bool, *, is_bare: bool) -> list[Piece]:
    """Return text that differs or does not; whitespace around it does not where that makes no difference."""
    if not (is_bare and differs):
        return [(text, differs)]
    core = text.strip()
    head, tail = text.split(core, 1) if core else (text, "")
    return [(head, False), (core, True), (tail, False)]


def _has_text(piece: Piece) -> bool:
    return bool(piece[0])


def _same(lines: Sequence[str]) -> list[Changed]:
    return _whole(Sign.SAME, lines)


def _whole(sign: Sign, lines: Sequence[str]) -> list[Changed]:
    return [Changed(sign, ((line, False),)) for line in lines]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines are the same from the beginning."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)
