"""Taking a landing back: which one may go, what is begun on top of it, and what may come again."""

from __future__ import annotations

from porch_tui.core.merge_queue.undo import down_to
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.rules import effects as f
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.settle import settle
from porch_tui.present.outcome import Outcome, outcome
from tests.builders import (
    board,
    build,
    candidate_built,
    fold,
    land,
    opened,
    queue,
    scheduled,
    settled,
    start,
    task,
    unvalidated,
)

A, B = TaskId("a"), TaskId("b")
TWO = land(board(opened(unvalidated("a", "b")), "a", "b"), "a", "b")
ONE = land(board(opened(unvalidated("a", "b")), "a"), "a")


def undo(state: RunState, name: str) -> RunState:
    """Return the state after the task's landing was taken back."""
    entry = state.entries[TaskId(name)]
    assert entry.landed is not None and entry.onto is not None
    tree = Sha(entry.onto.replace("c", "t", 1))
    return fold(
        state, e.UndoRequested(entry.task), e.LandingUndone(entry.task, entry.landed, entry.onto, tree)
    )


def refusal(state: RunState, name: str) -> str:
    """Return why an undo is refused; it must be."""
    (event,) = decide(state, c.UndoLanding("1", TaskId(name)))
    assert isinstance(event, e.CommandRefused)
    return event.why


def test_the_last_landing_may_be_undone_and_those_before_it_only_then():
    assert [e.UndoRequested(B)] == decide(TWO, c.UndoLanding("1", B))
    message = "b landed after a; undo b first, or take it back alone: porch undo a --revert"
    assert message == refusal(TWO, "a")
    assert [e.UndoRequested(A)] == decide(undo(TWO, "b"), c.UndoLanding("1", A))
    assert "b has not landed" == refusal(ONE, "b")


def test_an_undo_moves_the_target_from_the_landing_to_what_was_there():
    asked = fold(TWO, e.UndoRequested(B))

    assert frozenset({f.RollBackLanding(B, Sha("c0+a+b"), Sha("c0+a"))}) == f.wanted(asked)
    assert "b is being undone already" == refusal(asked, "b")
    (refused,) = decide(asked, c.CloseRun("1"))
    assert e.CommandRefused("close", "something is being undone this very moment") == refused


def test_after_an_undo_everything_is_as_before_and_the_entry_is_out_of_the_queue():
    back = undo(TWO, "b")

    assert (ONE.target.tip, ONE.target.tip_tree, (A,)) == (
        back.target.tip,
        back.target.tip_tree,
        back.target.landed,
    )
    assert (Outcome.UNDONE, EntryStatus.UNDONE) == (outcome(back, B), back.entries[B].status)
    assert [] == settle(back)


def test_what_was_undone_lands_again_when_it_is_requeued():
    (requeued,) = decide(undo(TWO, "b"), c.RequeueEntry("1", B))

    again = land(build(fold(undo(TWO, "b"), requeued)), "b")
    assert (TWO.target.tip, (A, B)) == (again.target.tip, again.target.landed)


def test_nothing_lands_while_a_landing_is_being_undone():
    waiting = board(fold(ONE, e.UndoRequested(A)), "b")

    assert [] == [effect for effect in f.wanted(waiting) if isinstance(effect, f.LandTrain)]


def test_an_undo_is_refused_while_something_lands():
    assert "something is landing this very moment" == refusal(board(ONE, "b"), "a")


def test_an_undo_is_refused_once_the_target_has_moved_on():
    moved = fold(ONE, e.TargetMoved(Sha("c9"), Sha("t9"), is_descendant=True))

    assert "porch undo a --revert takes it back there" in refusal(moved, "a")


def test_an_undo_under_way_gives_up_when_the_target_moves():
    moved = fold(ONE, e.UndoRequested(A), e.TargetMoved(Sha("c9"), Sha("t9"), is_descendant=True))

    assert [e.UndoRefused(A, "main has moved on to c9 meanwhile")] == settle(moved)
    assert (A,) == settled(moved).target.landed


def test_an_undo_is_refused_while_something_begun_on_top_of_it_is_under_way():
    after = land(board(opened(unvalidated("a", task("b", after=["a"]))), "a"), "a")
    running = fold(after, scheduled("b", base=after.target.tip))

    assert "b started from it and is starting; stop it first" == refusal(running, "a")
    assert "b started from it and is in the merge queue; withdraw it first" == refusal(
        fold(queue(running, "b"), e.LandingBlocked(B, (), "a rebase", is_retried=False)), "a"
    )


def test_what_was_begun_on_top_of_an_undone_landing_is_retried_and_not_requeued():
    after = land(board(opened(unvalidated("a", task("b", after=["a"]))), "a"), "a")
    withdrawn = fold(queue(fold(after, scheduled("b", base=after.target.tip)), "b"), e.EntryWithdrawn(B))
    back = undo(withdrawn, "a")
    again = land(build(fold(back, e.EntryRequeued(A))), "a")

    (refused,) = decide(back, c.RequeueEntry("1", B))
    assert isinstance(refused, e.CommandRefused) and "retry it instead" in refused.why
    assert [e.EntryRequeued(B, takes_branch=True)] == decide(again, c.RequeueEntry("1", B))


def test_what_comes_to_the_queue_after_what_it_was_begun_on_top_of_is_gone_does_not_land():
    after = land(board(opened(unvalidated("a", task("b", after=["a"]))), "a"), "a")
    running = fold(after, scheduled("b", base=after.target.tip))

    (event,) = settle(queue(undo(running, "a"), "b"))
    assert isinstance(event, e.EntryFaulted) and "would bring it back" in event.why


def test_what_was_needless_on_top_of_an_undone_landing_is_merged_again():
    idle = queue(ONE, "b")
    idle = settled(fold(idle, candidate_built(idle, "b", is_idle=True)))

    assert Outcome.NOTHING_TO_LAND is outcome(idle, B)
    assert [e.EntryRequeued(B)] == settle(undo(idle, "a"))


def test_what_is_needless_on_top_of_a_landing_that_someone_brought_back_stays_so():
    idle = fold(undo(ONE, "a"), e.TargetMoved(ONE.target.tip, ONE.target.tip_tree, is_descendant=True))
    idle = queue(idle, "b")
    idle = settled(fold(idle, candidate_built(idle, "b", is_idle=True)))

    assert Outcome.NOTHING_TO_LAND is outcome(idle, B)


def test_a_report_of_an_undo_of_something_else_than_the_tip_comes_too_late():
    late = e.LandingUndone(A, Sha("c0+a"), Sha("c0"), Sha("t0"))

    assert [late] == admit(fold(ONE, e.UndoRequested(A)), late)
    assert [] == admit(TWO, late)
    assert [] == admit(undo(ONE, "a"), late)


def test_the_landings_down_to_a_task_are_named_last_first():
    assert (B, A) == down_to(TWO, A)
    assert (B,) == down_to(TWO, None)
    assert () == down_to(opened(), None)
    assert (B,) == down_to(ONE, B)


def test_an_undo_does_not_touch_tasks_that_wait_or_run_from_elsewhere():
    beside = start(ONE, "b")

    assert [e.UndoRequested(A)] == decide(beside, c.UndoLanding("1", A))
