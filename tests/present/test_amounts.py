"""Amounts are short, and their units are on them."""

from __future__ import annotations

import pytest

from porch_tui.present.amounts import duration, moment, offset, percent, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0, "0.0s"),
        (59.94, "59.9s"),
        (59.96, "1m00s"),
        (727.4, "12m07s"),
        (3599.9, "1h00m00s"),
        (93784, "26h03m04s"),
    ],
)
def test_a_duration(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "-"),
        (812, "812B"),
        (9_440, "9.4kB"),
        (53_000_000, "53MB"),
        (999_600, "1.0MB"),
        (4 << 40, "4.4TB"),
    ],
)
def test_a_size(count: int | None, text: str) -> None:
    assert size(count) == text


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
