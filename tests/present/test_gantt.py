"""The facts of the timeline: a lane for each task that began, with its work, its wait and its end."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.journal.log import read
from porch_tui.present.gantt import Chart, Lane, Mark, Part, chart
from porch_tui.present.summary import summarise
from porch_tui.report.forms.timeline import gantt
from tests.tui.crowds import crowded
from tests.tui.recordings import Recording, busy, task


def drawn(run: Recording) -> Chart:
    return chart(summarise(run.state, list(read(run.rundir.journal))))


def lane_of(run: Recording, name: str) -> Lane:
    return next(lane for lane in drawn(run).lanes if lane.task == name)


def test_every_end_has_its_mark(tmp_path: Path) -> None:
    lanes = (*drawn(busy(tmp_path / "busy")).lanes, *drawn(crowded(tmp_path / "crowded")).lanes)
    marks = {lane.task: [flag.mark for flag in lane.flags] for lane in lanes if lane.task is not None}

    assert marks["schema"] == [Mark.LANDED] and marks["logging"] == [Mark.CONFLICT]
    assert marks["api"] == [Mark.REJECTED] and marks["utf8"] == [Mark.HELD]
    assert marks["cache"] == [Mark.BLOCKED] and marks["auth"] == [Mark.UNDER_WAY]


def test_no_bar_ends_before_it_begins(tmp_path: Path) -> None:
    for run in (busy(tmp_path / "busy"), crowded(tmp_path / "crowded")):
        bars = [bar for lane in drawn(run).lanes for bar in lane.bars]

        assert bars and all(bar.start_s <= bar.end_s for bar in bars)


def test_an_attempt_whose_account_must_wait_is_over_and_its_time_counts(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["a"], validate=False).start("a").wait(5)
    used = e.Used(wall_s=5.0)
    run.say(e.RunPaused(), e.AttemptLimited(run.attempt("a"), "limit reached", used)).wait(9)
    run.say(e.Noticed("later"))

    (bar,), (flag,) = lane_of(run, "a").bars, lane_of(run, "a").flags

    assert (bar.end_s, flag.mark, flag.text) == (5.0, Mark.STOPPED, "its account must wait")
    assert summarise(run.state, list(read(run.rundir.journal))).task_s == 5.0


def test_a_check_does_not_wait_in_the_merge_queue(tmp_path: Path) -> None:
    run = Recording(tmp_path, [task("lint", kind=Kind.CHECK)]).start("lint").wait(9).succeed("lint").wait(3)

    assert [Part.WORK] == [bar.part for bar in lane_of(run.say(e.RunPaused()), "lint").bars]


def test_after_a_conflict_and_another_attempt_the_work_waits_until_now(tmp_path: Path) -> None:
    run = (
        Recording(tmp_path, ["a", "b"], validate=False).start("a", "b").wait(5).succeed("a").build().land("a")
    )
    run.succeed("b").conflict("b", "file").wait(5).say(e.TaskRetried(TaskId("b"), is_automatic=False))
    run.start("b").wait(10).succeed("b").build().wait(7).say(e.RunPaused())

    queued = [bar for bar in lane_of(run, "b").bars if bar.part is Part.QUEUE]

    assert [(20.0, 27.0)] == [(bar.start_s, bar.end_s) for bar in queued]


def test_validations_that_ran_side_by_side_have_rows_of_their_own(tmp_path: Path) -> None:
    rows = [lane for lane in drawn(crowded(tmp_path)).lanes if lane.task is None]

    assert all(before.end_s <= after.start_s for lane in rows for before, after in pairwise(lane.bars))
    assert {Mark.FAILED, Mark.UNDER_WAY} == {flag.mark for lane in rows for flag in lane.flags}


def test_the_critical_path_is_marked(tmp_path: Path) -> None:
    found = drawn(busy(tmp_path))

    assert ("schema", "auth") == found.path and {"schema", "auth"} == {
        lane.task for lane in found.lanes if lane.is_critical
    }
    assert found.path_s == pytest.approx(found.until_s, abs=1)


def test_where_an_attempt_waited_for_a_person_is_a_bar_over_its_work(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["a"], validate=False).start("a").wait(5)
    run.say(e.AttemptWaits(run.attempt("a"), "may I?")).wait(4)
    run.say(e.AttemptPaused(run.attempt("a"))).wait(3).say(e.AttemptResumed(run.attempt("a"))).wait(2)
    run.say(e.AttemptAnswered(run.attempt("a"))).wait(1)
    run.say(e.AttemptWaits(run.attempt("a"), "")).wait(6).succeed("a")

    bars = lane_of(run, "a").bars
    waits = [(bar.start_s, bar.end_s, bar.how) for bar in bars if bar.part is Part.WAIT]

    said = "waits for you: may I?"
    assert waits == [(5.0, 9.0, said), (12.0, 14.0, said), (15.0, 21.0, "waits for you")]
    assert [bar.part for bar in bars].index(Part.WORK) < [bar.part for bar in bars].index(Part.WAIT)
    summary = summarise(run.state, list(read(run.rundir.journal)))
    assert summary.waited_s == sum(end_s - start_s for start_s, end_s, _ in waits)
    text = gantt(chart(summary))
    assert "w" in text[2] and "w waits for you" in text[-1]


def test_a_conflict_waits_until_it_is_resolved_or_its_task_runs_again(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["a", "b"], validate=False).start("a", "b").succeed("a").build().land("a")
    run.succeed("b").conflict("b", "file").wait(50).say(e.RunPaused())
    waits = [bar for bar in lane_of(run, "b").bars if bar.part is Part.WAIT]
    assert [(0.0, 50.0)] == [(bar.start_s, bar.end_s) for bar in waits]

    run.say(e.TaskRetried(TaskId("b"), is_automatic=False)).wait(5).say(e.RunPaused())
    waits = [bar for bar in lane_of(run, "b").bars if bar.part is Part.WAIT]
    assert [(0.0, 50.0)] == [(bar.start_s, bar.end_s) for bar in waits]
