"""Output that was skipped leaves behind what decides how further output looks, and what keys send."""

from __future__ import annotations

import pytest

from porch_tui.emulator.lasting import lasting
from tests.emulator.recorded import NAMES, recording
from tests.emulator.states import fed


@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_of_a_recording_sets_the_same_modes(name):
    recorded = recording(name)
    whole, cols, rows = recorded.data, *recorded.size
    for data in (whole, whole[: len(whole) // 2]):
        seen, skipped = fed(data, cols=cols, rows=rows), fed(lasting(data), cols=cols, rows=rows)

        assert (skipped.modes, skipped.keyboard, skipped.graphics) == (
            seen.modes,
            seen.keyboard,
            seen.graphics,
        )
        assert skipped.is_alternate == seen.is_alternate
        assert len(lasting(data)) < len(data) / 2


def test_a_reset_is_left_too():
    assert fed(lasting(b"\x1b[?1049htext\x1b[?2004h\x1b=\x1b[>5utext\x1bc")).modes == fed().modes
