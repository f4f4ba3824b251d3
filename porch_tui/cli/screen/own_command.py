"""Starts commands of a person's own for the screen, and tells it what has become of them."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from porch_tui.core.model.plan import CommandLine, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.errors import RefusedError
from porch_tui.git.runner import clean_environment
from porch_tui.journal.durable import PRIVATE_FOLDER
from porch_tui.present.own_commands import OwnCommand, filled, variables
from porch_tui.process.children import Child, start_detached


class RunningCommand:
    """A command that was started, in a session of its own: it outlives the screen."""

    def __init__(self, words: CommandLine, output: Path, child: Child) -> None:
        self.words, self.output = words, output
        self._child = child
        self._was_asked = False

    def code(self) -> int | None:
        """Return its exit code, of a signal the negative number; None while it runs."""
        return self._child.poll()

    def stop(self) -> None:
        """Ask it to end, with all it has started; the second time, end it."""
        number = signal.SIGKILL if self._was_asked else signal.SIGTERM
        self._was_asked = True
        if self.code() is None:  # its number is still its own
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, number)


def started(own: OwnCommand, facts: dict[str, str], folder: Path, output: Path) -> RunningCommand:
    """Start a command with these facts in a folder. RefusedError if it cannot be started."""
    words = filled(own.run, facts)
    environ = {**clean_environment(), **variables(facts), "PWD": str(folder)}
    environ.pop("OLDPWD", None)
    try:
        output.parent.mkdir(PRIVATE_FOLDER, exist_ok=True)
        return RunningCommand(words, output, start_detached(words, folder, output, environ))
    except OSError as error:
        raise RefusedError(f"{words[0]} could not be started: {error.strerror}; see [[commands]]") from error


def facts_of(state: RunState, task: TaskId | None, folder: Path) -> dict[str, str]:
    """Return what is filled into the words, and put into the environment, of a command."""
    facts = {"run": state.run, "target": state.target.name, "root": state.root}
    if task is None:
        return facts
    attempt = state.tasks[task].attempt
    return facts | {
        "task": task,
        "branch": state.plan.branch_of(task, state.run),
        "worktree": str(folder),
        "base": attempt.base if attempt is not None else "",
        "attempt": str(attempt.id.number) if attempt is not None else "",
    }
