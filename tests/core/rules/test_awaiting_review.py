"""A task whose work a person has to approve: held before the merge queue, approved, or sent back."""

from __future__ import annotations

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Kind, Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.ending import has_ended
from porch_tui.core.rules.settle import settle
from porch_tui.core.scheduling.progress import is_decided, is_hopeless
from porch_tui.present.explain import needs, reason
from porch_tui.present.outcome import Outcome, all_is_well, outcome
from tests.builders import BASE, attempt, fold, opened, queue, settled, start, succeed, task, unvalidated
from tests.core.rules.test_decide import refusal

A, B, HEAD = TaskId("a"), TaskId("b"), Sha("h:a")
REVIEWED = task("a", needs_review=True)
OF_AGENT = replace(REVIEWED, agent="claude", prompt="Do it.")
FIRST = opened(unvalidated(REVIEWED, task("b", after=["a"])))
DONE = succeed(FIRST, "a")


def approve(result: str = "h:a", head: str = "h:a") -> c.ApproveTask:
    """Return the command of a person who has looked at these."""
    return c.ApproveTask("1", A, Sha(result), Sha(head), "Ada")


def approved(state: RunState = DONE) -> RunState:
    return fold(state, *decide(state, approve()))


def test_finished_work_that_is_to_be_reviewed_does_not_join_the_queue():
    assert settled(DONE).entries == {}
    assert outcome(DONE, A) is Outcome.REVIEW
    assert is_decided(DONE, A)
    assert is_hopeless(DONE, B)
    assert has_ended(settled(DONE)) and not all_is_well(DONE)


def test_it_needs_the_person_who_is_told_how_to_look_and_how_to_approve():
    (need,) = needs(DONE)

    assert (need.task, need.why) == (A, "done, waits for your review")
    assert need.next == "porch diff a; porch approve a, or porch retry a"
    assert reason(settled(DONE), B) == "waits for a, which waits for your review"


def test_an_approval_names_the_commit_and_the_person_and_lets_it_join_the_queue():
    assert decide(DONE, approve()) == [e.TaskApproved(A, HEAD, "Ada")]

    state = approved()

    assert settle(state) == [e.EntryQueued(A, HEAD)]
    assert state.tasks[A].approval is not None and state.tasks[A].approval.by == "Ada"
    assert needs(state) == ()


def test_a_later_commit_of_its_branch_that_the_person_has_looked_at_is_what_is_merged():
    state = fold(DONE, *decide(DONE, approve(head="h:fixed")))

    assert settle(state) == [e.EntryQueued(A, Sha("h:fixed"))]


def test_a_result_that_the_person_has_not_looked_at_is_not_approved():
    again = succeed(fold(DONE, e.TaskRetried(A, is_automatic=False)), "a")

    assert (
        refusal(again, approve(result="h:older")) == "a has another result by now; look again: porch diff a"
    )


def test_what_waits_for_no_review_cannot_be_approved():
    for state, why in (
        (FIRST, "has not started yet"),
        (start(FIRST, "a"), "is running"),
        (settled(approved()), "is in the merge queue"),
        (queue(opened(unvalidated("a")), "a"), "is in the merge queue"),
    ):
        assert refusal(state, approve()) == f"a waits for no review: it {why}"


def test_work_that_changes_nothing_and_checks_need_no_review():
    idle = fold(start(FIRST, "a"), e.AttemptSucceeded(attempt("a"), head=BASE))
    check = succeed(opened(unvalidated(task("a", kind=Kind.CHECK, needs_review=True))), "a")

    assert settle(idle) == [e.EntryQueued(A, BASE)]
    assert outcome(check, A) is Outcome.NOTHING_TO_LAND
    assert refusal(check, approve()) == "a waits for no review: it has finished"


def test_sent_back_it_runs_again_and_is_to_be_reviewed_again():
    state = fold(DONE, *decide(DONE, c.RetryTask("1", A)))
    assert state.tasks[A].status is TaskStatus.PENDING

    assert settled(succeed(state, "a")).entries == {}
    assert settled(succeed(fold(approved(), e.TaskRetried(A, is_automatic=False)), "a")).entries == {}


def test_what_the_reviewer_says_goes_to_its_agent_about_the_worktree_as_it_is():
    state = succeed(opened(unvalidated(OF_AGENT)), "a")

    (retried,) = decide(state, c.RetryTask("1", A, say="app.py:3: why?"))

    assert isinstance(retried, e.TaskRetried) and retried.keep_worktree
    assert retried.feedback.said == "app.py:3: why?"
    assert "sent it back" in retried.feedback.why


def test_without_words_it_begins_again_from_the_tip():
    (retried,) = decide(succeed(opened(unvalidated(OF_AGENT)), "a"), c.RetryTask("1", A))

    assert isinstance(retried, e.TaskRetried) and not retried.keep_worktree


def test_an_entry_that_was_taken_out_of_the_queue_needs_no_second_review():
    state = fold(settled(approved()), e.EntryWithdrawn(A))

    assert refusal(state, approve()) == "a waits for no review: it was withdrawn from the merge queue"
    assert "porch requeue a" in needs(state)[0].next


def test_the_queue_does_not_know_it_yet_and_says_what_would_put_it_there():
    why = refusal(DONE, c.RequeueEntry("1", A))

    assert why == "a is not in the merge queue: it waits for your review; porch approve a queues it"
