"""Recognizes that an agent asks something, in the last words it says."""

from __future__ import annotations

import re

_LAST_WORDS = 600
"""Characters: the question, and the choices after it."""
_ASKS = re.compile(r"""[^\s?？][?？]["'”’)\]*_`]*(?=\s|$)""")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n+")


def asked(message: str) -> str:
    """Return what the end of a message asks; empty if it asks nothing.

    What follows the question is part of it: choices, or a request to decide.
    """
    end = message.strip()[-_LAST_WORDS:]
    sentences = [one for one in _SENTENCE.split(end) if one.strip()]
    first = next((at for at, one in enumerate(sentences) if _ASKS.search(one)), None)
    return "" if first is None else " ".join(" ".join(sentences[first:]).split())
