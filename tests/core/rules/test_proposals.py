"""What the plan's resolver proposes: asked once a conflict, decided by a person or by a green validation."""

from __future__ import annotations

import pytest

from porch_tui.core.merge_queue.train import landable
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Resolver, Sha, TaskId
from porch_tui.core.model.state import RunState, proposal_record
from porch_tui.core.model.status import EntryStatus as E
from porch_tui.core.rules import effects as f
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.effects import wanted
from porch_tui.core.rules.ending import is_at_rest
from porch_tui.core.rules.settle import settle
from porch_tui.present.explain import needs
from tests.builders import candidate_built, conflict, fold, judge, opened, plan, queue

A, HEAD, TIP = TaskId("a"), Sha("h:a"), Sha("c0")
ASKED = f.ProposeResolution(A, HEAD, TIP)
COMPLETE = e.ResolutionProposed(A, HEAD, TIP, "claude", is_complete=True)
NOTHING = replace(COMPLETE, is_complete=False, why="exit 3")
GIVEN = e.ResolutionGiven(A, proposal_record(A))


def in_conflict(*, auto: bool = False, allow_red_base: bool = False) -> RunState:
    """Return a run with a resolver, whose task `a` is in conflict; its base is red where that is allowed."""
    a_plan = replace(plan("a"), resolver=Resolver(("claude",), "claude", auto))
    state = judge(opened(a_plan, allow_red_base=allow_red_base), "t0", not allow_red_base, not allow_red_base)
    return conflict(queue(state, "a"), "a")


def resolved(state: RunState) -> RunState:
    """Return the state after the proposal was given, applied, and its candidate stands."""
    state = fold(state, COMPLETE, GIVEN, e.ConflictResolved(A))
    built = replace(candidate_built(state, "a"), resolved=("f",), resolved_by=("claude (auto)",))
    return fold(state, built)


def test_the_resolver_is_asked_once_for_a_conflict():
    state = in_conflict()

    assert {ASKED} == wanted(state)
    assert not is_at_rest(state)
    assert set() == wanted(fold(state, COMPLETE)) == wanted(fold(state, NOTHING))


def test_the_resolver_is_frozen_while_the_run_is_paused():
    paused = fold(in_conflict(), e.RunPaused())

    assert {ASKED, f.FreezeProposal(A, HEAD, TIP)} == wanted(paused)
    assert {ASKED} == wanted(fold(paused, e.RunResumed()))
    assert set() == wanted(fold(paused, COMPLETE))


def test_another_conflict_is_asked_about_again():
    again = conflict(fold(in_conflict(), NOTHING, e.EntryRequeued(A)), "a")

    assert {ASKED} == wanted(again)


def test_no_one_is_asked_once_a_person_has_resolved_it():
    assert ASKED not in wanted(fold(in_conflict(), e.ResolutionGiven(A, "a.json")))


@pytest.mark.parametrize("late", [replace(COMPLETE, onto=Sha("c9")), replace(COMPLETE, head=Sha("h:b"))])
def test_a_report_about_another_conflict_comes_too_late(late: e.ResolutionProposed):
    assert [] == admit(in_conflict(), late)
    assert [] == admit(fold(in_conflict(), NOTHING), COMPLETE)


def test_a_person_sees_what_is_proposed_and_how_to_take_it():
    (need,) = needs(fold(in_conflict(), COMPLETE))

    assert "claude proposes a resolution: porch conflicts a" in need.why
    assert "porch resolve a --take proposed" == need.next
    assert "claude has no resolution: exit 3" in needs(fold(in_conflict(), NOTHING))[0].why


def test_only_where_the_plan_says_auto_is_it_applied_automatically():
    assert [] == settle(fold(in_conflict(), COMPLETE))
    assert [GIVEN] == settle(fold(in_conflict(auto=True), COMPLETE))
    assert [] == settle(fold(in_conflict(auto=True), NOTHING))


def test_one_that_could_not_be_applied_is_not_given_again():
    refused = fold(in_conflict(auto=True), COMPLETE, GIVEN, e.ResolutionRefused(A, "a marker is left"))

    assert [] == settle(refused)


def test_a_refusal_calls_it_off_and_only_where_there_is_a_resolver():
    state = in_conflict()

    assert [e.ProposalRefused(A)] == decide(state, c.RefuseProposal("1", A))
    assert set() == wanted(fold(state, e.ProposalRefused(A)))
    plain = conflict(queue(opened(plan("a")), "a"), "a")
    assert isinstance(decide(plain, c.RefuseProposal("1", A))[0], e.CommandRefused)


def test_without_a_person_it_lands_by_a_validation_that_passes():
    state = resolved(in_conflict(auto=True))

    assert () == landable(state)
    assert ["a"] == [entry.task for entry in landable(judge(state, "t0+a", True))]


def test_without_a_person_it_does_not_land_as_no_worse_than_a_red_base():
    state = resolved(in_conflict(auto=True, allow_red_base=True))

    assert () == landable(judge(state, "t0+a", False, False))
    assert isinstance(settle(judge(state, "t0+a", False, False))[0], e.ResolutionFailed)


def test_accepted_by_a_person_it_may():
    given = (COMPLETE, e.ResolutionGiven(A, "a.json"), e.ConflictResolved(A))
    state = fold(in_conflict(allow_red_base=True), *given)
    built = replace(candidate_built(state, "a"), resolved=("f",), resolved_by=("claude (accepted)",))

    assert ["a"] == [one.task for one in landable(judge(fold(state, built), "t0+a", False, False))]


def test_one_that_fails_is_a_conflict_again_and_waits_for_a_person():
    state = judge(resolved(in_conflict(auto=True)), "t0+a", False, False)
    (failed,) = settle(state)

    state = fold(state, failed)

    entry = state.entries[A]
    assert (E.CONFLICTED, ("f",), None) == (entry.status, entry.conflicts, entry.resolution)
    assert [] == settle(state)
    assert is_at_rest(state)
    assert [e.ResolutionGiven(A, "a.json")] == decide(state, c.ResolveConflict("1", A, "a.json"))
