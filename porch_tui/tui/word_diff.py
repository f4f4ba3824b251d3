"""What one text did to another: lines that went, came and stayed, and which words of a line are others.

Pure, and never slow: what is too large to be compared is told as gone and come.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from functools import lru_cache
from itertools import zip_longest

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


@dataclass(frozen=True, slots=True)
class Changed:
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
def changes(before: bytes, after: bytes) -> tuple[Changed, ...]:
    """Return what made `before` into `after`, line by line; a last newline that came or went is not told."""
    old, new = lines_of(before), lines_of(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    inner = _inner(old[head : len(old) - tail], new[head : len(new) - tail])
    return (*_same(old[:head]), *inner, *_same(old[len(old) - tail :]))


def count(diff: Sequence[Changed]) -> tuple[int, int]:
    """Return how many lines came and how many went."""
    return sum(one.sign is Sign.CAME for one in diff), sum(one.sign is Sign.GONE for one in diff)


def _inner(old: Sequence[str], new: Sequence[str]) -> list[Changed]:
    if len(old) * len(new) > MOST_PAIRS:
        return [*_whole(Sign.GONE, old), *_whole(Sign.CAME, new)]
    found: list[Changed] = []
    for word, a, b, c, d in SequenceMatcher(None, old, new, autojunk=len(new) > 500).get_opcodes():
        found += _same(old[a:b]) if word == "equal" else _replaced(old[a:b], new[c:d])
    return found


def _replaced(old: Sequence[str], new: Sequence[str]) -> list[Changed]:
    """Return lines that went and came in one place: the n-th is taken for the n-th, where they are alike."""
    gone, came = [], []
    for at, (one, other) in enumerate(zip_longest(old, new)):
        is_pair = at < MOST_COMPARED and one is not None and other is not None
        pair = _by_words(one, other) if is_pair else None
        if one is not None:
            gone.append(Changed(Sign.GONE, pair[0] if pair else ((one, False),), pair is not None))
        if other is not None:
            came.append(Changed(Sign.CAME, pair[1] if pair else ((other, False),), pair is not None))
    return [*gone, *came]


def _by_words(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]] | None:
    """Return both lines in pieces; None if they have too little in common."""
    if max(len(one), len(other)) > LONGEST_LINE:
        return None
    old, new = _WORDS.findall(one), _WORDS.findall(other)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return None
    before, after = [], []
    for word, a, b, c, d in matcher.get_opcodes():
        before.append(("".join(old[a:b]), word != "equal"))
        after.append(("".join(new[c:d]), word != "equal"))
    return tuple(filter(_has_text, before)), tuple(filter(_has_text, after))


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
