"""A terminal with 256 colors: nothing becomes black on black, and what differs still does."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from porch_tui.tui.app.app import PorchApp
from porch_tui.tui.terminal.contrast import contrast
from porch_tui.tui.terminal.few_colors import FewColors, nearest, triplet
from porch_tui.tui.terminal.options import ScreenOptions
from tests.tui.recordings import busy

BLACK = Color(0, 0, 0)


def drawn(text: str, ground: str) -> Style:
    """Return how text in a color on another is drawn."""
    (segment,) = FewColors().apply([Segment("x", Style.parse(f"bold {text} on {ground}"))], BLACK)
    assert segment.style is not None and segment.style.bold
    return segment.style


def color(drawn: RichColor | None) -> Color:
    assert drawn is not None and drawn.number is not None
    return Color(*triplet(drawn.number))


def test_each_of_the_256_is_nearest_to_itself() -> None:
    assert all(triplet(number) == triplet(nearest(triplet(number))) for number in range(16, 256))


@pytest.mark.parametrize(
    ("tint", "number"),
    [
        ("#11151a", 233),
        ("#1d242c", 235),
        ("#2e3440", 237),
        ("#000000", 16),
        ("#fcfcfa", 231),
        ("#56b4e9", 74),
    ],
)
def test_a_tinted_grey_is_a_grey_and_neither_black_nor_teal(tint: str, number: int) -> None:
    assert number == nearest(Color.parse(tint).rgb)


@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [("#a94300", "#e9eae5", 4.5), ("#94b0b5", "#063a4e", 4.5), ("#7cd0ff", "#1f1f1f", 7)],
)
def test_what_could_be_read_still_can(text: str, ground: str, least: float) -> None:
    assert contrast(Color.parse(text), Color.parse(ground)) >= least
    style = drawn(text, ground)

    assert contrast(color(style.color), color(style.bgcolor)) >= least


def test_colors_of_the_terminal_s_own_and_of_the_256_stay() -> None:
    style = drawn("red", "color(17)")

    assert (1, 17) == (style.color and style.color.number, style.bgcolor and style.bgcolor.number)
    assert [Segment("x")] == FewColors().apply([Segment("x")], BLACK)


@pytest.mark.parametrize(("system", "is_few"), [("256", True), ("truecolor", False)])
def test_only_a_terminal_with_256_colors_gets_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, is_few: bool
) -> None:
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", system)
    app = PorchApp(busy(tmp_path).session(), options=ScreenOptions(fps=0))

    assert is_few is any(isinstance(one, FewColors) for one in app.get_line_filters())
