"""A task's branch that moves after its work was frozen: a person is asked, and requeues it."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.rules import effects as f
from porch_tui.core.rules.admit import admit
from porch_tui.present.explain import needs
from tests.builders import board, build, conflict, fold, opened, queue, unvalidated

A, LATER = TaskId("a"), Sha("h:a2")
PARKED = fold(
    board(opened(unvalidated("a")), "a"), e.LandingBlocked(A, (), "its branch is elsewhere", is_retried=False)
)
OPEN = fold(PARKED, e.EntryRequeued(A, takes_branch=True))
BY_ITSELF = fold(conflict(queue(opened(unvalidated("a")), "a"), "a"), e.EntryRequeued(A))


def test_a_person_has_to_requeue_it():
    assert ["porch requeue a"] == [need.next for need in needs(PARKED)]


def test_what_a_person_requeues_takes_the_branch_as_it_is_until_a_candidate_is_built():
    assert {f.BuildCandidate(A, Sha("h:a"), Sha("c0"), (), None, takes_branch=True)} == f.wanted(OPEN)
    assert OPEN.entries[A].takes_branch
    assert not build(OPEN).entries[A].takes_branch


def test_a_moved_head_is_merged_instead():
    moved = fold(OPEN, e.HeadMoved(A, LATER))

    assert (LATER, LATER) == (moved.entries[A].head, moved.tasks[A].head)
    assert {f.BuildCandidate(A, LATER, Sha("c0"), (), None, takes_branch=True)} == f.wanted(moved)


def test_a_head_moves_only_where_a_person_has_requeued():
    assert [e.HeadMoved(A, LATER)] == admit(OPEN, e.HeadMoved(A, LATER))
    assert [] == admit(OPEN, e.HeadMoved(A, Sha("h:a")))
    assert [] == admit(BY_ITSELF, e.HeadMoved(A, LATER))
    assert [] == admit(PARKED, e.HeadMoved(A, LATER))
