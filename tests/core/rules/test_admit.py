"""Late, foreign and repeated reports: what the world says is taken only while it is still true."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.rules.admit import admit
from tests.builders import (
    attempt,
    board,
    build,
    candidate_built,
    conflict,
    failure,
    fold,
    judge,
    land,
    landed,
    opened,
    plan,
    queue,
    running,
    scheduled,
    statuses,
)

A = TaskId("a")


def test_a_report_of_the_present_attempt_is_taken():
    report = e.AttemptSucceeded(attempt("parser", 2), Sha("c0ffee"))

    assert [report] == admit(running("parser", attempt=2), report)


def test_a_late_report_of_an_earlier_attempt_is_dropped():
    state = running("parser", attempt=2)

    assert [] == admit(state, e.AttemptSucceeded(attempt("parser", 1), head=Sha("c0ffee")))
    assert [] == admit(state, e.AttemptFailed(attempt("parser", 1), failure()))
    assert [] == admit(state, e.AttemptStopped(attempt("parser", 1)))


def test_a_second_report_of_the_same_end_is_dropped():
    report = e.AttemptFailed(attempt("parser"), failure())

    assert [] == admit(fold(running("parser"), report), report)


def test_a_report_of_a_task_never_begun_is_dropped():
    assert [] == admit(opened(), e.AttemptStarted(attempt("parser"), pid=1))


def test_a_prediction_that_says_nothing_new_is_dropped():
    event = e.ConflictsPredicted(((A, TaskId("b")),))
    state = board(opened(plan("a", "b")), "a", "b")

    assert ([event], []) == (admit(state, event), admit(fold(state, event), event))


def test_an_end_whose_start_was_not_seen_is_taken():
    """It may be over before anybody looked, or the start was lost in a crash."""
    state = fold(opened(), scheduled("parser"))
    report = e.AttemptSucceeded(attempt("parser"), Sha("c0ffee"))

    assert [report] == admit(state, report)


def test_what_a_person_or_settle_says_is_not_for_the_world_to_say():
    state = board(opened(plan("a")), "a")

    assert [] == admit(state, e.RunPaused())
    assert [] == admit(state, e.NothingToLand(A))
    assert [] == admit(state, e.EntryWithdrawn(A))
    assert [] == admit(state, e.TaskRetried(A, is_automatic=True))


def test_nothing_is_taken_once_the_run_is_closed():
    state = fold(board(opened(plan("a")), "a"), e.RunClosed())

    assert [] == admit(state, landed(state, "a"))


def test_the_verdict_of_an_earlier_validation_of_the_same_tree_is_dropped():
    tree = Sha("t0+a")
    state = judge(board(opened(plan("a")), "a"), tree, False)
    state = fold(state, e.ValidationScheduled(tree, 2, Sha("c0+a"), (A,)))

    assert [] == admit(state, e.ValidationPassed(tree, 1))
    assert [e.ValidationPassed(tree, 2)] == admit(state, e.ValidationPassed(tree, 2))


def test_a_candidate_on_top_of_what_is_no_longer_the_tip_is_dropped():
    state = queue(opened(plan("a", "b")), "a", "b")
    late = candidate_built(state, "a")
    state = fold(state, e.TargetMoved(Sha("c9"), Sha("t9"), is_descendant=True))

    assert [] == admit(state, late)
    assert [candidate_built(state, "a")] == admit(state, candidate_built(state, "a"))


def test_a_candidate_of_an_earlier_head_is_dropped():
    state = queue(opened(plan("a")), "a")
    built = candidate_built(state, "a")

    assert [] == admit(state, e.CandidateBuilt(A, Sha("h:old"), built.onto, (), built.candidate, built.tree))


def test_a_landing_is_taken_even_if_the_entry_was_waiting_meanwhile():
    """It is a fact about the target: true whatever became of the entry."""
    state = board(opened(plan("a")), "a")
    report = landed(state, "a")
    blocked = fold(state, e.LandingBlocked(A, (".env",), "a late report", is_retried=False))
    withdrawn = fold(state, e.EntryWithdrawn(A))

    assert [report] == admit(blocked, report)
    assert [report] == admit(withdrawn, report)


def test_a_landing_reported_twice_lands_once():
    state = board(opened(plan("a")), "a")
    report = landed(state, "a")

    assert [] == admit(land(state, "a"), report)


def test_the_second_link_of_a_chain_is_taken_after_the_first():
    state = board(opened(plan("a", "b")), "a", "b")
    second = landed(land(state, "a"), "b")

    assert [] == admit(state, second)
    assert [second] == admit(land(state, "a"), second)


def test_a_move_to_where_the_target_is_already_is_dropped():
    state = opened()

    assert [] == admit(state, e.TargetMoved(state.target.tip, state.target.tip_tree, is_descendant=True))


def test_a_descendant_tip_moves_the_train_and_leaves_the_entries_alone():
    moved = e.TargetMoved(Sha("c9"), Sha("t9"), is_descendant=True)

    assert [moved] == admit(board(opened(plan("a")), "a"), moved)


def test_rewritten_history_parks_everything_under_way_before_the_tip_moves():
    state = queue(opened(plan("a", "b", "c")), "a", "b", "c")
    state = build(conflict(fold(state, candidate_built(state, "a")), "b"))
    moved = e.TargetMoved(Sha("c9"), Sha("t9"), is_descendant=False)

    events = admit(state, moved)

    assert moved == events[-1]
    assert {"a": "blocked", "b": "conflicted", "c": "blocked"} == statuses(fold(state, *events))
