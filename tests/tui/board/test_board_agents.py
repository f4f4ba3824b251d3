"""What agents use is on the board where there is room, and `$` gives a task more of its budget."""

from __future__ import annotations

from pathlib import Path

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.agent_report import AgentReport, AgentUsage
from porch_tui.core.model.budget import NONE, Budget, Spent
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent, TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.journal import telemetry
from porch_tui.tui.board.tasks import TaskList
from tests.tui.board_harness import on_board, rows_of
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, sha, task

ONE, TWO = TaskId("one"), TaskId("two")


def with_agents(folder: Path, of_run: Budget = NONE) -> Recording:
    """Return a run in which one task of an agent has ended and another one runs."""
    specs = [
        replace(task(name), agent="pi", budget=Budget(tokens=2_000_000), prompt=name) for name in (ONE, TWO)
    ]
    run = Recording(folder, specs, validate=False, agents=(Agent("pi", ("pi",), "pi"),), budget=of_run)
    run.start("one", "two")
    used = e.Used(3.0, agent=AgentReport(AgentUsage(1_000_000, None, 200_000, 1.25)))
    run.say(e.AttemptSucceeded(run.attempt("one"), sha("head one"), used))
    directory = run.rundir.attempt(str(run.attempt("two")))
    directory.mkdir(parents=True, exist_ok=True)
    live = AgentUsage(30_000, None, 4_000, 0.5)
    telemetry.append(directory, Sample(run.now, 50.0, 1.0, 100, 100, 1, agent=live))
    return run


@in_loop
async def test_tokens_and_cost_have_columns_in_a_wide_window_also_while_a_task_runs(tmp_path: Path) -> None:
    async with on_board(with_agents(tmp_path), (80, 24)) as shown:
        heading, one, two = shown.rows()[1:4]

        assert heading.split()[-5:-1] == ["cpu", "mem", "tokens", "cost"]
        assert ["1.2M", "$1.25"] == [word for word in one.split() if word in ("1.2M", "$1.25")]
        assert ["34k", "$0.50"] == [word for word in two.split() if word in ("34k", "$0.50")]


@in_loop
async def test_in_a_narrower_window_the_cost_is_left_out_first(tmp_path: Path) -> None:
    async with on_board(with_agents(tmp_path), (60, 24)) as shown:
        assert shown.rows()[1].split()[-4:-1] == ["cpu", "mem", "tokens"]


@in_loop
async def test_they_have_columns_beside_the_log_too_where_there_is_room(tmp_path: Path) -> None:
    async with on_board(with_agents(tmp_path), (150, 48)) as shown:
        heading, one, _ = rows_of(shown.board.query_one(TaskList))

        assert heading.split()[-5:-1] == ["cpu", "mem", "tokens", "cost"]
        assert ["1.2M", "$1.25"] == [word for word in one.split() if word in ("1.2M", "$1.25")]


@in_loop
async def test_without_agents_the_log_keeps_that_room(tmp_path: Path) -> None:
    run = Recording(tmp_path, [task("one")], validate=False)
    run.start("one")
    async with on_board(run, (150, 48)) as shown:
        assert rows_of(shown.board.query_one(TaskList))[0].split()[-3:-1] == ["cpu", "mem"]


@in_loop
async def test_a_window_that_gets_narrower_leaves_them_out_again(tmp_path: Path) -> None:
    async with on_board(with_agents(tmp_path), (150, 48)) as shown:
        await shown.resize(120, 48)

        assert rows_of(shown.board.query_one(TaskList))[0].split()[-3:-1] == ["cpu", "mem"]


@in_loop
async def test_the_top_line_has_the_sum_of_the_run(tmp_path: Path) -> None:
    async with on_board(with_agents(tmp_path), (160, 48)) as shown:
        assert "1.2M tokens $1.75" in shown.rows()[0]


@in_loop
async def test_a_key_gives_a_task_as_much_again_after_a_question(tmp_path: Path) -> None:
    run = with_agents(tmp_path)
    run.say(e.BudgetReached(TWO, Spent(2_100_000)))
    async with on_board(run, (80, 24)) as shown:
        await shown.press("n")
        assert shown.shows("OVER BUDGET") and shown.shows("its budget is used up: 2.1M of 2M tokens")
        assert shown.shows("(key $)")

        await shown.press("$")
        assert shown.shows("Give two as much again?") and shown.shows("2M tokens more, and it continues.")
        await shown.press("y")

        (command,) = shown.sent()
        assert isinstance(command, c.RaiseBudget)
        assert (command.task, command.by) == (TWO, Budget(tokens=2_000_000))


@in_loop
async def test_the_same_key_gives_the_run_more_where_that_is_what_a_task_waits_for(tmp_path: Path) -> None:
    run = with_agents(tmp_path, Budget(usd=1.0))
    run.say(e.BudgetReached(None, Spent(usd=1.75)))
    async with on_board(run, (80, 24)) as shown:
        await shown.press("n")
        assert shown.shows("the run's budget is used up: $1.75 of $1.00")
        await shown.press("j", "$")
        assert shown.shows("Give the run as much again?")
        await shown.press("y")

        (command,) = shown.sent()
        assert isinstance(command, c.RaiseBudget)
        assert (command.task, command.by) == (None, Budget(usd=1.0))


@in_loop
async def test_the_screen_of_a_task_says_how_much_of_its_budget_is_used(tmp_path: Path) -> None:
    async with on_board(with_agents(tmp_path), (80, 24)) as shown:
        await shown.press("j", "i")

        assert shown.shows("34k of 2M tokens")
