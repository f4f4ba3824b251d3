"""Which theory has won, or why none has: a winner is never an accident."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from porch_tui.core.judging.scores import Conclusion, Finding, Score, conclusion, wanted_times
from porch_tui.core.model.plan import Hypothesis, TaskId, Want
from tests.builders import hypothesis

MIN, MAX, PASS = (hypothesis(want=want, repeat=3) for want in Want)


def base(*values: float, why: str = "") -> Score:
    return Score(None, values, len(values), why)


def one(name: str, *values: float, why: str = "") -> Score:
    return Score(TaskId(name), values, len(values), why)


def passes(name: str | None, times: int, why: str = "") -> Score:
    return Score(None if name is None else TaskId(name), (), times, why)


CASES: list[tuple[Hypothesis, Score, list[Score], Finding, str]] = [
    (MIN, base(5, 5, 5), [one("a", 3, 3, 3), one("b", 4, 4, 4)], Finding.WINNER, "a 3, the base 5, b 4"),
    (MAX, base(5, 5, 5), [one("a", 6, 6, 6), one("b", 9, 9, 9)], Finding.WINNER, "b 9, the base 5, a 6"),
    (MIN, base(5, 5, 5), [one("a", 3, 3, 3)], Finding.WINNER, "a 3, the base 5"),
    (MIN, base(5), [one("a", -1e300)], Finding.WINNER, "a -1e+300, the base 5"),
    (MIN, base(5, 5, 5), [], Finding.NONE_SUCCEEDED, "none of its theories has succeeded"),
    (MIN, base(3, 3, 3), [one("a", 4, 4, 4)], Finding.NONE_BETTER, "none is better than the base (3)"),
    (MAX, base(5, 5, 5), [one("a", 4, 4, 4)], Finding.NONE_BETTER, "none is better than the base (5)"),
    (MIN, base(4, 4, 4), [one("a", 4, 4, 4)], Finding.NONE_BETTER, "none is better than the base (4)"),
    (MIN, base(5, 5, 5), [one("a", 3, 3, 3), one("b", 3, 3, 3)], Finding.TIE, "a, b are tied at 3"),
    (MIN, base(why="exit 1"), [one("a", 3, 3, 3)], Finding.NO_BASE, "no number to beat: exit 1"),
    (MIN, base(5, 5, 5), [one("a", why="exit 1")], Finding.NONE_BETTER, "no theory has a number: a: exit 1"),
    # a theory whose judge failed once does not win, however good its other numbers are
    (MIN, base(5, 5, 5), [one("a", 1, 1, why="exit 1"), one("b", 4, 4, 4)], Finding.WINNER, "b 4"),
    # one measurement far off changes nothing, in whichever direction
    (MIN, base(*[5] * 10), [one("a", *[3] * 9, 90)], Finding.WINNER, "a 3"),
    (MIN, base(*[5] * 9, 0.1), [one("a", *[3] * 10)], Finding.WINNER, "a 3"),
    # but with few of them it may be chance
    (MIN, base(5, 5, 5), [one("a", 3, 3, 90)], Finding.UNSTEADY, "a leads the base by 2"),
    # a wild theory does not win, and keeps others from winning by chance
    (MIN, base(9, 9, 9), [one("a", 1, 3, 60), one("b", 4, 4, 4)], Finding.UNSTEADY, "a leads the base by 6"),
    (
        MIN,
        base(9, 9, 9),
        [one("a", 3, 3, 3), one("b", 1, 4, 60)],
        Finding.UNSTEADY,
        "differ by 29.5 (3 times each)",
    ),
    (MIN, base(1, 5, 60), [one("a", 3, 3, 3)], Finding.UNSTEADY, "a leads the base by 2"),
    (PASS, passes(None, 0, "exit 1"), [passes("a", 3)], Finding.WINNER, "a passes, and the base does not"),
    (PASS, passes(None, 0, "exit 1"), [passes("a", 2)], Finding.NONE_PASSES, "none passes"),
    (PASS, passes(None, 0, "exit 1"), [passes("a", 2, "exit 2")], Finding.NONE_PASSES, "a: exit 2"),
    (PASS, passes(None, 3), [passes("a", 3)], Finding.NO_BASE, "passes on the base too"),
    # a base that fails only now and then is no base that passes
    (PASS, passes(None, 2, "exit 1"), [passes("a", 3)], Finding.WINNER, "a passes"),
]


@pytest.mark.parametrize(("asked", "base_score", "theories", "finding", "text"), CASES)
def test_a_conclusion_says_who_has_won_or_why_no_theory_has(
    asked: Hypothesis, base_score: Score, theories: list[Score], finding: Finding, text: str
):
    found = conclusion(asked, base_score, theories)

    assert (finding, True) == (found.finding, text in found.why), found
    assert (found.winner is not None) == (finding is Finding.WINNER)


def test_a_margin_makes_a_tie_of_medians_that_differ_less():
    theories = [one("a", 100, 100, 100), one("b", 104, 104, 104)]

    assert conclusion(hypothesis(margin=4.0), base(200), theories).finding is Finding.TIE
    assert conclusion(hypothesis(margin=3.9), base(200), theories).winner == "a"
    assert conclusion(hypothesis(margin_share=0.05), base(200), theories).finding is Finding.TIE
    assert conclusion(hypothesis(margin_share=0.03), base(200), theories).winner == "a"


def test_what_beats_the_base_by_less_than_the_margin_has_not_won():
    found = conclusion(hypothesis(margin=1.0), base(5), [one("a", 4.5)])

    assert found.finding is Finding.NONE_BETTER
    assert "a leads the base by 0.5" in found.why


DRAWS: dict[str, Callable[[Random], float]] = {
    "uniform": Random.random,
    "normal": lambda rng: rng.gauss(1.0, 0.1),
    "waiting": lambda rng: 1 + rng.expovariate(3.0),
    "coin": lambda rng: float(rng.random() < 0.5),
}


def played(rng: Random, draw: Callable[[Random, TaskId | None], float], repeat: int) -> Conclusion:
    """Return what is concluded when each is measured as often as it has to be; five theories and the base."""
    asked = hypothesis(repeat=repeat)
    scores = {name: Score(name) for name in (None, *map(TaskId, "abcde"))}
    while wanted := wanted_times(asked, tuple(scores.values())):
        for name in wanted:
            known = scores[name]
            scores[name] = Score(name, (*known.values, draw(rng, name)), known.passes + 1)
    first, *others = scores.values()
    return conclusion(asked, first, others)


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("repeat", [3, 5])
def test_where_all_are_alike_chance_makes_hardly_ever_a_winner(name: str, repeat: int):
    rng, draw = Random(1), DRAWS[name]

    winners = sum(played(rng, lambda rng, _: draw(rng), repeat).winner is not None for _ in range(200))

    assert winners <= 2


def test_on_a_busy_machine_the_best_is_found_and_no_other():
    """It delays each measurement by an eighth to as much again and more; the next best is by half slower."""
    speeds = {None: 1.2, "a": 0.6, "b": 0.4, "c": 1.1, "d": 1.2, "e": 1.8}
    rng = Random(1)

    found = [played(rng, lambda rng, name: speeds[name] * (1 + rng.expovariate(1.25)), 7) for _ in range(100)]

    assert {"b", None} >= {one.winner for one in found}
    assert sum(one.winner == "b" for one in found) >= 90


def test_what_takes_long_is_not_measured_more_often_than_the_plan_says():
    slow = [Score(TaskId("a"), (1, 9, 3), 3, took_s=500.0), Score(TaskId("b"), (2, 8, 4), 3, took_s=500.0)]
    quick = [Score(one.theory, one.values, one.passes, took_s=5.0) for one in slow]

    assert {} == wanted_times(MIN, (base(9, 9, 9), *slow))
    assert {None: 6, "a": 6, "b": 6} == wanted_times(MIN, (base(9, 9, 9), *quick))


def test_the_order_of_theories_decides_nothing_that_is_measured():
    theories = [one("a", 3, 3, 3), one("b", 2, 2, 2), one("c", 4, 4, 4)]

    assert {"b"} == {
        conclusion(MIN, base(5, 5, 5), list(order)).winner for order in (theories, theories[::-1])
    }
