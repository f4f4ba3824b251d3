"""Whether everything on the screen can be read on our themes and on others: the contrast ratio of WCAG 2.1.

4.5:1 for text, 7:1 on the theme of high contrast; 3:1 for what is no word. Measured on what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.segment import Segment
from rich.terminal_theme import TerminalTheme
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from porch_tui.tui.drawing.styles import CONTRAST_THEME, DARK_THEME, LIGHT_THEME, ON_DARK, ON_LIGHT
from porch_tui.tui.terminal.contrast import contrast
from porch_tui.tui.terminal.options import CONTRAST, DARK, LIGHT, ScreenOptions
from tests.tui.board_harness import Screened, on_board
from tests.tui.conflict_harness import TWO_FILES, ParkedRun, on_conflict
from tests.tui.crowds import crowded
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import busy

pytestmark = pytest.mark.slow

THEMES = (DARK, LIGHT, CONTRAST)
FOREIGN = tuple(name for name in BUILTIN_THEMES if not name.startswith("ansi"))
HARD = ("solarized-dark", "catppuccin-latte", "textual-light")
"""Of those: little contrast of their own, dark and light, and colors made for areas."""
MARKED = 0.18
"""How much of the primary color is behind a marked line, by the stylesheet of `LogPane`."""
EDGES = frozenset("▔▁▂")
"""Of textual's own frames: shades from one ground to another, that say nothing."""
BOARD = (
    "",
    "j",
    "j",
    "space",
    "enter",
    "slash",
    "I",
    "enter",
    "v",
    "j",
    "escape",
    "escape",
    "escape",
    "z",
    "z",
)
ABOVE = ("question_mark", "q", "colon", "slash", "y", "x")
UPON_IT = tuple(key for opens in ABOVE for key in (opens, "escape"))
SCREENS = ("i", "m", "j", "j", "tab", "t", "j", "a", "tab")
WORDS = 49
"""Lines of the log of `hard_to_read`."""
CONFLICT = ("", "v", "l", "l", "=", "n", "e", "x", "escape", "y", "W", "escape", "tab", "]")


def test_the_ratio_is_that_of_the_standard() -> None:
    assert 21.0 == pytest.approx(contrast(Color(0, 0, 0), Color(255, 255, 255)))
    assert 4.54 == pytest.approx(contrast(Color.parse("#767676"), Color(255, 255, 255)), abs=0.005)


def drawn(shown: Screened) -> Iterator[Segment]:
    """Yield what is drawn of the uppermost screen, without what a question covers."""
    screen = shown.app.screen
    regions = [widget.region for widget in screen.walk_children()]
    for y, strip in enumerate(screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            if not screen.is_modal or any(region.contains(x, y) for region in regions):
                yield segment
            x += segment.cell_length


def as_sent(shown: Screened, color: RichColor) -> Color:
    """Return a color as the terminal gets it."""
    system = ColorSystem.EIGHT_BIT if shown.app.console.color_system == "256" else ColorSystem.TRUECOLOR
    return Color.from_rich_color(color.downgrade(system))


def unreadable(shown: Screened, least: float) -> set[str]:
    """Return what of the screen has less contrast than it needs."""
    found = set()
    for text, style, _ in drawn(shown):
        words = "".join(letter for letter in text if letter not in EDGES).strip()
        if not words or style is None or style.color is None or style.bgcolor is None:
            continue
        seen = contrast(as_sent(shown, style.color), as_sent(shown, style.bgcolor))
        if seen < (least if any(map(str.isalnum, words)) else 3.0):
            found.add(f"{words[:30]!r} {style.color.name} on {style.bgcolor.name}: {seen:.2f}")
    return found


async def assert_readable(shown: Screened, theme: str, keys: tuple[str, ...], least: float = 0.0) -> None:
    """Press the keys one by one; all must be readable after each."""
    least = least or (7.0 if theme == CONTRAST else 4.5)
    for key in keys:
        if key:
            await shown.press(key)
        assert set() == unreadable(shown, least), f"after {key or 'the start'}"


@pytest.mark.parametrize("theme", [*THEMES, *FOREIGN])
@in_loop
async def test_every_word_of_the_board_and_of_what_covers_it(tmp_path: Path, theme: str) -> None:
    async with on_board(busy(tmp_path), (160, 48), ScreenOptions(fps=0, theme=theme)) as shown:
        await assert_readable(shown, theme, (*BOARD, *UPON_IT, "ctrl+c"))


@pytest.mark.parametrize("theme", [*THEMES, *FOREIGN])
@in_loop
async def test_every_word_of_the_other_screens(tmp_path: Path, theme: str) -> None:
    async with on_board(crowded(tmp_path), (160, 48), ScreenOptions(fps=0, theme=theme)) as shown:
        await assert_readable(shown, theme, SCREENS)


@pytest.mark.parametrize("theme", [*THEMES, *FOREIGN])
@in_loop
async def test_every_word_of_a_conflict(tmp_path: Path, theme: str) -> None:
    run = ParkedRun(tmp_path, *TWO_FILES)
    async with on_conflict(run, (160, 48), ScreenOptions(fps=0, theme=theme)) as conflict:
        await assert_readable(conflict.shown, theme, CONFLICT)


def hard_to_read() -> str:
    """Return a log of one word in many styles, some of them poor on any ground. Its last line has two."""
    codes = [str(one) for first in (30, 90, 40, 100) for one in range(first, first + 8)]
    codes += [f"30;{one}" for one in range(41, 48)]
    codes += ["2", "7", "2;31", "7;34", "38;5;240", "38;5;250", "48;5;226;30", "38;2;90;90;90", "2;48;5;20"]
    return "".join(f"\x1b[{code}mword\x1b[0m\n" for code in codes) + "\x1b[2mfaint word\x1b[0m\n"


@pytest.mark.parametrize("color_system", ["truecolor", "256"])
@pytest.mark.parametrize("theme", [*THEMES, *FOREIGN])
@in_loop
async def test_every_word_of_a_log_that_is_marked_or_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theme: str, color_system: str
) -> None:
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", color_system)
    least = 7.0 if theme == CONTRAST and color_system == "truecolor" else 4.5
    run = busy(tmp_path)
    run.log("schema", hard_to_read())
    async with on_board(run, (160, 70), ScreenOptions(fps=0, theme=theme)) as shown:
        await shown.press("enter", "slash", *"word", "enter")
        assert f"/word: {WORDS} of {WORDS}" in shown.text()
        await assert_readable(shown, theme, ("",), least)

        await shown.press("v", "g")
        assert f"{WORDS} lines marked" in shown.text()
        await assert_readable(shown, theme, ("", "escape"), least)


