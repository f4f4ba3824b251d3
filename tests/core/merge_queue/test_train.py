"""The merge queue's policy: order, what lands, what is validated, who is to blame."""

from __future__ import annotations

import pytest

from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.merge_queue.train import idlers, landable, rejectable, suspects, train, worth_validating
from porch_tui.core.merge_queue.verdicts import is_base_red, is_good
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Integrity, Sha, TaskId
from porch_tui.core.model.state import RunState
from tests.builders import (
    board,
    build,
    candidate_built,
    fold,
    judge,
    land,
    opened,
    plan,
    queue,
    task,
    unvalidated,
)

EIGHT = tuple("abcdefgh")


def order(state: RunState) -> str:
    """Return the tasks on their way, in order, as one word."""
    return "".join(entry.task for entry in in_order(state))


def boarded(*names: str, validate_jobs: int = 1, is_base_green: bool = True) -> RunState:
    """Return a run whose tasks all stand on the train, on top of a base that passes."""
    state = opened(plan(*names), validate_jobs=validate_jobs)
    return board(judge(state, "t0", True) if is_base_green else state, *names)


def lengths(state: RunState) -> list[int]:
    """Return how long the prefixes worth validating are, the most informative first; 0 is the tip itself."""
    return [len(prefix.tasks) for prefix in worth_validating(state)]


def tree(names: str) -> str:
    """Return the tree of these tasks, one letter each, merged in this order."""
    return "+".join(["t0", *names])


# --- order ---------------------------------------------------------------------


def test_the_first_to_arrive_is_merged_first():
    assert "ba" == order(queue(opened(plan("a", "b")), "b", "a"))


def test_higher_priority_goes_first():
    assert "ba" == order(queue(opened(plan("a", task("b", priority=1))), "a", "b"))


def test_a_late_arrival_never_disturbs_a_prefix_in_flight():
    state = board(opened(plan("a", "b", task("urgent", priority=9))), "a", "b")
    state = fold(state, e.ValidationScheduled(Sha("t0+a"), 1, Sha("c0+a"), (TaskId("a"),)))

    assert ["a", "urgent", "b"] == [entry.task for entry in in_order(queue(state, "urgent"))]


def test_a_late_arrival_never_disturbs_what_has_passed():
    state = judge(board(opened(plan("a", "b", task("c", priority=9))), "a", "b"), tree("ab"), True)

    assert "abc" == order(queue(state, "c"))


def test_a_late_arrival_goes_before_what_only_failed():
    state = judge(board(opened(plan("a", "b", task("c", priority=9))), "a", "b"), tree("ab"), False)

    assert "cab" == order(queue(state, "c"))


def test_validating_a_train_of_mixed_priorities_does_not_reorder_it():
    state = board(opened(plan("a", task("b", priority=9)), validate_jobs=2), "a")
    state = build(queue(state, "b"))
    state = fold(state, e.ValidationScheduled(Sha(tree("ba")), 1, Sha("c0+b+a"), (TaskId("b"), TaskId("a"))))

    assert "ba" == order(state)
    assert train(state).missing is None


def test_a_requeued_entry_goes_to_the_end_of_the_queue():
    state = board(opened(plan("a", "b")), "a", "b")
    state = fold(state, e.EntryWithdrawn(TaskId("a")), e.EntryRequeued(TaskId("a")))

    assert "ba" == order(state)


# --- fewest conflicts first ------------------------------------------------------


def predicted(*pairs: str) -> e.ConflictsPredicted:
    """Return the prediction that these pairs, two letters each, would conflict."""
    return e.ConflictsPredicted(tuple((TaskId(a), TaskId(b)) for a, b in pairs))


def test_what_will_conflict_with_fewer_others_goes_first():
    assert "bcda" == order(fold(queue(opened(plan(*"abcd")), *"abcd"), predicted("ab", "ac", "ad", "cd")))


def test_priority_goes_before_fewer_conflicts():
    state = queue(opened(plan(task("a", priority=1), "b", "c")), "a", "b", "c")

    assert "abc" == order(fold(state, predicted("ab", "ac")))


def test_a_conflict_with_what_has_left_the_queue_counts_no_more():
    state = fold(queue(opened(plan("a", "b", "c")), "a", "b", "c"), predicted("ab"))

    assert ("cab", "ac") == (order(state), order(fold(state, e.EntryWithdrawn(TaskId("b")))))


def test_a_prediction_never_disturbs_a_prefix_in_flight():
    state = board(opened(plan("a", "b", "c")), "a", "b", "c")
    state = fold(state, e.ValidationScheduled(Sha("t0+a"), 1, Sha("c0+a"), (TaskId("a"),)))

    assert "acb" == order(fold(state, predicted("ab")))


