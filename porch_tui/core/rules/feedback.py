"""What the next attempt of an agent should know about the previous one, and whether it continues that."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.plan import Agent, TaskId
from porch_tui.core.model.state import RunState, TaskState
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.model.wording import listed

MOST_RESUMES = 2
"""After so many resumed attempts that failed, a new conversation begins: the old one leads nowhere."""
CONTINUE = e.Feedback(said="Continue where you stopped.")
UNANSWERED = "No one is there to answer. Decide on your own, say what you decided, and finish the task."
"""Behind a question, when the plan has it tried again."""
SENT_BACK = "A person has reviewed the work and sent it back."


def feedback(state: RunState, task_id: TaskId, said: str = "") -> e.Feedback:
    """Return what is known about why a task needs another attempt."""
    task, entry = state.tasks[task_id], state.entries.get(task_id)
    if entry is not None and entry.status is EntryStatus.REJECTED:
        return e.Feedback(entry.reason, entry.tree, said)
    if entry is not None and entry.status is EntryStatus.CONFLICTED:
        others = listed([*entry.partners]) or state.target.name
        return e.Feedback(f"It conflicts with {others} in {listed(entry.conflicts)}.", said=said)
    if awaits_review(state, task_id):
        return e.Feedback(SENT_BACK, said=said)
    failure = task.attempt.failure if task.attempt else None
    if failure is not None and failure.kind is e.FailureKind.ASKED and not said:
        return e.Feedback(f"{failure.text}. {UNANSWERED}")
    return e.Feedback(failure.text if failure else "", said=said)


def session_to_resume(task: TaskState, agent: Agent | None, number: int) -> str | None:
    """Return the conversation that a task's `number`-th attempt continues, from 1; None: it begins one.

    The worktree must be as the conversation knows it, and the prompt too.
    """
    attempts = task.attempts[:number]
    if agent is None or not agent.resume or len(attempts) < number or number < 2:
        return None
    if not attempts[-1].keep_worktree or attempts[-1].feedback.is_edited:
        return None
    if _failed_resumes(task, agent, number - 1) >= MOST_RESUMES:
        return None
    used = attempts[-2].used
    return used.agent.session if used and used.agent else None


def can_resume(task: TaskState, agent: Agent | None) -> bool:
    """Say whether another attempt in the same worktree could continue the conversation of the last one."""
    used = task.attempt.used if task.attempt else None
    has_session = used is not None and used.agent is not None and used.agent.session is not None
    if agent is None or not agent.resume or not has_session:
        return False
    return _failed_resumes(task, agent, len(task.attempts)) < MOST_RESUMES


def _failed_resumes(task: TaskState, agent: Agent, number: int) -> int:
    """Return how many attempts in a row, up to the `number`-th, were resumed and failed."""
    count = 0
    while number > 1 and task.attempts[number - 1].failure and session_to_resume(task, agent, number):
        count, number = count + 1, number - 1
    return count
