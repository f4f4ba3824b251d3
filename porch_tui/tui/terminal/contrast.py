"""How well a color can be read on another, by WCAG 2.1. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from textual.color import Color

TEXT_CONTRAST = 4.5
"""What text needs."""
HIGH_CONTRAST = 7.0
"""What it has on the theme of high contrast."""
_STEPS = 20


def luminance(color: Color) -> float:
    """Return the relative luminance, from 0 to 1."""
    parts = (part / 255 for part in color.rgb)
    red, green, blue = (one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: float, other: float) -> float:
    """Return the contrast of two luminances, from 1 to 21."""
    darker, lighter = sorted((one, other))
    return (lighter + 0.05) / (darker + 0.05)


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colors, from 1 to 21."""
    return ratio(luminance(one), luminance(other))


def readable(color: Color, behind: Sequence[float], least: float = TEXT_CONTRAST) -> Color:
    """Return the color, as much lighter or darker as it must be to be read on all these luminances."""
    ways = [way(step / _STEPS) for step in range(_STEPS + 1) for way in (color.lighten, color.darken)]

    def worst(way: Color) -> float:
        return min(ratio(luminance(way), one) for one in behind)

    return next((way for way in ways if worst(way) >= least), None) or max(ways, key=worst)
