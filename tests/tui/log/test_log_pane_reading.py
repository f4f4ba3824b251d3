"""A log read closely: long lines wrapped, times before the lines, lines marked and yanked."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model.telemetry import Sample
from porch_tui.tui.log.excerpts import Extract
from porch_tui.tui.log.line_times import LineTimes, Times, line_times
from porch_tui.tui.log.model import TICKS_TO_TIMES
from porch_tui.tui.log.pane import LogPane
from tests.tui.pane_harness import ROWS, WIDTH, in_loop, numbered, on_screen


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "task.log"


@pytest.fixture
def long(path: Path) -> Path:
    path.write_text(numbered(0, 100))
    return path


class Kept(LogPane):
    """Remembers what it was asked to have copied, saved and paged."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[object] = []

    def on_log_pane_copy_requested(self, message: LogPane.CopyRequested) -> None:
        self.wanted.append(message.extract)

    def on_log_pane_save_requested(self, message: LogPane.SaveRequested) -> None:
        self.wanted.append(("save", message.path))

    def on_log_pane_pager_requested(self, message: LogPane.PagerRequested) -> None:
        self.wanted.append(("page", message.path))


# --- wrap


@in_loop
async def test_w_breaks_long_lines_into_rows_and_again_cuts_them(path: Path) -> None:
    path.write_text("a" * (WIDTH + 3) + "\nshort\n")
    async with on_screen(LogPane(), path) as shown:
        await shown.press("w")
        assert shown.body() == ["a" * WIDTH, "aaa", "short"]

        await shown.press("w")
        assert shown.body() == ["a" * WIDTH, "short"]


@in_loop
async def test_a_wrapped_log_keeps_its_last_line_in_view_as_it_grows(path: Path) -> None:
    path.write_text(("b" * (3 * WIDTH) + "\n") * 20)
    async with on_screen(LogPane(), path) as shown:
        await shown.press("w")
        assert shown.body() == ["b" * WIDTH] * 9

        shown.write("c" * (2 * WIDTH) + "\nlast\n")
        assert shown.last() == "last" and shown.body()[-3:-1] == ["c" * WIDTH] * 2


@in_loop
async def test_a_wrapped_log_moves_by_lines(path: Path) -> None:
    path.write_text("".join(f"{n:03}" + "x" * WIDTH + "\n" for n in range(50)))
    async with on_screen(LogPane(), path) as shown:
        await shown.press("w", "g", "j", "j")

        assert shown.first().startswith("002") and shown.body()[2].startswith("003")


@in_loop
async def test_a_line_taller_than_the_pane_shows_its_beginning(path: Path) -> None:
    path.write_text("start" + "x" * (WIDTH * 30) + "\n")
    async with on_screen(LogPane(), path) as shown:
        await shown.press("w")

        assert shown.first().startswith("start") and len(shown.body()) == ROWS


# --- times


TIMES = LineTimes(1000.0, [50, 200, 400], [1001.0, 1002.0, 1063.0], 1070.0)


@pytest.mark.parametrize(("offset", "at"), [(0, 1001), (49, 1001), (50, 1002), (399, 1063), (400, 1070)])
def test_a_line_is_as_old_as_the_first_look_that_found_it(offset: int, at: float) -> None:
    assert TIMES.at(offset) == at


def test_samples_without_a_length_tell_nothing() -> None:
    old = [Sample(1.0, 0.0, 0.0, 0, 0, 1), Sample(2.0, 0.0, 0.0, 0, 0, 1)]

    assert line_times(0.0, old, 3.0).at(0) is None


def test_a_log_that_did_not_grow_between_two_looks_is_as_old_as_the_first() -> None:
    looks = [
        Sample(float(n), 0.0, 0.0, 0, 0, 1, log_bytes=length) for n, length in [(1, 10), (2, 10), (3, 30)]
    ]

    times = line_times(0.0, looks, None)

    assert [times.at(0), times.at(10), times.at(30)] == [1.0, 3.0, None]


