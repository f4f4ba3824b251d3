"""What a program wrote in its own colors, where it is marked or found."""

from __future__ import annotations

from itertools import product

from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color

from porch_tui.tui.drawing.on_marks import readable_style
from porch_tui.tui.drawing.styles import ON_DARK, ON_LIGHT
from porch_tui.tui.terminal.contrast import contrast

COLORS = [RichColor.from_ansi(number) for number in (*range(16), 17, 226, 240, 250)]
MARKS = [RichColor.parse(one) for one in ("#24384a", "#cfe0ec", "#7f7f7f")]


def test_any_color_can_be_read_on_any_mark_faint_or_not() -> None:
    for color, mark, theme, is_dim in product(COLORS, MARKS, (ON_DARK, ON_LIGHT), (True, False)):
        drawn = readable_style(Style(color=color, bgcolor=mark, dim=is_dim), theme, 4.5)

        assert drawn.color is not None and drawn.bgcolor == mark and not drawn.dim
        seen = contrast(Color.from_rich_color(drawn.color), Color.from_rich_color(mark))
        assert seen >= 4.5, (color, mark, is_dim)


def test_a_color_that_can_be_read_stays_as_it_is() -> None:
    style = Style(color="#ffffff", bgcolor="#202020", bold=True)

    assert style.color == readable_style(style, ON_DARK, 4.5).color


def test_the_terminal_s_own_colors_are_left_to_it() -> None:
    style = Style(color="red", bgcolor="default", reverse=True)

    assert style == readable_style(style, ON_DARK, 4.5)
