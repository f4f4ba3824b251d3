"""A text with fewer changes of its style looks the same in a terminal."""

from __future__ import annotations

import io

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from porch_tui.tui.terminal.style_changes import only_changes

WIDTH, ROWS = 30, 4
CONSOLE = Console(file=io.StringIO(), width=WIDTH, color_system="truecolor", force_terminal=True)

colors = st.sampled_from([None, "default", "red", "bright_blue", "color(100)", "#102030", "#405060"])
flags = st.sampled_from([None, True])
styles = st.builds(
    Style,
    color=colors,
    bgcolor=colors,
    bold=flags,
    italic=flags,
    underline=flags,
    reverse=flags,
    strike=flags,
)
texts = st.text("ab ", min_size=1, max_size=6)
rows = st.lists(st.builds(Segment, texts, st.none() | styles), max_size=5).map(Strip)


def unseen_of(cell: pyte.screens.Char) -> set[str]:
    """Return what cannot be seen of a cell that may be blank."""
    if cell.data != " ":
        return set()
    return {"bold", "italics"} if cell.reverse else {"bold", "italics", "fg"}


def drawn_by(written: str) -> list[dict[str, object]]:
    """Return what can be seen of each cell of a terminal, and the style of its cursor."""
    screen = pyte.Screen(WIDTH, ROWS)
    pyte.Stream(screen).feed(written)
    cells = [screen.buffer[y][x] for y in range(ROWS) for x in range(WIDTH)]
    seen = [cell._asdict() | dict.fromkeys(unseen_of(cell)) for cell in cells]
    return [*seen, screen.cursor.attrs._asdict()]


@given(st.lists(rows, max_size=ROWS))
def test_it_looks_the_same_and_takes_no_more(drawn: list[Strip]):
    text = "".join(f"\x1b[{y};1H{strip.render(CONSOLE)}" for y, strip in enumerate(drawn, 1))

    fewer = only_changes(text)

    assert drawn_by(text) == drawn_by(fewer)
    assert len(fewer) <= len(text)


def test_the_same_style_is_written_once():
    text = Strip([Segment("a", Style(color="#102030")), Segment("b", Style(color="#102030"))]).render(CONSOLE)

    assert only_changes(text) == "\x1b[38;2;16;32;48mab\x1b[0m"


def test_of_a_style_only_the_color_that_differs_is_written():
    one, other = Style(color="red", bgcolor="#102030"), Style(color="blue", bgcolor="#102030")

    text = Strip([Segment("a", one), Segment("b", other)]).render(CONSOLE)

    assert only_changes(text) == "\x1b[31;48;2;16;32;48ma\x1b[34mb\x1b[0m"


def test_blanks_take_no_color_of_text():
    one, other = Style(color="red", bold=True), Style(color="blue")

    text = Strip([Segment("a", one), Segment("  ", other), Segment("b", one)]).render(CONSOLE)

    assert only_changes(text) == "\x1b[1;31ma  b\x1b[0m"
