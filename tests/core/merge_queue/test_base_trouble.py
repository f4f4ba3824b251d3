"""Why nothing lands on a tip that fails itself, or of which nothing could be found out."""

from __future__ import annotations

import pytest

from porch_tui.core.merge_queue.verdicts import base_trouble, is_base_red
from tests.builders import judge, opened, plan


@pytest.mark.parametrize(
    ("exit_code", "why"),
    [
        (1, "main itself fails its validation"),
        (127, "the validation of main cannot run: exit 127"),
        (125, "whether main passes its validation could not be found out: exit 125"),
        (None, "whether main passes its validation could not be found out: exit None"),
    ],
)
def test_a_red_base_is_one_that_fails_twice_or_could_not_be_judged(exit_code: int | None, why: str):
    once = judge(opened(plan("a")), "t0", False, exit_code=exit_code)
    twice = judge(once, "t0", False, exit_code=exit_code)

    assert not is_base_red(once)
    assert is_base_red(twice)
    assert why == base_trouble(twice)
