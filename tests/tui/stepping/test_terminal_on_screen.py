"""A task's terminal is drawn live wherever its log is shown; to scroll back, search and copy it is a log."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from porch_tui.core.model.copying import replace
from porch_tui.core.model.events.task import AttemptPaused
from porch_tui.core.model.plan import Terminal
from porch_tui.emulator.screen import Screen
from porch_tui.process.supervisor import frames
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.terminal.options import ScreenOptions
from tests.emulator.recorded import recording
from tests.session.terminal_files import TerminalFiles
from tests.tui.board_harness import Screened, on_board
from tests.tui.hostile import HOSTILE, MARK
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording
from tests.tui.recordings import task as spec_of


class Task:
    """A running task with a terminal, of which the test is the supervisor."""

    def __init__(self, folder: Path, *others: str) -> None:
        self.run = Recording(folder, ["shell", *others]).start("shell", *others)
        self.run.wait(5)
        self.files = TerminalFiles(self.run.rundir.attempt("shell.1"))
        self._pipe = -1

    def own(self) -> None:
        """Take what is typed."""
        path = self.files.directory / "tty.in"
        os.mkfifo(path)
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def disown(self) -> None:
        """Die."""
        os.close(self._pipe)

    def taken(self) -> list[tuple[bytes, bytes]]:
        """Return the frames that have come."""
        found = []
        try:
            left = os.read(self._pipe, 65536)
        except BlockingIOError:
            return []
        while left:
            one, left = frames.take(left)
            assert one is not None
            found.append(one)
        return found


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return Task(tmp_path)


def pane(shown: Screened) -> LogPane:
    return shown.app.live.query(LogPane).first()


def body(shown: Screened) -> list[str]:
    """Return the rows below the title of the pane that no notice covers."""
    region, notice = pane(shown).region, shown.app.live.notice
    end = notice.region.y if notice.text else region.bottom
    rows = shown.rows()[region.y + 1 : min(end, region.bottom)]
    return [row[region.x :].rstrip().rstrip("│┃|").rstrip() for row in rows]


@in_loop
async def live(task: Task) -> None:
    async with on_board(task.run, (120, 36)) as shown:
        task.files.print(b"setup runs\n")
        await shown.tick()
        assert shown.shows("setup runs")
        task.files.size(60, 10)
        task.files.print(b"\x1b[2J\x1b[3;5Hin the \x1b[31mterminal\x1b[0m")
        await shown.tick()
        assert body(shown)[2] == "    in the terminal"
        assert shown.shows("60x10")
        assert not shown.shows("setup runs")
        task.files.end()
        task.files.print(b"check passed\n")
        await shown.tick()
        await shown.tick()
        assert [row for row in body(shown) if row] == ["setup runs", "    in the terminal", "check passed"]


def test_before_and_behind_the_terminal_the_log_is_shown_as_ever(task: Task) -> None:
    live(task)


def test_a_recording_is_shown_cell_by_cell(task: Task) -> None:
    @in_loop
    async def scenario() -> None:
        recorded = recording("vim")
        task.files.size(*recorded.size)
        task.files.print(recorded.data)
        async with on_board(task.run, (2 * recorded.size[0], recorded.size[1] + 10)) as shown:
            for _ in range(5):
                await shown.tick()
            assert body(shown)[: recorded.size[1]] == [row.rstrip() for row in recorded.rows]

    scenario()


def test_a_small_pane_shows_the_part_with_the_cursor_and_says_the_size(task: Task) -> None:
    @in_loop
    async def scenario() -> None:
        task.files.size(120, 36)
        task.files.print(b"above\x1b[30;1Hwith the cursor")
        async with on_board(task.run, (80, 24)) as shown:
            await shown.tick()
            assert "with the cursor" in body(shown)
            assert "above" not in body(shown)
            assert shown.shows("120x36")

    scenario()


def test_a_small_pane_shows_the_end_of_the_text_of_a_program_that_hides_its_cursor(task: Task) -> None:
    @in_loop
    async def scenario() -> None:
        task.files.size(120, 36)
        task.files.print(b"\x1b[?25l\x1b[5;1Hpress enter\x1b[36;1H")
        async with on_board(task.run, (80, 24)) as shown:
            await shown.tick()
            assert "press enter" in body(shown)

    scenario()


def test_only_what_has_changed_is_drawn_and_nothing_while_it_is_still(task: Task) -> None:
    @in_loop
    async def scenario() -> None:
        task.files.size(60, 10)
        task.files.print(b"x" * 200)
        async with on_board(task.run, (120, 36)) as shown:
            await shown.tick(0)
            shown.repainted_rows()
            shown.app.tick()
            assert shown.repainted_rows() == 0
            task.files.print(b"y")
            shown.app.tick()
            regions = pane(shown)._exchange_repaint_regions()
            assert [(region.width, region.height) for region in regions] == [(1, 1)]

    scenario()


def test_scrolling_back_searching_and_copying_work_as_in_a_log(task: Task) -> None:
    @in_loop
    async def scenario() -> None:
        task.files.size(60, 10)
        task.files.print(b"".join(b"line %d\r\n" % n for n in range(100)) + b"\x1b[32mprompt\x1b[0m")
        async with on_board(task.run, (120, 36)) as shown:
            await shown.tick()
            await shown.press("l", "ctrl+u")
            assert "line 80" in body(shown)
            assert "prompt" not in body(shown)
            task.files.print(b"\r\nlater")
            await shown.tick()
            assert "later" not in body(shown)
            await shown.press("slash", *"line 42", "enter")
            assert "line 42" in body(shown)
            assert shown.shows("/line 42: 1 of 1")
            await shown.press("escape", "G")
            await shown.tick()
            assert "later" in body(shown)
            assert pane(shown).terminal.is_shown

    scenario()


def test_the_whole_of_it_is_saved_as_text(task: Task) -> None:
    @in_loop
    async def scenario() -> None:
        task.files.size(60, 10)
        task.files.print(b"".join(b"line %d\r\n" % n for n in range(100)))
        saved: list[Path] = []

        def post(message: object) -> bool:
            if isinstance(message, LogPane.SaveRequested):
                saved.append(message.path)
            return True

        async with on_board(task.run, (120, 36)) as shown:
            await shown.tick()
            pane(shown).post_message = post  # type: ignore[method-assign, assignment]
            pane(shown).action_save()
            del pane(shown).post_message
            assert saved[0].read_text().splitlines() == [f"line {n}" for n in range(100)]

    scenario()


def test_enter_goes_into_the_log_where_no_one_takes_what_is_typed(task: Task) -> None:
    @in_loop
    async def scenario() -> None:
        task.files.size(60, 10)
        async with on_board(task.run, (120, 36)) as shown:
            await shown.tick()
            assert not shown.shows("step in")
            await shown.press("enter")
            assert shown.app.focused is pane(shown)
            assert not pane(shown).terminal.how_to_leave

    scenario()


def test_stepping_in_sends_the_size_and_leaving_says_how_always(task: Task) -> None:
    @in_loop
    async def scenario() -> None:
        task.own()
        task.files.size(60, 10)
        async with on_board(task.run, (120, 36)) as shown:
            await shown.tick()
            assert shown.shows("enter step in")
            await shown.press("enter")
            await shown.pilot.pause()
            width, rows = pane(shown).size.width, pane(shown).size.height - 1
            sizes = [payload for kind, payload in task.taken() if kind == frames.SIZE]
            assert sizes == [frames.COLS_ROWS.pack(width, rows)]
            assert sum("ctrl+] leaves" in row for row in shown.rows()) == 2
            pane(shown).terminal.leave()
            await shown.pilot.pause()
            assert shown.shows("enter step in")
            assert not shown.shows("ctrl+] leaves")

    scenario()


def test_inside_a_run_without_an_engine_says_which_keys_reach_porch(task: Task) -> None:
    @in_loop
    async def scenario() -> None:
        task.own()
        task.files.size(60, 10)
        async with on_board(task.run, (120, 36), has_engine=False, start_engine=lambda: None) as shown:
            await shown.tick()
            assert shown.shows("no engine: press R to resume")

            await shown.press("enter")
            await shown.pilot.pause()
            assert shown.shows("no engine: ctrl+], then R to resume")

            pane(shown).terminal.leave()
            await shown.pilot.pause()
            assert shown.shows("no engine: press R to resume")

    scenario()


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=lambda size: "x".join(map(str, size)))
def test_a_paused_task_says_inside_that_it_reads_nothing(task: Task, size: tuple[int, int]) -> None:
    @in_loop
    async def scenario() -> None:
        task.own()
        task.files.size(60, 10)
        async with on_board(task.run, size) as shown:
            await shown.tick()
            await shown.press("enter")
            assert shown.shows("ctrl+] leaves; all else goes to the task")
            task.run.say(AttemptPaused(task.run.attempt("shell")))
            await shown.tick()
            assert shown.shows("ctrl+] leaves; the task is paused: it reads what you type once it is resumed")

    scenario()


def test_the_key_that_finishes_is_shown_for_a_task_with_a_terminal_alone(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        with_terminal = replace(spec_of("shell"), terminal=Terminal())
        run = Recording(tmp_path, [with_terminal, spec_of("plain")]).start("shell", "plain")
        async with on_board(run, (80, 24)) as shown:
            assert shown.shows("Z finish")
            await shown.press("j")
            assert not shown.shows("Z finish")

    scenario()


@pytest.mark.slow
def test_in_the_grid_the_task_with_the_focus_is_stepped_into(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        task = Task(tmp_path, "one", "two", "three")
        task.own()
        task.files.size(60, 10)
        task.files.print(b"in a tile")
        async with on_board(task.run, (80, 24)) as shown:
            await shown.press("a")
            await shown.tick()
            assert shown.shows("in a tile")
            await shown.press("enter")
            await shown.pilot.pause()
            await shown.tick()
            assert [kind for kind, _ in task.taken()] == [frames.SIZE]
            assert shown.shows("ctrl+] leaves")
            assert any("shell" in row and "ctrl+] leaves" in row for row in shown.rows()), shown.text()

    scenario()


@pytest.mark.slow
def test_a_late_viewer_has_the_program_draw_again_when_they_step_in(task: Task) -> None:
    @in_loop
    async def scenario() -> None:
        task.own()
        task.files.size(60, 10)
        task.files.print(b"some output\r\n" * 200_000)
        async with on_board(task.run, (120, 36)) as shown:
            for _ in range(40):
                await shown.tick()
            await shown.press("enter")
            await shown.pilot.pause()
            assert [kind for kind, _ in task.taken()] == [frames.SIZE, frames.REDRAW]

    scenario()


@pytest.mark.slow
def test_a_task_whose_supervisor_dies_lets_the_person_out_and_says_so(task: Task) -> None:
    @in_loop
    async def scenario() -> None:
        task.own()
        task.files.size(60, 10)
        async with on_board(task.run, (120, 36)) as shown:
            await shown.tick()
            await shown.press("enter")
            task.disown()
            await shown.press("x")  # not an order to stop the task
            pane(shown).terminal._stepping.tick()
            await shown.pilot.pause()
            assert not pane(shown).terminal.how_to_leave
            assert shown.shows("the task's terminal is over")
            assert not shown.sent()

    scenario()


@pytest.mark.slow
def test_who_is_inside_when_it_is_over_sees_all_of_it_as_a_log(task: Task) -> None:
    @in_loop
    async def scenario() -> None:
        task.own()
        task.files.size(60, 10)
        async with on_board(task.run, (120, 36)) as shown:
            await shown.tick()
            await shown.press("enter")
            task.files.print(b"the last words\r\n")
            task.files.end()
            task.files.print(b"check passed\n")
            pane(shown).terminal._stepping.tick()
            await shown.tick()
            await shown.tick()
            assert [row for row in body(shown) if row] == ["the last words", "check passed"]

    scenario()


def test_another_terminal_is_shown_from_its_top_on(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        task = Task(tmp_path, "other")
        other = TerminalFiles(task.run.rundir.attempt("other.1"))
        for files, output in ((task.files, b"\x1b[36;1Hat the foot"), (other, b"its first row\r\n")):
            files.size(80, 36)
            files.print(output)
        async with on_board(task.run, (80, 24)) as shown:
            await shown.tick()
            assert "at the foot" in body(shown)
            await shown.press("j")
            await shown.tick()
            assert body(shown)[0] == "its first row"

    scenario()


@pytest.mark.slow
def test_another_task_under_the_cursor_leaves(tmp_path: Path) -> None:
    @in_loop
    async def scenario() -> None:
        task = Task(tmp_path, "other")
        task.own()
        task.files.size(60, 10)
        async with on_board(task.run, (120, 36)) as shown:
            await shown.tick()
            await shown.press("enter")
            shown.board.choose("other")  # type: ignore[arg-type]
            await shown.pilot.pause()
            assert not pane(shown).terminal.how_to_leave

    scenario()


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_of_a_task_is_drawn_but_characters(task: Task, name: str) -> None:
    @in_loop
    async def scenario() -> None:
        task.files.size(60, 10)
        output = HOSTILE[name].encode("utf-8", "surrogateescape") + MARK.encode()
        task.files.print(output)
        async with on_board(task.run, (120, 36), ScreenOptions(fps=0, is_ascii=True)) as shown:
            await shown.tick()
            screen = Screen(60, 10)
            screen.feed(output)
            drawn = body(shown)
            assert drawn[:10] == [line.text for line in screen.lines]
            assert MARK in "".join(drawn)
            assert "".join(drawn).isprintable()

    scenario()
