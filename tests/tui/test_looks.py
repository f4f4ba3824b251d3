"""Numbers as short text."""

from __future__ import annotations

import pytest

from porch_tui.tui.drawing.looks import duration, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (41.9, "0:41"),
        (727, "12:07"),
        (3761, "1:02:41"),
        (86_399, "23:59:59"),
        (183_840, "2d 03:04"),
        (-1, "0:00"),
    ],
)
def test_a_duration_reads(seconds: float, text: str) -> None:
    assert text == duration(seconds)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.0k"),
        (9_960, "10k"),
        (53_000_000, "53M"),
        (999_499, "999k"),
        (999_600, "1.0M"),
        (1_200_000_000, "1.2G"),
        (10**18, "1000P"),
        (-5, "0"),
    ],
)
def test_a_size_reads(count: int, text: str) -> None:
    assert text == size(count)
