"""What follows from a state for all widgets: right after every record, and cheap with many waiting tasks."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.evolve import begin, evolve
from porch_tui.journal.log import read
from porch_tui.tui.model.view import derive
from tests.tui.board_harness import on_board
from tests.tui.crowds import crowded
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy, task

MANY = 3000


def states(run: Recording) -> list[RunState]:
    """Return the state after each record."""
    records = list(read(run.rundir.journal))
    found = [begin(records[0])]
    for record in records[1:]:
        found.append(evolve(found[-1], record))
    return found


def test_a_view_derived_from_the_previous_one_equals_one_derived_from_nothing(tmp_path: Path) -> None:
    ending = busy(tmp_path / "busy").say(e.RunPaused(), e.RunResumed(), e.EntryWithdrawn(TaskId("logging")))
    ending.say(e.TaskRetried(TaskId("utf8"), is_automatic=False))
    for run in (ending, crowded(tmp_path / "crowded")):
        before = None
        for state in states(run):
            before, again = derive(state, before), derive(state)

            assert list(again.signs.items()) == list(before.signs.items())


def test_several_records_between_two_looks_are_as_good_as_one(tmp_path: Path) -> None:
    seen = states(busy(tmp_path))

    assert derive(seen[-1]).signs == derive(seen[-1], derive(seen[0])).signs
    assert derive(seen[0]).signs == derive(seen[0], derive(seen[-1])).signs


async def cost_of(folder: Path, count: int) -> tuple[float, float]:
    """Return the processor time of a second in which nothing happens, and of a step of the cursor."""
    run = Recording(folder, [task(f"t{n}", kind=Kind.CHECK) for n in range(count)], slots=1).start("t0")
    async with on_board(run) as shown:
        await shown.tick()
        began = time.process_time()
        for _ in range(10):
            await shown.tick()
        ticked = time.process_time()
        for _ in range(10):
            await shown.press("j")
        return ticked - began, time.process_time() - ticked


@pytest.mark.slow
@in_loop
async def test_a_second_and_a_key_cost_the_same_however_many_tasks_wait(tmp_path: Path) -> None:
    few = await cost_of(tmp_path / "few", 40)
    many = await cost_of(tmp_path / "many", MANY)

    assert [True, True] == [m < 3 * f + 0.1 for f, m in zip(few, many, strict=True)], (few, many)


@in_loop
async def test_a_run_is_not_done_while_a_landed_task_wrote_outside_its_worktree(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"]).judge(passes=True).through("one")
    async with on_board(run) as shown:
        assert shown.shows("done: 1 of 1 task landed")

        run.say(e.AttemptEscaped(run.attempt("one"), "wrote to /repo/notes.txt"))
        await shown.tick()

        assert shown.shows("1 needs you") and not shown.shows("done:")
