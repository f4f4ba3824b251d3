"""What real programs wrote is shown as tmux showed it."""

from __future__ import annotations

import pytest

from tests.emulator.recorded import NAMES, recording


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_looks_as_in_tmux(name):
    recorded = recording(name)
    screen = recorded.screen()

    screen.feed(recorded.data)

    assert [line.text for line in screen.lines] == recorded.rows
    shown = zip(screen.lines, recorded.styles, strict=True)
    assert [line.styles[: len(styles)] for line, styles in shown] == recorded.styles
    assert (screen.x, screen.y) == recorded.cursor
    assert screen.is_alternate == recorded.is_alternate
    assert len(screen.history.lines) == recorded.history


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_in_single_bytes_looks_the_same(name):
    recorded = recording(name)
    screen = recorded.screen()

    for byte in recorded.data:
        screen.feed(bytes([byte]))

    assert [line.text for line in screen.lines] == recorded.rows
    assert (screen.x, screen.y) == recorded.cursor
