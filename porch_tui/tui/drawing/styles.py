"""Themes, and the style each color role has in them: dark, light, high contrast, the terminal's own colors.

Backgrounds are in the stylesheet. Which role a status has is in `present.statuses`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import cell_len
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.app import App
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from porch_tui.errors import PlanError
from porch_tui.present.nearest import did_you_mean
from porch_tui.present.signs import Role
from porch_tui.present.statuses import Look
from porch_tui.tui.terminal import options as names
from porch_tui.tui.terminal.options import ScreenOptions
from porch_tui.tui.terminal.terminal import begin_with_theme

if TYPE_CHECKING:
    from porch_tui.tui.drawing.theme_colors import ThemeColors

DARK_THEME = Theme(
    name=names.DARK,
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
    name=names.LIGHT,
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
    name=names.CONTRAST,
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
OUR_THEMES = (DARK_THEME, LIGHT_THEME, CONTRAST_THEME)


class Span(NamedTuple):
    """A piece of a line in one style. The text is clean."""

    text: str
    role: Role = Role.TEXT
    is_bold: bool = False


Line = tuple[Span, ...]
LazyLine = Line | Callable[[], Line]
"""A line, or what makes it once it is in view: of a long text only a hundredth is."""


def _styles(**styles: str) -> Mapping[Role, Style]:
    """Return the style of each role, given in lower case."""
    by_name = {"text": "", "strong": "bold", **styles}
    return {role: Style.parse(by_name[role.name.lower()]) for role in Role}


_PLAIN = {Role.TEXT: Style(), Role.STRONG: Style(bold=True)}

# Okabe and Ito's colors, which color-blind eyes tell apart; a little lighter where 4.5:1 needs it,
# the row under the cursor included.
DARK = _styles(
    run="#56b4e9", good="#1fae85", fail="#f07a2b", ask="#e69f00",
    held="#cc79a7", wait="#989898", muted="#8d99a5", rule="#66727d",
)  # fmt: skip
LIGHT = _styles(
    run="#0067a5", good="#006f53", fail="#a94300", ask="#855a00",
    held="#a13d76", wait="#5c636a", muted="#5a626a", rule="#858a84",
)  # fmt: skip
CONTRAST = _styles(  # at least 7:1 on black and on the panel
    run="#7cd0ff", good="#4be3b0", fail="#ff9a66", ask="#ffd24d",
    held="#ffb0dc", wait="#d0d0d0", muted="#d0d0d0", rule="#a0a0a0",
)  # fmt: skip
ANSI = _styles(
    run="cyan", good="green", fail="red", ask="yellow", held="magenta", wait="dim", muted="dim", rule="dim"
)


# --- the sixteen colors of logs

# Those of Textual have a red of 4.4:1 on dark and a green of 4.1:1 on light; here each is readable as text.
# Black stays black: programs write it on a color. The theme `ansi` leaves the terminal its own colors.


def _colors(*colors: str) -> list[tuple[int, int, int]]:
    return [Color.parse(one).rgb for one in colors]


# background, foreground; then black, red, green, yellow, blue, magenta, cyan, white, and the same brighter
ON_DARK = TerminalTheme(
    Color.parse("#11151a").rgb,
    Color.parse("#d5dbe1").rgb,
    _colors("#1a1a1a", "#ff8f87", "#63c76a", "#d9a93a", "#7ab8ff", "#d8a5ff", "#56cfd6", "#c4ccd4"),
    _colors("#a8b2bc", "#ffaaa3", "#83dd8a", "#ecc463", "#a3ceff", "#e5c4ff", "#86e2e8", "#f4f7fa"),
)
"""At least 7:1 on black, marked or not, for the theme of high contrast too."""
ON_LIGHT = TerminalTheme(
    Color.parse("#fcfcfa").rgb,
    Color.parse("#22272c").rgb,
    _colors("#22272c", "#b3261e", "#1d6b2c", "#7a5400", "#0757a8", "#7b3aa8", "#005f6b", "#525a62"),
    _colors("#5a626a", "#b82c24", "#1f7033", "#805900", "#0a60b6", "#8341b4", "#0a6a77", "#3b4249"),
)


# ---


def why_no_theme(name: str) -> str:
    """Return that there is no theme of this name, and which there are; nothing if there is."""
    known = {*BUILTIN_THEMES, *(one.name for one in OUR_THEMES)}
    if name in known:
        return ""
    hint = did_you_mean(name, [*names.SHORT_NAMES, *known], f"there are {', '.join(sorted(known))}")
    return f"no theme is called {name!r}; {hint}"


def set_colors(app: App[Any], options: ScreenOptions) -> None:
    """Set the theme that an app begins with, and log colors that are readable on it.

    Raises PlanError for an unknown theme.
    """
    for theme in OUR_THEMES:
        app.register_theme(theme)
    if why := why_no_theme(options.theme):
        raise PlanError(why)
    begin_with_theme(app, names.ANSI if options.is_colorless else options.theme, ON_DARK, ON_LIGHT)


def styles_of(app: App[Any]) -> Mapping[Role, Style]:
    """Return the styles of the app's theme."""
    if app.native_ansi_color:
        return ANSI
    theme = app.current_theme
    if (ours := {names.DARK: DARK, names.LIGHT: LIGHT, names.CONTRAST: CONTRAST}.get(theme.name)) is not None:
        return ours
    roles = _of_another_theme(theme).roles
    return {**_PLAIN, **{role: Style(color=roles[role].rich_color) for role in roles if role not in _PLAIN}}


def variables_of(app: App[Any]) -> dict[str, str]:
    """Return what the stylesheet needs that the app's theme lacks, or has in colors that cannot be read."""
    theme = app.current_theme
    if app.native_ansi_color:
        return {"rule": "ansi_default", "focused": "ansi_cyan", "quiet": "ansi_default"}
    if theme in OUR_THEMES:
        return {"focused": theme.primary, "quiet": f"{theme.foreground} 80%"}
    return _of_another_theme(theme).variables


def _of_another_theme(theme: Theme) -> ThemeColors:
    from porch_tui.tui.drawing.theme_colors import theme_colors  # ours come without

    return theme_colors(theme)


def evaluate(line: LazyLine) -> Line:
    """Return the line, drawing it if that has been put off."""
    return line() if callable(line) else line


def glyph(look: Look) -> Span:
    """Return the glyph of a state."""
    return Span(look.glyph, look.sign.role, look.sign.is_loud)


def width_of(spans: Iterable[Span]) -> int:
    """Return how many cells these spans take."""
    return sum(cell_len(span.text) for span in spans)
