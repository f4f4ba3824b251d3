"""A row is drawn as spans that take exactly its cells, and that steer no terminal."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from porch_tui.emulator.screen import Screen
from porch_tui.emulator.spans import Span, painted, spans, trimmed
from porch_tui.emulator.style import BOLD, PLAIN, foreground
from porch_tui.present.clean import UNSAFE
from tests.emulator.recorded import NAMES, recording
from tests.emulator.states import fed, state

SGR = re.compile(r"\x1b\[[0-9;]*m")


def test_a_row_is_cut_where_its_style_changes():
    line = fed(b"ab\x1b[1;31mcd\x1b[m").lines[0]

    first, second, third = spans(line)
    assert (first, third) == (Span("ab", PLAIN, 2), Span(" " * 6, PLAIN, 6))
    assert (second.text, second.cells, second.style & BOLD, foreground(second.style)) == ("cd", 2, BOLD, 1)
    assert trimmed(spans(line)) == [first, second]


def test_a_part_of_a_row_has_no_half_characters():
    line = fed("a漢字b".encode()).lines[0]

    assert spans(line, 2, 5) == [Span(" 字", PLAIN, 3)]
    assert spans(line, 0, 2) == [Span("a ", PLAIN, 2)]
    assert spans(line, 5, 14) == [Span("b" + " " * 8, PLAIN, 9)]
    assert spans(line, 12, 14) == [Span("  ", PLAIN, 2)]


def test_blanks_that_a_colour_makes_visible_are_kept():
    line = fed(b"x  \x1b[44m  \x1b[m").lines[0]

    assert [span.text for span in trimmed(spans(line))] == ["x  ", "  "]
    assert trimmed(spans(fed(b"x  ").lines[0])) == [Span("x", PLAIN, 1)]


@settings(max_examples=50)
@given(st.binary(max_size=300) | st.text(max_size=150).map(lambda text: text.encode("utf-8", "replace")))
def test_nothing_that_steers_a_terminal_gets_through(data):
    for line in fed(data, b"\x1b[?1049h", data, cols=20).lines:
        row = spans(line)
        left = SGR.sub("", painted(row))

        assert sum(span.cells for span in row) == 20
        assert not UNSAFE.search(left)
        assert left.isprintable() or not left.isascii()


def test_a_terminal_that_is_painted_shows_the_same():
    for name in NAMES:
        recorded = recording(name)
        screen = recorded.screen()
        screen.feed(recorded.data)
        again = Screen(*recorded.size)
        for y, line in enumerate(screen.lines):
            again.feed(f"\x1b[{y + 1};1H{painted(spans(line))}".encode())

        assert [(line.chars, line.styles) for line in again.lines] == [
            (line.chars, line.styles) for line in screen.lines
        ]
        assert state(again)[4] == state(Screen(*recorded.size))[4]
