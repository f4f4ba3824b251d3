"""What `porch doctor` reports: findings, and what to do about each."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Weight(StrEnum):
    """How much a finding matters."""

    FINE = "fine"
    ADVICE = "advice"
    """Needs attention; porch can run all the same."""
    PROBLEM = "problem"
    """porch cannot run until it is fixed."""


class Finding(Struct, frozen=True):
    """The result of one check."""

    what: str
    """What was checked, in one or two words."""
    text: str
    """What was found."""
    weight: Weight = Weight.FINE
    do: str = ""
    """What to do about it."""


def advice(what: str, text: str, do: str) -> Finding:
    """Return a finding that needs attention."""
    return Finding(what, text, Weight.ADVICE, do)


def problem(what: str, text: str, do: str) -> Finding:
    """Return a finding that keeps porch from running."""
    return Finding(what, text, Weight.PROBLEM, do)
