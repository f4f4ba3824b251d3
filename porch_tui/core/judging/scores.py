"""What the judge found out about the base and each theory, and which theory has won by it.

A winner is never an accident: it must lead by more than chance explains, the base too. Where measurements
differ too much among themselves for that, those in doubt are taken again, and at last a person decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from porch_tui.core.model.hypothesis import Judgement
from porch_tui.core.model.plan import Hypothesis, TaskId, Want
from porch_tui.core.model.wording import listed

MOST_TIMES = 10
"""How many times as often as the plan says those are measured that are in doubt;"""
MOST_S = 900.0
"""but only as long as the judge has taken no longer than this in all."""
CERTAINTY = 3.0
"""In standard errors of the difference of two medians. Few numbers show their errors badly: of runs with five
theories that are all like the base, one in a hundred has a winner with `repeat: 3` (tests/core/judging)."""
RANKS = 2.3
"""The same for ranks, in standard deviations; of few numbers all must be better, as no more can be."""
ERROR_OF_MEDIAN = 0.93
"""Its standard error times the root of the number of measurements, in spreads: of normal numbers 1.2533
standard deviations, of which their middle half reaches over 1.349."""


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
    took_s: float = 0.0
    """All times together."""

    @property
    def median(self) -> float | None:
        """The middle one of the numbers; None without numbers."""
        return _quantile(sorted(self.values), 0.5) if self.values else None

    @property
    def spread(self) -> float:
        """How far the middle half of the numbers reaches: one that is far off does not count."""
        ordered = sorted(self.values)
        return _quantile(ordered, 0.75) - _quantile(ordered, 0.25) if ordered else 0.0

    @property
    def error(self) -> float:
        """The standard error of the median, as far as the numbers show it; 0 for a single one."""
        return ERROR_OF_MEDIAN * self.spread / math.sqrt(len(self.values)) if self.values else 0.0


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
    doubtful: tuple[TaskId | None, ...] = ()
    """Those whose measurements differ too much; None: the base."""


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
        took_s = known.took_s + one.used.wall_s
        passes, why = known.passes + (not one.why), known.why or one.why
        found[one.theory] = Score(one.theory, values, passes, why, took_s)
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
    unsteady = [other for other in (base, *others) if _is_chance(best, other)]
    if unsteady:
        doubtful = best.theory, *(other.theory for other in unsteady)
        return Conclusion(Finding.UNSTEADY, _unsteady_text(best, unsteady[0]), doubtful=doubtful)
    for other in (base, *others):
        if (doubt := _tie(hypothesis, best, other)) is not None:
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


def wanted_times(hypothesis: Hypothesis, scores: Sequence[Score]) -> dict[TaskId | None, int]:
    """Return how often each is to be judged that has not been judged as often: the base first (None).

    Where it has failed once it is not judged again: such a theory does not win. When all of them have been
    measured as often as the plan says, those in doubt are measured as often again.
    """
    sound = [one for one in scores if not one.why]
    wanted = {one.theory: hypothesis.repeat for one in sound if one.passes < hypothesis.repeat}
    if wanted or not hypothesis.want.is_measured or not scores or scores[0].why:
        return wanted
    doubtful = conclusion(hypothesis, scores[0], scores[1:]).doubtful
    in_doubt = [one for one in sound if one.theory in doubtful]
    times = min((one.passes for one in in_doubt), default=0)
    is_long = sum(one.took_s for one in scores) > MOST_S
    if not times or is_long or times >= MOST_TIMES * hypothesis.repeat:
        return {}
    next_time = (times // hypothesis.repeat + 1) * hypothesis.repeat
    return {one.theory: next_time for one in in_doubt if one.passes < next_time}


def _is_chance(best: Score, other: Score) -> bool:
    """Say whether chance may be why the one has a better median than the other.

    Where numbers repeat themselves their spread says little, so ranks are compared as well.
    """
    if len({*best.values}) == len({*other.values}) == 1:
        return False
    error = math.hypot(best.error, other.error)
    is_small = abs(_median(other) - _median(best)) <= CERTAINTY * error
    return is_small or not _outranks(best, other)


def _outranks(best: Score, other: Score) -> bool:
    """Say whether enough numbers of the one are on the better side of those of the other (Mann-Whitney)."""
    sign = 1 if _median(best) < _median(other) else -1
    ahead = sum(
        0.5 if one == another else float(sign * one < sign * another)
        for one in best.values
        for another in other.values
    )
    m, n = len(best.values), len(other.values)
    deviation = math.sqrt(m * n * (m + n + 1) / 12)
    all_of_them = m * n / 2 / deviation
    return (ahead - m * n / 2) / deviation >= min(RANKS, all_of_them)


def _unsteady_text(best: Score, other: Score) -> str:
    spread = max(best.spread, other.spread)
    lead = abs(_median(other) - _median(best))
    times = max(len(best.values), len(other.values))
    ahead = f"{best.theory} leads {other.theory or 'the base'} by {number(lead)}"
    return f"{ahead}, which may be chance: measurements differ by {number(spread)} ({times} times each)"


def _tie(hypothesis: Hypothesis, best: Score, other: Score) -> Conclusion | None:
    """Return that the best is as good as another, within the margin; None if it is better."""
    lead = abs(_median(other) - _median(best))
    margin = max(hypothesis.margin, hypothesis.margin_share * abs(_median(best)))
    ahead = f"{best.theory} leads {other.theory or 'the base'} by {number(lead)}"
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
