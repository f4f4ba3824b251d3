"""What a screen may have done by rooms it does not know: git, the report, a person's own programs.

The composition root does it; here is only what is asked. Everything that may
take more than a frame is called from a thread, never from the event loop; what
wants the terminal is called through `hand_over_terminal`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
from porch_tui.errors import RefusedError
from porch_tui.tui.model.resolving import NothingToResolve, Resolving


class Kept(Struct, frozen=True):
    """A text that was written into the run's folder."""

    path: Path | None
    """None if it could not be."""
    trouble: str = ""


class Copied(Struct, frozen=True):
    """A text that a program took, to be pasted; and a file that has it in any case."""

    by: str
    """Which means took it; empty if none did, and the terminal has to."""
    kept: Kept


class Outside(Protocol):
    """The world beyond the run directory. Each raises PorchError with what is in the way."""

    @property
    def conflicts(self) -> Resolving:
        """What can be done about a task's conflict."""

    def report(self) -> str:
        """Return the whole story of the run as text, as `porch report` tells it."""

    def diffstat(self, task: TaskId) -> str:
        """Return what the task has changed, a line a file, as `git diff --stat` tells it."""

    def show_diff(self, task: TaskId) -> None:
        """Show what the task has changed in a pager, on the person's terminal."""

    def changed_files(self, task: TaskId) -> tuple[str, ...]:
        """Return the files that the task has changed and that are there, those in conflict first."""

    def open_editor(self, task: TaskId, files: Sequence[str]) -> None:
        """Open files of the task's worktree in the person's editor, on their terminal."""

    def open_shell(self, task: TaskId) -> None:
        """Open the person's shell in the task's worktree, on their terminal."""

    def stream(self) -> None:
        """Print the run line by line on the person's terminal until they press a key."""

    def copy(self, text: str) -> Copied:
        """Give a text to whatever program takes it where the person pastes, and keep it in a file."""

    def keep(self, name: str, pieces: Iterable[str]) -> Kept:
        """Write a text into a file of that name in the run's folder, in place of the one before."""

    def read_in_pager(self, path: Path) -> str:
        """Show a file in the person's pager, on this terminal, until they leave it.

        Return why that did not work, or nothing. Called with the screen suspended, from its own thread.
        """


class Nowhere:
    """There is no such world: a run directory alone, looked at without its repository."""

    @property
    def conflicts(self) -> Resolving:
        """Return what can say that there is none."""
        return NothingToResolve()

    def report(self) -> str:
        """Say why there is none."""
        return "the report needs the run's repository: porch report"

    def diffstat(self, task: TaskId) -> str:
        """Refuse."""
        raise _MISSING

    def show_diff(self, task: TaskId) -> None:
        """Refuse."""
        raise _MISSING

    def changed_files(self, task: TaskId) -> tuple[str, ...]:
        """Refuse."""
        raise _MISSING

    def open_editor(self, task: TaskId, files: Sequence[str]) -> None:
        """Refuse."""
        raise _MISSING

    def open_shell(self, task: TaskId) -> None:
        """Refuse."""
        raise _MISSING

    def stream(self) -> None:
        """Refuse."""
        raise _MISSING

    def copy(self, text: str) -> Copied:
        """Leave it to the terminal."""
        return Copied("", self.keep("", ()))

    def keep(self, name: str, pieces: Iterable[str]) -> Kept:
        """Say why it is not."""
        return Kept(None, "this screen may write no files")

    def read_in_pager(self, path: Path) -> str:
        """Say why not."""
        return f"this screen may start no programs; the log is {path}"


_MISSING = RefusedError("this needs the run's repository, which is not there")
