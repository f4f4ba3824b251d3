"""`porch logs`: a task's output, as it was written for a program, made safe for a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from porch_tui.cli.lookup import repository_at, run_named
from porch_tui.cli.naming import task_named
from porch_tui.cli.output.escapes import TerminalFilter
from porch_tui.cli.output.printing import has_colours, say, write_log
from porch_tui.cli.output.streams import put_out
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import EntryStatus
from porch_tui.errors import RefusedError
from porch_tui.process import liveness, output
from porch_tui.session.session import Session


def logs(options: argparse.Namespace) -> int:
    """Print the output of a task's last attempt, or of an earlier one, or of what judges its work."""
    session = Session(run_named(repository_at(options.directory), options.run))
    task = task_named(session.state, options.task)
    if options.is_validation:
        log, has_ended = _validation_log(session, task)
        if not (options.follow or has_ended()):
            say(f"porch: {task} is still being validated; --follow waits for the end")
    else:
        log = _log(session, task, options.attempt)
        has_ended = _has_ended(session, log.parent, lambda: _is_awaited(session, log.parent.name))
        _mention_validation(session, task)
    if not options.follow and not log.exists():
        say(f"porch: {task} has written nothing yet")
    # to be asked once, as without --follow: all there is now is all that is wanted
    is_done = has_ended if options.follow else lambda: True
    _print(output.follow(log, is_done), is_raw=options.raw or not sys.stdout.isatty())
    return 0


def _log(session: Session, task: TaskId, number: int | None) -> Path:
    """Return the attempt's log; RefusedError if there has been no such attempt."""
    log = session.log(task, number)
    if log is not None:
        return log
    count = len(session.state.tasks[task].attempts)
    if not count:
        raise RefusedError(
            f"{task} has not started, so it has no output yet; porch status says what it waits for"
        )
    raise RefusedError(
        f"{task} has had no attempt {number}; the last one is {count}: porch logs {task} --attempt {count}"
    )


def _validation_log(session: Session, task: TaskId) -> tuple[Path, Callable[[], bool]]:
    """Return the log of the validation that judges the task's work now, else of the one that did.

    And the question whether it is over. RefusedError if there is neither.
    """
    running = session.running_validation(task)
    if running is not None:
        log = session.validation_log(*running)
        return log, _has_ended(session, log.parent, lambda: session.running_validation(task) == running)
    found = session.deciding_validation(task)
    if found is None:
        raise RefusedError(f"no validation has judged {task} yet; porch validate {task} has one run")
    log = session.validation_log(*found)
    if not log.exists():
        raise RefusedError(
            f"what is known of {task}'s work was found out by an earlier run of the same commands; "
            f"porch validate {task}, asked for twice, runs them again"
        )
    return log, lambda: True


def _mention_validation(session: Session, task: TaskId) -> None:
    """Say where the reason lies, if it is not in the task's own output."""
    entry = session.state.entries.get(task)
    if entry is None or entry.status is not EntryStatus.REJECTED or entry.tree is None:
        return
    number = session.state.validations.begun.get(entry.tree)
    if number is not None:
        log = session.validation_log(entry.tree, number)
        say(f"porch: {task} was rejected ({entry.reason}); the validation's output is in {log}")


def _has_ended(session: Session, directory: Path, is_awaited: Callable[[], bool]) -> Callable[[], bool]:
    """Return the question whether anybody will still write into this directory.

    `is_awaited` says, of what has not begun, whether the run as far as it is read expects it to.
    """

    def has_ended() -> bool:
        match liveness.find(directory):
            case liveness.Running() | liveness.Elsewhere():
                return False
            case liveness.NotStarted():
                session.catch_up()
                return not is_awaited() or not session.is_engine_alive()
            case liveness.Ended() | liveness.Lost():
                return True

    return has_ended


def _is_awaited(session: Session, name: str) -> bool:
    """Say whether the attempt of this name has not ended."""
    attempts = (each for task in session.state.tasks.values() for each in task.attempts)
    return any(each.ended_at is None for each in attempts if str(each.id) == name)


def _print(chunks: Iterable[bytes], *, is_raw: bool) -> None:
    if is_raw:
        for chunk in chunks:
            put_out(chunk)
        return
    shown = TerminalFilter(has_colours())
    for chunk in chunks:
        write_log(shown.feed(chunk))
    write_log(shown.end())
