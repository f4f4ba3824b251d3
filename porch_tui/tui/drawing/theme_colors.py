"""The colors of states in a theme that is not ours: its own, as far as they can be read and differ. Pure.

The colors of most themes are made for areas; a third of them are too faint as text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from textual.color import Color, rgb_to_lab
from textual.theme import Theme

from porch_tui.present.signs import Role
from porch_tui.tui.terminal.contrast import contrast, luminance, readable

RULE_CONTRAST = 3.0
"""Of what is no text to what is behind it."""
PANEL_CONTRAST = 1.25
"""Of a panel to the background, at most: what is readable on both keeps its color then."""
APART = 20.0
"""How far two colors are from each other in CIELAB that differ at a glance."""
CHOSEN, CHOSEN_FOCUSED = 0.08, 0.18
"""How much of the text's and of the primary color is at most behind a text, by the stylesheets."""
_QUIET, _THIN = 0.35, 0.6
"""How much of the background is in quiet text and in lines."""
_STEPS = 20
_PREFERRED = {
    Role.GOOD: ("success", "#1fae85"),
    Role.FAIL: ("error", "#f07a2b"),
    Role.ASK: ("warning", "#e69f00", "accent"),
    Role.RUN: ("primary", "secondary", "accent", "#56b4e9"),
    Role.HELD: ("accent", "secondary", "#cc79a7", "primary", "#a58bff"),
}
"""Which of the theme's colors, or of ours, stand for a state, the best first."""
_USED = (
    *("background", "surface", "panel", "foreground"),
    *("primary", "secondary", "accent", "success", "warning", "error"),
)


class ThemeColors(NamedTuple):
    """What a theme is drawn in."""

    panel: Color
    chosen: Color
    """What is behind a row under the cursor."""
    roles: Mapping[Role, Color]

    @property
    def variables(self) -> dict[str, str]:
        """What stylesheets use of it."""
        text = self.roles[Role.TEXT].hex
        return {
            "foreground": text,
            "quiet": self.roles[Role.MUTED].hex,
            "rule": self.roles[Role.RULE].hex,
            "focused": self.roles[Role.RUN].hex,
            "panel": self.panel.hex,
            "block-cursor-blurred-foreground": text,
            "block-cursor-blurred-background": self.chosen.hex,
        }


def theme_colors(theme: Theme) -> ThemeColors:
    """Return what is drawn in which color of a theme."""
    named = theme.to_color_system().generate()
    return _theme_colors(tuple((name, named[name]) for name in _USED))


@lru_cache(8)
def _theme_colors(hexes: tuple[tuple[str, str], ...]) -> ThemeColors:
    named = {name: Color.parse(text) for name, text in hexes}
    background, foreground = named["background"], named["foreground"]
    panels = (named["panel"].blend(background, step / _STEPS) for step in range(_STEPS + 1))
    panel = next(one for one in panels if contrast(one, background) <= PANEL_CONTRAST)
    chosen = background.blend(named["primary"], CHOSEN_FOCUSED)
    grounds = [background, named["surface"], panel, panel.blend(foreground, CHOSEN), chosen]
    behind = tuple(map(luminance, (*grounds, background.blend(foreground, CHOSEN))))
    text = readable(foreground, behind)
    quiet = readable(foreground.blend(background, _QUIET), behind)
    roles = {Role.TEXT: text, Role.STRONG: text, Role.MUTED: quiet, Role.WAIT: quiet}
    for role, names in _PREFERRED.items():
        wanted = (named[name] if name in named else Color.parse(name) for name in names)
        roles[role] = _apart([readable(one, behind) for one in wanted], [*roles.values()])
    roles[Role.RULE] = readable(foreground.blend(background, _THIN), behind[:1], RULE_CONTRAST)
    return ThemeColors(panel, chosen, roles)


def distance(one: Color, other: Color) -> float:
    """Return how far two colors are from each other in CIELAB."""
    first, second = rgb_to_lab(one), rgb_to_lab(other)
    return math.dist((first.L, first.a, first.b), (second.L, second.a, second.b))


def _apart(candidates: Sequence[Color], others: Sequence[Color]) -> Color:
    """Return the first that cannot be taken for another one, or the one that is least like them."""

    def nearest(color: Color) -> float:
        return min(distance(color, other) for other in others)

    return next((one for one in candidates if nearest(one) >= APART), None) or max(candidates, key=nearest)
