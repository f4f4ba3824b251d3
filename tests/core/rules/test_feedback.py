"""What the next attempt of an agent is given to know about the previous one."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.feedback import UNANSWERED, feedback
from tests.builders import attempt, fold, opened, start, unvalidated

A = TaskId("a")
QUESTION = 'its agent asked, and got no answer: "A or B?"'


def failed(kind: e.FailureKind, text: str) -> RunState:
    state = start(opened(unvalidated("a")), "a")
    return fold(state, e.AttemptFailed(attempt("a"), e.Failure(kind, text)))


def test_after_a_question_without_an_answer_it_is_to_decide_on_its_own():
    state = failed(e.FailureKind.ASKED, QUESTION)

    assert feedback(state, A) == e.Feedback(f"{QUESTION}. {UNANSWERED}")


def test_an_answer_comes_with_the_question():
    state = failed(e.FailureKind.ASKED, QUESTION)

    assert feedback(state, A, "B") == e.Feedback(QUESTION, said="B")


def test_a_failure_is_said_as_it_was():
    assert feedback(failed(e.FailureKind.EXIT, "exit 3"), A) == e.Feedback("exit 3")
