"""Colors for a terminal that has 256 of them: of each the nearest, a grey or one of the cube.

Rich rounds each channel alone: tinted dark greys become black, which hides what they are behind, or teal.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from porch_tui.tui.terminal.contrast import TEXT_CONTRAST, contrast

_LEVELS = (0, 95, 135, 175, 215, 255)
"""Of each channel in the cube, which begins at 16."""
_CUBE, _GREYS, _END = 16, 232, 256
_DARKEST, _STEP = 8, 10
"""Of the greys."""
_WEIGHTS = (3, 4, 2)
"""Of red, green and blue in a distance: eyes tell greens apart best."""
_KEPT = (TEXT_CONTRAST, 3.0)
"""What of its contrast a text keeps, though that may cost its hue."""
_GREYS_KEPT = (7.0, *_KEPT)
"""The same for a grey, which has none."""

Triplet = tuple[int, int, int]


class FewColors(LineFilter):
    """Draws everything in the nearest of 256 colors."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in these colors."""
        return [
            Segment(text, _in_few_colors(style) if style is not None else None, control)
            for text, style, control in segments
        ]


@lru_cache(4096)
def nearest(wanted: Triplet) -> int:
    """Return the number of the nearest color."""
    red, green, blue = (min(range(6), key=lambda place: abs(_LEVELS[place] - one)) for one in wanted)
    grey = round((sum(wanted) / 3 - _DARKEST) / _STEP)
    candidates = (_CUBE + 36 * red + 6 * green + blue, min(max(_GREYS, _GREYS + grey), _END - 1))
    return min(candidates, key=lambda number: _distance(wanted, triplet(number)))


@lru_cache(_END)
def triplet(number: int) -> Triplet:
    """Return red, green and blue of a color from 16 on, each from 0 to 255."""
    if number >= _GREYS:
        grey = _DARKEST + _STEP * (number - _GREYS)
        return grey, grey, grey
    place = number - _CUBE
    return _LEVELS[place // 36], _LEVELS[place // 6 % 6], _LEVELS[place % 6]


def _distance(one: Sequence[int], other: Sequence[int]) -> int:
    return sum(weight * (a - b) ** 2 for weight, a, b in zip(_WEIGHTS, one, other, strict=True))


@lru_cache(4096)
def _in_few_colors(style: Style) -> Style:
    """Return a style with its colors among the 256, and all else as it is."""
    text, ground = _triplet(style.color), _triplet(style.bgcolor)
    if text is None and ground is None:
        return style
    behind = None if ground is None else nearest(ground)
    front = None if text is None else nearest(text)
    if text is not None and ground is not None and front is not None and behind is not None:
        front = _readable(text, ground, front, behind)
    return style + Style(
        color=None if front is None else RichColor.from_ansi(front),
        bgcolor=None if behind is None else RichColor.from_ansi(behind),
    )


def _readable(text: Triplet, ground: Triplet, front: int, behind: int) -> int:
    """Return the color of a text: `front`, or the nearest that can be read as well as before."""
    before, seen = contrast(Color(*text), Color(*ground)), Color(*triplet(behind))
    kept = _GREYS_KEPT if front >= _GREYS else _KEPT
    least = next((one for one in kept if before >= one), 0.0)

    def is_enough(number: int) -> bool:
        return contrast(Color(*triplet(number)), seen) >= least

    if is_enough(front):
        return front
    others = sorted(range(_CUBE, _END), key=lambda number: _distance(text, triplet(number)))
    return next(filter(is_enough, others), front)


def _triplet(color: RichColor | None) -> Triplet | None:
    if color is None or color.type is not ColorType.TRUECOLOR or color.triplet is None:
        return None
    return color.triplet
