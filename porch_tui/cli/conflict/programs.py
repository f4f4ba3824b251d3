"""A person's own programs at a conflict, an editor or git's mergetool: for `porch resolve` and the screen.

They run in the foreground, on the person's terminal, and what they decide is one more step of the record.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from porch_tui.cli.conflict.view import sides
from porch_tui.core.conflict.conflict import ConflictRecord, PathConflict
from porch_tui.core.conflict.offers import Word, for_what_is_open
from porch_tui.core.conflict.splice import edited, splice
from porch_tui.core.conflict.view import Parked
from porch_tui.errors import PlanError, RefusedError
from porch_tui.git.merge.external_tools import edit, use_mergetool
from porch_tui.git.merge.resolution import merged_text
from porch_tui.git.repository import Repository
from porch_tui.session.session import Session


def proposed_for(shown: Parked, path: PathConflict, record: ConflictRecord) -> ConflictRecord:
    """Return the record with what is proposed for all of a path that it leaves open."""
    proposed = for_what_is_open([path], record, shown.offers.get(Word.PROPOSED, {}))
    return record.with_step(proposed) if proposed else record


def edited_by_person(
    repository: Repository, shown: Parked, path: PathConflict, record: ConflictRecord, line: int = 0
) -> ConflictRecord | None:
    """Let the person edit the file as it is by the record; what is open begins as it is proposed.

    What is neither chosen nor proposed stands between markers. `line`, from 1, is where the editor
    begins if it is one that can be told. None: the editor gave up. Raises PlanError for what is no
    text, RepositoryError without an editor.
    """
    proposed = proposed_for(shown, path, record)
    before: bytes | None = splice(path, proposed)
    if not path.hunks:
        before = before or merged_text(repository, shown.conflict, path)
    if before is None:
        raise PlanError(f"{path.path} cannot be edited as text; choose one of {', '.join(path.choices)}")
    with tempfile.TemporaryDirectory(prefix="porch-edit-") as folder:
        file = Path(folder) / Path(path.path).name
        file.write_bytes(before)
        if not edit(repository, file, line=line):
            return None
        after = file.read_bytes()
    if after == before:
        return proposed
    said = edited(path, record, after)
    return record.with_step(said) if said else record


def decided_by_tool(
    repository: Repository,
    session: Session,
    shown: Parked,
    record: ConflictRecord,
    *,
    paths: list[PathConflict],
) -> ConflictRecord:
    """Let the person's mergetool at these paths, as far as it can be; RefusedError if it can be at none."""
    # a name that git made up for its own tree means nothing in the worktree the tool sees
    paths = [path for path in paths if path.stages and path.path == path.tree_path]
    if not paths:
        raise RefusedError(f"nothing is left in {shown.task} that a mergetool could decide")
    run = session.rundir.run
    decided = use_mergetool(
        repository,
        repository.of_run(session.state.root).worktrees_dir / run / "resolve",
        f"porch {run} resolve",
        sides=sides(session, shown.task),
        conflict=shown.conflict,
        record=record,
        paths=paths,
    )
    return record.with_step(decided) if decided else record
