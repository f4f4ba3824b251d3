"""What the conflict screen may have done by rooms it does not know: the same things `porch resolve` does.

The record of what was chosen is one file for both, so that a person may go from
one to the other between two choices. All of it raises `PorchError` with what to tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from porch_tui.core.model.plan import TaskId
from porch_tui.errors import RefusedError

if TYPE_CHECKING:  # the board is shown without them
    from porch_tui.core.conflict.conflict import Conflict, ConflictRecord, PathConflict
    from porch_tui.core.conflict.history import History
    from porch_tui.core.conflict.parked import Parked

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
