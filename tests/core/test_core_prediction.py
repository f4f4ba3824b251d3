"""What is worth predicting, and how long a prediction stands."""

from __future__ import annotations

import pytest

from porch_tui.core import events as e
from porch_tui.core.plan import Kind, TaskId
from porch_tui.core.prediction import Prediction, concerned, foretold, still_open, worth_telling
from tests.builders import board, conflict, fold, land, opened, plan, queue, running, task, unvalidated

PAIR = Prediction("a", "b", ("x",))


def test_only_what_is_at_work_or_in_line_is_concerned():
    state = queue(opened(plan("a", "b", "c", "later")), "b", "a")

    assert ("b", "a") == concerned(state)
    assert ("parser",) == concerned(running("parser"))
    assert ("a",) == concerned(fold(state, e.EntryWithdrawn(TaskId("b"))))


def test_a_check_merges_nothing_and_conflicts_with_nobody():
    state = opened(plan(task("a", kind=Kind.CHECK)))
    attempt = e.AttemptId(TaskId("a"), 1)

    assert () == concerned(fold(state, e.AttemptScheduled(attempt, state.base, 0)))


def test_a_parked_conflict_is_still_to_be_merged():
    assert ("a",) == concerned(conflict(queue(opened(plan("a")), "a"), "a"))


def test_a_prediction_stands_until_one_of_the_two_is_decided():
    state = board(opened(unvalidated("a", "b")), "a", "b")
    tip = Prediction("b", "refs/heads/main", ())

    assert (PAIR, tip) == still_open(state, [PAIR, tip])
    assert (tip,) == still_open(land(state, "a"), [PAIR, tip])


@pytest.mark.parametrize(
    ("paths", "told"),
    [(("CHANGELOG.md", "src/a"), ("src/a",)), (("CHANGELOG.md",), None), ((), ()), (("docs/x/y",), None)],
)
def test_what_the_plan_ignores_is_left_out(paths: tuple[str, ...], told: tuple[str, ...] | None):
    assert told == worth_telling(paths, ("CHANGELOG.md", "docs/**"))


def test_a_prediction_is_told_of_both_sides_by_the_names_a_person_knows():
    state = opened(plan("a", "b"))
    seen = [PAIR, Prediction("a", "refs/heads/main", ())]

    assert ("will conflict with b: x", "will conflict with main") == foretold(state, TaskId("a"), seen)
    assert ("will conflict with a: x",) == foretold(state, TaskId("b"), seen)
