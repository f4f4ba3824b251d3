"""The merge queue full size: the facts of each entry, the actions of the queue, and the matrix."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from porch_tui.core.merge_queue.prediction import Prediction
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.journal import predictions
from porch_tui.present.signs import Role
from porch_tui.tui.drawing.fields import Field
from porch_tui.tui.queue.entry_facts import entry_facts
from porch_tui.tui.terminal.options import ScreenOptions
from porch_tui.tui.widgets.scrollable import ScrollableFields
from tests.tui.board_harness import Screened, assert_golden, on_board, rows_of
from tests.tui.crowds import crowded
from tests.tui.hostile import EACH, HOSTILE
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy, task


async def on_entry(shown: Screened, name: str) -> None:
    """Open the queue on an entry."""
    shown.board.choose(TaskId(name))
    await shown.press("m")


def screen_text(shown: Screened) -> str:
    return " ".join(shown.text().split())


def facts(shown: Screened) -> str:
    """Return the facts of the entry and of the queue, on one line."""
    return " ".join(" ".join(rows_of(shown.app.live.query_one(ScrollableFields))).split())


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 48)], ids=lambda size: "x".join(map(str, size)))
@in_loop
async def test_a_crowded_queue_looks_as_agreed(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_board(crowded(tmp_path), size) as shown:
        await on_entry(shown, "cache")

        assert_golden(f"queue-{size[0]}x{size[1]}", shown.text())


@in_loop
async def test_it_looks_as_agreed_in_ascii(tmp_path: Path) -> None:
    options = ScreenOptions(fps=0, is_ascii=True, is_colorless=True)
    async with on_board(crowded(tmp_path), (120, 36), options) as shown:
        await on_entry(shown, "cache")

        assert shown.text().isascii()


@in_loop
async def test_what_failed_together_is_not_drawn_as_good(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path)) as shown:
        found = entry_facts(shown.board.view, TaskId("search"), "")

        assert [Role.FAIL] == [one.role for one in found if isinstance(one, Field) and "Failed" in one.text]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("search", ["Failed on main", "number 1 of 3", "testing alone"]),
        ("mail", ["queued, number 3 of 3"]),
        (
            "api",
            ["REJECTED", "with schema", "porch logs api --validation", "output.log", "docs start"],
        ),
        ("logging", ["CONFLICT", "src/app.py", "src/log/handlers.py", "porch resolve logging"]),
        (
            "cache",
            ["BLOCKED", "in the way src/cache.py", ".env", "lands automatically", "commit, stash or"],
        ),
        ("utf8", ["held", "porch release utf8"]),
        ("schema", ["landed"]),
    ],
)
@in_loop
async def test_each_status_is_explained_with_what_to_do(
    tmp_path: Path, name: str, expected: list[str]
) -> None:
    async with on_board(crowded(tmp_path), (160, 48)) as shown:
        await on_entry(shown, name)

        assert [] == [text for text in expected if text not in facts(shown)]


@in_loop
async def test_what_is_validated_together_is_shown_with_its_verdicts(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["a", "b"]).judge(passes=True).start("a", "b").succeed("a", "b").build().wait(9)
    async with on_board(run) as shown:
        await shown.press("m")
        assert "testing a, 9s" in facts(shown)

        run.judge(passes=True).wait(4)
        await shown.tick()

        assert "testing a + b, 5s" in facts(shown) and "known a passes" in facts(shown)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "keys", "expected"),
    [
        ("export", ["K"], c.MoveEntry("", TaskId("export"), c.Spot.BEFORE, TaskId("search"))),
        ("export", ["J"], c.MoveEntry("", TaskId("export"), c.Spot.LAST)),
        ("search", ["J"], c.MoveEntry("", TaskId("search"), c.Spot.BEFORE, TaskId("mail"))),
        ("export", ["p"], c.HoldEntry("", TaskId("export"))),
        ("utf8", ["p"], c.ReleaseEntry("", TaskId("utf8"))),
        ("export", ["W", "y"], c.WithdrawEntry("", TaskId("export"))),
        ("api", ["Q"], c.RequeueEntry("", TaskId("api"))),
        ("api", ["V"], c.ValidateEntry("", TaskId("api"))),
        ("schema", ["U", "y"], c.RevertLanding("", TaskId("schema"))),
        ("export", ["W", "escape"], None),
        ("schema", ["U", "n", "escape"], None),
    ],
)
@in_loop
async def test_a_key_puts_its_command_into_the_inbox(
    tmp_path: Path, name: str, keys: list[str], expected: c.AnyCommand | None
) -> None:
    async with on_board(crowded(tmp_path)) as shown:
        await on_entry(shown, name)
        await shown.press(*keys)

        sent = [str(one).replace(one.id, "") for one in shown.sent()]
        assert ([] if expected is None else [str(expected)]) == sent


@in_loop
async def test_the_last_landing_is_undone_where_it_can_be_and_the_question_says_which(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["a", "b"]).judge(passes=True).through("a")
    async with on_board(run) as shown:
        await on_entry(shown, "a")
        assert shown.shows("U undo")
        await shown.press("U")
        assert shown.shows("Undo the landing of a?")
        await shown.press("y")

        assert [c.UndoLanding] == [type(one) for one in shown.sent()]


@pytest.mark.slow
@in_loop
async def test_moves_pressed_one_after_the_other_go_on_from_each_other(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path)) as shown:
        await on_entry(shown, "mail")
        await shown.press("K", "K")

        others = [one.other for one in shown.sent() if isinstance(one, c.MoveEntry)]
        assert ["export", "search"] == others


@in_loop
async def test_an_entry_that_was_moved_is_seen_where_it_goes(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path)) as shown:
        await on_entry(shown, "mail")
        await shown.press("K")
        shown.answer_with(e.EntryMoved(TaskId("mail"), (TaskId("search"), TaskId("mail"))))
        await shown.tick()

        assert "mail" in next(row for row in shown.rows() if row.startswith("▌  2"))
        assert "moved by you" in facts(shown)


@in_loop
async def test_what_cannot_be_held_says_why(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path)) as shown:
        await on_entry(shown, "api")
        await shown.press("p")

        assert "Can't hold api: it was rejected, so nothing is about to merge it" in screen_text(shown)
        assert [] == shown.sent()


@in_loop
async def test_enter_shows_the_log_that_decided_and_escape_goes_back_by_steps(
    tmp_path: Path,
) -> None:
    run = crowded(tmp_path)
    tree = run.state.entries[TaskId("api")].tree
    assert tree is not None
    run.validation_log(tree, 2, "2 failed, 310 passed\n")
    async with on_board(run) as shown:
        await on_entry(shown, "api")
        await shown.press("enter")
        assert shown.shows("2 failed, 310 passed") and not shown.shows("predicted conflicts")

        await shown.press("escape")
        assert shown.shows("predicted conflicts") and shown.app.live is not shown.board

        await shown.press("escape")
        assert (shown.board, "api") == (shown.app.live, shown.board.chosen)


@in_loop
async def test_m_again_goes_back_to_the_board(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("m", "m")

        assert shown.app.live is shown.board


@pytest.mark.slow
@in_loop
async def test_the_matrix_shows_the_paths_of_the_pair_under_its_cursor(tmp_path: Path) -> None:
    async with on_board(crowded(tmp_path), (80, 24)) as shown:
        await shown.press("m", "tab")
        assert shown.shows("auth and search will conflict") and shown.shows("src/session.py")

        await shown.press("l", "l")
        assert shown.shows("auth and ui will conflict")
        await shown.press("j", "j")
        assert shown.shows("mail and ui merge")
        await shown.press("l")
        assert shown.shows("mail and main will conflict, with uncommitted changes")
        assert "mail" == shown.app.live.chosen
        await shown.press("k", "h", "h", "h", "h")
        assert shown.shows("search and auth will conflict")

        await shown.press("tab")
        assert shown.shows("status")


@in_loop
async def test_a_queue_without_anything_says_so(tmp_path: Path) -> None:
    async with on_board(Recording(tmp_path, ["one"])) as shown:
        await shown.press("m")

        assert shown.shows("the merge queue is empty")
        assert shown.shows("none so far")


@pytest.mark.slow
@in_loop
async def test_a_matrix_of_many_shows_the_columns_around_its_cursor(tmp_path: Path) -> None:
    names = [f"task-{n:02}" for n in range(40)]
    run = Recording(tmp_path, names, slots=50).judge(passes=True).start(*names)
    predictions.write(run.rundir, tuple(Prediction(a, b, ("f",)) for a, b in pairwise(names)))
    async with on_board(run, (80, 24)) as shown:
        await shown.press("m", "tab", *["l"] * 39, *["j"] * 39)

        assert shown.shows(" 40 task-39") and shown.shows("[\\]")


@pytest.mark.slow
@pytest.mark.parametrize("name", EACH)
@in_loop
async def test_no_control_character_of_a_title_a_path_or_a_verdict_is_shown(
    tmp_path: Path, name: str
) -> None:
    foreign = HOSTILE[name]
    run = Recording(tmp_path, [task("a", foreign), task("b", foreign)]).judge(passes=True).start("a", "b")
    run.succeed("a").build().judge(passes=False, text=foreign).judge(passes=False, text=foreign)
    run.succeed("b").conflict("b", foreign, partners=["a"])
    predictions.write(run.rundir, (Prediction("a", "b", (foreign,)),))
    async with on_board(run) as shown:
        for entry in ("a", "b"):
            await on_entry(shown, entry)
            assert not [letter for letter in shown.text() if ord(letter) < 32 and letter != "\n"]
            await shown.press("escape")


@in_loop
async def test_a_still_queue_draws_nothing(tmp_path: Path) -> None:
    run = crowded(tmp_path)
    async with on_board(run, has_engine=False) as shown:
        await shown.press("m")
        await shown.tick()
        regions = [
            region
            for widget in shown.app.live.walk_children(with_self=True)
            for region in widget._exchange_repaint_regions()
        ]
        await shown.tick()
        regions = [
            region
            for widget in shown.app.live.walk_children(with_self=True)
            for region in widget._exchange_repaint_regions()
        ]

        assert [] == regions
