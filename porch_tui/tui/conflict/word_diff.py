"""A diff of two texts by lines, and within changed lines by words.

Pure, and never slow: texts too large to compare are shown as removed and added.
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
"""Lines of one text times lines of the other, equal ends left out; half a second at worst."""
LONGEST_LINE = 500
"""In characters; of a longer line all from the first difference to the last differs."""
MOST_COMPARED = 200
"""In one place, lines after these are not compared by words."""
ALIKE = 0.35
"""The share of words that two lines must have in common for one to be the other, changed."""
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Sign(Enum):
    """What happened to a line; the value is its mark."""

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
    """Whether it has a counterpart that its marked pieces differ from."""


def lines_of(text: bytes) -> tuple[str, ...]:
    """Return the lines of a text without their ends; bytes that are not UTF-8 become surrogates."""
    decoded = text.decode("utf-8", "surrogateescape").removesuffix("\n")
    return tuple(line.removesuffix("\r") for line in decoded.split("\n")) if text else ()


@lru_cache(256)
def changes(before: bytes, after: bytes, *, ignore_whitespace: bool = False) -> tuple[Changed, ...]:
    """Return the diff of two texts, line by line; a last newline makes no difference.

    `ignore_whitespace` works as `git diff -w`; lines that differ only in whitespace are those of `after`.
    """
    old, new = lines_of(before), lines_of(after)
    was, now = old, new  # the same lines, as they are compared
    if ignore_whitespace:
        was, now = (tuple("".join(line.split()) for line in lines) for lines in (old, new))
    head = _common(was, now)
    tail = _common(was[head:][::-1], now[head:][::-1])
    upto, until = len(old) - tail, len(new) - tail
    gone, came = old[head:upto], new[head:until]
    inner: list[Changed] = []
    if len(gone) * len(came) > MOST_PAIRS:
        inner = [*_lines(Sign.GONE, gone), *_lines(Sign.CAME, came)]
    else:
        matcher = SequenceMatcher(None, was[head:upto], now[head:until], autojunk=len(came) > 500)
        for word, a, b, c, d in matcher.get_opcodes():
            if word == "equal":
                inner += _lines(Sign.SAME, came[c:d])
            else:
                inner += _replaced(gone[a:b], came[c:d], ignore_whitespace=ignore_whitespace)
    return (*_lines(Sign.SAME, new[:head]), *inner, *_lines(Sign.SAME, new[until:]))


def after(base: bytes, text: bytes) -> list[Changed]:
    """Return the lines of a text, each with what differs in it from the base."""
    return [one for one in changes(base, text) if one.sign is not Sign.GONE]


def before_both(base: bytes, one: bytes, other: bytes) -> list[Changed]:
    """Return the lines of a base, each with what differs in it from the one text, else from the other."""
    diffs = ([line for line in changes(base, text) if line.sign is not Sign.CAME] for text in (one, other))
    return [
        line if any(differs for _, differs in line.pieces) else its_other
        for line, its_other in zip(*diffs, strict=True)
    ]


def count(diff: Sequence[Changed]) -> tuple[int, int]:
    """Return how many lines were added and how many removed."""
    return sum(one.sign is Sign.CAME for one in diff), sum(one.sign is Sign.GONE for one in diff)


def _replaced(old: Sequence[str], new: Sequence[str], *, ignore_whitespace: bool) -> list[Changed]:
    """Return lines removed and added in one place; the n-th of each are compared if they are alike."""
    gone, came = [], []
    for at, (one, other) in enumerate(zip_longest(old, new)):
        is_pair = at < MOST_COMPARED and one is not None and other is not None
        pair = _by_words(one, other, ignore_whitespace=ignore_whitespace) if is_pair else None
        if one is not None:
            gone.append(Changed(Sign.GONE, pair[0] if pair else ((one, False),), pair is not None))
        if other is not None:
            came.append(Changed(Sign.CAME, pair[1] if pair else ((other, False),), pair is not None))
    return [*gone, *came]


def _by_words(
    one: str, other: str, *, ignore_whitespace: bool
) -> tuple[tuple[Piece, ...], tuple[Piece, ...]] | None:
    """Return both lines in pieces; None if they have too little in common."""
    old, new = _WORDS.findall(one), _WORDS.findall(other)
    places = _same_and_not(old, new, is_long=max(len(one), len(other)) > LONGEST_LINE)
    in_common = sum(b - a for is_same, a, b, _, _ in places if is_same)
    if 2 * in_common < ALIKE * (len(old) + len(new)):
        return None
    before, after = list[Piece](), list[Piece]()
    for is_same, a, b, c, d in places:
        before += _pieces("".join(old[a:b]), not is_same, ignore_whitespace=ignore_whitespace)
        after += _pieces("".join(new[c:d]), not is_same, ignore_whitespace=ignore_whitespace)
    return tuple(before), tuple(after)


def _same_and_not(
    old: Sequence[str], new: Sequence[str], *, is_long: bool
) -> list[tuple[bool, int, int, int, int]]:
    """Return which words are the same, and which of one stand in place of which of the other."""
    if not is_long:
        codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        return [(word == "equal", a, b, c, d) for word, a, b, c, d in codes]
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    upto, until = len(old) - tail, len(new) - tail
    return [
        (True, 0, head, 0, head),
        (False, head, upto, head, until),
        (True, upto, len(old), until, len(new)),
    ]


def _pieces(text: str, differs: bool, *, ignore_whitespace: bool) -> list[Piece]:
    """Return a text as pieces; if whitespace is ignored, it does not differ at the ends."""
    core = text.strip() if ignore_whitespace and differs else text
    head, tail = text.split(core, 1) if core else (text, "")
    return [piece for piece in ((head, False), (core, differs), (tail, False)) if piece[0]]


def _lines(sign: Sign, lines: Sequence[str]) -> list[Changed]:
    return [Changed(sign, ((line, False),)) for line in lines]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines are the same from the beginning."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)
