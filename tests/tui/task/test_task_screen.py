"""One task in full: its attempts, its use, how it failed, what it changed, what is noticed of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId, from_shell
from porch_tui.errors import RefusedError
from porch_tui.tui.log.excerpts import last_lines
from porch_tui.tui.model.outside import NoRepository
from tests.tui.app.test_screens import until_shown
from tests.tui.board_harness import Screened, assert_golden, on_board
from tests.tui.crowds import crowded
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy, task


class Changes(NoRepository):
    """Knows what each task has changed."""

    def diffstat(self, task: TaskId) -> str:
        return f" src/{task}.py | 12 ++++++------\n 1 file changed, 6 insertions(+), 6 deletions(-)\n"


async def on_task(shown: Screened, name: str) -> None:
    shown.board.choose(TaskId(name))
    await shown.press("i")


def screen_text(shown: Screened) -> str:
    return " ".join(shown.text().split())


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 48)], ids=lambda size: "x".join(map(str, size)))
@in_loop
async def test_a_task_that_failed_looks_as_agreed(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_board(busy(tmp_path), size, outside=Changes()) as shown:
        await on_task(shown, "utf8")
        await shown.pilot.pause()
        await until_shown(shown, "attempt 1")

        assert_golden(f"task-{size[0]}x{size[1]}", shown.text())


@in_loop
async def test_attempts_are_shown_with_exit_codes_times_and_peaks(tmp_path: Path) -> None:
    run = Recording(tmp_path, [task("one", retries=1)]).start("one").wait(12).fail("one")
    run.start("one").wait(30).usage("one", 150.0, 64)
    async with on_board(run, (160, 48)) as shown:
        await on_task(shown, "one")

        assert "attempt 1 exit 3, on" in screen_text(shown) and "ran 12s, cpu 9.5s, peak 96MB" in screen_text(
            shown
        )
        assert "attempt 2 running" in screen_text(shown) and "ran 30s" in screen_text(shown)
        assert "peak 150%" in screen_text(shown) and "peak 64MB" in screen_text(shown)


@in_loop
async def test_the_end_of_a_failures_output_is_shown_without_its_colors(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (160, 48)) as shown:
        await on_task(shown, "utf8")

        assert "UnicodeDecodeError: src/legacy/latin.py, byte 0xe9" in screen_text(shown)


@in_loop
async def test_what_it_changed_is_shown_once_it_is_known(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (160, 48), outside=Changes()) as shown:
        await on_task(shown, "auth")

        await until_shown(shown, "src/auth.py | 12 ++++++------")


@in_loop
async def test_a_repository_that_cannot_say_what_changed_is_reported(tmp_path: Path) -> None:
    class Broken(NoRepository):
        def diffstat(self, task: TaskId) -> str:
            raise RefusedError("the branch is gone")

    async with on_board(busy(tmp_path), (160, 48), outside=Broken()) as shown:
        await on_task(shown, "auth")

        await until_shown(shown, "the branch is gone")


@in_loop
async def test_notices_are_shown_here_and_marked_in_the_list(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one", "two", "three"]).start("one", "two", "three")
    run.say(e.AttemptNoticed(run.attempt("one"), "silent: no output for 10 min"))
    run.say(e.Noticed("it changed your checkout: src/app.py", TaskId("two")))
    async with on_board(run, (160, 48)) as shown:
        marks = {name: shown.board._tasks.task_line(TaskId(name))[2].text for name in ("one", "two", "three")}
        assert {"one": "!", "two": "!", "three": " "} == marks

        await on_task(shown, "one")
        assert "look silent: no output for 10 min" in screen_text(shown)
        await shown.press("]")
        assert "look it changed your checkout: src/app.py" in screen_text(shown)


@in_loop
async def test_greater_and_less_go_to_the_neighbours_and_the_board_follows(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await on_task(shown, "auth")
        await shown.press("[", "[")
        assert shown.app.live.chosen == "schema"
        await shown.press("]", "]", "i")

        assert (shown.board, "logging") == (shown.app.live, shown.board.chosen)


@in_loop
async def test_where_its_work_is_in_the_merge_queue_is_shown(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path), (160, 60)) as shown:
        await on_task(shown, "cache")
        assert "BLOCKED" in screen_text(shown) and "in the way src/cache.py" in screen_text(shown)
        await shown.press("escape")
        await on_task(shown, "auth")
        assert "on the critical path: schema -> auth" in screen_text(shown)


@in_loop
async def test_actions_apply_to_the_shown_task(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await on_task(shown, "utf8")
        await shown.press("r")

        assert ["utf8"] == [one.task for one in shown.sent()]  # type: ignore[union-attr]


def test_the_end_of_a_log_is_what_a_terminal_would_show(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\n\n\x1b[31mtwo\x1b[0m\n50%\r100%\n\x1b]52;c;ZXZpbA==\x07three\n")

    assert ["100%", "three"] == last_lines(log, 2)
    assert ["one", "two", "100%", "three"] == last_lines(log, 9)
    assert "" in last_lines(log, 9, has_blank=True)
    assert [] == last_lines(tmp_path / "none", 3)


@in_loop
async def test_all_that_was_noticed_of_it_is_shown(tmp_path: Path) -> None:
    checked = replace(task("one", after=["first"]), checks=(from_shell("ruff check ."),))
    run = Recording(tmp_path, ["first", checked], validate=False).start("first").wait(5)
    run.succeed("first").build().land("first").start("one").wait(5)
    tip, left = run.state.target.tip, (("sleep", 2),)
    run.say(e.AttemptSucceeded(run.attempt("one"), tip, e.Used(), ("notes.txt",), left))
    run.say(e.Noticed("It changed the checkout of main.", TaskId("one")))
    async with on_board(run, (160, 48)) as shown:
        await on_task(shown, "one")
        await until_shown(shown, "It changed the checkout of main.")

        assert "checks ruff check ." in screen_text(shown) and "after first" in screen_text(shown)
        assert "it wrote undeclared paths: notes.txt" in screen_text(shown)
        assert "ended 2 processes still running: sleep (2)" in screen_text(shown)
