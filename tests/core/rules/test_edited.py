"""A retry with an edited prompt or command: the task is another one from then on."""

from __future__ import annotations

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.agent_report import AgentReport
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.feedback import session_to_resume
from tests.builders import attempt, failure, fold, opened, scheduled, start, task, unvalidated

A = TaskId("a")
CLAUDE = Agent("claude", ("claude", "{prompt}"), resume=("claude", "-r", "{session}", "{prompt}"))
OF_AGENT = replace(task("a"), agent="claude", prompt="Do it.", command=("claude", "Do it."))
USED = e.Used(agent=AgentReport(session="s1"))


def failed() -> RunState:
    state = start(opened(replace(unvalidated(OF_AGENT, "b"), agents=(CLAUDE,))), "a")
    return fold(state, e.AttemptFailed(attempt("a"), failure(), USED))


def test_what_was_edited_is_the_tasks_own_from_then_on_and_of_no_other() -> None:
    asked = c.RetryTask("1", A, command=("claude", "Do that."), prompt="Do that.")

    state = fold(failed(), *decide(failed(), asked))

    assert (state.specs[A].prompt, state.specs[A].command) == ("Do that.", ("claude", "Do that."))
    assert state.plan.tasks[0] == state.specs[A]
    assert state.specs[TaskId("b")].command == ("true",)


def test_a_conversation_about_another_prompt_is_not_continued() -> None:
    plain = c.RetryTask("1", A, keep_worktree=True)
    edited = c.RetryTask("1", A, keep_worktree=True, command=("claude", "x"), prompt="x")

    sessions = []
    for asked in (plain, edited):
        state = fold(failed(), *decide(failed(), asked), replace(scheduled("a", 2), keep_worktree=True))
        sessions.append(session_to_resume(state.tasks[A], CLAUDE, 2))

    assert sessions == ["s1", None]
