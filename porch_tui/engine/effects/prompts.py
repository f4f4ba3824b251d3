"""What an agent is asked in an attempt after the first: the task again, and what went wrong."""

from __future__ import annotations

from porch_tui.agents.prompt import next_command, resumed_command
from porch_tui.core.model.events import AttemptId, Feedback
from porch_tui.core.model.plan import CommandLine
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.rules.feedback import session_to_resume
from porch_tui.journal.rundir import OUTPUT, RunDir
from porch_tui.process.output import tail

LINES = 60
"""Of the log that says what failed: enough for the end of a test run."""
BYTES = 16_000
"""A prompt is one argument, and 128 KiB are the most that Linux takes for one."""


def command_of(rundir: RunDir, state: RunState, attempt: AttemptId) -> CommandLine:
    """Return what an attempt runs; in a later attempt of an agent the prompt says what went wrong."""
    spec, task = state.specs[attempt.task], state.tasks[attempt.task]
    agent, number = state.plan.agent_of(spec), attempt.number
    known = task.attempts[number - 1]
    if agent is None or not spec.prompt or known.feedback == Feedback():
        return spec.command
    text = _text(rundir, state, known, task.attempts[number - 2] if number > 1 else None)
    if session := session_to_resume(task, agent, number):
        return resumed_command(agent.resume, session, text)
    return next_command(agent.command, spec.prompt, text)


def _text(rundir: RunDir, state: RunState, known: Attempt, previous: Attempt | None) -> str:
    """Return what was wrong, the end of the log that shows it, and what the person says."""
    feedback, log = known.feedback, None
    if feedback.tree is not None:
        log = rundir.validation(feedback.tree, state.validations.begun.get(feedback.tree, 1)) / OUTPUT
    elif previous is not None and previous.failure is not None:
        log = rundir.attempt(str(previous.id)) / OUTPUT
    shown = tail(log, LINES, BYTES).content.decode("utf-8", "replace").replace("\0", "") if log else ""
    return "\n\n".join(part.strip() for part in (feedback.said, feedback.why, shown) if part.strip())
