"""Random output looks as in a real tmux: text, styles, cursor and scrollback."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from porch_tui.emulator.line import unpacked
from porch_tui.emulator.screen import Screen
from tests.emulator import real_tmux
from tests.emulator.real_tmux import Tmux

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not real_tmux.is_there, reason="there is no tmux to compare with"),
]
CASES = 60
LETTERS = "abcdefgh XYZ .,"
WIDE = ("漢字", "日本語テキスト", "é", "e\u0301", "x\u0308y", "🚀", "👩\u200d👩\u200d👧", "→", "─│")
Make = Callable[[random.Random, int, int], str]


@pytest.fixture(scope="module")
def tmux(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tmux]:
    one = Tmux(tmp_path_factory.mktemp("tmux"))
    yield one
    one.close()


def word(dice: random.Random, cols: int, _: int) -> str:
    return "".join(dice.choices(LETTERS, k=dice.randint(1, dice.choice([5, 12, cols + 7]))))


def one_of(*choices: str) -> Make:
    return lambda dice, cols, rows: dice.choice(choices)


def counted(finals: str, most: int = 8) -> Make:
    return lambda dice, cols, rows: f"\x1b[{dice.randint(1, most)}{dice.choice(finals)}"


def moved(dice: random.Random, cols: int, rows: int) -> str:
    return f"\x1b[{dice.randint(1, rows)};{dice.randint(1, cols)}H"


def margins(dice: random.Random, cols: int, rows: int) -> str:
    return f"\x1b[{dice.randint(1, rows)};{dice.randint(1, rows)}r"


def coloured(dice: random.Random, cols: int, rows: int) -> str:
    return f"\x1b[{dice.choice(['38', '48'])};5;{dice.randint(16, 255)}m"


WHAT: list[tuple[float, Make]] = [
    (35, word),
    (10, one_of("\r\n", "\r\n", "\n", "\r", "\b", "\t", "\r\n\r\n")),
    (6, one_of(*(f"\x1b[{n}m" for n in (0, 0, 0, 1, 4, 7, 31, 42, 49, 39, 92, 103)))),
    (3, coloured),
    (7, moved),
    (5, counted("ABCDEFG")),
    (3, counted("LMST", 3)),
    (3, margins),
    (2, one_of("\x1bM", "\x1bD", "\x1bE", "\x1b[2d")),
    (2, one_of("\x1b7", "\x1b8", "\x1b[s", "\x1b[u")),
    (2, one_of("\x1b(0", "\x1b(B", "\x0e", "\x0f", "\x1b)0")),
    (2, one_of("\x1b[?1049h", "\x1b[?1049l", "\x1b[?1049l", "\x1b[?47h", "\x1b[?47l")),
    (1, one_of("\x1b[?6h", "\x1b[?6l", "\x1b[?6l")),
    (1, one_of("\x1bH", "\x1b[g", "\x1b[3g", "\x1b[Z")),
    (2, one_of("a\x1b[3b", "\x1b[r", "\x1b[0m\x1b#8")),
]
NOT_IN_WIDE: list[tuple[float, Make]] = [
    (8, one_of("\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[J", "\x1b[1J", "\x1b[2J")),
    (2, counted("PX", 3)),
    (1, one_of("\x1b[4hab\x1b[4l", "\x1b[1@")),
]
"""Of a wide character tmux lets a half stay if the other is erased, and the row gets too long."""
WRITTEN_ONCE: list[tuple[float, Make]] = [(35, word), (10, one_of("\r\n", "\n", "\r\n\r\n")), (5, coloured)]
"""The same happens where what was written over is laid out for another width."""
NOT_ASCII: list[tuple[float, Make]] = [(8, one_of(*WIDE)), (3, one_of("\x1b[2K", "\x1b[2J"))]


def output(dice: random.Random, cols: int, rows: int, *, is_ascii: bool, is_resized: bool) -> str:
    what = WHAT + NOT_IN_WIDE if is_ascii else (WRITTEN_ONCE if is_resized else WHAT) + NOT_ASCII
    makes = dice.choices([make for _, make in what], [weight for weight, _ in what], k=dice.randint(5, 70))
    return "".join(make(dice, cols, rows) for make in makes)


@pytest.mark.parametrize("is_ascii", [True, False], ids=["ascii", "wide"])
@pytest.mark.parametrize("is_resized", [False, True], ids=["one size", "many sizes"])
def test_random_output_looks_as_in_tmux(tmux, is_ascii, is_resized):
    for seed in range(CASES // 4):
        dice = random.Random(f"{seed} {is_ascii} {is_resized}")
        cols, rows = size = dice.choice([10, 20, 40]), dice.choice([4, 6, 12])
        steps: list[bytes | tuple[int, int]] = []
        for _ in range(dice.randint(1, 3) if is_ascii or not is_resized else 1):
            steps.append(output(dice, cols, rows, is_ascii=is_ascii, is_resized=is_resized).encode())
            if is_resized:  # tmux mixes up both screens if it is resized while the alternate one is shown
                cols, rows = dice.choice([8, 15, 20, 33, 60]), dice.choice([3, 5, 9, 14])
                steps += [b"\x1b[?1049l", (cols, rows)]

        texts, styles, *rest = tmux.show(steps, *size)
        screen = played(steps, *size)
        lines = [unpacked(line, screen.cols) for line in screen.history.lines] + screen.lines
        case = (seed, size, steps)
        assert [line.text for line in lines] == texts, case
        assert [line.styles[: len(row)] for line, row in zip(lines, styles, strict=True)] == styles, case
        if (
            is_ascii or not is_resized
        ):  # tmux forgets that a row wraps which a wide character did not fit into
            assert [(screen.x, screen.y), len(screen.history.lines), screen.is_alternate] == rest, case


def played(steps: list[bytes | tuple[int, int]], cols: int, rows: int) -> Screen:
    screen = Screen(cols, rows)
    for step in steps:
        if isinstance(step, tuple):
            screen.resize(*step)
        else:
            screen.feed(step)
    return screen
