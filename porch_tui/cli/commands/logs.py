"""`porch logs`: prints what a task wrote, or a judge: byte for byte for a program, safe for a terminal.

What an agent prints as records is printed as a person reads it, whoever reads it, and what was drawn in a
terminal as its transcript; `--raw` prints it as it was written.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator

from porch_tui.agents.transcript import Transcript, transcript_of
from porch_tui.cli.arguments import add_json, add_run_option, count
from porch_tui.cli.found_log import FoundLog, of_attempt, of_judge, of_validation
from porch_tui.cli.lookup import session_of
from porch_tui.cli.output.printing import has_colors, say, write_json, write_log
from porch_tui.cli.output.streams import put_out
from porch_tui.cli.output.terminal_filter import TerminalFilter
from porch_tui.errors import PlanError
from porch_tui.process import log_text, output
from porch_tui.session.session import Session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("task", metavar="TASK", help="with --judge a theory, or a hypothesis")
    parser.add_argument("-f", "--follow", action="store_true", help="continue as the output grows")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--attempt", type=count, metavar="N", help="of an earlier attempt")
    which.add_argument(
        "--validation", dest="is_validation", action="store_true", help="of the validation of its work"
    )
    which.add_argument(
        "--judge",
        dest="is_judge",
        action="store_true",
        help="of the judge on a theory, or of a hypothesis on the base",
    )
    parser.add_argument("--time", type=count, metavar="N", help="with --judge: the Nth time it ran")
    parser.add_argument("--tail", type=count, metavar="N", help="only the last N lines, and what follows")
    add_run_option(parser)
    parser.add_argument(
        "--raw", action="store_true", help="as written: records of agents, control characters"
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the output of a task's last attempt, of an earlier one, of its validation, or of its judge."""
    _, session = session_of(options)
    found = _found(session, options)
    for remark in found.remarks:
        say(f"porch: {remark}")
    if found.pending and not (options.follow or found.has_ended()):
        say(f"porch: {found.pending}; --follow waits for the end")
    if not options.follow and not found.path.exists():
        say(f"porch: {found.subject} has written nothing yet")
    if options.json:
        _print_json(options, session, found)
    else:
        _print(options, _chunks(options, session, found), is_drawn=_is_drawn(session, found))
    return 0


def _found(session: Session, options: argparse.Namespace) -> FoundLog:
    if options.time is not None and not options.is_judge:
        raise PlanError("--time says which time of a judge, so it needs --judge; of a task it is --attempt")
    if options.is_judge:
        return of_judge(session, options.task, options.time)
    if options.is_validation:
        return of_validation(session, options.task)
    return of_attempt(session, options.task, options.attempt)


def _chunks(options: argparse.Namespace, session: Session, found: FoundLog) -> Iterable[bytes]:
    """Return the part of the log that was asked for, as it is read by people, or raw."""
    is_drawn = not options.raw and _is_drawn(session, found)
    if is_drawn and options.tail and options.follow:
        return log_text.follow_end(found.path, options.tail, found.has_ended)
    start = output.tail(found.path, options.tail).start if options.tail and options.follow else 0
    has_ended = found.has_ended if options.follow else lambda: True
    chunks: Iterable[bytes]
    if is_drawn:
        chunks = log_text.readable(found.path, output.follow_pieces(found.path, has_ended))
    else:
        chunks = output.follow(found.path, has_ended, start)
    if not options.raw and not is_drawn and found.what == "attempt" and found.task is not None:
        agent = session.state.plan.agent_of(session.state.specs[found.task])
        is_colored = not options.json and sys.stdout.isatty() and has_colors()
        transcript = transcript_of(agent, has_colors=is_colored)
        chunks = _readable(transcript, chunks) if transcript else chunks
    if options.tail and not options.follow:  # the last lines as they are shown
        chunks = [b"%s\n" % line for line in [*_lines(chunks)][-options.tail :]]
    return chunks


def _is_drawn(session: Session, found: FoundLog) -> bool:
    """Say whether a command of the attempt draws in a terminal; to follow it, before it does too."""
    if found.what != "attempt" or found.task is None:
        return False
    return session.state.specs[found.task].terminal is not None or log_text.has_terminal_text(found.path)


def _print(options: argparse.Namespace, chunks: Iterable[bytes], *, is_drawn: bool) -> None:
    if options.raw and sys.stdout.isatty() and is_drawn:
        raise PlanError(
            "this terminal would obey what the task wrote to its own: it would type answers and set titles;"
            " write it into a file or a pipe, or leave out --raw"
        )
    if options.raw or not sys.stdout.isatty():
        for chunk in chunks:
            put_out(chunk)
        return
    shown = TerminalFilter(has_colors())
    for chunk in chunks:
        write_log(shown.feed(chunk))
    write_log(shown.end())


def _print_json(options: argparse.Namespace, session: Session, found: FoundLog) -> None:
    """Print the log as one document; to follow it, each line as it comes, then the document without them."""
    is_over = found.has_ended()  # before the log is read: what has ended writes no more
    document: dict[str, object] = {
        "run": session.rundir.run,
        "task": found.task,
        "what": found.what,
        "attempt": found.attempt,
        "hypothesis": found.hypothesis,
        "time": found.time,
        "log": str(found.path),
    }
    chunks = _chunks(options, session, found)
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
