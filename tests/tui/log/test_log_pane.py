"""The log pane in an app without a terminal: what it shows, and how little it redraws."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.geometry import Region

from porch_tui.present.signs import Charset
from porch_tui.tui.log.pane import LogPane
from tests.tui.pane_harness import HEIGHT, ROWS, WIDTH, in_loop, numbered, on_screen


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "task.log"


@pytest.fixture
def long(path: Path) -> Path:
    path.write_text(numbered(0, 100))
    return path


# --- what is shown


@in_loop
async def test_a_log_is_shown_from_its_end_and_followed(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        assert [f"line {n}" for n in range(90, 100)] == shown.body()
        assert shown.title() == "task 100 lines ▼ follow"

        shown.write(numbered(100, 1305))

        assert shown.last() == "line 1304"
        assert shown.title() == "task 1,305 lines ▼ follow"


@in_loop
async def test_a_log_without_output_says_so_until_there_is_some(path: Path) -> None:
    async with on_screen(LogPane(), path) as shown:
        assert shown.body() == ["no output"]

        shown.write("hello\n")

        assert shown.body() == ["hello"]
        assert "1 line " in shown.title()


@in_loop
async def test_a_log_that_cannot_be_read_says_why(path: Path) -> None:
    path.mkdir()
    async with on_screen(LogPane(), path, size=(200, HEIGHT)) as shown:
        assert "cannot be read: it is not a regular file" in shown.first()


@in_loop
async def test_a_line_still_being_written_is_shown_and_grows(path: Path) -> None:
    path.write_text("compiling")
    async with on_screen(LogPane(), path) as shown:
        assert shown.last() == "compiling"
        shown.write(" ...")
        assert shown.last() == "compiling ..."
        shown.write("\rdone         \n")
        assert shown.body() == ["done"]


@in_loop
async def test_hostile_text_in_log_and_title_is_shown_as_text(path: Path) -> None:
    path.write_bytes(b"a\x1b]52;c;x\x07b\x1b[2J\x9b\x00\xe2\x80\xaec\n")
    async with on_screen(LogPane(), path) as shown:
        shown.pane.show(path, "evil\x1b]0;x\x07\u202etitle")

        assert shown.last() == "ab\ufffd␀\ufffdc"
        assert shown.title().startswith("evil␛]0;x␇\ufffdtitle")


@in_loop
async def test_colors_of_the_log_are_colors_of_the_screen(path: Path) -> None:
    path.write_text("\x1b[31mred\x1b[0m plain\n")
    async with on_screen(LogPane(), path) as shown:
        strip = shown.pane.render_lines(Region(0, 1, WIDTH, 1))[0]
        red, plain = (segment.style for segment in list(strip)[:2])

        assert red is not None and plain is not None
        # The theme's red: textual turns the 16 colors into its own.
        assert red.color != plain.color
        assert red.color is not None and red.color.triplet is not None
        assert red.bgcolor == plain.bgcolor


@in_loop
async def test_a_truncated_log_is_shown_from_its_beginning(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await shown.press("g")
        long.write_text("fresh\n")
        shown.pane.tick()

        assert shown.body() == ["fresh"]
        assert shown.title() == "task 1 line ▼ follow"


@in_loop
async def test_what_was_dropped_from_a_long_log_is_one_row(path: Path) -> None:
    with path.open("wb") as log:
        log.write(b"begun\n")
        log.truncate(371 * 1024 * 1024)
        log.seek(0, os.SEEK_END)
        log.write("… 371 MiB dropped …\nlast\n".encode())
    async with on_screen(LogPane(), path) as shown:
        shown.pane.tick()
        await shown.press("g")

        assert shown.body() == ["begun", "… 371 MiB dropped …", "last"]


@in_loop
async def test_another_log_is_shown_from_its_end_and_the_same_one_keeps_its_place(long: Path) -> None:
    other = long.with_name("other.log")
    other.write_text("other\n")
    async with on_screen(LogPane(), long) as shown:
        await shown.press("g")
        shown.pane.show(long, "renamed")
        assert (shown.first(), shown.title()) == ("line 0", "renamed 100 lines ‖ 0 new")

        shown.pane.show(other, "other")
        assert (shown.body(), shown.title()) == (["other"], "other 1 line ▼ follow")


@in_loop
async def test_ascii_letters_are_enough(long: Path) -> None:
    async with on_screen(LogPane(charset=Charset.ASCII), long) as shown:
        assert shown.title() == "task 100 lines v follow"
        await shown.press("f")
        assert shown.title() == "task 100 lines | 0 new"


# --- what is redrawn


@in_loop
async def test_a_tick_without_news_redraws_nothing(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        shown.repainted()
        shown.pane.tick()

        assert shown.repainted() == []


@in_loop
async def test_new_lines_below_the_view_redraw_the_count_alone(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await shown.press("g")
        shown.repainted()
        shown.write("more\n")

        assert shown.repainted() == [(0, 1)]


@in_loop
async def test_between_jumps_the_new_row_and_the_count_are_redrawn(long: Path) -> None:
    async with on_screen(LogPane(jump_scroll=True), long) as shown:
        shown.write("line 100\n")
        shown.repainted()
        shown.write("line 101\n")

        assert shown.repainted() == [(0, 1), (6, 1)]


@in_loop
async def test_a_log_line_is_drawn_once(long: Path) -> None:
    """Textual asks for every row on every frame."""
    async with on_screen(LogPane(), long) as shown:
        first = shown.pane.render_lines(Region(0, 1, WIDTH, ROWS))
        again = shown.pane.render_lines(Region(0, 1, WIDTH, ROWS))

        assert all(before is after for before, after in zip(first, again, strict=True))


@in_loop
async def test_a_change_of_theme_is_drawn(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        before = shown.pane.render_lines(Region(0, 1, WIDTH, 1))[0]
        shown.pane.app.theme = "textual-light"
        await shown.pilot.pause()

        assert list(before) != list(shown.pane.render_lines(Region(0, 1, WIDTH, 1))[0])


@in_loop
async def test_a_part_of_the_pane_can_be_asked_for(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        [strip] = shown.pane.render_lines(Region(2, 1, 5, 1))

        assert strip.text == "ne 90"
