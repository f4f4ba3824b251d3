"""An engine in this process: until nothing more happens without a person, or for one command."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from porch_tui.cli.calling import Caller
from porch_tui.cli.output.printer import hurry
from porch_tui.cli.output.printing import say, write_line
from porch_tui.cli.output.streams import put_out
from porch_tui.cli.settings import read_settings
from porch_tui.cli.terminal_calls import TerminalCalls
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.events import Record
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus, TaskStatus
from porch_tui.core.rules.effects import AwaitCheckout, Effect, wanted
from porch_tui.core.rules.ending import is_at_rest
from porch_tui.core.scheduling.holding import waits_for_person
from porch_tui.engine.effect_runner import OneShotRunner
from porch_tui.engine.engine import OnWritten
from porch_tui.engine.engine_session import EngineSession, open_engine
from porch_tui.git.repository import Repository
from porch_tui.journal.codec import record_to_bytes
from porch_tui.journal.inbox import new_command_id
from porch_tui.journal.rundir import RunDir
from porch_tui.present.outcome import all_is_well
from porch_tui.report.progress import progress_line
from porch_tui.session.session import Session

INTERRUPTED = 130
MOST_JSON_BYTES = 64 << 20
"""Of records that wait for a reader: a program may take its time, and wants all of them."""


def print_lines(records: Sequence[Record], state: RunState) -> None:
    """Print a line per change, for people."""
    for record in records:
        if line := progress_line(state, record):
            write_line(line)


def print_records(records: Sequence[Record], state: RunState) -> None:
    """Print each record as it is in the journal, a line each."""
    for record in records:
        put_out(record_to_bytes(record), MOST_JSON_BYTES)


def print_nothing(records: Sequence[Record], state: RunState) -> None:
    """Leave it to the command to say what it has done."""


class Interruption:
    """What SIGINT and SIGTERM mean: first start nothing more and stop in order, then stop at once."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        """Count a signal."""
        self.count += 1
        hurry()
        if self.count == 1:
            say("porch: stopping all tasks; interrupt again to kill them")
        if self.count == 2:
            say("porch: killing all tasks; interrupt again to leave what cannot be killed to porch resume")

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle the signals as long as the context lasts."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {signum: signal.signal(signum, self) for signum in signals}
        try:
            yield
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)

    def may_end(self, session: EngineSession) -> bool:
        """Stop everything, more firmly the second time; True once nothing runs, or the third time."""
        state = session.engine.state
        if not state.is_paused and state.closed_at is None:
            session.engine.command(c.PauseRun(new_command_id()))
        for task in state.active:
            if state.tasks[task].status is not TaskStatus.STOPPING:
                session.engine.command(c.StopTask(new_command_id(), task))
        if self.count > 1:
            session.runner.kill_attempts(state)
        is_over = not state.active or self.count > 2
        return is_over and not session.engine.is_landing


def work(
    rundir: RunDir,
    repository: Repository,
    on_written: OnWritten,
    is_waiting: Callable[[RunState], bool] = lambda state: False,
    *,
    calls_here: bool = False,
) -> int:
    """Run an engine until nothing more happens without a person; return the exit code.

    While `is_waiting` is true of a run at rest, the engine stays for what a person does. With `calls_here`
    they are called at the terminal that standard output is.
    """
    settings = read_settings()
    for warning in settings.warnings:
        say(f"porch: {warning}")
    interruption = Interruption()
    with open_engine(rundir, repository, on_written) as session, interruption.handled():
        at_terminal = TerminalCalls(session.engine.state, settings) if calls_here else None

        def may_end(state: RunState) -> bool:
            if at_terminal is not None:
                at_terminal.follow(state)
            if interruption.count:
                return interruption.may_end(session)
            if state.is_dismissed:
                is_at_work = any(not waits_for_person(state, task) for task in state.active)
                return not is_at_work and not session.engine.is_landing
            is_done = state.closed_at is not None or (is_at_rest(state) and all_is_well(state))
            return is_done or (is_at_rest(state) and not is_waiting(state))

        for entry in session.engine.state.entries.values():
            if entry.status is EntryStatus.BLOCKED and entry.is_retried:
                # retried at once: how the checkout was when it was blocked is not known
                session.engine.absorb((e.LandingUnblocked(entry.task),))
        caller = Caller(session.engine, settings)
        caller.begin()
        try:
            session.engine.run(session.runner, may_end, lambda: interruption.count > 0)
        finally:
            is_given_up = interruption.count > 0 or session.engine.state.is_dismissed
            if at_terminal is not None:
                at_terminal.end(session.engine.state, is_given_up=is_given_up)
        if is_given_up:
            caller.give_up()
        caller.end()
        if interruption.count or session.engine.state.is_dismissed:
            session.runner.end_validations()
        if interruption.count:
            return INTERRUPTED
    return 0 if all_is_well(session.engine.state) else 1  # with what the last look at the files has found


def is_waiting_for_checkout(state: RunState) -> bool:
    """Say whether a landing is blocked that may go through automatically once files change."""
    return any(isinstance(effect, AwaitCheckout) for effect in wanted(state))


def work_for(
    session: Session,
    repository: Repository,
    command: c.AnyCommand,
    *,
    belongs: Callable[[Effect], bool],
    is_done: Callable[[RunState], bool],
) -> None:
    """Be the engine of a run without one until a command is done; everything else waits for the next engine.

    A command that waits in the inbox, or was taken by an engine that has left, is carried out once.
    Raises JournalError if an engine has come up meanwhile.
    """
    from porch_tui.cli.run_report import conclude

    with open_engine(session.rundir, repository, print_nothing) as engine_session:
        session.catch_up()
        if session.answer(command) is None:
            engine_session.engine.absorb(command)
        engine_session.engine.run(OneShotRunner(engine_session.runner, belongs), is_done)
        engine_session.runner.end_validations()
    conclude(session.rundir, repository)
    session.catch_up()


def close(session: Session, repository: Repository, command: c.CloseRun) -> None:
    """Be the engine of a run without one for as long as it takes to close it."""
    from porch_tui.cli.run_report import conclude

    with open_engine(session.rundir, repository, print_nothing) as engine_session:
        engine_session.engine.absorb(command)
    conclude(session.rundir, repository)
    session.catch_up()
