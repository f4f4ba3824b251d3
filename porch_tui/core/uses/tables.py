"""Words as tables: lists of programs and options, written as text so that they can be read."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def table(text: str) -> dict[str, tuple[str, ...]]:
    """Return words by name, a name a line; `+` stands for a blank in a word."""
    lines = (line.strip().partition(":") for line in text.strip().split("\n"))
    return {name: tuple(word.replace("+", " ") for word in rest.split()) for name, _, rest in lines}
