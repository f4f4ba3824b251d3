"""`porch enter`: steps into the terminal of a task, in this terminal, without the screen.

What the task's program draws is drawn here, what the person types goes to it, until they leave.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import nullcontext

from porch_tui.cli.arguments import add_low_bandwidth, add_run
from porch_tui.cli.enter.found import FoundTerminal, terminal_named
from porch_tui.cli.enter.own_terminal import OwnTerminal
from porch_tui.cli.enter.pace import SLOW_BYTES
from porch_tui.cli.enter.status_line import StatusLine
from porch_tui.cli.enter.visit import Ending, Visit, Visited
from porch_tui.cli.lookup import is_terminal, session_of
from porch_tui.cli.output.printing import say
from porch_tui.cli.settings import read_settings
from porch_tui.core.model.status import TaskStatus
from porch_tui.emulator.keys import pressed
from porch_tui.errors import RepositoryError
from porch_tui.process.typing import TypingInto
from porch_tui.session.session import Session
from porch_tui.tui.terminal.environment import is_over_ssh


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("task", metavar="TASK")
    add_run(parser)
    parser.add_argument(
        "--watch", action="store_true", help="only look: type nothing, and leave its size as it is"
    )
    add_low_bandwidth(parser)


def run(options: argparse.Namespace) -> int:
    """Step into a task's terminal, and say what became of it when the person has left."""
    _, session = session_of(options)
    if not is_terminal():
        raise RepositoryError(
            f"to step into {options.task} takes a terminal; porch send {options.task} TEXT types "
            f"without one, and porch logs {options.task} prints what it shows"
        )
    found = terminal_named(session, options.task)
    settings = read_settings()
    for warning in settings.warnings:
        say(f"porch: {warning}")
    keys = settings.leave_keys
    how = f"{' or '.join(keys)} leaves" if not options.watch else f"you only look: q or {keys[0]} leaves"
    is_slow = is_over_ssh() if options.low_bandwidth is None else options.low_bandwidth
    # a task that takes nothing at once gets it later: the person sees what it draws meanwhile
    with nullcontext() if options.watch else TypingInto(found.directory, patience_s=0) as typing:
        visited = Visit(
            found.terminal,
            typing,
            OwnTerminal(),
            status=StatusLine(str(found.task), how, _says(session, found)),
            is_over=lambda: found.is_over,
            leave=pressed(keys),
            bytes_per_second=SLOW_BYTES if is_slow else None,
        ).run()
    _report(found, visited)
    return 128 + visited.signal if visited.ending is Ending.SIGNALLED else 0


def _says(session: Session, found: FoundTerminal) -> Callable[[], str]:
    """Return what says, for the status line, why nothing happens in the terminal."""

    def says() -> str:
        session.catch_up()
        task = session.state.tasks[found.task]
        if task.status is TaskStatus.PAUSED:
            return f"paused: porch resume-tasks {found.task}"
        return "" if task.waits is None else f"waits for you: {task.waits}".removesuffix(": ")

    return says


def _report(found: FoundTerminal, visited: Visited) -> None:
    task = found.task
    match visited.ending:
        case Ending.OVER:
            say(
                f"porch: the terminal of {task} is over; porch status shows what became of it, "
                f"and porch logs {task} prints what was on it"
            )
        case Ending.LEFT:
            say(f"porch: left {task}, which goes on; porch enter {task} steps in again")
        case Ending.SIGNALLED:
            pass  # whoever sent it knows, and there may be no terminal left to print on
    if visited.not_taken:
        say(f"porch: {task} has not taken the last {visited.not_taken:,} bytes of what was typed")
