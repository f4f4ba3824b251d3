"""One line of hostile, odd or honest bytes, and what is left of it to show."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment

from porch_tui.present.clean import UNSAFE
from porch_tui.tui.terminal.ansi import HEAD_BYTES, MAX_CELLS, TAIL_BYTES, one_line, parse, parse_cut

ESC = "\x1b"
TERMINAL_COLUMNS = 2000

quickly = settings(deadline=None, database=None, max_examples=80, print_blob=True)

letters = st.text("abcXYZ 09[]#=>;?m", min_size=1, max_size=12)
numbers = st.sampled_from(["", "0", "1", "2", "3", "5", "17", "40"])
moves = st.builds(lambda number, final: f"{ESC}[{number}{final}", numbers, st.sampled_from("CDG"))
erases = st.sampled_from([f"{ESC}[K", f"{ESC}[0K", f"{ESC}[1K", f"{ESC}[2K"])
attributes = st.sampled_from(
    ["", "0", "1", "3", "4", "7", "9", "22", "23", "24", "27", "29", "1;31", "4;7;32;45"]
)
colors = st.one_of(
    st.builds(str, st.one_of(st.integers(30, 37), st.integers(40, 47), st.sampled_from([39, 49]))),
    st.builds("{};5;{}".format, st.sampled_from([38, 48]), st.integers(16, 255)),
    st.builds("{};2;{};{};{}".format, st.sampled_from([38, 48]), *[st.integers(0, 255)] * 3),
)
sgr = st.builds(
    lambda words: f"{ESC}[{';'.join(words)}m", st.lists(st.one_of(attributes, colors), max_size=3)
)
understood = st.lists(st.one_of(letters, letters, sgr, moves, erases, st.sampled_from("\r\b\t"))).map("".join)
hostile = st.lists(
    st.one_of(
        understood,
        st.text(max_size=8),
        st.sampled_from(
            [ESC, f"{ESC}[", f"{ESC}]52;c;", f"{ESC}P", f"{ESC}\\", "\x07", "\x9b", "\u202e", "\u200b"]
        ),
        st.sampled_from(
            ["中", "e\u0301", "❤\ufe0f", "👨\u200d👩", f"{ESC}[99999C", f"{ESC}[9999999G", "\t" * 300]
        ),
    )
).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass"))
lines = st.one_of(
    hostile, st.binary(max_size=200), st.builds(lambda line, n: line * n, hostile, st.integers(1, 900))
)


def shown(line: str | bytes) -> str:
    return text_of(parse(line.encode() if isinstance(line, str) else line))


def text_of(segments: list[Segment]) -> str:
    return "".join(segment.text for segment in segments)


def only_style(line: str) -> str:
    [segment] = parse(line.encode())
    return str(segment.style)


# --- properties


@quickly
@given(lines)
def test_no_control_bidi_or_invisible_character_comes_out_ever(line: bytes) -> None:
    segments = parse(line)

    assert UNSAFE.search(text_of(segments)) is None
    assert all(style is None or style.link is None for _, style, _ in segments)
    assert all(control is None for _, _, control in segments)


@quickly
@given(lines)
def test_no_line_is_wider_than_the_limit(line: bytes) -> None:
    assert sum(cell_len(segment.text) for segment in parse(line)) <= MAX_CELLS


@pytest.mark.slow
@quickly
@given(lines)
def test_a_line_read_in_part_parses_like_the_whole(line: bytes) -> None:
    assert parse(line) == parse_cut(line[:HEAD_BYTES], line[-TAIL_BYTES:], len(line))


@quickly
@given(understood)
def test_what_is_understood_looks_as_in_a_terminal(line: str) -> None:
    screen = pyte.Screen(TERMINAL_COLUMNS, 1)
    pyte.Stream(screen).feed(line)
    row = screen.buffer[0]
    expected = [(at, drawn(row[at])) for at in sorted(row) if row[at].data != " "]

    assert expected == [
        (at, cell) for at, cell in enumerate(cells_of(parse(line.encode()))) if cell[0] != " "
    ]


@quickly
@given(st.lists(st.one_of(letters, sgr)).map("".join))
def test_a_line_without_moves_parses_the_same_with_one_that_does_nothing(line: str) -> None:
    """The quick way and the way over a row of cells agree."""
    assert cells_of(parse(line.encode())) == cells_of(parse(f"\r{line}".encode()))


def drawn(char: pyte.screens.Char) -> tuple[object, ...]:
    """What pyte shows in a cell, in the terms of `cells_of`."""
    attributes = (char.bold, char.italics, char.underscore, char.reverse, char.strikethrough)
    return char.data, *attributes, char.fg, char.bg


def cells_of(segments: list[Segment]) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for text, style, _ in segments:
        assert style is not None
        attributes = (style.bold, style.italic, style.underline, style.reverse, style.strike)
        colors = (pyte_name(style.color), pyte_name(style.bgcolor))
        found += [(character, *map(bool, attributes), *colors) for character in text]
    return found


def pyte_name(color: object) -> str:
    from rich.color import Color, ColorType

    if color is None:
        return "default"
    assert isinstance(color, Color)
    if color.type is ColorType.STANDARD:
        assert color.number is not None
        return ["black", "red", "green", "brown", "blue", "magenta", "cyan", "white"][color.number]
    if color.type is ColorType.EIGHT_BIT:
        assert color.number is not None
        return pyte.graphics.FG_BG_256[color.number]
    assert color.triplet is not None
    return color.triplet.hex.lstrip("#")


# --- the table of the design, row by row


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("  5%\r 50%\r100%\x1b[K", "100%"),
        ("\x1b[1G\x1b[0K⠋ idealTree\x1b[1G\x1b[0K⠙ reify", "⠙ reify"),
        ("Building [====>  ] 3/9\r\x1b[K   Compiling porch", "   Compiling porch"),
        ("a\x1b]52;c;aGF4\x07b", "ab"),
        ("a\x1b]0;title\x1b\\b", "ab"),
        ("a\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\b", "alinkb"),
        ("a\x1b]0;never ended", "a"),
        ("a\x1bPpayload\x07still\x1b\\b", "ab"),
        ("a\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\b", "ab"),
        ("abc\b\bX", "aXc"),
        ("\x1b[?1049ha\x1b[2J\x1b[Hb\x1bcc\x1b[6n", "abc"),
        ("a\x1b(0b\x0e\x0fc\x1b)Bd", "abcd"),
        ("a\x1b[1Ab\x1b[2Kc", "  c"),
        (b"a\xff\xfeb", "a\ufffd\ufffdb"),
        ("a\x00b\x07c\x7fd", "a␀b␇c␡d"),
        ("a\x9b31mb", "a\ufffd31mb"),
        ("a\u202eb\u200bc\ufeffd", "a\ufffdb\ufffdc\ufffdd"),
        ("a\tb\tc", "a       b       c"),
        ("done\r", "done"),
        ("中文\bx", "中 x"),
        ("中文\rx", "x 文"),
        ("e\u0301\b\u0301x", "x"),
        ("👨\u200d👩", "👨\u200d👩"),
        ("", ""),
    ],
)
def test_a_line_is_shown_as(line: str | bytes, expected: str) -> None:
    assert expected == shown(line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("\x1b[1;31mx", "bold color(1)"),
        ("\x1b[97;100mx", "color(15) on color(8)"),
        ("\x1b[38;5;208mx", "color(208)"),
        ("\x1b[38:5:208mx", "color(208)"),
        ("\x1b[48;2;1;2;3mx", "on #010203"),
        ("\x1b[38:2:1:2:3mx", "#010203"),
        ("\x1b[38:2::1:2:3mx", "#010203"),
        ("\x1b[4:3mx", "underline"),
        ("\x1b[4m\x1b[4:0mx", "none"),
        ("\x1b[2;3;7;9mx", "dim italic reverse strike"),
        ("\x1b[1;2;22mx", "none"),
        ("\x1b[31;39;41;49mx", "none"),
        ("\x1b[5;8mx", "none"),
        ("\x1b[38;5;999mx", "none"),
        ("\x1b[38mx", "none"),
        ("\x1b[>4;2mx", "none"),
        ("\x1b[1 mx", "none"),
    ],
)
def test_a_color_or_an_attribute_is_understood(line: str, expected: str) -> None:
    assert sorted(expected.split()) == sorted(only_style(line).split())


def test_a_color_does_not_carry_over_into_the_next_line() -> None:
    parse(b"\x1b[31mred")

    assert only_style("plain") == "none"


def test_a_line_of_a_megabyte_is_cut_and_says_by_how_much() -> None:
    text = shown(b"x" * 1_000_000)

    assert text.endswith("x… +996kB")
    assert len(text) <= MAX_CELLS


def test_a_wide_line_within_what_is_read_is_cut_with_the_number_of_bytes() -> None:
    assert shown(b"x" * 5000).endswith("x… +916B")


def test_a_long_line_of_invisible_sequences_still_says_that_there_is_more() -> None:
    assert shown("ab" + "\x1b[1m" * 10_000 + "c" * 2000).startswith("ab… +")


def test_of_a_long_progress_bar_the_last_state_is_shown() -> None:
    bar = b"\r".join(b"%6d of 9999" % step for step in range(10_000))

    assert shown(bar) == "  9999 of 9999"
    assert shown(bar + b"\r") == "  9999 of 9999"


def test_of_a_long_line_with_a_windows_line_end_the_start_is_shown() -> None:
    assert shown(b"start" + b"x" * 100_000 + b"\r").startswith("start")
    assert shown(b"start" + b"x" * 100_000 + b"\r\x1b[0m\r").startswith("start")


def test_a_character_cut_by_the_reading_limit_is_left_out_not_broken() -> None:
    assert "\ufffd" not in shown("\x1b[m" * 5000 + "é" * 10_000)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("\x1b[1;31merror:\x1b[0m no\tsuch file\r\n", "error: no such file"),
        ("a \x1b]0;title\x07b \x1b(Bc", "a b c"),
        ("hook:\n\x1b]52;c;unended\nsaid so", "hook: said so"),
        ("50 %\r\x1b[K100 %", "50 %100 %"),
        ("bell \x07, \u202eturned", "bell ␇, \ufffdturned"),
    ],
)
def test_a_message_has_no_sequences_and_hides_nothing_else(message: str, expected: str) -> None:
    assert expected == one_line(message)
