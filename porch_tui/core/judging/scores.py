"""What the judge found out about the base and each theory, and which theory has won by it.

A winner is never an accident: it must lead by more than its measurements differ among themselves, and be
better than the base by as much. Where that is not so a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from porch_tui.core.model.hypothesis import Judgement
from porch_tui.core.model.plan import Hypothesis, TaskId, Want
from porch_tui.core.model.wording import listed


class Score(Struct, frozen=True):
    """What is known of one theory, or of the base."""

    theory: TaskId | None
    """None: the base."""
    values: tuple[float, ...] = ()
    """What the judge printed, in the order in which it did."""
    passes: int = 0
    """How often all was well."""
    why: str = ""
    """Why it did not pass, or has no number; empty: all was well so far."""

    @property
    def median(self) -> float | None:
        """The middle one of the numbers; None without numbers."""
        return _quantile(sorted(self.values), 0.5) if self.values else None

    @property
    def spread(self) -> float:
        """How far the middle half of the numbers reaches: one that is far off does not count."""
        ordered = sorted(self.values)
        return _quantile(ordered, 0.75) - _quantile(ordered, 0.25) if ordered else 0.0


class Finding(StrEnum):
    """What the judgements of a hypothesis come to."""

    OPEN = "open"
    """Theories are at work, or are being judged."""
    WINNER = "winner"
    NONE_SUCCEEDED = "none-succeeded"
    NONE_PASSES = "none-passes"
    NONE_BETTER = "none-better"
    """No theory has a better number than the base."""
    TIE = "tie"
    UNSTEADY = "unsteady"
    """The measurements differ among themselves by more than the theories do."""
    NO_BASE = "no-base"
    """The base has no number, so there is nothing to beat; or it passes, so passing says nothing."""


class Conclusion(Struct, frozen=True):
    """What the judgements of a hypothesis come to, and why."""

    finding: Finding
    why: str
    """One line for a person."""
    winner: TaskId | None = None


OPEN = Conclusion(Finding.OPEN, "")


def scores(
    judgements: Iterable[Judgement], heads: Mapping[TaskId | None, str | None]
) -> dict[TaskId | None, Score]:
    """Return the scores of the base (None) and of theories.

    `heads` are the commits they stand for; judgements of other commits are about earlier attempts.
    """
    found = {theory: Score(theory) for theory in heads}
    for one in judgements:
        if one.ended_at is None or heads.get(one.theory) != one.head:
            continue
        known = found[one.theory]
        values = known.values if one.value is None else (*known.values, one.value)
        found[one.theory] = Score(one.theory, values, known.passes + (not one.why), known.why or one.why)
    return found


def conclusion(hypothesis: Hypothesis, base: Score, theories: Sequence[Score]) -> Conclusion:
    """Return what complete scores come to; `theories` are those of the theories that have succeeded.

    Where the first that passes wins, the scores may be incomplete as long as a winner is not asked for.
    """
    if not theories:
        return Conclusion(Finding.NONE_SUCCEEDED, "none of its theories has succeeded")
    if hypothesis.want is Want.PASS:
        return _passing(hypothesis, base, theories)
    if base.median is None or base.why:
        return Conclusion(Finding.NO_BASE, f"the base has no number to beat: {base.why}")
    measured = [one for one in theories if one.values and not one.why]
    if not measured:
        why = "; ".join(f"{one.theory}: {one.why}" for one in theories)
        return Conclusion(Finding.NONE_BETTER, f"no theory has a number: {why}")
    sign = 1 if hypothesis.want is Want.MIN else -1
    best, *others = sorted(measured, key=lambda one: sign * _median(one))
    if sign * (_median(base) - _median(best)) <= 0:
        text = f"none is better than the base ({number(_median(base))}); the best is {_named(best)}"
        return Conclusion(Finding.NONE_BETTER, text)
    for other in (base, *others):
        if (doubt := _doubt(hypothesis, best, other)) is not None:
            return doubt
    gain = f"{_named(best)}, the base {number(_median(base))}"
    second = f", {_named(others[0])}" if others else ""
    return Conclusion(Finding.WINNER, f"{gain}{second}", best.theory)


def number(value: float) -> str:
    """Return a number as short as it stays useful: `12.35`, `1.2e+09`."""
    return f"{value:.6g}" if abs(value) < 100 else f"{value:.10g}" if value == int(value) else f"{value:.6g}"


def _passing(hypothesis: Hypothesis, base: Score, theories: Sequence[Score]) -> Conclusion:
    if base.passes and not base.why:
        return Conclusion(
            Finding.NO_BASE, "the judge passes on the base too, so that a theory passes says nothing"
        )
    for one in theories:
        if one.passes >= hypothesis.repeat and not one.why:
            return Conclusion(Finding.WINNER, f"{one.theory} passes, and the base does not", one.theory)
    why = "; ".join(f"{one.theory}: {one.why}" for one in theories if one.why)
    return Conclusion(Finding.NONE_PASSES, f"none passes: {why}")


def _doubt(hypothesis: Hypothesis, best: Score, other: Score) -> Conclusion | None:
    """Return why the best is not clearly better than another; None if it is."""
    lead = abs(_median(other) - _median(best))
    noise = max(best.spread, other.spread)
    margin = max(hypothesis.margin, hypothesis.margin_share * abs(_median(best)))
    ahead = f"{best.theory} leads {other.theory or 'the base'} by {number(lead)}"
    if noise and lead <= noise:
        return Conclusion(Finding.UNSTEADY, f"{ahead}, but measurements of one differ by {number(noise)}")
    if lead > margin:
        return None
    if other.theory is None:
        text = f"none is better than the base by more than the margin: {ahead}"
        return Conclusion(Finding.NONE_BETTER, text)
    tied = listed([str(best.theory), str(other.theory)])
    within = f" within the margin of {number(margin)}" if margin else ""
    return Conclusion(Finding.TIE, f"{tied} are tied{within} at {number(_median(best))}")


def _named(score: Score) -> str:
    return f"{score.theory} {number(_median(score))}"


def _median(score: Score) -> float:
    assert score.median is not None  # only what has numbers is compared
    return score.median


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of sorted numbers, between two of them by proportion."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
