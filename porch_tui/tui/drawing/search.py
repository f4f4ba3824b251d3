"""Finds words in lines of text. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from porch_tui.present.signs import Role
from porch_tui.tui.drawing.styles import Line, Span


def found(lines: Sequence[str], words: str) -> tuple[int, ...]:
    """Return the numbers of the lines with the words; words in lower case match upper case too."""
    if not words:
        return ()
    return tuple(number for number, line in enumerate(lines) if words in _folded(line, words))


def marked(text: str, words: str, role: Role = Role.TEXT) -> Line:
    """Return the text as a line in which the words are highlighted."""
    folded = _folded(text, words)
    # a letter whose lower case is longer would shift the marks
    if not words or len(folded) != len(text):
        return (Span(text, role),)
    spans: list[Span] = []
    start = 0
    while (at := folded.find(words, start)) >= 0:
        spans += [Span(text[start:at], role), Span(text[at : at + len(words)], Role.ASK, is_bold=True)]
        start = at + len(words)
    return (*spans, Span(text[start:], role))


def _folded(text: str, words: str) -> str:
    return text.lower() if words.islower() else text
