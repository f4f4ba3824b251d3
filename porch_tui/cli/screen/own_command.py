"""Starts commands of a person's own for the screen, and tells it what has become of them."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from shutil import which

from porch_tui.cli.foreground import FOR_PROGRAMS
from porch_tui.cli.output.printing import write
from porch_tui.cli.screen.keyboard import ENTER, cursor, is_pressed, keep_a_row_free, single_keys
from porch_tui.core.model.plan import CommandLine, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.errors import RefusedError
from porch_tui.git.runner import clean_environment
from porch_tui.journal.durable import PRIVATE_FOLDER
from porch_tui.present.own_commands import OwnCommand, ended, filled, variables
from porch_tui.process.children import Child, exit_in_foreground, start_detached


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
        raise _not_started(words, error) from error


def run_on_terminal(own: OwnCommand, facts: dict[str, str], folder: Path) -> str:
    """Run a command on this terminal until it ends; return how it ended, unless all is well.

    The screen would cover what it has printed, so that the person says when they have read that. A program
    that had the whole terminal, such as an editor, leaves the cursor where it was. RefusedError if it cannot
    be started.
    """
    words = filled(own.run, facts)
    write(f"porch: {own.label} in {folder}\n")
    keep_a_row_free()
    before = cursor()
    try:
        code = exit_in_foreground(words, {**FOR_PROGRAMS, **clean_environment(), **variables(facts)}, folder)
    except OSError as error:
        raise _not_started(words, error) from error
    if before is None or cursor() != before:
        write(f"\nporch: {ended(code)}; enter goes back to the screen\n")
        with single_keys():
            is_pressed(ENTER)
    return f"{own.label}: {ended(code)}" if code else ""


def _not_started(words: CommandLine, error: OSError) -> RefusedError:
    is_missing = isinstance(error, FileNotFoundError) and which(words[0]) is None
    why = "there is no such program" if is_missing else error.strerror
    return RefusedError(f"{words[0]} could not be started: {why}; porch settings says where it is set")


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
