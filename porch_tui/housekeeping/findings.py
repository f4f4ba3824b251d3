"""What `porch doctor` says: a finding each line, and what to do about it. Pure values."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Weight(StrEnum):
    """How much a finding matters."""

    FINE = "fine"
    ADVICE = "advice"
    """Something to see to; porch runs all the same."""
    PROBLEM = "problem"
    """porch cannot run before it is mended."""


class Finding(Struct, frozen=True):
    """Something that was looked at."""

    what: str
    """One or two words: what was looked at."""
    text: str
    """What was found."""
    weight: Weight = Weight.FINE
    do: str = ""
    """What to do about it."""


def advice(what: str, text: str, do: str) -> Finding:
    """Return a finding that somebody should see to."""
    return Finding(what, text, Weight.ADVICE, do)


def problem(what: str, text: str, do: str) -> Finding:
    """Return a finding that keeps porch from running."""
    return Finding(what, text, Weight.PROBLEM, do)
