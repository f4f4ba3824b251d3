"""The terminal of a task that a person has named, or why there is none."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from porch_tui.cli.lookup import task_named
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import RefusedError
from porch_tui.process import liveness
from porch_tui.session.session import Session
from porch_tui.session.task_terminal import Phase, TaskTerminal


class FoundTerminal(Struct, frozen=True):
    """A terminal that is there now, read as far as it was written."""

    task: TaskId
    directory: Path
    """Of the attempt."""
    terminal: TaskTerminal

    @property
    def is_over(self) -> bool:
        """Whether its attempt has ended, and with it the terminal."""
        return isinstance(liveness.find(self.directory), liveness.Ended | liveness.Lost)


def terminal_named(session: Session, name: str) -> FoundTerminal:
    """Return the terminal of a task's last attempt.

    PlanError if there is no such task, RefusedError, with what to do instead, if it has no terminal now.
    """
    task = task_named(session.state, name)
    if session.state.specs[task].open_stdin is not None:
        raise RefusedError(
            f"{task} has no terminal, but an open standard input: porch send {task} TEXT writes to that; "
            f"porch logs {task} prints what it writes"
        )
    if session.state.specs[task].terminal is None:
        raise RefusedError(
            f"{task} has no terminal of its own: its plan does not say `tty: true`; "
            f"porch logs {task} prints what it writes"
        )
    log = session.log(task)
    if log is None:
        raise RefusedError(
            f"{task} has not started, so it has no terminal yet; porch status shows what it waits for"
        )
    terminal = TaskTerminal(log.parent)
    terminal.look()
    while terminal.is_behind:
        terminal.look()
    found = FoundTerminal(task, log.parent, terminal)
    if terminal.phase is Phase.LIVE and not found.is_over:
        return found
    raise RefusedError(_why_not(found))


def _why_not(found: FoundTerminal) -> str:
    task = found.task
    if found.terminal.phase is Phase.OVER or found.is_over:
        return (
            f"the terminal of {task} is over; porch logs {task} prints what was on it, "
            "and porch status shows what became of it"
        )
    if isinstance(liveness.find(found.directory), liveness.Elsewhere):
        return f"{task} runs on another machine or in another container; step in there"
    return f"{task} has no terminal yet: its worktree is being set up; porch logs {task} --follow shows that"
