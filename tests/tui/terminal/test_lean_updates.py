"""What is written of a change makes a terminal show what the screen has, and is not more than the change."""

from __future__ import annotations

import io
from itertools import pairwise

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from textual.strip import Strip

from porch_tui.tui.terminal.lean_updates import PartialUpdate

WIDTH = 24
CONSOLE = Console(file=io.StringIO(), width=WIDTH, color_system="truecolor", force_terminal=True)
texts = st.text("ab 日本é", max_size=WIDTH)


def row(text: str) -> Strip:
    return Strip([Segment(text)]).adjust_cell_length(WIDTH)


def shown(*written: str) -> list[str]:
    """Return what a terminal shows of what was written to it."""
    screen = pyte.Screen(WIDTH, 2)
    screen.set_mode(pyte.modes.LNM)
    stream = pyte.Stream(screen)
    for text in written:
        stream.feed(text)
    return screen.display


def update(rows: list[Strip], spans: list[tuple[int, int, int]], cuts: list[int]) -> str:
    """Return what is written of some spans of rows that widgets share at these cells."""
    ends = sorted({0, WIDTH, *cuts})
    chops = [{x: one.crop(x, end) for x, end in pairwise(ends)} for one in rows]
    return PartialUpdate(chops, spans, [ends[1:] for _ in rows]).render_segments(CONSOLE)


def cells(strip: Strip) -> list[tuple[str, int]]:
    """Return what is in each cell: a character, and which of its cells it is."""
    return [(char, part) for char in strip.text for part in range(cell_len(char))]


def changed(before: Strip, after: Strip) -> tuple[int, int] | None:
    """Return from where to where two rows differ, and no cell more."""
    differ = [x for x, (old, new) in enumerate(zip(cells(before), cells(after), strict=True)) if old != new]
    return (min(differ), max(differ) + 1) if differ else None


def is_whole(strip: Strip, x: int) -> bool:
    """Say whether no wide character is on both sides of a cell's left border."""
    return cells(strip)[x][1] == 0


@given(texts, texts, st.lists(st.integers(1, WIDTH - 1), max_size=2))
def test_after_a_change_a_terminal_shows_what_the_screen_has(before: str, after: str, cuts: list[int]):
    old, new = row(before), row(after)
    span = changed(old, new)
    # widgets do not begin within a wide character
    cuts = [x for x in cuts if all(is_whole(one, x) for one in (old, new))]
    first = f"\x1b[1;1H{old.render(CONSOLE)}\x1b[2;1H{old.render(CONSOLE)}"

    spans = [] if span is None else [(0, *span), (1, *span)]
    written = update([new, new], spans, cuts) if spans else ""

    want = shown(f"\x1b[1;1H{new.render(CONSOLE)}\x1b[2;1H{new.render(CONSOLE)}")
    assert want == shown(first, written)


def test_of_a_row_only_what_has_changed_is_written():
    assert update([row("a" * 20 + "b")], [(0, 20, 21)], []) == "\x1b[1;21Hb"
    assert update([row("a" * 20 + "b")], [(0, 20, 21)], [10]) == "\x1b[1;21Hb"


def test_a_row_with_wide_characters_is_written_whole_so_that_no_cut_halves_one():
    whole = "\x1b[1;1H日本b" + " " * (WIDTH - 5)

    assert update([row("日本b")], [(0, 4, 5)], []) == whole
    assert update([row("日本b")], [(0, 0, 3)], []) == whole


def test_characters_beyond_ascii_may_be_narrow():
    assert update([row("│é" + "b")], [(0, 2, 3)], []) == "\x1b[1;3Hb"
