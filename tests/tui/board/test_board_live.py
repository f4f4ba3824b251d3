"""The screen follows the run directory while it grows, and repaints no more than what changed."""

from __future__ import annotations

from pathlib import Path

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.tui.log.choice import worktree_of
from porch_tui.tui.terminal.options import ScreenOptions
from tests.tui.board_harness import on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy, task


@in_loop
async def test_facts_appear_as_they_are_written(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one", "two"], slots=1, validate=False).start("one")
    async with on_board(run) as shown:
        await shown.tick(41)
        assert shown.shows("run 41s")

        run.succeed("one").build()
        await shown.tick()
        assert shown.shows("landing")

        run.land("one")
        await shown.tick()
        assert shown.shows(f"landed {run.state.target.tip[:7]}") and shown.shows(
            f"main@{run.state.target.tip[:7]}"
        )


@in_loop
async def test_output_appears_as_it_is_written(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one")
    async with on_board(run) as shown:
        assert shown.shows("no output")

        run.log("one", "hello from the task\n")
        await shown.tick(0.1)
        assert shown.shows("hello from the task")


@in_loop
async def test_what_a_log_points_at_is_underlined(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one").log("one", "see https://example.org/x for more\n")
    async with on_board(run) as shown:
        await shown.tick()
        strips = shown.app.screen._compositor.render_strips()
        underlined = [one.text for row in strips for one in row if one.style and one.style.underline]

    assert ["https://example.org/x"] == underlined
    assert Path("/repo/../repo-one") == worktree_of(run.state, TaskId("one"))


@in_loop
async def test_the_log_of_a_task_that_waits_appears_once_it_runs(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one", "two"], slots=1, validate=False).start("one")
    async with on_board(run) as shown:
        await shown.press("j")
        assert shown.shows("two has not run yet")

        run.succeed("one").start("two").log("two", "second is under way\n")
        await shown.tick()
        assert shown.shows("second is under way")


@in_loop
async def test_usage_appears_once_a_second_and_is_forgotten_when_it_is_old(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one").usage("one", 50.0, 100)
    async with on_board(run) as shown:
        assert shown.shows("50%") and shown.shows("100M")

        run.usage("one", 250.0, 2500)
        await shown.tick(0.1)
        assert shown.shows("50%")
        await shown.tick(1)
        assert shown.shows("250%") and shown.shows("2.5G")
        await shown.tick(30)
        assert not shown.shows("250%")


@in_loop
async def test_a_slow_connection_gets_fewer_updates(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"], slots=1).start("one")
    async with on_board(run, options=ScreenOptions(fps=0, is_low_bandwidth=True)) as shown:
        await shown.tick(1.0)
        run.say(e.AttemptPaused(run.attempt("one")))
        await shown.tick(0.5)
        assert not shown.shows("paused")
        await shown.tick(1.0)
        assert shown.shows("paused")


@in_loop
async def test_a_run_at_rest_repaints_nothing(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"], validate=False).through("one")
    async with on_board(run, has_engine=False) as shown:
        await shown.tick()
        shown.repainted_rows()
        for _ in range(20):
            run.wait(1)
            shown.app.tick()
            assert 0 == shown.repainted_rows()


@in_loop
async def test_a_second_of_a_busy_run_repaints_only_the_rows_with_a_time(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.tick()
        shown.repainted_rows()
        run = shown.run.wait(1)
        shown.app.tick()

        # two run times and a test in the list, the test in the queue, the clock of the run
        assert 5 == shown.repainted_rows()
        assert run.state.active


@in_loop
async def test_the_clock_stands_still_without_an_engine(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), has_engine=False) as shown:
        await shown.tick(30)
        before = shown.text()
        await shown.tick(3600)

        assert before == shown.text()


@in_loop
async def test_the_summary_shows_the_slots_when_the_machine_decides(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one", "two", "three"], slots=2).start("one")
    run.say(e.SlotsChanged(2, is_auto=True, reason="cores were idle"))
    async with on_board(run, (160, 30)) as shown:
        assert shown.shows("slots 2/2")

        run.say(e.SlotsChanged(2, is_auto=True, starts_blocked=True, reason="memory is short"))
        await shown.tick()
        assert shown.shows("blocked 2/2")


@in_loop
async def test_a_task_that_fell_silent_asks_for_a_person(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one")
    async with on_board(run) as shown:
        run.say(e.AttemptNoticed(run.attempt("one"), "silent: no output and no processor time for 10 min"))
        await shown.tick()
        assert shown.shows("silent: no output") and shown.shows("porch stop one")


@in_loop
async def test_without_an_engine_the_clock_goes_as_far_as_tasks_are_seen_at_work(tmp_path: Path) -> None:
    run = Recording(tmp_path, [task("one")], validate=False)
    run.start("one").wait(40).usage("one", 20.0, 5).wait(2)
    async with on_board(run, has_engine=False) as shown:
        await shown.tick()

        assert any(" run 40s " in row for row in shown.rows())
