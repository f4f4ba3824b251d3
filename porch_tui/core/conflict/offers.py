"""Decisions offered for a conflict: shown, and taken only when a person, or the plan, says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from porch_tui.core.conflict.conflict import (
    Choice,
    ConflictRecord,
    Decision,
    Hunk,
    PathConflict,
    Settled,
    Step,
    Subject,
)
from porch_tui.core.conflict.splice import undecided
from porch_tui.core.model.copying import replace


class OfferSource(StrEnum):
    """Where an offer comes from; also what `--take` calls it."""

    REMEMBERED = "remembered"
    """A person decided so when the same texts, or the same versions of a path, last collided."""

    PROPOSED = "proposed"
    """The plan's resolver proposes it for this conflict."""


class Offer(Struct, frozen=True):
    """A decision that could be taken."""

    decision: Decision
    run: str = ""
    """The run in which it was decided before."""
    task: str = ""
    """The task of that run."""


Offers = Mapping[tuple[str, Subject], Offer]
"""By path and subject."""


def mirrored(decision: Decision) -> Decision:
    """Return what was decided as one says it with the two sides exchanged."""
    return replace(decision, choice=_MIRRORED.get(decision.choice, decision.choice))


_MIRRORED = {
    Choice.MAIN: Choice.TASK,
    Choice.TASK: Choice.MAIN,
    Choice.BOTH: Choice.BOTH_REVERSED,
    Choice.BOTH_REVERSED: Choice.BOTH,
}


def as_step(path: PathConflict, hunks: Sequence[Hunk], offers: Offers) -> Step:
    """Return what the offers decide of these hunks, or of the whole path; empty if nothing.

    Offers for all hunks go before one for the whole path, and that before offers for some hunks.
    """
    found = [hunk for hunk in hunks if (path.path, hunk) in offers]
    whole = offers.get((path.path, path.stages))
    if whole is not None and len(hunks) == len(path.hunks) and len(found) < max(len(hunks), 1):
        return (Settled(path.path, path.stages, whole.decision),)
    return tuple(Settled(path.path, hunk, offers[path.path, hunk].decision) for hunk in found)


def for_what_is_open(paths: Sequence[PathConflict], record: ConflictRecord, offers: Offers) -> Step:
    """Return what the offers decide of all that is open yet; empty if nothing."""
    step: list[Settled] = []
    for path in paths:
        left = undecided(path, record)
        if left:
            step += as_step(path, [path.hunks[number - 1] for number in left if number], offers)
    return tuple(step)
