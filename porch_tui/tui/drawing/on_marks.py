"""What a program wrote in its own colors, drawn so that it can be read where it is marked or found. Pure."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.color import Color
from textual.constants import DIM_FACTOR

from porch_tui.tui.terminal.contrast import luminance, readable


@lru_cache(1024)
def readable_style(style: Style, theme: TerminalTheme, least: float) -> Style:
    """Return the style with its color as much lighter or darker as it must be on what is behind it.

    `theme` has the sixteen colors; `least` is the contrast it must have, from 1 to 21. A style without one
    of its two colors stays as it is.
    """
    if style.color is None or style.bgcolor is None or style.bgcolor.is_default:
        return style
    text = Color(*style.color.get_truecolor(theme))
    behind = Color(*style.bgcolor.get_truecolor(theme, foreground=False))
    if style.dim:
        text = behind.blend(text, DIM_FACTOR)
    seen = readable(text, (luminance(behind),), least)
    return style + Style(color=RichColor.from_rgb(*seen.rgb), dim=False)
