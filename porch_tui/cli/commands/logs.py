"""`porch logs`: prints a task's output, byte for byte for a program, made safe for a terminal.

What an agent prints as records is printed as a person reads it, whoever reads it; `--raw` prints the records.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from porch_tui.agents.transcript import Transcript, transcript_of
from porch_tui.cli.arguments import add_json, add_run_option, count
from porch_tui.cli.lookup import session_of, task_named
from porch_tui.cli.output.printing import has_colors, say, write_json, write_log
from porch_tui.cli.output.streams import put_out
from porch_tui.cli.output.terminal_filter import TerminalFilter
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import EntryStatus
from porch_tui.errors import RefusedError
from porch_tui.process import liveness, output
from porch_tui.session.session import Session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("task", metavar="TASK")
    parser.add_argument("-f", "--follow", action="store_true", help="continue as the output grows")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--attempt", type=count, metavar="N", help="of an earlier attempt")
    which.add_argument(
        "--validation", dest="is_validation", action="store_true", help="of the validation of its work"
    )
    parser.add_argument("--tail", type=count, metavar="N", help="only the last N lines, and what follows")
    add_run_option(parser)
    parser.add_argument(
        "--raw", action="store_true", help="as written: records of agents, control characters"
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the output of a task's last attempt, of an earlier one, or of the validation of its work."""
    _, session = session_of(options)
    task = task_named(session.state, options.task)
    if options.is_validation:
        log, has_ended = _validation_log(session, task)
        if not (options.follow or has_ended()):
            say(f"porch: {task} is still being validated; --follow waits for the end")
    else:
        log = _log(session, task, options.attempt)
        name = log.parent.name
        has_ended = _has_ended(session, log.parent, lambda: _is_awaited(session, task, name))
        entry = session.state.entries.get(task)
        if entry and entry.status is EntryStatus.REJECTED and (judged := session.deciding_validation(task)):
            # the reason is not in the task's own output
            why = session.validation_log(*judged)
            say(f"porch: {task} was rejected ({entry.reason}); the validation's output is in {why}")
    if not options.follow and not log.exists():
        say(f"porch: {task} has written nothing yet")
    if options.json:
        _print_json(options, session, task, log, has_ended)
    else:
        _print(options, _chunks(options, session, task, log, has_ended))
    return 0


def _chunks(
    options: argparse.Namespace, session: Session, task: TaskId, log: Path, has_ended: Callable[[], bool]
) -> Iterable[bytes]:
    """Return the part of the log that was asked for, as it is read by people, or raw."""
    # without --follow, what is there now is all that is wanted
    start = output.tail(log, options.tail).start if options.tail and options.follow else 0
    chunks: Iterable[bytes] = output.follow(log, has_ended if options.follow else lambda: True, start)
    if not options.raw and not options.is_validation:
        agent = session.state.plan.agent_of(session.state.specs[task])
        is_colored = not options.json and sys.stdout.isatty() and has_colors()
        transcript = transcript_of(agent, has_colors=is_colored)
        chunks = _readable(transcript, chunks) if transcript else chunks
    if options.tail and not options.follow:  # the last lines as they are shown
        chunks = [b"%s\n" % line for line in [*_lines(chunks)][-options.tail :]]
    return chunks


def _print(options: argparse.Namespace, chunks: Iterable[bytes]) -> None:
    if options.raw or not sys.stdout.isatty():
        for chunk in chunks:
            put_out(chunk)
        return
    shown = TerminalFilter(has_colors())
    for chunk in chunks:
        write_log(shown.feed(chunk))
    write_log(shown.end())


def _print_json(
    options: argparse.Namespace, session: Session, task: TaskId, log: Path, has_ended: Callable[[], bool]
) -> None:
    """Print the log as one document; to follow it, each line as it comes, then the document without them."""
    is_over = has_ended()  # before the log is read: what has ended writes no more
    document: dict[str, object] = {
        "run": session.rundir.run,
        "task": task,
        "what": "validation" if options.is_validation else "attempt",
        "attempt": None if options.is_validation else int(log.parent.name.rpartition(".")[2]),
        "log": str(log),
    }
    chunks = _chunks(options, session, task, log, has_ended)
    if options.follow:
        for line in _lines(chunks):
            write_json({"text": os.fsdecode(line)}, is_line=True)
        write_json({**document, "ended": True}, is_line=True)
    else:
        write_json({**document, "ended": is_over, "text": os.fsdecode(b"".join(chunks))})


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what is complete of the lines in pieces of a log, without their ends; then what is left."""
    left = b""
    for chunk in chunks:
        *complete, left = (left + chunk).split(b"\n")
        yield from complete
    if left:
        yield left


def _readable(transcript: Transcript, chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield transcript.feed(chunk)
    yield transcript.end()


def _log(session: Session, task: TaskId, number: int | None) -> Path:
    """Return the attempt's log; RefusedError if there is no such attempt."""
    log = session.log(task, number)
    if log is not None:
        return log
    last = len(session.state.tasks[task].attempts)
    if not last:
        raise RefusedError(
            f"{task} has not started, so it has no output yet; porch status shows what it waits for"
        )
    raise RefusedError(
        f"{task} has no attempt {number}; the last one is {last}: porch logs {task} --attempt {last}"
    )


def _validation_log(session: Session, task: TaskId) -> tuple[Path, Callable[[], bool]]:
    """Return the log of the task's running validation, else of its last one, and a function: has it ended?

    RefusedError if there is neither.
    """
    running = session.running_validation(task)
    if running is not None:
        log = session.validation_log(*running)
        return log, _has_ended(session, log.parent, lambda: session.running_validation(task) == running)
    found = session.deciding_validation(task)
    if found is None:
        raise RefusedError(f"{task} has not been validated yet; porch validate {task} starts a validation")
    log = session.validation_log(*found)
    if not log.exists():
        raise RefusedError(
            f"{task} was validated by an earlier run with the same commands; "
            f"porch validate {task}, called twice, runs them again"
        )
    return log, lambda: True


def _has_ended(session: Session, directory: Path, is_awaited: Callable[[], bool]) -> Callable[[], bool]:
    """Return a function: has everything ended that writes into this directory?

    `is_awaited` says whether something that has not started is still expected to.
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


def _is_awaited(session: Session, task: TaskId, name: str) -> bool:
    """Say whether the attempt of this name has not ended."""
    return any(one.ended_at is None for one in session.state.tasks[task].attempts if str(one.id) == name)
