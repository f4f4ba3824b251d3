"""What the board says of a run: in every size, in every state a person meets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from porch_tui.core.merge_queue.prediction import Prediction
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.journal import predictions
from porch_tui.tui.board.task_detail import whole_parts
from porch_tui.tui.board.tasks import TaskList
from porch_tui.tui.keys.bindings import label_of
from porch_tui.tui.terminal.options import ScreenOptions
from tests.tui.board_harness import Screened, assert_golden, on_board, rows_of
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy, sha, task

SIZES = [(60, 15), (80, 24), (120, 36), (160, 48), (200, 50), (50, 12)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@in_loop
async def test_the_board_of_a_busy_run_looks_as_agreed(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_board(busy(tmp_path), size) as shown:
        await shown.press("j")

        assert_golden(f"board-{size[0]}x{size[1]}", shown.text())


@in_loop
async def test_the_board_in_ascii_has_no_other_character(tmp_path: Path) -> None:
    options = ScreenOptions(fps=0, is_ascii=True)
    async with on_board(busy(tmp_path), (80, 24), options) as shown:
        await shown.press("j", "j")

        assert shown.text().isascii()
        assert_golden("board-ascii-80x24", shown.text())


@in_loop
async def test_no_row_is_wider_than_the_window_at_any_width(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (160, 40)) as shown:
        for width in (160, 120, 100, 99, 80, 60, 59, 30, 12, 3):
            await shown.resize(width, 24)

            assert [] == [row for row in shown.rows() if len(row) > width], width


@in_loop
async def test_the_full_reason_and_the_next_key_stand_beside_the_task_under_the_cursor(
    tmp_path: Path,
) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("j", "j")
        assert shown.shows("conflict with schema in src/app.py, src/log/handlers.py")
        assert shown.shows("→ porch resolve logging")

        await shown.press("j", "j", "j")
        assert shown.shows("validation fails on top of schema: exit 1: 2 failed, 310 passed")

        await shown.press("j", "j")
        assert shown.shows("waits for api, which was rejected")


@in_loop
async def test_from_a_task_that_needs_nothing_the_keys_to_what_needs_the_person_are_named(
    tmp_path: Path,
) -> None:
    async with on_board(busy(tmp_path)) as shown:
        assert shown.shows("→ press n, then c for logging — conflict with schema in")

        await shown.press("n")
        assert shown.shows("→ porch resolve logging   (key c)") and not shown.shows("press n")


@in_loop
async def test_whoever_else_needs_the_person_is_named_with_a_key_where_there_is_room(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        assert shown.shows("utf8 failed — r retry · api rejected — r retry")

        await shown.press("n")
        assert shown.shows("utf8 failed — r retry · api rejected — r retry")


KEYS = {"c": "task.resolve", "r": "task.retry"}


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 36)], ids=lambda size: "x".join(map(str, size)))
@in_loop
async def test_whatever_the_cursor_is_on_each_call_has_its_key_on_the_screen(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with on_board(busy(tmp_path), size) as shown:
        needs = {"logging": "c", "utf8": "r", "api": "r"}
        assert needs.keys() == {need.task for need in shown.board.view.derived.needs}
        for chosen in ("auth", "logging", "utf8", "docs"):
            shown.board.choose(TaskId(chosen))
            await shown.pilot.pause()
            for task, key in needs.items():
                if task == chosen:
                    assert f" {key} {label_of(KEYS[key])}" in shown.rows()[-1]
                else:
                    named = rf"→ press n, then {key} for {task}|\b{task}( \w+)? — {key}\b"
                    assert re.search(named, shown.text()), (chosen, task, shown.text())


@in_loop
async def test_naming_who_needs_the_person_takes_no_row_from_the_tasks(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (80, 24)) as shown:
        rows = shown.board._tasks.size.height
        await shown.press("n")

        assert rows == shown.board._tasks.size.height == 9


@in_loop
async def test_a_task_without_a_title_is_named_once(tmp_path: Path) -> None:
    async with on_board(Recording(tmp_path, [task("mul", title="mul")]).start("mul")) as shown:
        await shown.press("i")

        assert ["mul"] == [row.strip() for row in shown.rows() if row.strip().startswith("mul")]


@in_loop
async def test_a_conflict_seen_coming_stands_beside_the_task_at_work(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["mul", "div"], slots=2).start("mul", "div")
    predictions.write(run.rundir, (Prediction("mul", "div", ("app/\x1b[31mcalc.py",)),))
    async with on_board(run) as shown:
        assert shown.shows("will conflict with div: app/")
        assert "\x1b" not in shown.text()


@in_loop
async def test_a_reason_longer_than_a_row_is_shown_in_full(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one")
    text = " ".join(f"word{n}" for n in range(30))
    run.say(e.AttemptFailed(run.attempt("one"), e.Failure(e.FailureKind.NOT_STARTED, text)))
    async with on_board(run, (80, 24)) as shown:
        joined = " ".join(" ".join(shown.text().split()).split())

        assert text in joined


def verdict_of(shown: Screened) -> str:
    return shown.rows()[0]


def has_word(shown: Screened, name: str, word: str) -> bool:
    """Say whether the row of a task begins with this word for its state."""
    rows = rows_of(shown.board.query_one(TaskList))
    row = next(row for row in rows if row[3:].startswith(f"{name} "))
    return row[3 + len(name) :].strip().startswith(word)


@in_loop
async def test_a_run_with_everything_landed_says_done(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one", "two"], validate=False).through("one", "two")
    async with on_board(run, has_engine=False) as shown:
        assert "✓ done: 2 of 2 tasks landed" in verdict_of(shown)
        assert "engine" not in verdict_of(shown)


@in_loop
async def test_a_run_of_checks_says_how_many_passed(tmp_path: Path) -> None:
    run = Recording(tmp_path, [task("lint", kind=Kind.CHECK)], validate=False).start("lint").succeed("lint")
    async with on_board(run, has_engine=False) as shown:
        assert "done: 1 of 1 check passed" in verdict_of(shown)


@in_loop
async def test_a_run_at_rest_says_how_many_need_the_person(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one", "two"], validate=False).through("one")
    run.start("two").fail("two")
    async with on_board(run, (80, 24), has_engine=False) as shown:
        assert "! 1 needs you" in verdict_of(shown)


@in_loop
async def test_a_paused_run_says_so(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one", "two"], slots=1).start("one").say(e.RunPaused())
    async with on_board(run) as shown:
        assert "paused: press P to resume all" in verdict_of(shown)
        assert has_word(shown, "two", "waits for a slot")


@in_loop
async def test_a_closed_run_says_so(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"], validate=False).through("one").say(e.RunClosed())
    async with on_board(run, has_engine=False) as shown:
        assert "closed: 1 of 1 task landed" in verdict_of(shown)


@in_loop
async def test_a_run_whose_engine_is_gone_says_what_to_press(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one")
    async with on_board(run, has_engine=False, start_engine=lambda: None) as shown:
        assert "no engine: press R to resume" in verdict_of(shown)
    async with on_board(run, has_engine=False) as shown:
        assert "no engine: porch resume starts one" in verdict_of(shown)


@in_loop
async def test_a_red_base_is_shown_with_every_entry(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one").succeed("one").build()
    run.judge(passes=False).judge(passes=False)
    async with on_board(run) as shown:
        assert shown.shows("main itself fails its validation")
        assert shown.shows("porch resume --allow-red-base")


@in_loop
async def test_every_state_of_a_task_has_its_word(tmp_path: Path) -> None:
    begun = ["running", "paused", "stopping", "failed", "lost", "late", "checked"]
    run = Recording(tmp_path, ["starting", *begun], slots=9)
    run.judge(passes=True).start(*begun)
    run.say(e.AttemptPaused(run.attempt("paused")), e.StopRequested(run.attempt("stopping")))
    run.fail("failed").fail("lost", "lost: reboot", e.FailureKind.LOST)
    run.fail("late", "timed out after 1h", e.FailureKind.TIMEOUT).fail(
        "checked", "check: exit 2", e.FailureKind.CHECK
    )
    async with on_board(run) as shown:
        expected = {
            "starting": "starting",
            "running": "run 0s",
            "paused": "paused",
            "stopping": "stopping",
            "failed": "FAIL exit 3",
            "lost": "LOST",
            "late": "TIMED OUT",
            "checked": "CHECK exit 2",
        }

        assert [] == [name for name, word in expected.items() if not has_word(shown, name, word)]


@in_loop
async def test_every_state_of_an_entry_has_its_word(tmp_path: Path) -> None:
    names = ["first", "second", "blocked", "withdrawn", "idle"]
    run = Recording(tmp_path, names, slots=9, validate=False).start(*names)
    run.succeed("blocked").build().say(
        e.LandingBlocked(TaskId("blocked"), ("notes.txt",), "notes.txt is in the way", is_retried=True)
    )
    run.succeed("withdrawn").say(e.EntryWithdrawn(TaskId("withdrawn"))).succeed("idle")
    head, onto = sha("head idle"), run.state.target.tip
    run.say(e.CandidateBuilt(TaskId("idle"), head, onto, (), sha("same"), run.state.target.tip_tree))
    run.succeed("first", "second")
    async with on_board(run) as shown:
        expected = {
            "first": "merging",
            "second": "queued",
            "blocked": "BLOCKED",
            "withdrawn": "withdrawn",
            "idle": "nothing to land",
        }

        assert [] == [name for name, word in expected.items() if not has_word(shown, name, word)]


@in_loop
async def test_more_tasks_than_rows_scroll_with_the_cursor(tmp_path: Path) -> None:
    run = Recording(tmp_path, [f"task-{n:03}" for n in range(200)])
    async with on_board(run, (80, 24)) as shown:
        assert shown.shows("task-000") and not shown.shows("task-199")

        await shown.press("end")

        assert shown.shows("task-199") and not shown.shows("task-000")


@in_loop
async def test_a_journal_that_cannot_be_read_is_reported_and_does_not_stop_the_screen(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).start("one")
    async with on_board(run) as shown:
        journal = run.rundir.journal
        before = journal.read_bytes()
        journal.write_bytes(before + b"not a record\n")
        await shown.tick()
        assert "this run cannot be followed" in verdict_of(shown)
        assert "cannot read this record" in " ".join(shown.text().split())

        journal.write_bytes(before)
        await shown.tick()
        await shown.tick(60)
        assert "cannot" not in shown.text()


@pytest.mark.parametrize("keys", [[], ["m"], ["i"], ["a"], ["t"], ["o"]])
@in_loop
async def test_how_many_need_a_person_is_shown_on_every_screen_while_the_run_continues(
    tmp_path: Path, keys: list[str]
) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press(*keys)

        assert "! 3 need you" in verdict_of(shown)


@in_loop
async def test_a_paused_run_says_who_is_needed_as_well(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path).say(e.RunPaused()), (80, 24)) as shown:
        assert "= paused: press P to resume all   ! 3 need you" in verdict_of(shown)


@pytest.mark.parametrize("has_engine", [True, False])
@in_loop
async def test_in_the_smallest_window_the_header_says_how_far_it_is_and_who_is_needed(
    tmp_path: Path, *, has_engine: bool
) -> None:
    async with on_board(busy(tmp_path), (60, 15), has_engine=has_engine) as shown:
        assert "done 2/10" in verdict_of(shown) and verdict_of(shown).endswith("! 3 need you")


def test_of_what_a_task_used_no_amount_is_cut() -> None:
    used = "took 2.2s  cpu 0.1s  peak 15MB"

    assert [used, "took 2.2s  cpu 0.1s", "took 2.2s", ""] == [
        whole_parts(used, room) for room in (30, 29, 18, 3)
    ]
