"""What `porch resolve` does, done for the conflict screen: see `tui.resolving`.

For several threads: each call reads the run by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from porch_tui.cli.conflict.programs import decided_by_tool, edited_by_person
from porch_tui.cli.conflict.syntax_check import doubts
from porch_tui.cli.conflict.view import conflict_view, sides
from porch_tui.cli.screen.foreground import run_there
from porch_tui.core.conflict.conflict import Conflict, ConflictRecord, History, PathConflict
from porch_tui.core.conflict.view import Parked
from porch_tui.core.model.plan import TaskId
from porch_tui.engine.effects.resolving import why_not_named
from porch_tui.errors import RefusedError
from porch_tui.git.merge.path_history import history
from porch_tui.git.merge.resolution import readable_versions, resolved_tree
from porch_tui.git.repository import Repository
from porch_tui.journal.resolutions import forget_resolution, read_resolution, refuse, write_resolution
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session
from porch_tui.tui.model.outside import Mark


class ConflictDesk:
    """The conflicts of one run, and the records of what was chosen in them."""

    def __init__(self, repository: Repository, rundir: RunDir) -> None:
        self._repository = repository
        self._rundir = rundir

    def parked(self, task: TaskId) -> Parked:
        """Merge the task again, as the journal has it by now."""
        return conflict_view(self._repository, Session(self._rundir), task)

    def versions(self, conflict: Conflict) -> Mapping[str, bytes]:
        """Read the versions of paths without hunks."""
        return readable_versions(self._repository, conflict)

    def history(self, task: TaskId, path: PathConflict) -> History:
        """Ask git, between the commits whose merge is in conflict by now."""
        onto, head = sides(Session(self._rundir), task)
        return history(self._repository, path, onto, head)

    def mark(self, task: TaskId) -> Mark:
        """Return when and as what the record was last written: one `stat`."""
        try:
            found = self._rundir.resolution(task).stat()
        except OSError:
            return ()
        return (found.st_ino, found.st_mtime_ns, found.st_size)

    def keep(self, task: TaskId, before: ConflictRecord, after: ConflictRecord) -> None:
        """Write the record; RefusedError if something else was chosen elsewhere meanwhile."""
        if read_resolution(self._rundir, task) != before:
            raise RefusedError(f"something was chosen for {task} elsewhere meanwhile: look, and choose again")
        write_resolution(self._rundir, task, after)

    def forget(self, task: TaskId) -> None:
        """Remove the record."""
        forget_resolution(self._rundir, task)

    def refuse(self, parked: Parked, author: str) -> None:
        """Void what is proposed; the command that tells the engine is the screen's to send."""
        refuse(self._rundir, parked.task, parked.conflict, author)

    def doubts(self, conflict: Conflict, record: ConflictRecord) -> list[str]:
        """Read each decided file as what its name says."""
        return doubts(conflict, record)

    def why_not_named(self, parked: Parked, path: PathConflict, record: ConflictRecord, name: str) -> str:
        """Look whether the name is free, and may be had."""
        return why_not_named(self._repository, parked.conflict, path, record, name)

    def edit(
        self, parked: Parked, path: PathConflict, record: ConflictRecord, line: int
    ) -> ConflictRecord | None:
        """Run the editor, and wait for it."""
        return edited_by_person(self._repository, parked, path, record, line)

    def use_tool(self, parked: Parked, path: PathConflict, record: ConflictRecord) -> ConflictRecord:
        """Run the mergetool, and wait for it."""
        return decided_by_tool(self._repository, Session(self._rundir), parked, record, paths=[path])

    def show_result(self, parked: Parked, record: ConflictRecord) -> None:
        """Build the merge as it is by the record, and show it in git's pager."""
        onto, _ = sides(Session(self._rundir), parked.task)
        tree = resolved_tree(self._repository, parked.conflict, record)
        run_there(["git", "--paginate", "diff", onto, tree], self._repository.root)
