"""Idle workers look at finished work alone before its turn: at no prefix's cost, and no one is blamed."""

from __future__ import annotations

from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.effects import BuildProbe, wanted
from porch_tui.core.rules.settle import settle
from porch_tui.present.explain import reason
from tests.builders import board, build, ended, fold, judge, land, opened, plan, queue, settled, unvalidated

B = TaskId("b")


def behind_a_landing(*, jobs: int = 2) -> RunState:
    """Return a run in which `a` has landed and `b`, begun before that, is being validated on top of it."""
    state = judge(opened(plan("a", "b", "c"), validate_jobs=jobs), "t0", True)
    state = land(judge(board(state, "a"), "t0+a", True), "a")
    return settled(board(state, "b"))


def by_itself(state: RunState, name: str = "b") -> RunState:
    """Return the state after a task's own state was made."""
    head = state.entries[TaskId(name)].head
    return settled(fold(state, e.ProbeBuilt(TaskId(name), head, None, head, Sha(f"t:{name}"))))


def probes(state: RunState) -> set[BuildProbe]:
    """Return the states that are to be made besides the train."""
    return {effect for effect in wanted(state) if isinstance(effect, BuildProbe)}


def in_flight(state: RunState) -> dict[str, bool]:
    """Return the trees being validated, and whether nothing lands by it."""
    return {str(tree): flight.is_probe for tree, flight in state.validations.in_flight.items()}


def test_a_worker_with_nothing_else_to_do_looks_at_finished_work_alone():
    state = behind_a_landing()
    assert {BuildProbe(B, Sha("h:b"), None, None)} == probes(state)

    assert {"t0+a+b": False, "t:b": True} == in_flight(by_itself(state))


def test_with_one_worker_the_train_is_all_that_is_looked_at():
    assert set() == probes(behind_a_landing(jobs=1))


def test_what_the_train_validates_anyway_is_not_looked_at_twice():
    state = settled(board(judge(opened(plan("b"), validate_jobs=2), "t0", True), "b"))

    # its first candidate is its own state: nothing has landed since it was begun
    probe = e.ProbeBuilt(B, Sha("h:b"), None, Sha("h:b"), Sha("t0+b"))
    assert {"t0+b": False} == in_flight(settled(fold(state, probe)))


def test_where_nothing_is_validated_nothing_is_looked_at():
    assert set() == probes(queue(opened(unvalidated("a", "b")), "a", "b"))


def test_on_top_of_a_red_target_nothing_is_looked_at():
    state = judge(opened(plan("a", "b"), validate_jobs=2), "t0", False, False)

    assert set() == probes(settled(board(state, "a", "b")))


def test_it_gives_way_to_a_prefix_that_wants_the_worker():
    state = by_itself(behind_a_landing())

    state = build(queue(state, "c"))

    assert [e.ValidationDropped(Sha("t:b"), 1)] == settle(state)[:1]
    assert {"t0+a+b": False, "t0+a+b+c": False} == in_flight(settled(state))


def test_once_begun_it_continues_while_the_train_is_built_again():
    state = by_itself(behind_a_landing(jobs=3))

    state = queue(state, "c")  # the train lacks a candidate: who knows what it will want

    assert [] == [one for one in settle(state) if isinstance(one, e.ValidationDropped)]
    assert {"t0+a+b": False, "t:b": True, "t0+a+b+c": False} == in_flight(settled(build(state)))


def failing_alone() -> RunState:
    """Return a run in which `b` fails alone, is validated on top of a landing, and `c` arrives."""
    state = ended(by_itself(behind_a_landing()), "t:b", False)
    return queue(ended(settled(state), "t0+a+b", True), "c")


def test_no_entry_is_rejected_for_failing_alone():
    state = settled(failing_alone())

    assert ["b", "c"] == [entry.task for entry in in_order(state)]  # it passes there, so it lands
    assert ("b",) == tuple(link.task for effect in wanted(state) for link in getattr(effect, "links", ()))


def waiting_behind() -> RunState:
    """Return a run in which `b` fails alone while a validation of others keeps it waiting."""
    state = judge(opened(plan("a", "b", "c"), validate_jobs=2), "t0", True)
    state = land(judge(board(state, "a"), "t0+a", True), "a")
    state = by_itself(settled(board(state, "b")))
    state = ended(state, "t:b", False)
    flight = state.validations.in_flight[Sha("t0+a+b")]
    return settled(build(queue(fold(state, e.ValidationDropped(flight.tree, flight.number)), "c")))


def test_an_entry_that_fails_alone_is_merged_last_and_delays_no_other():
    state = waiting_behind()

    assert ["c", "b"] == [entry.task for entry in in_order(state)]
    assert "fails alone (exit 1), so it is merged last" == reason(state, B)


def test_prefixes_end_before_an_entry_that_fails_alone_until_no_other_is_left():
    state = settled(build(waiting_behind()))
    assert {"t0+a+c": False, "t:c": True} == in_flight(by_itself(state, "c"))

    state = settled(build(land(ended(state, "t0+a+c", True), "c")))

    assert {"t0+a+c+b": False} == in_flight(state)


def test_a_state_of_work_that_is_not_the_entry_s_now_comes_too_late():
    state = behind_a_landing()

    assert [] == admit(state, e.ProbeBuilt(B, Sha("h:old"), None, Sha("h:old"), Sha("t:old")))
    assert [] == admit(by_itself(state), e.ProbeBuilt(B, Sha("h:b"), None, Sha("h:b"), Sha("t:b")))
