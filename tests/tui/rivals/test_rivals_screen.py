"""Rival theories on the screen: their numbers beside the base's, a log, and the choice of a winner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Hypothesis, HypothesisName, Kind, TaskId, Want
from porch_tui.tui.app.app import PorchApp
from porch_tui.tui.terminal.options import ScreenOptions
from tests.tui.board_harness import on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy, task
from tests.tui.test_snapshots import Compare, app_on

__all__ = ["app_on"]

SLOW = HypothesisName("slow-start")
QUESTION = "Why does the program take three seconds until it shows anything?"


def rivals(folder: Path, **numbers: tuple[float, ...]) -> Recording:
    """Return a run whose theories were measured so; one has failed, and the base has 3.1."""
    names = [*numbers, "broken"]
    theories = [replace(task(name), kind=Kind.HYPOTHESIS, of=SLOW) for name in names]
    asked = Hypothesis(SLOW, QUESTION, ("./measure",), Want.MIN, repeat=3)
    run = Recording(folder, theories, slots=8, validate=False, hypotheses=(asked,))
    run.start(*names).wait(20).succeed(*numbers).fail("broken")
    times = {None: iter((3.1, 3.2, 3.1)), **{TaskId(name): iter(values) for name, values in numbers.items()}}
    while flights := run.state.hypotheses[SLOW].in_flight:
        (one,) = flights
        value = next(times[one.theory], None)
        why = "" if value is not None else 'its last line is no finite number: "nan"'
        run.wait(3).say(e.JudgementEnded(SLOW, one.number, value, why))
    kept = tuple(
        e.Evidence(TaskId(name), f"refs/porch/{name}", at, 10 * at, at) for at, name in enumerate(numbers, 1)
    )
    for name in names[:1]:
        run.log(name, "looked at the imports\nmade them lazy\n")
    return run.say(e.EvidenceKept(SLOW, kept))


def tied(folder: Path) -> Recording:
    return rivals(folder, cache=(0.8, 0.8, 0.8), lazy=(0.8, 0.8, 0.8), threads=(2.9, 2.8, 3.0), wild=(9.0,))


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=lambda size: "x".join(map(str, size)))
def test_rivals_stand_below_each_other(
    snap_compare: Compare, app_on: Callable[..., PorchApp], tmp_path: Path, size: tuple[int, int]
) -> None:
    app = app_on(ScreenOptions(fps=0), tied(tmp_path))

    assert snap_compare(app, press=["H", "j"], terminal_size=size)


@in_loop
async def test_the_numbers_are_compared_with_the_base_and_a_bad_judge_is_named(tmp_path: Path) -> None:
    async with on_board(tied(tmp_path), (120, 36)) as shown:
        await shown.press("H")

        rows = {row.split()[0].lstrip("> "): " ".join(row.split()) for row in shown.rows() if row.split()}
        assert shown.shows("It waits for you: cache, lazy are tied at 0.8")
        assert "threads" in rows and "2.9" in rows["threads"] and "94%" in rows["threads"]
        assert "3 files +30 -3" in rows["threads"]
        assert 'its last line is no finite number: "nan"' in rows["wild"]


@in_loop
async def test_all_theories_are_in_view_and_what_a_person_can_do_about_a_tie(tmp_path: Path) -> None:
    async with on_board(tied(tmp_path), (80, 24)) as shown:
        await shown.press("H")

        rows = shown.rows()
        assert all(any(name in row for row in rows) for name in ("threads", "wild", "broken"))
        assert shown.shows("→ *: the one under the cursor wins; or none: porch choose slow-start --none")


@in_loop
async def test_in_a_low_window_it_is_said_how_many_lines_are_below(tmp_path: Path) -> None:
    async with on_board(tied(tmp_path), (60, 15)) as shown:
        await shown.press("H")
        assert shown.shows("more lines (j)") or shown.shows("broken")
        await shown.press("G")
        assert not shown.shows("more lines (j)") and shown.shows("> broken")


@in_loop
async def test_a_key_chooses_the_theory_under_the_cursor_after_a_question(tmp_path: Path) -> None:
    async with on_board(tied(tmp_path), (120, 36)) as shown:
        await shown.press("H", "j", "*")

        assert shown.shows("Does lazy win slow-start?")
        assert shown.shows("It joins the merge queue.")
        assert not shown.sent()
        await shown.press("y")
        (choice,) = shown.sent()

    assert isinstance(choice, c.ChooseTheory)
    assert (choice.hypothesis, choice.theory) == ("slow-start", "lazy")


@in_loop
async def test_without_a_yes_no_theory_is_chosen(tmp_path: Path) -> None:
    async with on_board(tied(tmp_path), (80, 24)) as shown:
        await shown.press("H", "j", "*", "escape")

        assert not shown.sent()
        assert not shown.shows("Does lazy win")


@in_loop
async def test_what_cannot_win_is_refused_without_a_question(tmp_path: Path) -> None:
    async with on_board(tied(tmp_path), (120, 36)) as shown:
        await shown.press("H", "G", "*")

        assert not shown.shows("Does broken win")
        assert shown.shows("Can't choose broken: broken has failed")


@in_loop
async def test_a_run_without_hypotheses_says_so(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path), (80, 24)) as shown:
        await shown.press("H")

        assert "this run has no hypotheses" in shown.text()
