"""The mouse in a log: drawn over lines it marks them, a click goes to a line, a second one opens it."""

from __future__ import annotations

from pathlib import Path

from textual.events import MouseDown, MouseEvent, MouseMove, MouseUp

from porch_tui.tui.log.excerpts import Extract
from porch_tui.tui.log.links import FileLink, Link
from porch_tui.tui.log.pane import LogPane
from tests.tui.pane_harness import Shown, in_loop, numbered, on_screen


class Asking(LogPane):
    """A pane that keeps what it asks for."""

    extract: Extract | None = None
    links: tuple[Link, ...] = ()

    def on_log_pane_copy_requested(self, message: LogPane.CopyRequested) -> None:
        self.extract = message.extract

    def on_log_pane_open_requested(self, message: LogPane.OpenRequested) -> None:
        self.links = tuple(message.links)


async def draw(shown: Shown, start: int, *rows: int, button: int = 1) -> None:
    """Press a button in a row of the pane, move through others, and let it go in the last."""

    def event(kind: type[MouseEvent], row: int) -> MouseEvent:
        return kind(shown.pane, 1, row, 0, 1, button, False, False, False, 1, row)

    shown.pane.post_message(event(MouseDown, start))
    for row in rows:
        shown.pane.post_message(event(MouseMove, row))
    shown.pane.post_message(event(MouseUp, rows[-1] if rows else start))
    await shown.pilot.pause()


@in_loop
async def test_lines_the_mouse_is_drawn_over_are_marked_and_copied(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(numbered(0, 8))
    async with on_screen(Asking(), log) as shown:
        await draw(shown, 5, 4, 3)
        assert "3 lines marked" in shown.title()

        await shown.press("y")
        await shown.pilot.pause()
        assert isinstance(shown.pane, Asking) and shown.pane.extract is not None
        assert tuple(7 * n for n in (2, 3, 4)) == shown.pane.extract.starts


@in_loop
async def test_drawn_beyond_the_edge_it_scrolls_and_new_lines_move_nothing(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    log.write_text(numbered(0, 50))
    async with on_screen(Asking(), log) as shown:
        await shown.press("g")
        await draw(shown, 9, 12, 12)
        assert "6 lines marked" in shown.title()
        first = shown.first()
        shown.write(numbered(50, 60))
        assert first == shown.first()

        await draw(shown, 2, -1)
        assert shown.first() != first


@in_loop
async def test_a_click_goes_to_a_line_and_takes_marks_away(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(numbered(0, 3) + "src/a.py:12: no\n")
    async with on_screen(Asking(), log) as shown:
        await draw(shown, 1, 2)
        assert "2 lines marked" in shown.title()
        await shown.pilot.click(shown.pane, (2, 4))
        assert shown.pane.model.marked is None and not shown.pane._pointing.links()

        await shown.pilot.click(shown.pane, (2, 4))
        assert (FileLink("src/a.py", 12),) == shown.pane._pointing.links()
        await shown.press("enter")
        await shown.pilot.pause()
        assert isinstance(shown.pane, Asking) and (FileLink("src/a.py", 12),) == shown.pane.links


@in_loop
async def test_a_second_click_opens_what_the_line_names_and_one_beside_the_lines_nothing(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    log.write_text("src/a.py:12: no\n")
    async with on_screen(Asking(), log) as shown:
        await shown.pilot.double_click(shown.pane, (2, 0))
        assert isinstance(shown.pane, Asking) and not shown.pane.links

        await shown.pilot.double_click(shown.pane, (2, 1))
        await shown.pilot.pause()
        assert (FileLink("src/a.py", 12),) == shown.pane.links


@in_loop
async def test_another_button_and_an_empty_log_mark_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("")
    async with on_screen(Asking(), log) as shown:
        await draw(shown, 1, 3)
        await shown.pilot.click(shown.pane, (2, 3))
        shown.write(numbered(0, 5))
        await draw(shown, 1, 3, button=3)

        assert shown.pane.model.marked is None