@in_loop
async def test_every_word_after_another_theme_was_chosen(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (120, 36), ScreenOptions(fps=0)) as shown:
        for theme in ("nord", *HARD, LIGHT, DARK):
            shown.app.theme = theme
            await shown.pilot.pause()
            await assert_readable(shown, theme, ("",))


@pytest.fixture
def few_colors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the terminal say that it has 256 colors."""
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "256")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("theme", [*THEMES, *HARD])
@in_loop
async def test_every_word_in_256_colors(
    tmp_path: Path, few_colors: None, theme: str, size: tuple[int, int]
) -> None:
    async with on_board(busy(tmp_path), size, ScreenOptions(fps=0, theme=theme)) as shown:
        await assert_readable(shown, theme, (*BOARD, *UPON_IT, "ctrl+c"))


def colors_at(shown: Screened, x: int, y: int) -> tuple[Color, Color]:
    """Return the color of the text and of what is behind it in a cell of the screen."""
    (segment,) = list(shown.app.screen._compositor.render_strips()[y].crop(x, x + 1))
    assert segment.style is not None and segment.style.color is not None and segment.style.bgcolor is not None
    return as_sent(shown, segment.style.color), as_sent(shown, segment.style.bgcolor)


@pytest.mark.parametrize("theme", [*THEMES, *FOREIGN])
@in_loop
async def test_the_focus_the_cursor_and_marks_are_seen_in_256_colors(
    tmp_path: Path, few_colors: None, theme: str
) -> None:
    async with on_board(busy(tmp_path), (120, 36), ScreenOptions(fps=0, theme=theme)) as shown:
        await shown.press("j")
        focused, other = colors_at(shown, 0, 1), colors_at(shown, 119, 1)
        here, below = colors_at(shown, 20, 3), colors_at(shown, 20, 5)
        assert focused[0] != other[0] and here[1] != below[1]

        await shown.press("enter", "v", "k", "k")
        focused, other = colors_at(shown, 119, 1), colors_at(shown, 0, 1)
        marked, plain = colors_at(shown, 60, 33), colors_at(shown, 60, 20)
        assert focused[0] != other[0] and marked[1] != plain[1]

        await shown.press("escape", "escape", "q")
        assert "╭" in shown.text() and "Leave" in shown.text()


@pytest.mark.parametrize(
    ("theme", "colors", "least"),
    [(DARK_THEME, ON_DARK, 4.5), (LIGHT_THEME, ON_LIGHT, 4.5), (CONTRAST_THEME, ON_DARK, 7.0)],
    ids=THEMES,
)
def test_every_color_of_a_log(theme: Theme, colors: TerminalTheme, least: float) -> None:
    """Also on a marked line. Only black is left out: programs write it on a color."""
    ground = Color.parse(theme.background)
    marked = ground.blend(Color.parse(theme.primary), MARKED)
    shown = [Color(*colors.ansi_colors[number]) for number in range(1, 16)]

    assert [] == [one.hex for one in shown if contrast(one, ground) < least]
    assert [] == [one.hex for one in shown if contrast(one, marked) < least]


@pytest.mark.parametrize("name", FOREIGN)
def test_every_color_of_a_log_on_a_theme_that_is_not_ours(name: str) -> None:
    theme = BUILTIN_THEMES[name]
    ground = Color.parse(theme.to_color_system().generate()["background"])
    colors = ON_DARK if theme.dark else ON_LIGHT
    shown = [Color(*colors.ansi_colors[number]) for number in range(1, 16)]

    assert [] == [one.hex for one in shown if contrast(one, ground) < 4.5]