# --- the chain -------------------------------------------------------------------


def test_the_train_lacks_the_first_candidate_that_is_not_on_top_of_what_is_ahead():
    state = queue(opened(plan("a", "b")), "a", "b")
    state = fold(state, candidate_built(state, "a"))
    missing = train(state).missing

    assert missing is not None
    assert ("b", "c0+a", ("a",)) == (missing.entry.task, missing.onto, missing.on_top_of)


def test_when_the_target_moves_the_whole_train_is_built_again():
    state = fold(boarded("a", "b"), e.TargetMoved(Sha("c9"), Sha("t9"), is_descendant=True))
    missing = train(state).missing

    assert () == train(state).entries
    assert missing is not None and ("a", "c9") == (missing.entry.task, missing.onto)
    assert ("t9+a", "t9+a+b") == train(build(state)).trees


def test_when_an_entry_leaves_what_was_on_top_of_it_is_built_again():
    state = fold(boarded("a", "b", "c"), e.EntryWithdrawn(TaskId("b")))
    missing = train(state).missing

    assert ("t0+a",) == train(state).trees
    assert missing is not None and ("c", "c0+a") == (missing.entry.task, missing.onto)


def test_what_lands_as_it_was_built_leaves_the_rest_of_the_train_standing():
    state = land(judge(boarded("a", "b"), tree("a"), True), "a")

    assert None is train(state).missing
    assert (tree("ab"),) == train(state).trees


def sealed(state: RunState, name: str) -> RunState:
    """Return the state after a task landed as another commit than its candidate, as porch does it."""
    entry = state.entries[TaskId(name)]
    assert entry.tree is not None
    return fold(state, e.Landed(entry.task, entry.head, state.target.tip, Sha(f"sealed:{name}"), entry.tree))


def test_what_was_built_on_top_of_a_candidate_stays_valid_when_that_has_landed():
    state = sealed(judge(boarded("a", "b", "c"), tree("a"), True), "a")

    assert None is train(state).missing
    assert (tree("ab"), tree("abc")) == train(state).trees
    assert "b" == "".join(entry.task for entry in landable(judge(state, tree("ab"), True)))
    state = sealed(judge(state, tree("abc"), True), "b")
    assert None is train(state).missing
    assert "c" == "".join(entry.task for entry in landable(state))


def test_what_was_built_on_a_candidate_that_is_not_what_landed_does_not_land_as_it_is():
    """The report of a landing may come late, when its entry has been built on top of others meanwhile."""
    state = boarded("a", "b", "c")
    b = state.entries[TaskId("b")]

    state = fold(state, e.Landed(b.task, b.head, Sha("c0"), Sha("late"), Sha("t0+b")))

    assert not train(fold(state, e.EntryHeld(TaskId("a")))).entries


def test_before_something_new_is_merged_what_is_ahead_of_it_is_built_on_top_of_the_tip():
    state = opened(plan("a", "b", "c"))
    state = sealed(judge(board(judge(state, "t0", True), "a", "b"), tree("a"), True), "a")
    missing = train(queue(state, "c")).missing

    assert missing is not None and ("b", "sealed:a", ()) == (
        missing.entry.task,
        missing.onto,
        missing.on_top_of,
    )
    built = build(queue(state, "c"))
    assert ["sealed:a", "sealed:a+b"] == [entry.onto for entry in train(built).entries]


def test_an_entry_that_fails_on_a_candidate_that_has_landed_is_built_on_the_tip_before_it_is_blamed():
    state = sealed(judge(boarded("a", "b"), tree("a"), True), "a")
    state = judge(state, tree("ab"), False)
    missing = train(state).missing

    assert missing is not None and ("b", "sealed:a") == (missing.entry.task, missing.onto)
    entry = rejectable(judge(build(state), tree("ab"), False))
    assert entry is not None and ("b", "sealed:a") == (entry.task, entry.onto)


def test_on_top_of_a_squashed_commit_everything_is_built_again():
    state = board(judge(opened(replace(plan("a", "b"), squash=True)), "t0", True), "a", "b")
    missing = train(sealed(judge(state, tree("a"), True), "a")).missing

    assert missing is not None and ("b", "sealed:a") == (missing.entry.task, missing.onto)


def test_an_idle_entry_is_no_link_and_waits_until_it_is_first():
    state = queue(opened(plan("a", "idle", "b")), "a", "idle", "b")
    state = fold(state, candidate_built(state, "a"))
    state = build(fold(state, candidate_built(state, "idle", is_idle=True)))

    assert [] == list(idlers(state))
    assert ["a", "b"] == [entry.task for entry in train(state).entries]


