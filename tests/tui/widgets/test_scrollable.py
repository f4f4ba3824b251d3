"""Lines that are scrolled by keys and by the wheel, down and sideways."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult
from textual.events import MouseScrollDown, MouseScrollUp
from textual.pilot import Pilot

from porch_tui.present.signs import Charset
from porch_tui.tui.drawing.fields import Field
from porch_tui.tui.drawing.styles import Span
from porch_tui.tui.widgets.scrollable import ScrollableFields, without
from tests.tui.board_harness import rows_of
from tests.tui.pane_harness import in_loop


class Facts(App[None]):
    def compose(self) -> ComposeResult:
        yield ScrollableFields(Charset.UNICODE)


@asynccontextmanager
async def on_facts() -> AsyncIterator[tuple[Pilot[None], ScrollableFields]]:
    """Show thirty facts in a window of ten rows."""
    async with Facts().run_test(size=(40, 10)) as pilot:
        facts = pilot.app.query_one(ScrollableFields)
        facts.draw([Field(f"fact {n}", f"text {n}") for n in range(30)])
        facts.focus()
        await pilot.pause()
        yield pilot, facts


@in_loop
async def test_keys_go_to_the_ends_and_by_lines_and_pages() -> None:
    async with on_facts() as (pilot, facts):
        for keys, first in (("j", 1), ("space", 10), ("b", 1), ("G", 20), ("k", 19), ("g", 0), ("k", 0)):
            await pilot.press(keys)
            assert f" fact {first} " in rows_of(facts)[0] + " ", keys


@in_loop
async def test_the_wheel_goes_by_three_lines() -> None:
    async with on_facts() as (pilot, facts):
        for kind, first in ((MouseScrollDown, 3), (MouseScrollDown, 6), (MouseScrollUp, 3)):
            facts.post_message(kind(facts, 1, 1, 0, 1, 0, False, False, False))
            await pilot.pause()
            assert f" fact {first} " in rows_of(facts)[0]


@in_loop
async def test_nothing_is_scrolled_sideways_where_all_of_it_fits() -> None:
    async with on_facts() as (pilot, facts):
        await pilot.press("l")

        assert " fact 0" in rows_of(facts)[0]


def test_a_line_loses_its_first_cells_and_a_wide_character_that_is_cut_in_two() -> None:
    line = (Span("ab"), Span("中c"))

    assert ["b中c", "c", "c", ""] == ["".join(span.text for span in without(line, n)) for n in (1, 3, 4, 9)]
