"""Lines that redraw only the cells that changed, and nothing more when there are more or fewer of them."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.geometry import Region

from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from tests.tui.pane_harness import in_loop


class Texts(Rows):
    DEFAULT_CSS = "Texts { height: 1fr; }"
    texts: tuple[str, ...] = ("one", "two")

    def compose_lines(self) -> list[Line]:
        return [(Span(text),) for text in self.texts]

    def put(self, *texts: str) -> set[Region]:
        """Show other texts, and return what is drawn for that."""
        self._exchange_repaint_regions()
        self.texts = texts
        self.redraw()
        return set(self._exchange_repaint_regions())


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield Texts()


@in_loop
async def test_a_line_more_or_less_draws_that_line_and_no_blank_behind_it() -> None:
    app = Shown()
    async with app.run_test(size=(40, 10)):
        texts = app.query_one(Texts)

        assert {Region(0, 2, 5, 1)} == texts.put("one", "two", "three")
        assert {Region(0, 1, 5, 1), Region(0, 2, 5, 1)} == texts.put("one", "three")
        assert "three" == "\n".join(strip.text for strip in texts.render_lines(Region(0, 1, 40, 2))).strip()


@in_loop
async def test_the_same_lines_draw_nothing() -> None:
    app = Shown()
    async with app.run_test(size=(40, 10)):
        assert set() == app.query_one(Texts).put("one", "two")
