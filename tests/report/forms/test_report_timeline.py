"""The drawn timeline: what ran when, what waited, how it ended."""

from __future__ import annotations

import random
import re

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.present.cells import cells
from porch_tui.present.gantt import chart
from porch_tui.present.plots import plots
from porch_tui.report.forms.plots import drawn as plots_drawn
from porch_tui.report.forms.timeline import FOLD, LEGEND, gantt
from tests.report.tale import Tale, a_plan, five_tasks, oid, spec


def drawn(tale: Tale) -> str:
    """Return the timeline without its legend."""
    lines = gantt(chart(tale.summary))
    end = lines.index("")
    assert lines[end + 1 :][: len(LEGEND)] == LEGEND
    return "\n".join(lines[:end])


def test_work_waiting_landing_conflict_and_failure_are_told_apart() -> None:
    assert drawn(five_tasks()) == FIVE_TASKS


FIVE_TASKS = """\
              0s            2s             4s             6s            8s
              |-------------|--------------|--------------|-------------|-------
  log         ###############-------L
* schema      ##############################--------L
  mul         ###############################-------L
  div         #########################################!wwwwwwwwwwwwwwwwwwwwwwww
  review      ################################################
  seed                                     ###############x
* auth                                              #####################------L
  validations vvvvvvv        vvvvvvv         vvvvvv                      vvvvvv
                                             vvvvv."""


def test_the_time_without_an_engine_is_one_mark_and_its_length_stands_in_the_legend() -> None:
    tale = Tale(a_plan(spec("auth"), is_validated=False)).start(1, "auth").succeed(9, "auth").build(9)
    tale.at(36_009, e.EngineTookOver(7, "pc")).land(36_012, "auth")

    text = "\n".join(gantt(chart(tale.summary)))
    plotted = plots_drawn(plots(tale.summary, {}))

    assert ": no engine: 10h00m00s" in text and "10h00m10s" in text
    assert [line.count(FOLD) for line in plotted if "|" in line] == [1] * 8, "one in each row of both plots"


def test_what_is_under_way_has_no_end() -> None:
    tale = Tale(a_plan(spec("auth"), is_validated=False)).start(1, "auth").at(10, e.RunPaused())

    assert drawn(tale).splitlines()[-1].endswith("#>")


def test_what_was_undone_was_in_the_queue_until_it_landed_only() -> None:
    tale = Tale(a_plan(spec("auth"), is_validated=False)).start(0, "auth").succeed(20, "auth").build(20)
    tale.land(40, "auth").at(
        80, e.LandingUndone(TaskId("auth"), tale.state.target.tip, oid("base"), oid("t"))
    )

    (lane,) = drawn(tale).splitlines()[2:3]
    assert re.fullmatch(r"\* auth #+-+L +t", lane)


def test_attempts_of_one_task_share_its_row() -> None:
    tale = Tale(a_plan(spec("auth", retries=1), is_validated=False)).start(1, "auth").fail(4, "auth")
    tale.start(4.5, "auth").succeed(9, "auth").build(9).land(10, "auth")

    row = drawn(tale).splitlines()[-1]

    assert row.count("x") == 1 and row.endswith("L") and row.index("x") < row.index("L")


def test_a_stopped_task_is_no_failure() -> None:
    tale = Tale(a_plan(spec("auth"), is_validated=False)).start(1, "auth")
    attempt = tale.attempt("auth")

    tale.at(2, e.StopRequested(attempt)).at(3, e.AttemptStopped(attempt))

    assert drawn(tale).endswith("#s")


def test_a_stopped_validation_is_no_failure() -> None:
    tale = Tale(a_plan(spec("auth"))).start(1, "auth").succeed(2, "auth").build(2)
    flight = next(iter(tale.state.validations.in_flight.values()))

    tale.at(4, e.ValidationStopped(flight.tree, flight.number)).at(8, e.RunPaused())

    assert "vsv" in drawn(tale) and "x" not in drawn(tale)


def test_a_run_of_no_length_is_drawn() -> None:
    assert "auth" in drawn(Tale(a_plan(spec("auth"))))


@pytest.mark.parametrize("wall_s", [0.05, 0.7, 9, 61, 3_599, 40_000, 5_000_000])
def test_the_axis_carries_a_few_times_that_fit(wall_s: float) -> None:
    tale = Tale(a_plan(spec("auth"), is_validated=False)).start(wall_s, "auth")

    times, rule = drawn(tale).splitlines()[:2]

    assert times.split()[0] == "0s" and 1 <= len(times.split()) <= 8
    assert max(cells(times), cells(rule)) <= 80
    assert [rule[at] for at in range(1, len(times)) if times[at] != " " == times[at - 1]] == ["|"] * len(
        times.split()
    )


@pytest.mark.parametrize("seed", range(20))
def test_no_line_is_wider_than_the_screen(seed: int) -> None:
    print(f"seed {seed}")
    rng = random.Random(seed)
    tale = Tale(
        a_plan(*(spec("x" * rng.randint(1, 64) + str(n)) for n in range(12)), is_validated=False), slots=12
    )
    at_s = 0.0
    for task in list(tale.state.tasks):
        at_s += rng.expovariate(1 / rng.choice([0.01, 3, 4000]))
        tale.start(at_s, task)
        tale.fail(at_s + rng.random(), task)

    assert max(map(cells, gantt(chart(tale.summary)))) <= 80


def test_the_critical_path_is_of_what_has_begun() -> None:
    assert ("schema", "auth") == chart(five_tasks().summary).path


def test_what_has_nothing_to_land_waits_no_longer() -> None:
    tale = Tale(a_plan(spec("auth"), is_validated=False)).start(1, "auth").succeed(4, "auth")
    entry = tale.state.entries[TaskId("auth")]
    idle = e.CandidateBuilt(entry.task, entry.head, oid("base"), (), oid("merge"), oid("basetree"))

    tale.at(6, idle).at(10, e.RunClosed())

    assert drawn(tale).endswith("-n")


def test_what_a_person_took_out_and_a_blocked_landing_are_marked() -> None:
    tale = Tale(a_plan(spec("auth"), spec("log"), is_validated=False)).start(1, "auth", "log")
    tale.succeed(2, "auth").build(2).at(3, e.LandingBlocked(TaskId("auth"), (".env",), "in the way", True))

    tale.succeed(4, "log").at(5, e.EntryWithdrawn(TaskId("log"))).at(6, e.RunPaused())

    auth, log = drawn(tale).splitlines()[2:]
    assert auth.endswith("-B") and log.endswith("-t")
    assert "t taken out by a person" in gantt(chart(tale.summary))
