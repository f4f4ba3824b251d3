"""Random output looks as in bittty, an emulator that shares no code with this one, nor with tmux."""

from __future__ import annotations

import random

import pytest

from porch_tui.emulator.screen import Screen
from tests.emulator.test_against_tmux import Make, counted, moved, one_of, word

bittty = pytest.importorskip("bittty")

CASES = 400
AGREED: list[tuple[float, Make]] = [
    (35, word),
    (10, one_of("\r\n", "\r\n", "\r", "\r\n\r\n")),
    (7, moved),
    (5, counted("EFG")),
    (3, counted("ST", 3)),
    (3, one_of("\x1b[4hab\x1b[4l")),
    (2, one_of("漢字", "🚀", "─│")),
]
"""Where tmux and bittty do the same. Elsewhere tmux is followed: when a full row goes on, where inserted rows
put the cursor, what an erased screen leaves."""


def shown(data: bytes, cols: int, rows: int) -> list[str]:
    board = bittty.Board(width=cols, height=rows)
    board.feed_host_data(data)
    texts = [row.rstrip(" ") for row in board.capture_text(trim=False).split("\n")]
    return texts + [""] * (rows - len(texts))


@pytest.mark.slow
def test_random_output_looks_as_in_bittty():
    makes, weights = [make for _, make in AGREED], [weight for weight, _ in AGREED]
    for seed in range(CASES):
        dice = random.Random(f"bittty {seed}")
        cols, rows = dice.choice([10, 20, 40]), dice.choice([4, 6, 12])
        chosen = dice.choices(makes, weights, k=dice.randint(5, 70))
        data = "".join(make(dice, cols, rows) for make in chosen).encode()

        screen = Screen(cols, rows)
        screen.feed(data)

        assert [line.text for line in screen.lines] == shown(data, cols, rows), (seed, cols, rows, data)
