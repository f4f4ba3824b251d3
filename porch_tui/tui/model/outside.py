"""What the screen needs from the rest of porch: git, the report, resolving conflicts, other programs.

The composition root does it; here is only what is asked. Everything that may
take more than a frame is called from a thread, never from the event loop; what
wants the terminal is called through `hand_over_terminal`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from porch_tui.core.model.plan import TaskId
from porch_tui.errors import RefusedError

if TYPE_CHECKING:  # the board is shown without them
    from porch_tui.core.conflict.conflict import Conflict, ConflictRecord, History, PathConflict
    from porch_tui.core.conflict.view import Parked


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


Mark = tuple[int, ...]
"""Tells two states of a file apart; empty: it is not there."""


class Resolving(Protocol):
    """A task's conflict, and the record of what was chosen in it.

    `parked`, `versions`, `history`, `doubts` and `why_not_named` ask git, and are called from a thread.
    `edit`, `use_tool` and `show_result` need the terminal for themselves until they return.
    """

    def parked(self, task: TaskId) -> Parked:
        """Return the conflict as it is upon the present tip, with all that is known of it."""

    def versions(self, conflict: Conflict) -> Mapping[str, bytes]:
        """Return by object id the versions of paths that can only be chosen whole: those that are text."""

    def history(self, task: TaskId, path: PathConflict) -> History:
        """Return which commits of either side touched a path since they parted."""

    def mark(self, task: TaskId) -> Mark:
        """Return what differs once somebody has written the record. Quick."""

    def keep(self, task: TaskId, before: ConflictRecord, after: ConflictRecord) -> None:
        """Put the record on disk, unless another than `before` is there by now."""

    def forget(self, task: TaskId) -> None:
        """Forget all that was chosen."""

    def refuse(self, parked: Parked, author: str) -> None:
        """Have nothing proposed for this conflict."""

    def doubts(self, conflict: Conflict, record: ConflictRecord) -> list[str]:
        """Return a sentence for each decided file that looks wrong."""

    def why_not_named(self, parked: Parked, path: PathConflict, record: ConflictRecord, name: str) -> str:
        """Return why a version of the path cannot get this name; empty if it can."""

    def edit(
        self, parked: Parked, path: PathConflict, record: ConflictRecord, line: int
    ) -> ConflictRecord | None:
        """Let the person's editor at a file, from a line on; None if the editor gave up."""

    def use_tool(self, parked: Parked, path: PathConflict, record: ConflictRecord) -> ConflictRecord:
        """Let the person's mergetool at a file."""

    def show_result(self, parked: Parked, record: ConflictRecord) -> None:
        """Show what the target would get, once nothing is left to choose."""


class NothingToResolve:
    """There is no repository: no conflict can be merged again to look at."""

    def parked(self, task: TaskId) -> Parked:
        """Say what it would need."""
        raise RefusedError(f"the conflict of {task} needs the run's repository: porch resolve {task}")

    def versions(self, conflict: Conflict) -> Mapping[str, bytes]:
        """Return nothing."""
        return {}

    def history(self, task: TaskId, path: PathConflict) -> History:
        """Return nothing."""
        return History((), ())

    def mark(self, task: TaskId) -> Mark:
        """Return that there is no record."""
        return ()

    def keep(self, task: TaskId, before: ConflictRecord, after: ConflictRecord) -> None:
        """Say what it would need."""
        self.parked(task)

    def forget(self, task: TaskId) -> None:
        """Say what it would need."""
        self.parked(task)

    def refuse(self, parked: Parked, author: str) -> None:
        """Say what it would need."""
        self.parked(parked.task)

    def doubts(self, conflict: Conflict, record: ConflictRecord) -> list[str]:
        """Return none."""
        return []

    def why_not_named(self, parked: Parked, path: PathConflict, record: ConflictRecord, name: str) -> str:
        """Return what it would need."""
        return "that needs the run's repository"

    def edit(
        self, parked: Parked, path: PathConflict, record: ConflictRecord, line: int
    ) -> ConflictRecord | None:
        """Say what it would need."""
        self.parked(parked.task)
        return None

    def use_tool(self, parked: Parked, path: PathConflict, record: ConflictRecord) -> ConflictRecord:
        """Say what it would need."""
        self.parked(parked.task)
        return record

    def show_result(self, parked: Parked, record: ConflictRecord) -> None:
        """Say what it would need."""
        self.parked(parked.task)
