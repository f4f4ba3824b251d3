"""What a program writes is on the screen where it belongs.

How tmux shows the same: `test_against_tmux.py`.
"""

from __future__ import annotations

import pytest

from porch_tui.emulator import modes
from porch_tui.emulator.line import unpacked
from porch_tui.emulator.screen import Screen
from porch_tui.emulator.style import (
    BLINK,
    BOLD,
    DIM,
    HIDDEN,
    ITALIC,
    OVERLINE,
    PLAIN,
    REVERSE,
    STRIKE,
    UNDERLINE,
    background,
    foreground,
    restyled,
    sgr,
)
from tests.emulator.states import fed, shown


def scrolled(screen: Screen) -> list[str]:
    return [unpacked(line, screen.cols).text for line in screen.history.lines]


@pytest.mark.parametrize(
    ("output", "rows"),
    [
        (b"one\r\ntwo", ["one", "two", "", ""]),
        (b"0123456789ab", ["0123456789", "ab", "", ""]),
        (b"\x1b[?7l0123456789ab", ["012345678b", "", "", ""]),
        (b"a\tb", ["a       b", "", "", ""]),
        (b"\x1b[3gx\ty", ["x        y", "", "", ""]),
        (b"\x1b[3g\x1b[4G\x1bH\rx\ty", ["x  y", "", "", ""]),
        (b"abc\x1b[Dx\x1b[2Cy", ["abx  y", "", "", ""]),
        (b"abc\bx", ["abx", "", "", ""]),
        (b"\x1b[2;3Hx\x1b[Ay\x1b[Bz", ["   y", "  x z", "", ""]),
        (b"abcdef\x1b[3G\x1b[K", ["ab", "", "", ""]),
        (b"abcdef\x1b[3G\x1b[1K", ["   def", "", "", ""]),
        (b"abcdef\x1b[3G\x1b[2P", ["abef", "", "", ""]),
        (b"abcdef\x1b[3G\x1b[2@", ["ab  cdef", "", "", ""]),
        (b"abcdef\x1b[3G\x1b[2X", ["ab  ef", "", "", ""]),
        (b"abc\x1b[4h\x1b[1Gxy", ["xyabc", "", "", ""]),
        (b"a\x1b[3b", ["aaaa", "", "", ""]),
        (b"1\r\n2\r\n3\r\n4\x1b[2;1H\x1b[L", ["1", "", "2", "3"]),
        (b"1\r\n2\r\n3\r\n4\x1b[2;1H\x1b[M", ["1", "3", "4", ""]),
        (b"1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3;1H\n", ["1", "3", "", "4"]),
        (b"1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[2;1H\x1bM", ["1", "", "2", "4"]),
        (b"\x1b[2;4r\x1b[?6h\x1b[2;2Hx", ["", "", " x", ""]),
        (b"1\r\n2\r\n3\x1b[2;1H\x1b[J", ["1", "", "", ""]),
        (b"1\r\n2\r\n3\x1b[2;1H\x1b[1J", ["", "", "3", ""]),
        (b"\x1b(0lqk\x1b(Bq", ["┌─┐q", "", "", ""]),
        (b"\x1b)0a\x0ex\x0fx", ["a│x", "", "", ""]),
        (b"\x1b7ab\x1b8c", ["cb", "", "", ""]),
        (b"a\x1b[?1049hb\x1b[?1049lc", ["ac", "", "", ""]),
        (b"\x1b#8\x1b[2;1H\x1b[K", ["E" * 10, "", "E" * 10, "E" * 10]),
        (b"ab\x1bcx", ["x", "", "", ""]),
    ],
)
def test_output_is_shown_where_it_belongs(output, rows):
    assert shown(output) == rows


def test_what_leaves_the_screen_at_its_top_is_in_the_scrollback():
    screen = fed(b"".join(b"%d\r\n" % n for n in range(7)))

    assert scrolled(screen) == ["0", "1", "2", "3"]
    assert [line.text for line in screen.lines] == ["4", "5", "6", ""]


