"""`porch wait`: returns when a run has ended, when it needs a person, or when a task is decided."""

from __future__ import annotations

import argparse
import time

from porch_tui.cli.arguments import add_json, add_run, time_s
from porch_tui.cli.lookup import session_of, task_named
from porch_tui.cli.output.printing import say, write_json
from porch_tui.cli.run_status import wait_status
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.ending import has_ended
from porch_tui.core.scheduling.holding import waits_for_person
from porch_tui.core.scheduling.progress import is_decided, is_satisfied
from porch_tui.present.budget_text import needs_own_budget
from porch_tui.present.explain import needs
from porch_tui.present.outcome import all_is_well
from porch_tui.session.session import Session

POLL_S = 0.1
ENDED, NEEDS_YOU = "ended", "needs-you"
TIMED_OUT = 124
"""The exit code of timeout(1)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run(parser)
    parser.add_argument(
        "--for", dest="event", default=ENDED, metavar="ended|needs-you|TASK", help="for what (default: ended)"
    )
    parser.add_argument("--timeout", type=time_s, metavar="TIME", help="how long at most: 90s, 10m, 1h30m")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Wait, and return 0 if it came and is well, 124 after the timeout, else 1."""
    _, session = session_of(options)
    deadline = None if options.timeout is None else time.monotonic() + options.timeout
    while (code := _answer(session, options.event)) is None:
        if deadline is not None and time.monotonic() > deadline:
            say(f"porch: waited {options.timeout:g} s for {options.event}, which has not come")
            code = TIMED_OUT
            break
        time.sleep(POLL_S)
    if options.json:
        write_json(wait_status(session))
    return code


def _answer(session: Session, event: str) -> int | None:
    """Return the exit code, or None if it is worth waiting; PlanError for a task that is not there."""
    # both before reading: what an engine has taken, and its last words, are in the journal by then
    is_alive, is_asked = session.is_engine_alive(), session.has_waiting_commands
    session.catch_up()
    if is_alive and is_asked:
        return None
    if event not in (ENDED, NEEDS_YOU):
        task_named(session.state, event)
    code = _code(session.state, event)
    if code is None and is_alive:
        return None
    if code is None:
        say(f"porch: {event} will not come: no engine is alive; continue the run with porch resume")
        return 1
    if is_asked:
        say("porch: the run was asked for more since, which waits for porch resume")
    return code


def _code(state: RunState, event: str) -> int | None:
    """Return the exit code that the state answers with; None if it does not."""
    if event == NEEDS_YOU and needs(state):
        return 0
    if event in state.tasks:
        task = TaskId(event)
        if is_decided(state, task):
            return 0 if is_satisfied(state, task) else 1
        if needs_own_budget(state, task) or waits_for_person(state, task):
            return 1
    if has_ended(state):
        return 1 if event == NEEDS_YOU else 0 if all_is_well(state) else 1
    return None
