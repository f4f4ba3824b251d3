"""Facts about hypotheses: what their judges found, and who won."""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.model.events.run import Event, Used
from porch_tui.core.model.plan import HypothesisName, Sha, TaskId


class OfHypothesis(Event, frozen=True):
    """A fact about a hypothesis."""

    hypothesis: HypothesisName


class OfJudgement(OfHypothesis, frozen=True):
    """A fact about one run of its judge."""

    number: int
    """From 1, in the hypothesis."""


class JudgementScheduled(OfJudgement, frozen=True):
    """* The judge runs on what a theory left, or on the base."""

    theory: TaskId | None
    """None: on the base."""
    head: Sha


class JudgementEnded(OfJudgement, frozen=True):
    """The judge has ended."""

    value: float | None = None
    """What it printed, a finite number; None: nothing is measured, or there is none."""
    why: str = ""
    """Why there is no number, or why it does not pass; empty: all is well."""
    used: Used = Used()


class JudgementDropped(OfJudgement, frozen=True):
    """Its result is not needed (*), or will never be known; the judge may run again."""


class HypothesisDecided(OfHypothesis, frozen=True):
    """A theory has won, by its judge (*), or because a person chose it."""

    winner: TaskId | None
    """None: a person has decided that no theory wins."""
    why: str
    by: str = ""
    """The person's name; empty: its judge has decided."""


class Evidence(Struct, frozen=True):
    """What a theory left."""

    task: TaskId
    ref: str
    """Of a commit on top of it, which has the numbers of all theories in its message."""
    files: int
    """How many differ from where the theory started."""
    added: int
    """Lines, without those of binary files."""
    removed: int


class EvidenceKept(OfHypothesis, frozen=True):
    """What its theories left is kept under refs, with their numbers."""

    kept: tuple[Evidence, ...]


HypothesisEvent = JudgementScheduled | JudgementEnded | JudgementDropped | HypothesisDecided | EvidenceKept
