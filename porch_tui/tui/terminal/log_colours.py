"""The sixteen colours of a log, as they are drawn on our own backgrounds: each can be read as text there.

Textual's have a red of 4.4:1 on dark and a green of 4.1:1 on light. Black alone is black: programs
write it on a colour. A terminal that is left its own colours (theme `ansi`) needs none of these.
"""

from __future__ import annotations

from rich.terminal_theme import TerminalTheme

Rgb = tuple[int, int, int]


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _colours(*colours: str) -> list[Rgb]:
    return [_rgb(one) for one in colours]


# black, red, green, yellow, blue, magenta, cyan, white
ON_DARK = TerminalTheme(
    _rgb("#11151a"),
    _rgb("#d5dbe1"),
    _colours("#1a1a1a", "#ff8f87", "#63c76a", "#d9a93a", "#7ab8ff", "#d8a5ff", "#56cfd6", "#c4ccd4"),
    _colours("#a8b2bc", "#ffaaa3", "#83dd8a", "#ecc463", "#a3ceff", "#e5c4ff", "#86e2e8", "#f4f7fa"),
)
"""At least 7:1 on black, marked or not, for the theme of high contrast too."""
ON_LIGHT = TerminalTheme(
    _rgb("#fcfcfa"),
    _rgb("#22272c"),
    _colours("#22272c", "#b3261e", "#1d6b2c", "#7a5400", "#0757a8", "#7b3aa8", "#005f6b", "#525a62"),
    _colours("#5a626a", "#b82c24", "#1f7033", "#805900", "#0a60b6", "#8341b4", "#0a6a77", "#3b4249"),
)
