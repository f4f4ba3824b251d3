"""The mouse in a log: it marks what it is drawn over; clicks go to a line, open a link, mark a word."""

from __future__ import annotations

from pathlib import Path

from textual.events import MouseDown, MouseEvent, MouseMove, MouseUp
from textual.geometry import Region

from porch_tui.tui.log.excerpts import Extract, text_of
from porch_tui.tui.log.line_times import LineTimes
from porch_tui.tui.log.links import FileLink, Link
from porch_tui.tui.log.pane import LogPane
from tests.tui.pane_harness import WIDTH, Shown, in_loop, numbered, on_screen


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
    await drag(shown, (1, start), *((1, row) for row in rows), button=button)


async def drag(shown: Shown, *cells: tuple[int, int], button: int = 1) -> None:
    """Press a button in a cell of the pane, move through others, and let it go in the last."""

    def event(kind: type[MouseEvent], x: int, y: int) -> MouseEvent:
        return kind(shown.pane, x, y, 0, 1, button, False, False, False, x, y)

    shown.pane.post_message(event(MouseDown, *cells[0]))
    for cell in cells[1:]:
        shown.pane.post_message(event(MouseMove, *cell))
    shown.pane.post_message(event(MouseUp, *cells[-1]))
    await shown.pilot.pause()


async def copied(shown: Shown) -> str:
    """Copy what is marked, and return the text."""
    await shown.press("y")
    await shown.pilot.pause()
    assert isinstance(shown.pane, Asking) and shown.pane.extract is not None
    return text_of(shown.pane.extract)


def marked_cells(shown: Shown) -> list[str]:
    """Return what of each row is drawn as marked."""
    ground = shown.pane.get_component_rich_style("log-pane--marked").bgcolor
    strips = shown.pane.render_lines(Region(0, 0, *shown.pane.size))
    return [
        "".join(one.text for one in strip if one.style is not None and one.style.bgcolor == ground)
        for strip in strips[1:]
    ]


@in_loop
async def test_what_the_mouse_is_drawn_over_is_marked_and_copied_from_cell_to_cell(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(numbered(0, 8))
    async with on_screen(Asking(), log) as shown:
        await drag(shown, (2, 5), (3, 4), (4, 3))
        assert "part of 3 lines marked" in shown.title()
        rows = marked_cells(shown)[2:5]
        assert (" 2", "line 3", "lin") == (rows[0].rstrip(), rows[1].rstrip(), rows[2])
        assert WIDTH == len(rows[1]) == 4 + len(rows[0])

        assert " 2\nline 3\nlin" == await copied(shown)


@in_loop
async def test_backwards_in_one_line_wide_characters_are_whole(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("a漢字b e\u0301é\U0001f469\u200d\U0001f680x\n")
    async with on_screen(Asking(), log) as shown:
        await drag(shown, (3, 1), (2, 1))
        assert ["漢字"] == [row for row in marked_cells(shown) if row]
        assert "漢字" == await copied(shown)

        await drag(shown, (7, 1), (9, 1))
        assert "e\u0301é\U0001f469\u200d\U0001f680" == await copied(shown)


@in_loop
async def test_marks_follow_a_line_that_is_wrapped_moved_sideways_or_has_a_time_before_it(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"{n:03}-" for n in range(40)) + "\nnext\n")
    async with on_screen(Asking(), log) as shown:
        await shown.press("l")
        await drag(shown, (0, 1), (3, 1))
        assert "002-" == await copied(shown)

        await shown.press("h", "w")
        await drag(shown, (56, 1), (3, 2))
        assert "014-015-" == await copied(shown)
        await drag(shown, (56, 3), (5, 4), (1, 4))
        assert "\nne" == await copied(shown)

        shown.pane.show(log, "log", lambda: LineTimes(0.0, [2000], [5.0]))
        shown.pane.action_go("next_times")
        await drag(shown, (10, 5), (12, 5))
        assert "ext" == await copied(shown)


@in_loop
async def test_beyond_the_end_of_a_line_nothing_more_is_copied(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(numbered(0, 3))
    async with on_screen(Asking(), log) as shown:
        await drag(shown, (5, 2), (50, 2))
        assert "1" == await copied(shown)
        await drag(shown, (30, 2), (0, 3))
        assert "\nl" == await copied(shown)
        await drag(shown, (5, 2), (2, 9))
        assert "1\nline 2" == await copied(shown)


@in_loop
async def test_a_key_after_the_mouse_marks_whole_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(numbered(0, 4))
    async with on_screen(Asking(), log) as shown:
        await drag(shown, (3, 1), (1, 2))
        await shown.press("j")
        assert "3 lines marked" in shown.title() and "part" not in shown.title()

        assert "line 0\nline 1\nline 2\n" == await copied(shown)


@in_loop
async def test_two_clicks_mark_a_word_and_three_its_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text('see "lib/漢字.py": done.\n')
    async with on_screen(Asking(), log) as shown:
        await shown.pilot.click(shown.pane, (7, 1), times=2)
        assert "lib/漢字.py" == await copied(shown)
        await shown.pilot.click(shown.pane, (19, 1), times=2)
        assert "done" == await copied(shown)
        await shown.pilot.click(shown.pane, (3, 1), times=2)
        assert shown.pane.model.marked is None

        await shown.pilot.click(shown.pane, (7, 1), times=3)
        assert 'see "lib/漢字.py": done.\n' == await copied(shown)


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
async def test_a_second_click_opens_the_link_that_it_is_on_and_nothing_elsewhere(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("src/a.py:12: no, see b.py:3 or \x1b]8;;file:///w/c.py#L4\x1b\\that\x1b]8;;\x1b\\\n")
    async with on_screen(Asking(), log) as shown:
        for cell in ((2, 0), (13, 1)):
            await shown.pilot.double_click(shown.pane, cell)
            assert isinstance(shown.pane, Asking) and not shown.pane.links

        links = {2: FileLink("src/a.py", 12), 21: FileLink("b.py", 3), 33: FileLink("/w/c.py", 4)}
        for cell, link in links.items():
            await shown.pilot.double_click(shown.pane, (cell, 1))
            await shown.pilot.pause()
            assert (link,) == shown.pane.links


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