# --- landing ---------------------------------------------------------------------


@pytest.mark.parametrize(("passed", "expected"), [("a", "a"), ("ab", "ab"), ("abc", "abc")])
def test_the_longest_passing_prefix_lands_whole(passed: str, expected: str):
    state = judge(judge(boarded("a", "b", "c"), tree("a"), True), tree(passed), True)

    assert expected == "".join(entry.task for entry in landable(state))


def test_a_longer_prefix_that_passes_absolves_a_shorter_one_that_failed():
    state = judge(judge(boarded("a", "b"), tree("a"), False), tree("ab"), True)

    assert "ab" == "".join(entry.task for entry in landable(state))


def test_nothing_unvalidated_lands():
    assert () == landable(boarded("a", "b"))


def test_without_validation_whatever_merges_lands():
    assert "ab" == "".join(entry.task for entry in landable(board(opened(unvalidated("a", "b")), "a", "b")))


def test_a_tree_that_passed_once_is_never_validated_again():
    state = judge(boarded("a"), tree("a"), True)
    state = fold(state, e.LandingBlocked(TaskId("a"), (".env",), "in the way", True))
    state = build(fold(state, e.LandingUnblocked(TaskId("a"))))

    assert [] == lengths(state)
    assert ["a"] == [entry.task for entry in landable(state)]


# --- what to validate: the k-ary search --------------------------------------------


@pytest.mark.parametrize(("jobs", "expected"), [(1, [8]), (2, [8, 4]), (3, [8, 6, 3])])
def test_an_unknown_train_is_cut_evenly_up_to_its_end(jobs: int, expected: list[int]):
    assert expected == lengths(boarded(*EIGHT, validate_jobs=jobs))[:jobs]


@pytest.mark.parametrize(("jobs", "expected"), [(1, [4]), (2, [3, 5]), (3, [2, 4, 6])])
def test_a_failing_range_is_cut_again_inside(jobs: int, expected: list[int]):
    state = judge(boarded(*EIGHT, validate_jobs=jobs), tree("abcdefgh"), False)

    assert expected == lengths(state)[:jobs]


@pytest.mark.parametrize(("jobs", "expected"), [(1, [6]), (2, [5, 7]), (3, [5, 6, 7])])
def test_what_passed_inside_a_failing_range_is_not_looked_at_again(jobs: int, expected: list[int]):
    state = judge(boarded(*EIGHT, validate_jobs=jobs), tree("abcdefgh"), False)

    assert expected == lengths(judge(state, tree("abcd"), True))[:jobs]


def test_the_failing_prefix_itself_is_not_tested_again_while_a_shorter_one_may_tell():
    state = judge(boarded(*EIGHT), tree("abcdefgh"), False)

    assert 8 not in lengths(state)


def test_idle_jobs_try_the_other_prefixes_too():
    assert [0, 1, 2, 3, 4, 5, 6, 7, 8] == [0, *sorted(lengths(boarded(*EIGHT)))]


def test_a_single_failing_entry_is_retried_before_it_is_blamed():
    state = judge(boarded("a", "b"), tree("a"), False)

    assert [1] == lengths(state)
    assert None is rejectable(state)


def test_the_base_is_validated_before_anything_is_there():
    assert [0] == lengths(opened(plan("a")))
    assert [] == lengths(opened(unvalidated("a")))


def test_a_later_tip_is_validated_only_when_something_fails_on_top_of_it():
    moved = e.TargetMoved(Sha("c9"), Sha("t9"), is_descendant=True)
    state = build(fold(boarded("a"), moved))

    assert [1] == lengths(state)
    assert 0 in lengths(judge(state, "t9+a", False))


# --- every commit validated --------------------------------------------------------


def every(*names: str) -> RunState:
    """Return a run of a plan that wants each commit of the target validated; all stand on the train."""
    state = opened(replace(plan(*names), integrity=Integrity.EVERY), validate_jobs=2)
    return board(judge(state, "t0", True), *names)


def test_where_every_commit_counts_prefixes_are_validated_one_after_the_other():
    assert [1, 2, 3] == lengths(every("a", "b", "c"))


def test_where_every_commit_counts_only_what_has_passed_itself_lands():
    state = judge(judge(every("a", "b", "c"), tree("a"), True), tree("abc"), True)

    assert ["a"] == [entry.task for entry in landable(state)]
    assert ["a", "b", "c"] == [entry.task for entry in landable(judge(state, tree("ab"), True))]


