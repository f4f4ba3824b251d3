"""What to say of a word that is none of those that there are."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return a question for the nearest known word; what is said otherwise, if none is near."""
    from difflib import get_close_matches  # not needed for a word that is right

    near = get_close_matches(word, list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else otherwise
