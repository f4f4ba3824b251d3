"""Works on the conflicts of a run: for `porch resolve` and the conflict screen (see `tui.model.outside`).

A conflict is merged again to look at it. What a person decides is a record on
disk, step by step; the engine merges by it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from porch_tui.cli.conflict.syntax_check import doubts
from porch_tui.cli.editor import edit
from porch_tui.cli.foreground import run_there
from porch_tui.cli.person import name_of_person
from porch_tui.core.conflict.conflict import Conflict, ConflictRecord, History, PathConflict
from porch_tui.core.conflict.offers import OfferSource, for_what_is_open
from porch_tui.core.conflict.splice import edited, splice
from porch_tui.core.conflict.view import ConflictView
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import QueueEntry
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.model.wording import listed, predicate
from porch_tui.engine.effects.resolving import as_conflict_view, why_not_named
from porch_tui.errors import PlanError, RefusedError
from porch_tui.git.merge import candidates
from porch_tui.git.merge.conflict_worktree import use_mergetool
from porch_tui.git.merge.path_history import history
from porch_tui.git.merge.resolution import conflict_of, merged_text, readable_versions, resolved_tree
from porch_tui.git.repository import Repository
from porch_tui.journal.resolutions import forget_resolution, read_resolution, refuse, write_resolution
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session


class ConflictDesk:
    """The conflicts of one run, and the records of what was chosen in them.

    `read` returns the run as it is now. For several threads, if it returns a new session each time.
    """

    def __init__(self, repository: Repository, rundir: RunDir, read: Callable[[], Session]) -> None:
        self._repository = repository
        self._rundir = rundir
        self._read = read

    @cached_property
    def _person(self) -> str:
        return name_of_person(self._repository)

    def conflict_view(self, task: TaskId) -> ConflictView:
        """Merge the task again and return its conflict; RefusedError if it has none."""
        _ = self._person  # git is asked now, and not when a key waits for it
        session = self._read()
        entry, onto = _entry(session, task)
        with tempfile.TemporaryDirectory(prefix="porch-conflict-") as scratch:
            conflicted = candidates.preview(self._repository, Path(scratch), onto, entry.head)
        if conflicted is None:
            raise RefusedError(f"{task} merges without a conflict now: porch requeue {task}")
        conflict = conflict_of(self._repository, conflicted, onto, entry.head)
        record = read_resolution(self._rundir, task)
        return as_conflict_view(
            self._repository, self._rundir, session.state, entry, conflict=conflict, record=record
        )

    def sides(self, task: TaskId) -> tuple[Sha, Sha]:
        """Return the commits whose merge conflicts: the one ahead of the task, and the task's."""
        entry, onto = _entry(self._read(), task)
        return onto, entry.head

    def versions(self, conflict: Conflict) -> Mapping[str, bytes]:
        """Read the versions of paths without hunks."""
        return readable_versions(self._repository, conflict)

    def history(self, task: TaskId, path: PathConflict) -> History:
        """Return the commits of both sides that touched a path."""
        onto, head = self.sides(task)
        return history(self._repository, path, onto, head)

    def mark(self, task: TaskId) -> tuple[int, ...]:
        """Return what changes when the record is written: one `stat`."""
        try:
            found = self._rundir.resolution(task).stat()
        except OSError:
            return ()
        return (found.st_ino, found.st_mtime_ns, found.st_size)

    def write(self, task: TaskId, record: ConflictRecord) -> ConflictRecord:
        """Write the record, what is new in it under the person's name, and return it as it is now."""
        signed = record.signed(self._person)
        write_resolution(self._rundir, task, signed)
        return signed

    def keep(self, task: TaskId, before: ConflictRecord, after: ConflictRecord) -> ConflictRecord:
        """Write the record as `write` does; RefusedError if something else was chosen elsewhere meanwhile."""
        if read_resolution(self._rundir, task) != before:
            raise RefusedError(f"something else was chosen for {task} meanwhile: look, and choose again")
        return self.write(task, after)

    def forget(self, task: TaskId) -> None:
        """Remove the record, also one that cannot be read."""
        forget_resolution(self._rundir, task)

    def refuse(self, parked: ConflictView, author: str) -> None:
        """Drop what is proposed; the caller sends the command that tells the engine."""
        refuse(self._rundir, parked.task, parked.conflict, author)

    def doubts(self, conflict: Conflict, record: ConflictRecord) -> list[str]:
        """Return a sentence for each decided file that does not parse."""
        return doubts(conflict, record)

    def why_not_named(
        self, parked: ConflictView, path: PathConflict, record: ConflictRecord, name: str
    ) -> str:
        """Return why a version of a path cannot land under a name; empty if it can."""
        return why_not_named(self._repository, parked.conflict, path, record, name)

    def edit(
        self, parked: ConflictView, path: PathConflict, record: ConflictRecord, line: int = 0
    ) -> ConflictRecord | None:
        """Open the file, as the record and the proposal have it, in the person's editor.

        What is still open is between conflict markers. `line`, from 1, is where the editor starts if it can
        be reported. None: it ended with an error. Raises PlanError if the path is no text, RepositoryError
        without an editor.
        """
        proposed = with_proposal(parked, path, record)
        before: bytes | None = splice(path, proposed)
        if not path.hunks:
            before = before or merged_text(self._repository, parked.conflict, path)
        if before is None:
            raise PlanError(f"{path.path} cannot be edited as text; choose one of {', '.join(path.choices)}")
        with tempfile.TemporaryDirectory(prefix="porch-edit-") as folder:
            file = Path(folder) / Path(path.path).name
            file.write_bytes(before)
            if not edit(self._repository, file, line=line):
                return None
            after = file.read_bytes()
        if after == before:
            return proposed
        step = edited(path, record, after)
        return record.with_step(step) if step else record

    def use_tool(self, parked: ConflictView, path: PathConflict, record: ConflictRecord) -> ConflictRecord:
        """Open a path in the person's mergetool."""
        return self.use_tool_for(parked, [path], record)

    def use_tool_for(
        self, parked: ConflictView, paths: Sequence[PathConflict], record: ConflictRecord
    ) -> ConflictRecord:
        """Open paths in the person's mergetool; RefusedError if it can be used for none of them."""
        # a name that git made up for its own tree means nothing in the worktree that the tool sees
        paths = [path for path in paths if path.stages and path.path == path.tree_path]
        if not paths:
            raise RefusedError(f"nothing is left in {parked.task} that a mergetool could decide")
        run = self._rundir.run
        step = use_mergetool(
            self._repository,
            self._repository.of_run(self._read().state.root).worktrees_dir / run / "resolve",
            f"porch {run} resolve",
            sides=self.sides(parked.task),
            conflict=parked.conflict,
            record=record,
            paths=paths,
        )
        return record.with_step(step) if step else record

    def show_result(self, parked: ConflictView, record: ConflictRecord) -> None:
        """Show the result of the merge in git's pager."""
        onto, _ = self.sides(parked.task)
        tree = resolved_tree(self._repository, parked.conflict, record)
        run_there(["git", "--paginate", "diff", onto, tree], self._repository.root)


def in_conflict(session: Session) -> list[TaskId]:
    """Return the tasks in conflict, in plan order."""
    entries = session.state.entries
    return [
        task
        for task in session.state.tasks
        if task in entries and entries[task].status is EntryStatus.CONFLICTED
    ]


def with_proposal(parked: ConflictView, path: PathConflict, record: ConflictRecord) -> ConflictRecord:
    """Return the record with what is proposed for the hunks of a path that are open."""
    step = for_what_is_open([path], record, parked.offers.get(OfferSource.PROPOSED, {}))
    return record.with_step(step) if step else record


def _entry(session: Session, task: TaskId) -> tuple[QueueEntry, Sha]:
    """Return the entry of a task in conflict, and the commit it conflicts with; else RefusedError."""
    entry = session.state.entries.get(task)
    if entry is None or entry.status is not EntryStatus.CONFLICTED or entry.onto is None:
        is_now = predicate(entry.status if entry else session.state.tasks[task].status)
        others = in_conflict(session)
        hint = f"in conflict: {listed(others)}" if others else "no task is in conflict"
        raise RefusedError(f"{task} is not in conflict: it {is_now}; {hint}")
    return entry, entry.onto