def test_where_every_commit_counts_a_longer_prefix_absolves_no_entry():
    state = judge(judge(every("a", "b"), tree("ab"), True), tree("a"), False, False)
    entry = rejectable(state)

    assert entry is not None and "a" == entry.task


# --- suspects ----------------------------------------------------------------------


def test_the_train_continues_without_a_suspect_while_that_is_tried_again():
    state = build(judge(boarded("a", "b", "c", validate_jobs=2), tree("a"), False))

    assert ["a"] == [entry.task for entry in suspects(state)]
    assert (tree("b"), tree("bc")) == train(state).trees
    assert [("a",), ("b", "c"), ("b",)] == [prefix.tasks for prefix in worth_validating(state)]


def test_a_suspect_that_passes_its_second_try_is_back_where_it_was():
    state = judge(boarded("a", "b"), tree("a"), False, True)

    assert ["a"] == [entry.task for entry in landable(state)]


def test_what_lands_meanwhile_does_not_save_a_suspect():
    state = build(judge(boarded("a", "b"), tree("a"), False))
    state = land(judge(state, tree("b"), True), "b")
    entry = rejectable(judge(state, tree("a"), False))

    assert entry is not None and "a" == entry.task


def test_no_entry_is_suspect_on_top_of_a_tip_that_was_not_judged():
    state = judge(boarded("a", is_base_green=False), tree("a"), False)

    assert [] == list(suspects(state))


# --- blame -------------------------------------------------------------------------


def test_an_entry_that_fails_twice_on_top_of_a_passing_tip_is_to_blame():
    entry = rejectable(judge(boarded("a", "b"), tree("a"), False, False))

    assert entry is not None and "a" == entry.task


def test_no_entry_is_blamed_while_the_tip_is_unknown():
    state = judge(boarded("a", is_base_green=False), tree("a"), False, False)

    assert None is rejectable(state)
    assert [0] == lengths(state)


def test_a_red_base_blames_no_entry():
    state = judge(boarded("a", is_base_green=False), "t0", False, False)
    state = judge(state, tree("a"), False, False)

    assert is_base_red(state)
    assert None is rejectable(state)
    assert () == landable(state)


def test_a_base_that_failed_once_is_not_yet_red():
    assert not is_base_red(judge(opened(), "t0", False))


def test_what_mends_a_red_base_lands():
    state = judge(boarded("mend", is_base_green=False), "t0", False, False)

    assert ["mend"] == [entry.task for entry in landable(judge(state, "t0+mend", True))]


def red_and_allowed(exit_code: int | None) -> RunState:
    """Return a run whose base fails with this exit code, which a person has allowed."""
    state = board(opened(plan("a"), allow_red_base=True), "a")
    return judge(state, "t0", False, False, exit_code=exit_code)


def test_on_top_of_an_allowed_red_base_what_makes_nothing_worse_lands():
    state = judge(red_and_allowed(exit_code=1), tree("a"), False, exit_code=1)

    assert not is_base_red(state)
    assert ["a"] == [entry.task for entry in landable(state)]


def test_on_top_of_an_allowed_red_base_what_makes_it_worse_is_to_blame():
    entry = rejectable(judge(red_and_allowed(exit_code=1), tree("a"), False, False, exit_code=2))

    assert entry is not None and "a" == entry.task


def test_on_top_of_an_allowed_red_base_another_step_that_fails_is_worse_whatever_its_exit_code():
    state = board(opened(plan("a"), allow_red_base=True), "a")
    state = judge(state, "t0", False, False, exit_code=1)
    [prefix] = [one for one in worth_validating(state) if one.tree == tree("a")]

    state = fold(state, e.ValidationScheduled(prefix.tree, 1, prefix.commit, prefix.tasks))
    state = fold(state, e.ValidationFailed(prefix.tree, 1, "hook commit-msg: exit 1", 1))

    assert () == landable(state)


def test_hooks_alone_hold_a_landing_until_they_have_passed():
    state = board(opened(replace(unvalidated(task("a")), runs_hooks=True)), "a")

    assert () == landable(state)
    assert ["a"] == [entry.task for entry in landable(judge(judge(state, "t0", True), tree("a"), True))]


def test_a_base_that_cannot_be_judged_stays_red_though_allowed():
    """A time-out has no exit code: nothing is comparable to it, so nothing can be blamed or excused."""
    state = judge(red_and_allowed(exit_code=None), tree("a"), False, False, exit_code=None)

    assert is_base_red(state)
    assert not is_good(state, Sha(tree("a")))
    assert None is rejectable(state)