def test_times_take_as_many_cells_as_they_say() -> None:
    assert {len(TIMES.text(offset, times)) for offset in (0, 300, 10**9) for times in list(Times)[1:]} == {9}


@in_loop
async def test_t_shows_times_since_the_start_then_the_clock_then_none(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        shown.pane.show(long, "task", lambda: LineTimes(0.0, [10**6], [75.0]))
        await shown.press("t")
        assert shown.last().split() == ["1m15s", "line", "99"]

        await shown.press("t")
        assert shown.last()[2] == shown.last()[5] == ":" and shown.last().endswith("line 99")
        await shown.press("t")
        assert shown.last() == "line 99"


@in_loop
async def test_a_line_gets_its_time_once_that_is_known(path: Path) -> None:
    path.write_text("first\n")
    known = [LineTimes(0.0, [6], [75.0])]
    async with on_screen(LogPane(), path) as shown:
        shown.pane.show(path, "task", lambda: known[-1])
        await shown.press("t")
        shown.write("second\n")
        assert shown.last().split() == ["second"]

        known.append(LineTimes(0.0, [6, 13], [75.0, 76.0]))
        for _ in range(TICKS_TO_TIMES):
            shown.pane.tick()
        assert shown.last().split() == ["1m16s", "second"]


@in_loop
async def test_without_times_t_changes_nothing(long: Path) -> None:
    async with on_screen(LogPane(), long) as shown:
        await shown.press("t")

        assert shown.last() == "line 99"


@in_loop
async def test_a_wrapped_line_has_its_time_once(path: Path) -> None:
    path.write_text("d" * WIDTH + "\n")
    async with on_screen(LogPane(), path) as shown:
        shown.pane.show(path, "task", lambda: LineTimes(0.0, [10**6], [75.0]))
        await shown.press("w", "t")

        assert [row.split() for row in shown.body()] == [["1m15s", "d" * (WIDTH - 9)], ["d" * 9]]


# --- marks


@in_loop
async def test_v_marks_lines_and_y_copies_them_and_follows_again(long: Path) -> None:
    pane = Kept()
    async with on_screen(pane, long) as shown:
        await shown.press("v", "k", "k")
        assert shown.title() == "task 3 lines marked"

        await shown.press("y")
        await shown.pilot.pause()

        extract = pane.wanted[0]
        assert isinstance(extract, Extract)
        text = long.read_text()
        assert [text[at : at + 7] for at in extract.starts] == ["line 97", "line 98", "line 99"]
        assert pane.model.is_following


@in_loop
async def test_marking_reaches_beyond_the_view(long: Path) -> None:
    pane = Kept()
    async with on_screen(pane, long) as shown:
        await shown.press("k", "v", "g")
        assert "99 lines marked" in shown.title() and shown.first() == "line 0"

        await shown.press("G")
        assert "2 lines marked" in shown.title() and shown.last() == "line 99"


@in_loop
async def test_marking_at_the_start_of_a_log_begins_with_its_first_line(long: Path) -> None:
    pane = Kept()
    async with on_screen(pane, long) as shown:
        await shown.press("g", "v", "j", "j")
        assert "3 lines marked" in shown.title() and shown.first() == "line 0"


@in_loop
async def test_escape_marks_nothing_any_more_and_v_too(long: Path) -> None:
    pane = Kept()
    async with on_screen(pane, long) as shown:
        for key in ("escape", "v"):
            await shown.press("v", "k", key)
            assert shown.title() == "task 100 lines ▼ follow"
        await shown.press("y")
        assert pane.wanted == []


@in_loop
async def test_the_log_can_be_saved_and_paged(long: Path) -> None:
    pane = Kept()
    async with on_screen(pane, long) as shown:
        await shown.press("Y", "o")
        await shown.pilot.pause()

        assert pane.wanted == [("save", long), ("page", long)]