def test_what_was_on_a_screen_that_is_cleared_is_in_the_scrollback():
    assert scrolled(fed(b"kept\r\ntoo\x1b[H\x1b[2Jnew")) == ["kept", "too"]
    assert scrolled(fed(b"kept\x1b[2J\x1b[3J")) == []


def test_the_alternate_screen_has_no_scrollback():
    assert scrolled(fed(b"\x1b[?1049h" + b"x\r\n" * 20)) == []


@pytest.mark.parametrize(
    ("parameters", "bits"),
    {
        "1": BOLD, "2": DIM, "3": ITALIC, "4": UNDERLINE, "4:3": UNDERLINE, "21": UNDERLINE, "5": BLINK,
        "7": REVERSE, "8": HIDDEN, "9": STRIKE, "53": OVERLINE, "1;3": BOLD | ITALIC, "1;22": PLAIN,
        "": PLAIN, "4;4:0": PLAIN, "58:5:1;1": BOLD,
    }.items(),
)  # fmt: skip
def test_attributes_are_set_and_taken_back(parameters, bits):
    assert restyled(PLAIN, parameters) == bits


@pytest.mark.parametrize(
    ("parameters", "colours"),
    {
        "31": (1, None), "97;40": (15, 0), "38;5;208": (208, None), "48;5;0": (None, 0), "48:5:9": (None, 9),
        "38;2;1;2;3": ((1, 2, 3), None), "38:2::1:2:3": ((1, 2, 3), None), "38:2:1:2:3": ((1, 2, 3), None),
        "31;39": (None, None), "38;5;999": (None, None), "38;2;1;2;999": (None, None), "58;5;1;32": (2, None),
        "31;107;0": (None, None), "38": (None, None), "38;5": (None, None),
    }.items(),
)  # fmt: skip
def test_colours_are_of_the_sixteen_the_256_or_true(parameters, colours):
    style = restyled(PLAIN, parameters)

    assert (foreground(style), background(style)) == colours
    assert restyled(BOLD, sgr(style).removeprefix("\x1b[").removesuffix("m")) == style


def test_erasing_leaves_the_background_and_nothing_else_of_the_style():
    line = fed(b"\x1b[1;31;44mx\x1b[K").lines[0]

    assert (foreground(line.styles[5]), background(line.styles[5]), line.styles[5] & BOLD) == (None, 4, 0)


def test_modes_are_kept_and_only_one_of_the_mouse():
    screen = fed(b"\x1b[?1h\x1b[?1000h\x1b[?1003h\x1b[?1006;2004;1004h\x1b[?2026h\x1b[?25l\x1b[?9999h")

    assert screen.modes == {modes.ARROWS, modes.WRAPS, 1003, 1006, 2004, 1004, 2026}


def test_the_keypad_is_switched_in_any_of_its_ways():
    assert modes.KEYPAD in fed(b"\x1b=").modes
    assert modes.KEYPAD in fed(b"\x1b[?66h").modes
    for off in (b"\x1b>", b"\x1b[?66l", b"\x1b[!p", b"\x1bc"):
        assert modes.KEYPAD not in fed(b"\x1b=", off).modes


def test_a_title_is_cleaned_kept_short_and_comes_back():
    screen = fed("\x1b]2;first\u202e\x1b\\\x1b[22;0t\x1b]0;".encode() + b"x" * 1000 + b"\x07")

    assert screen.title == "x" * 256
    screen.feed(b"\x1b[23;0t")
    assert screen.title == "first"


def test_the_keyboard_protocol_is_a_stack_of_flags():
    assert fed(b"\x1b[>1u").keyboard[-1] == 1
    assert fed(b"\x1b[>1u\x1b[=2;2u").keyboard[-1] == 3
    assert fed(b"\x1b[>1u\x1b[>9u\x1b[<u").keyboard[-1] == 1
    assert fed(b"\x1b[<9u").keyboard == [0]


def test_the_cursor_waits_behind_the_last_column():
    screen = fed(b"0123456789")

    assert (screen.x, screen.cursor) == (10, (9, 0))
