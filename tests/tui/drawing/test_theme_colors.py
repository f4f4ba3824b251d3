"""States on themes that are not ours: readable, different, in the color that stands for each."""

from __future__ import annotations

from itertools import combinations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from porch_tui.present.signs import Role
from porch_tui.tui.drawing.theme_colors import APART, distance, theme_colors
from porch_tui.tui.terminal.contrast import contrast

FOREIGN = [theme for name, theme in BUILTIN_THEMES.items() if not name.startswith("ansi")]
STATES = (Role.RUN, Role.GOOD, Role.FAIL, Role.ASK, Role.HELD)


def hue_distance(one: Color, other: Color) -> float:
    apart = abs(one.hsl.h - other.hsl.h)
    return min(apart, 1 - apart)


def test_there_are_dark_and_light_ones() -> None:
    assert len(FOREIGN) > 15 and {True, False} == {theme.dark for theme in FOREIGN}


@pytest.mark.parametrize("theme", FOREIGN, ids=lambda theme: theme.name)
def test_states_and_texts_are_readable_on_everything_behind_them(theme: Theme) -> None:
    colors, named = theme_colors(theme), theme.to_color_system().generate()
    behind = [Color.parse(named["background"]), colors.panel, colors.chosen]
    behind.append(behind[0].blend(Color.parse(named["foreground"]), 0.08))

    for role in (*STATES, Role.WAIT, Role.TEXT, Role.MUTED):
        assert min(contrast(colors.roles[role], ground) for ground in behind) >= 4.5, role
    assert contrast(colors.roles[Role.RULE], behind[0]) >= 3


@pytest.mark.parametrize("theme", FOREIGN, ids=lambda theme: theme.name)
def test_no_state_looks_like_another_or_like_text(theme: Theme) -> None:
    roles = theme_colors(theme).roles

    pairs = [
        *combinations(STATES, 2),
        *((state, plain) for state in STATES for plain in (Role.TEXT, Role.WAIT)),
    ]
    assert [] == [pair for pair in pairs if distance(roles[pair[0]], roles[pair[1]]) < APART]


@pytest.mark.parametrize("theme", FOREIGN, ids=lambda theme: theme.name)
def test_good_and_failed_are_the_theme_s_own_success_and_error(theme: Theme) -> None:
    roles, named = theme_colors(theme).roles, theme.to_color_system().generate()

    assert hue_distance(roles[Role.GOOD], Color.parse(named["success"])) < 0.1
    assert hue_distance(roles[Role.FAIL], Color.parse(named["error"])) < 0.1


def test_a_theme_whose_panel_is_the_opposite_of_its_background_is_drawn_all_the_same() -> None:
    theme = Theme(
        "odd", "#777777", foreground="#808080", background="#000000", panel="#ffffff", surface="#fff"
    )

    assert theme_colors(theme).roles.keys() == set(Role)
