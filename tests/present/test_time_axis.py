"""The time axis: cells, marks, and what of the time is folded."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.present.spans import Gap
from porch_tui.present.summary import summarise
from porch_tui.present.time_axis import STEPS_S, Axis, Fold, extent_s, folds_of, real_at, shown_at
from tests.tui.recordings import Recording


@pytest.mark.parametrize("length_s", [0.05, 7, 61, 3_599, 40_000, 5_000_000])
def test_marks_of_the_axis_are_even_and_in_view(length_s: float) -> None:
    axis = Axis(0.0, length_s, 80)
    marks = list(axis.marks())

    assert 1 <= len(marks) <= 9 and marks[0] == 0.0 and all(axis.shows(at_s, at_s) for at_s in marks)
    steps = {round(b - a, 6) for a, b in pairwise(marks)}
    assert len(steps) <= 1 and all(step in STEPS_S or step % 86400 == 0 for step in steps)
    assert (0, 79) == (axis.cell(-1.0), axis.cell(length_s * 2))


@pytest.mark.parametrize("until_s", [0.0, 0.05, 1.0, 59.0, 61.0, 4000.0, 5e6])
def test_the_axis_is_a_little_longer_than_the_run(until_s: float) -> None:
    assert until_s < extent_s(until_s) <= max(0.1, until_s * 2.1)


def test_an_axis_knows_what_is_outside_of_it() -> None:
    axis = Axis(10.0, 10.0, 20)

    assert (0, 10, 19) == (axis.cell(3.0), axis.cell(15.0), axis.cell(99.0))
    assert [True, False, False] == [axis.shows(5, 11), axis.shows(1, 9), axis.shows(21, 30)]
    assert [10, 15, 20] == list(axis.marks())


def resumed(folder: Path, hours: float) -> Recording:
    """Return a run whose engine ended with two tasks at work, and went on so many hours later.

    One of them ended soon after the engine.
    """
    run = Recording(folder, ["one", "two"], validate=False).start("one").wait(30).start("two")
    return run.wait(hours * 3600).say(e.EngineTookOver(7, "here")).succeed("one", wall_s=41.0)


def gaps(run: Recording) -> list[tuple[float, float]]:
    session = run.session()
    return [(gap.start_s, gap.end_s) for gap in summarise(session.state, session.records).gaps]


def test_a_gap_begins_when_the_work_that_went_on_without_an_engine_had_ended(tmp_path: Path) -> None:
    run = resumed(tmp_path, 8)
    run.say(e.AttemptLost(run.attempt("two"), "the machine was restarted"))

    assert [(41.0, 28_830.0)] == gaps(run)


def test_there_is_no_gap_while_work_goes_on_without_an_engine(tmp_path: Path) -> None:
    assert [] == gaps(resumed(tmp_path, 8))


def test_a_gap_is_folded_if_it_is_long_beside_what_ran() -> None:
    night, blink = Gap(60.0, 30_060.0), Gap(30_070.0, 30_071.0)
    (fold,) = folds_of([night, blink], 30_120.0)

    assert fold.gap == night and fold.shown_s < 10
    assert () == folds_of([blink], 30_120.0)


@pytest.mark.parametrize(
    ("lengths_s", "busy_s", "folded"),
    [
        ((1.2, 0.9, 0.3), 8.0, 0),  # an engine that was killed and gone on with at once
        ((4.0,), 2.0, 0),
        ((20.0,), 900.0, 0),
        ((20.0, 300.0), 900.0, 1),
        ((6.0,), 2.0, 1),
    ],
)
def test_a_gap_that_is_short_or_a_small_share_is_shown_as_it_is(
    lengths_s: tuple[float, ...], busy_s: float, folded: int
) -> None:
    gaps = [Gap(1000.0 * number, 1000.0 * number + length_s) for number, length_s in enumerate(lengths_s)]

    assert folded == len(folds_of(gaps, busy_s + sum(lengths_s)))


def test_many_folds_take_no_more_than_a_third() -> None:
    folds = folds_of([Gap(n * 1000.0, n * 1000.0 + 990) for n in range(50)], 50_000.0)

    assert 50 == len(folds) and sum(fold.shown_s for fold in folds) <= extent_s(500) / 2.9


def test_what_is_before_and_after_a_fold_stands_on_its_two_sides() -> None:
    gap = Gap(60.0, 30_060.0)
    axis = Axis(0.0, 125.0, 100, (Fold(gap, 5.0),))

    assert [(50, gap)] == list(axis.creases())
    assert axis.cell(60.0) == 48 and axis.cell(30_060.0) == 52
    assert [0, 20, 40, 60, 30_060, 30_080, 30_100, 30_120] == list(axis.marks())
    assert axis.shows(60, 61) and not replace(axis, start_s=66.0).shows(0, 60)


def test_a_moment_is_found_again_from_where_it_is_shown() -> None:
    folds = (Fold(Gap(60.0, 30_060.0), 5.0), Fold(Gap(30_100.0, 40_000.0), 5.0))

    for at_s in (0.0, 59.0, 60.0, 7_000.0, 30_060.0, 30_080.0, 33_000.0, 40_000.0, 41_000.0):
        assert at_s == pytest.approx(real_at(shown_at(at_s, folds), folds))


def test_half_of_a_folded_axis_has_the_marks_of_its_half() -> None:
    folds = (Fold(Gap(60.0, 30_060.0), 5.0),)

    assert [0, 10, 20, 30, 40, 50, 60] == list(Axis(0.0, 62.0, 100, folds).marks())
    assert [30_060, 30_070, 30_080] == list(Axis(63.0, 25.0, 30, folds).marks())
