"""What is said of a task in full: why it has its status, what it has used, and how the run came out."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.merge_queue.prediction import Prediction
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind, TaskId, TaskSpec
from porch_tui.core.model.telemetry import Sample
from porch_tui.journal.log import read
from porch_tui.present.outcome import all_is_well, in_words, results
from porch_tui.present.status_label import cost, is_noticed, ran_s, why
from porch_tui.present.summary import summarise, usage
from tests.tui.recordings import MEGABYTE, Recording, busy, task

A = TaskId("a")


def test_a_task_with_nothing_to_explain_is_explained_by_its_command(tmp_path: Path) -> None:
    run = busy(tmp_path)

    assert why(run.state, TaskId("cache"), ()) == "./cache.sh"
    expected = why(run.state, TaskId("cache"), (Prediction("cache", "search", ("src/app.py",)),))
    assert "search" in expected and "src/app.py" in expected


def test_of_a_landed_task_everything_odd_is_said(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["a"], validate=False).start("a").wait(5)
    run.say(
        e.AttemptSucceeded(run.attempt("a"), run.state.target.tip, e.Used(), ("notes.txt",), (("sh", 1),))
    )
    text = why(run.build().land("a").state, A, ())

    assert text.startswith("landed on main as ")
    assert "; it also wrote undeclared paths: notes.txt; ended 1 process still running: sh" in text
    assert is_noticed(run.state, A)


def test_what_an_attempt_used_is_said_once_it_has_ended(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["a"]).judge(passes=True).start("a").wait(5)
    assert ("", 5.0) == (cost(run.state.tasks[A].attempt), ran_s(run.state.tasks[A].attempt, run.now))
    run.succeed("a")

    assert cost(run.state.tasks[A].attempt) == "took 41.0s  cpu 32.8s  peak 212MB"
    assert ("", 0.0) == (cost(None), ran_s(None, run.now))


def test_what_a_task_used_is_added_up_over_its_attempts(tmp_path: Path) -> None:
    run = Recording(tmp_path, [task("a", retries=1)]).judge(passes=True).start("a").wait(5)
    run.fail("a").start("a").wait(5)
    live = Sample(run.now, 90.0, 4.0, 300 * MEGABYTE, 300 * MEGABYTE, 3)

    used = usage(run.state, A, live)

    assert (13.5, 300 * MEGABYTE) == (used.cpu_s, used.peak_rss_bytes)
    assert usage(Recording(tmp_path / "idle", ["a"]).state, A, None).wall_s is None


def test_notices_of_attempts_and_their_automatic_pauses_are_remembered(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["a"]).judge(passes=True).start("a")
    run.say(e.AttemptNoticed(run.attempt("a"), "silent for 10 min"), e.AttemptNoticed(run.attempt("a"), ""))
    run.say(e.AttemptPaused(run.attempt("a"), "memory is short"), e.AttemptResumed(run.attempt("a")))
    summary = summarise(run.state, list(read(run.rundir.journal)))

    assert ["silent for 10 min", "it was paused for a while: memory is short"] == [
        one.notice for one in summary.notices
    ]


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ([task("a")], "1 of 1 task landed"),
        ([task("a"), task("b", kind=Kind.CHECK)], "1 of 1 task landed, 1 of 1 check passed"),
        ([task("b", kind=Kind.CHECK)], "1 of 1 check passed"),
    ],
)
def test_the_result_of_a_run_is_counted_by_kind(tmp_path: Path, tasks: list[TaskSpec], expected: str) -> None:
    run = Recording(tmp_path, tasks).judge(passes=True)
    for one in tasks:
        run.start(one.id).succeed(one.id).build().judge(passes=True)
        if one.kind is Kind.CHANGE:
            run.land(one.id)

    assert in_words(results(run.state)) == expected and all_is_well(run.state)
