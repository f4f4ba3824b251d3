"""A terminal that is drawn step by step shows what the task's does, and gets few bytes for it."""

from __future__ import annotations

import random
import re

import pytest

from porch_tui.cli.enter.picture import Cursor, Picture
from porch_tui.emulator import modes
from porch_tui.emulator.line import Line
from porch_tui.emulator.screen import Screen
from porch_tui.emulator.window import Window
from porch_tui.present.clean import UNSAFE_BUT_C0
from tests.emulator import real_tmux
from tests.emulator.real_tmux import Tmux
from tests.emulator.recorded import NAMES, recording

WRITTEN = re.compile(rb"\x1b\[[?0-9;]*[HKGSJmrhl]|[^\x00-\x1f\x7f]+")
"""All that is ever written into a person's terminal while it is drawn."""


class Drawn:
    """A person's terminal that is drawn into, and whether it shows what it should."""

    def __init__(self, cols: int, rows: int) -> None:
        self.shown = Screen(cols, rows)
        self.picture = Picture(cols, rows)
        self.window = Window(cols, rows - 1)
        self.status = Line(cols)

    def draw(self, screen: Screen) -> bytes:
        """Draw a task's screen; return what was written."""
        self.window.follow(screen)
        lines = [*self.window.lines(screen), self.status]
        cursor = self.window.cursor(screen)
        written = self.picture.drawn(lines, cursor)
        self.shown.feed(written)
        self.assert_shows(lines, cursor)
        assert WRITTEN.sub(b"", written) == b""
        assert not re.search(f"[{UNSAFE_BUT_C0}]", written.decode())
        return written

    def assert_shows(self, lines: list[Line], cursor: Cursor) -> None:
        """Compare cell by cell."""
        shown = [(line.chars, line.styles) for line in self.shown.lines]
        assert shown == [(line.chars, line.styles) for line in lines]
        assert (modes.CURSOR in self.shown.modes) == (cursor is not None)
        assert cursor in {None, self.shown.cursor}
        assert self.shown.style == 0
        assert (self.shown.top, self.shown.bottom) == (0, self.shown.rows - 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_program_is_shown_as_it_was_at_any_moment(name):
    recorded = recording(name)
    screen = recorded.screen()
    drawn = Drawn(screen.cols, screen.rows + 1)
    dice, at = random.Random(name), 0
    while at < len(recorded.data):
        count = dice.choice([1, 20, 200, 2000, 20_000])
        screen.feed(recorded.data[at : at + count])
        at += count
        drawn.draw(screen)

    assert [line.text for line in drawn.shown.lines[:-1]] == recorded.rows


@pytest.mark.parametrize("size", [(20, 6), (37, 11), (200, 80), (2, 2)])
@pytest.mark.parametrize("name", ["opencode", "vimedit", "npm"])
def test_another_size_shows_the_part_with_the_cursor(name, size):
    recorded = recording(name)
    screen = recorded.screen()
    drawn = Drawn(*size)
    for at in range(0, len(recorded.data), 3000):
        screen.feed(recorded.data[at : at + 3000])
        drawn.draw(screen)
        x, y = screen.cursor
        assert drawn.window.place(x - drawn.window.left, y - drawn.window.top, screen) == (x, y)


def test_what_is_still_takes_no_bytes():
    screen, drawn = Screen(80, 23), Drawn(80, 24)
    screen.feed("ready 漢字 \x1b[31mred".encode())

    assert drawn.draw(screen)
    assert drawn.draw(screen) == b""
    screen.feed(b"\x1b[31m\x1b[0m")
    assert drawn.draw(screen) == b""


def test_a_key_takes_few_bytes():
    screen, drawn = Screen(80, 23), Drawn(80, 24)
    screen.feed(b"\x1b[12;40H\x1b[1;38;2;200;100;50m> ")
    drawn.draw(screen)

    for key in b"a longer sentence":
        screen.feed(bytes([key]))
        assert len(drawn.draw(screen)) <= 60


def test_the_cursor_alone_is_moved_with_a_few_bytes():
    screen, drawn = Screen(80, 23), Drawn(80, 24)
    screen.feed(b"text")
    drawn.draw(screen)

    screen.feed(b"\x1b[D")
    assert drawn.draw(screen) == b"\x1b[1;4H"
    screen.feed(b"\x1b[?25l")
    assert drawn.draw(screen) == b"\x1b[?25l"
    screen.feed(b"\x1b[?25h")
    assert drawn.draw(screen) == b"\x1b[1;4H\x1b[?25h"


def test_a_line_that_scrolls_the_screen_takes_little_more_than_it_has():
    screen, drawn = Screen(80, 23), Drawn(80, 24)
    screen.feed(b"".join(b"\r\nrow %d is not like any other" % n for n in range(100)))
    drawn.draw(screen)

    screen.feed(b"\r\nthe next row")

    assert len(drawn.draw(screen)) < 80


def test_what_follows_a_character_of_disputed_width_is_put_in_its_place():
    screen, drawn = Screen(20, 1), Drawn(20, 2)
    screen.feed("⚠\ufe0f warning é".encode())

    assert b"\x1b[2G" in drawn.draw(screen)


@pytest.mark.slow
def test_random_screens_are_drawn_cell_by_cell():
    letters = [
        "a",
        " ",
        " ",
        "漢",
        "é",
        "e\u0301",
        "🚀",
        "👩\u200d👩",
        "\x1b[31m",
        "\x1b[0m",
        "\x1b[44m",
        "\r\n",
    ]
    for seed in range(150):
        dice = random.Random(seed)
        cols, rows = dice.randint(2, 12), dice.randint(1, 6)
        screen, drawn = Screen(cols, rows), Drawn(dice.randint(2, 12), dice.randint(2, 7))
        for _ in range(30):
            moved = f"\x1b[{dice.randint(1, rows)};{dice.randint(1, cols)}H" * dice.choice([0, 1])
            screen.feed((moved + "".join(dice.choices(letters, k=dice.randint(1, 12)))).encode())
            drawn.draw(screen)


@pytest.mark.slow
@pytest.mark.skipif(not real_tmux.is_there, reason="there is no tmux to compare with")
def test_a_real_terminal_shows_it_as_it_is(tmp_path):
    tmux = Tmux(tmp_path)
    try:
        for name in NAMES:
            recorded = recording(name)
            screen = recorded.screen()
            drawn, written = Drawn(screen.cols, screen.rows + 1), b"\x1b[?1049h\x1b[?7l"
            for at in range(0, len(recorded.data), 2000):
                screen.feed(recorded.data[at : at + 2000])
                written += drawn.draw(screen)
            texts, styles, *_ = tmux.show([written], screen.cols, screen.rows + 1)

            assert texts == [line.text for line in drawn.shown.lines], name
            assert styles == [
                line.styles[: len(row)] for line, row in zip(drawn.shown.lines, styles, strict=True)
            ]
    finally:
        tmux.close()
