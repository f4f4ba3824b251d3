"""What an agent is asked in an attempt after the first: the task again, and what went wrong."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from porch_tui.agents.prompt import Call, first_call, next_call, resumed_call
from porch_tui.agents.transcript import STEP
from porch_tui.core.model.events import AttemptId, Failure, FailureKind, Feedback
from porch_tui.core.model.plan import Agent, RunId
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.rules.feedback import session_to_resume
from porch_tui.executors.attempt import CHECK, RUN, SETUP
from porch_tui.journal.rundir import OUTPUT, RunDir
from porch_tui.process import log_text
from porch_tui.process.output import tail

LINES = 60
"""Of the log that says what failed: enough for the end of a test run."""
BYTES = 16_000
"""Many agents take the prompt as an argument, and 128 KiB are the most that Linux takes for one."""
ANNOUNCED = re.compile(rf"^{STEP.decode()}({SETUP}|{RUN}|{CHECK}): .*\n?", re.MULTILINE)
"""The line before each step of an attempt, where there are several."""


def call_of(rundir: RunDir, state: RunState, attempt: AttemptId, worktree: str) -> Call:
    """Return what an attempt runs; in a later attempt of an agent the prompt says what went wrong."""
    spec, task = state.specs[attempt.task], state.tasks[attempt.task]
    agent, number = state.plan.agent_of(spec), attempt.number
    known = task.attempts[number - 1]
    if agent is None or not spec.prompt:
        return Call(spec.command)
    own = new_session(state.run, attempt, worktree)
    if known.feedback == Feedback():
        return first_call(agent, spec.prompt, worktree, own)
    text = _text(rundir, state, agent, known, task.attempts[number - 2] if number > 1 else None)
    if not text:
        return first_call(agent, spec.prompt, worktree, own)
    if session := session_to_resume(task, agent, number):
        return resumed_call(agent, session, text, worktree)
    return next_call(agent, spec.prompt, text, worktree, own)


def new_session(run: RunId, attempt: AttemptId, worktree: str) -> str:
    """Return what a conversation that an attempt begins is called, if porch chooses that.

    The worktree is part of it: runs of two repositories can have one name, and an agent has one home.
    """
    return str(uuid5(NAMESPACE_URL, f"porch:{worktree}:{run}:{attempt}"))


def _text(rundir: RunDir, state: RunState, agent: Agent, known: Attempt, previous: Attempt | None) -> str:
    """Return what was wrong, the end of the log that shows it, and what the person says."""
    feedback, shown = known.feedback, ""
    if feedback.tree is not None:
        tries = state.validations.begun.get(feedback.tree, 1)
        shown = _end(rundir.validation(feedback.tree, tries) / OUTPUT)
    elif previous is not None and previous.failure is not None:
        shown = _of_last_step(_end(rundir.attempt(str(previous.id)) / OUTPUT), agent, previous.failure)
    return "\n\n".join(part.strip() for part in (feedback.said, feedback.why, shown) if part.strip())


def _end(log: Path) -> str:
    is_drawn = log_text.has_terminal_text(log)
    end = log_text.last_lines(log, LINES, BYTES) if is_drawn else tail(log, LINES, BYTES).content
    return end.decode("utf-8", "replace").replace("\0", "")


def _of_last_step(text: str, agent: Agent, failure: Failure) -> str:
    """Return what the step that failed has printed, without what an agent prints for programs."""
    own = text
    for announcement in ANNOUNCED.finditer(text):
        own = text[announcement.end() if announcement[1] == RUN else announcement.start(1) :]
    if failure.kind is FailureKind.CHECK or agent.preset is None:
        return own
    return "\n".join(line for line in own.splitlines() if not line.startswith("{"))
