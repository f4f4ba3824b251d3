"""Answering a task that reads its standard input: what is asked, and how the answer gets there."""

from __future__ import annotations

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.session.session import Session
from porch_tui.session.stepping import NoTerminal, step_into

HINTS = ("enter writes the line to its standard input, esc cancels",)


def may_answer(state: RunState, task: TaskId) -> bool:
    """Say whether a task runs whose standard input is open."""
    return state.specs[task].open_stdin is not None and state.tasks[task].status is TaskStatus.RUNNING


def question_of(state: RunState, task: TaskId) -> tuple[str, tuple[str, ...]]:
    """Return what a task asks, as far as that is known, and what can be typed."""
    attempt = state.tasks[task].attempt
    call = attempt.call if attempt is not None else None
    return f"{task}: {call or 'a line for its standard input'}", HINTS


def write_line(session: Session, task: TaskId, line: str) -> str:
    """Write a line to the standard input of a task; return what came of it, for the person."""
    log = session.log(task)
    try:
        if log is None:
            raise NoTerminal
        with step_into(log.parent) as typing:
            left = typing.type(line.encode() + b"\n")
    except (NoTerminal, OSError):
        return f"{task} does not read its standard input now"
    return f"{task} has not taken the last {left:,} bytes" if left else f"{task} has its answer"
