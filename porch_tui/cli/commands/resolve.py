"""`porch resolve`: chooses in a conflict, keeps every choice on disk, and gives the queue what is complete.

Nothing is half merged anywhere: choices are a record, and the engine merges by it.
"""

from __future__ import annotations

import argparse

from porch_tui.cli import steering
from porch_tui.cli.conflict.choices import namings, path_named, steps
from porch_tui.cli.conflict.programs import decided_by_tool, edited_by_person, proposed_for
from porch_tui.cli.conflict.syntax_check import doubts
from porch_tui.cli.conflict.view import parked, sides
from porch_tui.cli.lookup import is_terminal, repository_at, run_named
from porch_tui.cli.naming import task_named
from porch_tui.cli.output.printing import say, write, write_json
from porch_tui.core.conflict.conflict import ConflictRecord, PathConflict
from porch_tui.core.conflict.parked import Parked, document
from porch_tui.core.conflict.splice import result
from porch_tui.core.model import commands as c
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import own_record
from porch_tui.core.model.status import EntryStatus
from porch_tui.errors import PlanError, RefusedError
from porch_tui.git.repository import Repository
from porch_tui.journal.proposals import refuse
from porch_tui.journal.resolutions import forget_resolution, write_resolution
from porch_tui.report.conflicts import what_is_left
from porch_tui.session.session import Session


def resolve(options: argparse.Namespace) -> int:
    """Choose, undo or forget; then say what is left, or give the resolution to the merge queue."""
    repository = repository_at(options.directory)
    session = Session(run_named(repository, options.run))
    task = task_named(session.state, options.task)
    if options.is_abort:
        return _abort(options, session, task)
    if options.is_refused:
        return _refuse(options, repository, session, task)
    shown = parked(repository, session, task)
    chosen = _choose(options, repository, session, shown)
    if chosen != shown.record:
        shown = parked(repository, session, task)
    answers = [] if shown.missing else _give(session, task)
    if options.json:
        write_json({"run": session.rundir.run, **document(shown), "commands": steering.documents(answers)})
    else:
        write(what_is_left(shown))
        for doubt in doubts(shown.conflict, chosen):
            say(f"porch: warning: {doubt}")
        steering.tell(session, answers)
    return steering.exit_code(answers)


def _choose(
    options: argparse.Namespace, repository: Repository, session: Session, shown: Parked
) -> ConflictRecord:
    """Return the record after what was asked for; every step is on disk before the next is taken."""
    record = shown.record
    if options.is_undo or options.is_redo:
        record = _moved(options, shown)
        write_resolution(session.rundir, shown.task, record)
    for step in steps(shown, record, options.take):
        record = record.with_step(step)
        write_resolution(session.rundir, shown.task, record)
    for step in namings(repository, shown.conflict, record, options.names):
        record = record.with_step(step)
        write_resolution(session.rundir, shown.task, record)
    for name in options.edit:
        record = _edited(repository, shown, path_named(shown.conflict, name), record)
        write_resolution(session.rundir, shown.task, record)
    if options.tool is not None:
        record = _by_tool(options.tool, repository, session, shown, record)
        write_resolution(session.rundir, shown.task, record)
    return record


def _moved(options: argparse.Namespace, shown: Parked) -> ConflictRecord:
    word, is_possible = (
        ("undo", shown.record.can_undo) if options.is_undo else ("redo", shown.record.can_redo)
    )
    if not is_possible:
        raise RefusedError(f"nothing has been chosen for {shown.task} that {word} could change")
    return shown.record.undone() if options.is_undo else shown.record.redone()


def _edited(
    repository: Repository, shown: Parked, path: PathConflict, record: ConflictRecord
) -> ConflictRecord:
    """Let the person edit a file, and say what they should know of it."""
    if proposed_for(shown, path, record) != record:
        say(f"porch: {path.path} begins as it is proposed; the editor may give up on it")
    said = edited_by_person(repository, shown, path, record)
    if said is None:
        say(f"porch: the editor gave up on {path.path}; nothing was taken")
        return record
    return said


def _by_tool(
    name: str, repository: Repository, session: Session, shown: Parked, record: ConflictRecord
) -> ConflictRecord:
    """Let the person's mergetool at a path, or at all that is left."""
    if not is_terminal() and not repository.git.run("config", "merge.tool", check=False).stdout:
        raise PlanError("--tool needs a terminal, or a merge.tool that needs none")
    left = [path for path in shown.conflict.paths if result(path, record) is None]
    paths = [path_named(shown.conflict, name)] if name else left
    return decided_by_tool(repository, session, shown, record, paths=paths)


def _give(session: Session, task: TaskId) -> list[steering.Answer]:
    """Tell the queue that the record is complete, unless that waits to be heard already."""
    if session.anticipated().entries[task].status is not EntryStatus.CONFLICTED:
        say(f"porch: it waits for an engine: porch resume {session.rundir.run}")
        return []
    return steering.give(session, [c.ResolveConflict(session.new_command_id(), task, own_record(task))])


def _refuse(options: argparse.Namespace, repository: Repository, session: Session, task: TaskId) -> int:
    """Forget what the plan's resolver proposes, or call it off; the choices made stay."""
    resolver = session.state.plan.resolver
    if resolver is None:
        raise RefusedError("the plan has no `resolver`, so nothing is proposed that could be refused")
    shown = parked(repository, session, task)
    refuse(session.rundir, task, shown.conflict, resolver.author)
    answers = steering.give(session, [c.RefuseProposal(session.new_command_id(), task)])
    return steering.tell_all(session, answers, options.json)


def _abort(options: argparse.Namespace, session: Session, task: TaskId) -> int:
    """Forget all that was chosen for a task in conflict; also a record that cannot be read."""
    if options.take or options.names or options.edit or options.tool is not None:
        raise PlanError("--abort forgets all choices, so it goes with no other choice")
    sides(session, task)
    forget_resolution(session.rundir, task)
    if options.json:
        write_json({"run": session.rundir.run, "task": task, "is_complete": False})
        return 0
    write(f"{task}: all choices are forgotten; porch resolve {task} begins again\n")
    return 0
