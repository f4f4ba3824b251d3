"""`porch resolve`: chooses in a task's conflict, and hands the complete resolution to the merge queue.

Every choice is a step of a record on disk; the engine merges by it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from porch_tui.cli import steering
from porch_tui.cli.arguments import add_json, add_run_option
from porch_tui.cli.conflict.choices import namings, path_named, steps, written
from porch_tui.cli.conflict.desk import ConflictDesk, with_proposal
from porch_tui.cli.lookup import is_terminal, session_of, task_named
from porch_tui.cli.output.printing import say, write, write_json
from porch_tui.core.conflict.conflict import ConflictRecord
from porch_tui.core.conflict.splice import result
from porch_tui.core.conflict.view import ConflictView, document
from porch_tui.core.model import commands as c
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import own_record
from porch_tui.core.model.status import EntryStatus
from porch_tui.errors import PlanError, RefusedError
from porch_tui.git.repository import Repository
from porch_tui.report.conflict_text import what_is_left
from porch_tui.session.session import Session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("task", metavar="TASK")
    parser.add_argument(
        "--take", nargs="+", action="append", default=[], metavar=("CHOICE", "PATH[:HUNK]"),
        help="main, task, both, both-reversed, base or none; or remembered, proposed: without PATH for all",
    )  # fmt: skip
    parser.add_argument(
        "--as", nargs=2, action="append", default=[], dest="names", metavar=("NAME", "PATH"),
        help="land the task's version of PATH, or the only one, as NAME; the target's version stays",
    )  # fmt: skip
    parser.add_argument(
        "--with", nargs=2, action="append", default=[], dest="texts", metavar=("FILE", "PATH[:HUNK]"),
        help="take the text of FILE (-: standard input) for a hunk, or as the whole file",
    )  # fmt: skip
    parser.add_argument("--edit", action="append", default=[], metavar="PATH", help="in your git editor")
    parser.add_argument("--tool", nargs="?", const="", metavar="PATH", help="in your git mergetool")
    back = parser.add_mutually_exclusive_group()
    back.add_argument("--undo", dest="is_undo", action="store_true", help="undo the last choice")
    back.add_argument("--redo", dest="is_redo", action="store_true", help="redo it")
    back.add_argument("--abort", dest="is_abort", action="store_true", help="discard all choices")
    back.add_argument(
        "--refuse", dest="is_refused", action="store_true", help="drop what is proposed for this conflict"
    )
    add_run_option(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Choose, undo or discard; then print what is left, or hand the resolution to the merge queue."""
    repository, session = session_of(options)
    task = task_named(session.state, options.task)
    desk = ConflictDesk(repository, session.rundir, lambda: session)
    if options.is_abort:
        return _abort(options, desk, session, task)
    if options.is_refused:
        return _refuse(options, desk, session, task)
    shown = desk.conflict_view(task)
    record = shown.record
    for record in _choices(options, repository, desk, shown):
        desk.write(task, record)  # before the next step is taken
    if record != shown.record:
        shown = desk.conflict_view(task)
    answers: list[steering.Answer] = []
    if not shown.missing and session.anticipated().entries[task].status is EntryStatus.CONFLICTED:
        given = c.ResolveConflict(session.new_command_id(), task, own_record(task))
        answers = steering.send(session, [given])
    elif not shown.missing:
        say(f"porch: queued. Nothing is running; start it with: porch resume {session.rundir.run}")
    if options.json:
        write_json({"run": session.rundir.run, **document(shown), "commands": steering.documents(answers)})
    else:
        write(what_is_left(shown))
        for doubt in desk.doubts(shown.conflict, record):
            say(f"porch: warning: {doubt}")
        steering.print_lines(session, answers)
    return steering.exit_code(answers)


def _choices(
    options: argparse.Namespace, repository: Repository, desk: ConflictDesk, shown: ConflictView
) -> Iterator[ConflictRecord]:
    """Yield the record after each step that the options ask for."""
    record = shown.record
    if options.is_undo or options.is_redo:
        word, can_be = ("undo", record.can_undo) if options.is_undo else ("redo", record.can_redo)
        if not can_be:
            raise RefusedError(f"there is nothing to {word} for {shown.task}")
        yield (record := record.undone() if options.is_undo else record.redone())
    for step in steps(shown, record, options.take):
        yield (record := record.with_step(step))
    for step in namings(repository, shown.conflict, record, options.names):
        yield (record := record.with_step(step))
    for file, place in options.texts:
        step = written(repository, shown.conflict, record, place, _read(options.directory, file))
        yield (record := record.with_step(step) if step else record)
    for name in options.edit:
        path = path_named(shown.conflict, name)
        if with_proposal(shown, path, record) != record:
            say(f"porch: {path.path} starts with the proposal; exit the editor with an error to reject it")
        edited = desk.edit(shown, path, record)
        if edited is None:
            say(f"porch: {path.path} unchanged; conflict still open")
        yield (record := edited or record)
    if options.tool is not None:
        if not is_terminal() and not repository.git.run("config", "merge.tool", check=False).stdout:
            raise PlanError("--tool needs a terminal, or a merge.tool that works without one")
        left = [path for path in shown.conflict.paths if result(path, record) is None]
        paths = [path_named(shown.conflict, options.tool)] if options.tool else left
        yield desk.use_tool_for(shown, paths, record)


def _read(directory: str, file: str) -> bytes:
    """Return what is in a file, relative to where porch was started, or in standard input."""
    try:
        return sys.stdin.buffer.read() if file == "-" else (Path(directory) / file).read_bytes()
    except OSError as error:
        raise PlanError(f"--with {file}: {error.strerror}; name a file with the resolved text") from error


def _refuse(options: argparse.Namespace, desk: ConflictDesk, session: Session, task: TaskId) -> int:
    """Drop what the plan's resolver proposes, or stop it; the choices made stay."""
    resolver = session.state.plan.resolver
    if resolver is None:
        raise RefusedError("the plan has no `resolver`, so there is no proposal to refuse")
    desk.refuse(desk.conflict_view(task), resolver.author)
    answers = steering.send(session, [c.RefuseProposal(session.new_command_id(), task)])
    return steering.print_answers(session, answers, options.json)


def _abort(options: argparse.Namespace, desk: ConflictDesk, session: Session, task: TaskId) -> int:
    """Discard all choices for a task in conflict, also a record that cannot be read."""
    if options.take or options.names or options.texts or options.edit or options.tool is not None:
        raise PlanError("--abort discards all choices, so it goes with no other choice")
    desk.sides(task)  # RefusedError if it is in none
    desk.forget(task)
    if options.json:
        write_json({"run": session.rundir.run, "task": task, "is_complete": False})
    else:
        write(f"{task}: all choices discarded; porch resolve {task} starts again\n")
    return 0
