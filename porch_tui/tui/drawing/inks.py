"""Which colour a state or a part of the screen has: on dark, on light, and in a terminal's own colours.

Backgrounds are the stylesheet's; what a status looks like is `looks`' business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any, NamedTuple

from rich.style import Style
from textual.app import App
from textual.theme import Theme

from porch_tui.errors import PlanError
from porch_tui.tui.drawing.looks import Hue, Look
from porch_tui.tui.terminal.log_colours import ON_DARK, ON_LIGHT
from porch_tui.tui.terminal.options import ANSI as ANSI_NAME
from porch_tui.tui.terminal.options import CONTRAST as CONTRAST_NAME
from porch_tui.tui.terminal.options import DARK as DARK_NAME
from porch_tui.tui.terminal.options import LIGHT as LIGHT_NAME
from porch_tui.tui.terminal.options import ScreenOptions

DARK_THEME = Theme(
    name=DARK_NAME,
    primary="#56b4e9",
    secondary="#8fa3b5",
    accent="#e69f00",
    success="#009e73",
    warning="#e69f00",
    error="#d55e00",
    foreground="#d5dbe1",
    background="#11151a",
    surface="#171c22",
    panel="#1d242c",
    dark=True,
    variables={"rule": "#66727d"},
)
LIGHT_THEME = Theme(
    name=LIGHT_NAME,
    primary="#0067a5",
    secondary="#5b6670",
    accent="#8f6200",
    success="#00785a",
    warning="#8f6200",
    error="#b34700",
    foreground="#22272c",
    background="#fcfcfa",
    surface="#f5f5f1",
    panel="#e9eae5",
    dark=False,
    variables={"rule": "#858a84"},
)

CONTRAST_THEME = Theme(
    name=CONTRAST_NAME,
    primary="#7cd0ff",
    secondary="#ffffff",
    accent="#ffd24d",
    success="#4be3b0",
    warning="#ffd24d",
    error="#ff9a66",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1f1f1f",
    dark=True,
    variables={"rule": "#a0a0a0"},
)


class Tone(Enum):
    """What is no state has a tone, not a hue."""

    TEXT = auto()
    STRONG = auto()
    MUTED = auto()
    RULE = auto()


Ink = Hue | Tone


class Span(NamedTuple):
    """A piece of a line, drawn in one ink. The text is clean."""

    text: str
    ink: Ink = Tone.TEXT
    is_bold: bool = False


Line = tuple[Span, ...]
LaterLine = Line | Callable[[], Line]
"""A line, or what makes it once it is in view: of a long text that is a hundredth."""

_STRONG = Style(bold=True)
DARK: Mapping[Ink, Style] = {
    # a little lighter than Okabe and Ito's where that takes 4.5:1, the row under the cursor included
    **{hue: Style(color=hue.value) for hue in Hue},
    Hue.GOOD: Style(color="#1fae85"),
    Hue.FAIL: Style(color="#f07a2b"),
    Hue.WAIT: Style(color="#989898"),
    Tone.TEXT: Style(),
    Tone.STRONG: _STRONG,
    Tone.MUTED: Style(color="#8d99a5"),
    Tone.RULE: Style(color="#66727d"),
}
LIGHT: Mapping[Ink, Style] = {
    Hue.RUN: Style(color="#0067a5"),
    Hue.GOOD: Style(color="#006f53"),
    Hue.FAIL: Style(color="#a94300"),
    Hue.ASK: Style(color="#855a00"),
    Hue.HELD: Style(color="#a13d76"),
    Hue.WAIT: Style(color="#5c636a"),
    Tone.TEXT: Style(),
    Tone.STRONG: _STRONG,
    Tone.MUTED: Style(color="#5a626a"),
    Tone.RULE: Style(color="#858a84"),
}
CONTRAST: Mapping[Ink, Style] = {
    # 7:1 at least on black and on the panel
    Hue.RUN: Style(color="#7cd0ff"),
    Hue.GOOD: Style(color="#4be3b0"),
    Hue.FAIL: Style(color="#ff9a66"),
    Hue.ASK: Style(color="#ffd24d"),
    Hue.HELD: Style(color="#ffb0dc"),
    Hue.WAIT: Style(color="#d0d0d0"),
    Tone.TEXT: Style(),
    Tone.STRONG: _STRONG,
    Tone.MUTED: Style(color="#d0d0d0"),
    Tone.RULE: Style(color="#a0a0a0"),
}
ANSI: Mapping[Ink, Style] = {
    Hue.RUN: Style(color="cyan"),
    Hue.GOOD: Style(color="green"),
    Hue.FAIL: Style(color="red"),
    Hue.ASK: Style(color="yellow"),
    Hue.HELD: Style(color="magenta"),
    Hue.WAIT: Style(dim=True),
    Tone.TEXT: Style(),
    Tone.STRONG: _STRONG,
    Tone.MUTED: Style(dim=True),
    Tone.RULE: Style(dim=True),
}


RULE = "#808080"
"""Of the rules in a theme that is not ours: 3.8:1 at least on dark and on light."""


def set_colours(app: App[Any], options: ScreenOptions) -> None:
    """Have the app draw in the theme that is wanted, and the colours of logs so that they can be read.

    PlanError if there is no such theme.
    """
    for theme in (DARK_THEME, LIGHT_THEME, CONTRAST_THEME):
        app.register_theme(theme)
    if options.theme not in app.available_themes:
        known = ", ".join(sorted(app.available_themes))
        raise PlanError(f"no theme is called {options.theme!r}; there are {known}")
    app.theme = ANSI_NAME if options.is_colorless else options.theme
    app.ansi_theme_dark, app.ansi_theme_light = ON_DARK, ON_LIGHT


def inks_of(app: App[Any]) -> Mapping[Ink, Style]:
    """Return the inks that can be read on what the app draws upon."""
    if app.native_ansi_color:
        return ANSI
    if app.current_theme.name == CONTRAST_NAME:
        return CONTRAST
    return DARK if app.current_theme.dark else LIGHT


def made(line: LaterLine) -> Line:
    """Return a line that may be waiting to be made."""
    return line() if callable(line) else line


def glyph(look: Look) -> Span:
    """Return the glyph of a state."""
    return Span(look.glyph, look.sign.hue, look.sign.is_loud)
