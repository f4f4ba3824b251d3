"""Amounts are short, and their units are on them."""

from __future__ import annotations

import pytest

from porch_tui.present.amounts import (
    age,
    axis_time,
    dollars,
    duration,
    elapsed,
    moment,
    offset,
    percent,
    size,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0, "0.0s"),
        (59.94, "59.9s"),
        (59.96, "1m00s"),
        (727.4, "12m07s"),
        (3599.9, "1h00m00s"),
        (93784, "1d02h03m"),
    ],
)
def test_a_duration(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (41.9, "41s"),
        (727, "12m07s"),
        (3761, "1h02m41s"),
        (86_399, "23h59m59s"),
        (183_840, "2d03h04m"),
        (-1, "0s"),
    ],
)
def test_a_time_that_still_runs_has_whole_seconds(seconds: float, text: str) -> None:
    assert elapsed(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (0.5, "0.5s"), (30, "30s"), (60, "1m00s"), (727, "12m07s")]
)
def test_a_moment_on_the_axis(seconds: float, text: str) -> None:
    assert axis_time(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "-"),
        (812, "812B"),
        (9_440, "9.4kB"),
        (53_000_000, "53MB"),
        (0, "0B"),
        (-5, "0B"),
        (999, "999B"),
        (1000, "1.0kB"),
        (9_960, "10kB"),
        (999_499, "999kB"),
        (999_600, "1.0MB"),
        (4 << 40, "4.4TB"),
    ],
)
def test_a_size(count: int | None, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "-"),
        (0.0, "$0.00"),
        (0.0000123, "<$0.0001"),
        (0.000123, "$0.00012"),
        (0.00999, "$0.01"),
        (12.4, "$12.40"),
        (999.99, "$999.99"),
        (999.996, "$1000"),
        (4321.9, "$4322"),
        (9_999_999.0, "$9999999"),
    ],
)
def test_a_cost_takes_at_most_eight_characters(amount: float | None, text: str) -> None:
    assert dollars(amount) == text
    assert len(text) <= 8


@pytest.mark.parametrize(
    ("seconds", "text"), [(3.14, "+  3.1s"), (599.9, "+599.9s"), (727, "+ 12m07"), (3720, "+  1h02")]
)
def test_an_offset_always_takes_the_same_room(seconds: float, text: str) -> None:
    assert offset(seconds) == text


def test_a_moment_is_utc_with_milliseconds() -> None:
    assert moment(1_795_335_300.0) == "2026-11-22T08:15:00.000Z"


@pytest.mark.parametrize(("cpu", "text"), [(0, "0%"), (36.6, "37%"), (142.0, "142%"), (-0.1, "0%")])
def test_a_share_reads(cpu: float, text: str) -> None:
    assert text == percent(cpu)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0s"), (59.9, "59s"), (60, "1m"), (5 * 3600, "5h"), (364 * 86400, "364d"), (3 * 366 * 86400, "3y")],
)
def test_an_age_takes_at_most_four_characters(seconds: float, text: str) -> None:
    assert text == age(seconds)
