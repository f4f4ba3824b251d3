"""What is worth predicting, and how long a prediction stands."""

from __future__ import annotations

import pytest

from porch_tui.core.merge_queue.prediction import (
    Prediction,
    concerned,
    in_each_others_way,
    predictions_of,
    still_open,
    worth_reporting,
)
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.settle import settle
from porch_tui.present.explain import reason
from tests.builders import (
    board,
    build,
    conflict,
    fold,
    land,
    opened,
    plan,
    queue,
    running,
    settled,
    start,
    task,
    unvalidated,
)

PAIR = Prediction("a", "b", ("x",))


def test_only_what_is_at_work_or_queued_is_concerned():
    state = queue(opened(plan("a", "b", "c", "later")), "b", "a")

    assert ("b", "a") == concerned(state)
    assert ("parser",) == concerned(running("parser"))
    assert ("a",) == concerned(fold(state, e.EntryWithdrawn(TaskId("b"))))


def test_a_check_merges_nothing_and_conflicts_with_no_task():
    state = opened(plan(task("a", kind=Kind.CHECK)))
    attempt = e.AttemptId(TaskId("a"), 1)

    assert () == concerned(fold(state, e.AttemptScheduled(attempt, state.target.base, 0)))


def test_a_conflict_that_is_there_is_known_and_not_predicted():
    state = conflict(queue(board(opened(plan("a", "b")), "a"), "b"), "b", partners=("a",))

    assert ("a",) == concerned(state)
    assert () == still_open(state, [PAIR, Prediction("b", "refs/heads/main", ("x",))])


def test_what_was_merged_already_is_not_predicted_to_conflict():
    state = board(opened(plan("a", "b")), "a", "b")
    typed = Prediction("b", "refs/heads/main", ("x",), is_uncommitted=True)

    assert (typed,) == still_open(state, [PAIR, Prediction("b", "refs/heads/main", ()), typed])


def test_a_resolved_conflict_stays_resolved_once_its_candidate_is_built():
    state = conflict(queue(board(opened(plan("a", "b")), "a"), "b"), "b", partners=("a",))
    resolved = fold(state, e.ResolutionGiven(TaskId("b"), "b.json"), e.ConflictResolved(TaskId("b")))

    assert () == still_open(build(resolved), [PAIR])


def test_a_prediction_holds_until_one_of_the_two_is_decided():
    state = queue(board(opened(unvalidated("a", "b")), "a"), "b")
    tip = Prediction("b", "refs/heads/main", ())

    assert (PAIR, tip) == still_open(state, [PAIR, tip])
    assert (tip,) == still_open(land(state, "a"), [PAIR, tip])


def test_a_prediction_that_a_person_has_resolved_is_not_reported_while_the_resolution_waits_for_its_turn():
    state = conflict(queue(board(opened(plan("a", "b")), "a"), "b"), "b", partners=("a",))
    tip = Prediction("b", "refs/heads/main", ("x",))
    typed = Prediction("b", "refs/heads/main", ("x",), is_uncommitted=True)
    assert () == still_open(state, [PAIR, tip, typed])

    resolved = fold(state, e.ResolutionGiven(TaskId("b"), "b.json"), e.ConflictResolved(TaskId("b")))

    assert (typed,) == still_open(resolved, [PAIR, tip, typed])
    again = conflict(resolved, "b", partners=("a",))
    assert () == still_open(again, [PAIR, tip, typed])


@pytest.mark.parametrize(
    ("paths", "reported"),
    [(("CHANGELOG.md", "src/a"), ("src/a",)), (("CHANGELOG.md",), None), ((), ()), (("docs/x/y",), None)],
)
def test_what_the_plan_ignores_is_left_out(paths: tuple[str, ...], reported: tuple[str, ...] | None):
    assert reported == worth_reporting(paths, ("CHANGELOG.md", "docs/**"))


def test_a_prediction_is_reported_of_both_sides_by_the_names_a_person_knows():
    state = opened(plan("a", "b"))
    seen = [PAIR, Prediction("a", "refs/heads/main", ())]

    assert ("will conflict with b: x", "will conflict with main") == predictions_of(state, TaskId("a"), seen)
    assert ("will conflict with a: x",) == predictions_of(state, TaskId("b"), seen)


def waiting_to_write() -> RunState:
    """Return a run with one slot taken by `mul`, while `ahead` and `free` wait for it, in plan order."""
    tasks = (task("mul"), task("ahead", paths=("src/**",)), task("free", paths=("docs/**",)), task("log"))
    return start(opened(unvalidated(*tasks), slots=1), "mul")


def met(state: RunState, **changed: str) -> e.ConflictsPredicted:
    """Return what is reported once these tasks have changed a path each."""
    return e.ConflictsPredicted(
        in_each_others_way(state, {TaskId(name): (path,) for name, path in changed.items()})
    )


def test_what_a_task_declares_to_write_is_compared_with_what_others_have_changed():
    state = waiting_to_write()

    assert (("ahead", "mul"),) == met(state, mul="src/app.py").pairs
    assert () == met(state, mul="README.md").pairs
    ignoring = replace(state, plan=replace(state.plan, predict_ignore=("src/app.py",)))
    assert () == met(ignoring, mul="src/app.py").pairs


def test_others_start_before_a_task_that_will_write_what_another_is_changing():
    state = waiting_to_write()
    reported = fold(state, met(state, mul="src/app.py"))
    assert "others go first: mul changed what it will write" in reason(reported, TaskId("ahead"))

    state = fold(reported, e.SlotsChanged(2))

    assert [e.AttemptScheduled(e.AttemptId(TaskId("free"), 1), state.target.base, 1)] == settle(state)


def test_once_that_has_landed_the_task_starts_on_top_of_it():
    state = waiting_to_write()
    state = fold(state, met(state, mul="src/app.py"))
    state = settled(land(board(state, "mul"), "mul"))
    state = fold(state, e.ConflictsPredicted(()), e.SlotsChanged(3))

    bases = {task: one.attempts[0].base for task, one in settled(state).tasks.items() if one.attempts}
    assert {"mul": "c0", "ahead": "c0+mul", "free": "c0", "log": "c0"} == bases
