"""An engine at work in this process: what it tells, when it may end, how it is interrupted."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from porch_tui.cli.output.printing import say
from porch_tui.cli.output.streams import hurry
from porch_tui.cli.telling import Told
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus, TaskStatus
from porch_tui.core.rules.effects import AwaitCheckout, is_at_rest, wanted
from porch_tui.engine.engine_session import EngineSession, open_engine
from porch_tui.git.repository import Repository
from porch_tui.journal.inbox import new_command_id
from porch_tui.journal.rundir import RunDir
from porch_tui.present.outcome import all_is_well

INTERRUPTED = 130


class Interruption:
    """What SIGINT and SIGTERM mean: first no new starts and an orderly stop, then at once."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        """Hear a signal."""
        self.count += 1
        hurry()
        if self.count == 1:
            say("porch: stopping what runs; once more stops it at once")
        if self.count == 2:
            say("porch: killing what runs; once more leaves what cannot be killed to porch resume")

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen as long as the context lasts."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {signum: signal.signal(signum, self) for signum in signals}
        try:
            yield
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)

    def may_end(self, engine_session: EngineSession) -> bool:
        """Ask everything to end, more firmly the second time; True once nothing runs, or the third time."""
        state = engine_session.engine.state
        if not state.is_paused and state.closed_at is None:
            engine_session.engine.command(c.PauseRun(new_command_id()))
        for task in state.active:
            if state.tasks[task].status is not TaskStatus.STOPPING:
                engine_session.engine.command(c.StopTask(new_command_id(), task))
        if self.count > 1:
            engine_session.runner.kill_attempts(state)
        is_over = not state.active or self.count > 2
        return is_over and not engine_session.engine.is_landing


def work(
    rundir: RunDir,
    repository: Repository,
    told: Told,
    is_waiting: Callable[[RunState], bool] = lambda state: False,
) -> int:
    """Run an engine until nothing more happens without a person; return the exit code.

    As long as `is_waiting` says so of a run at rest, it stays for what a person does.
    """
    interruption = Interruption()
    with open_engine(rundir, repository, told) as engine_session, interruption.heard():

        def may_end(state: RunState) -> bool:
            if interruption.count:
                return interruption.may_end(engine_session)
            if state.is_dismissed:
                return not state.active and not engine_session.engine.is_landing
            return _is_over(state, is_waiting)

        _try_what_was_blocked(engine_session)
        engine_session.engine.run(engine_session.runner, may_end, lambda: interruption.count > 0)
        if interruption.count or engine_session.engine.state.is_dismissed:
            engine_session.runner.end_validations()
        if interruption.count:
            return INTERRUPTED
        return 0 if all_is_well(engine_session.engine.state) else 1


def _try_what_was_blocked(engine_session: EngineSession) -> None:
    """Have each blocked landing tried at once: nobody knows how the checkout was when it was blocked."""
    for entry in engine_session.engine.state.entries.values():
        if entry.status is EntryStatus.BLOCKED and entry.is_retried:
            engine_session.engine.absorb((e.LandingUnblocked(entry.task),))


def resumption(state: RunState, allow_red_base: bool) -> list[c.AnyCommand]:
    """Return what `porch resume` says to a run before it goes on."""
    commands: list[c.AnyCommand] = []
    if state.is_paused:
        commands.append(c.ResumeRun(new_command_id()))
    if allow_red_base and not state.validations.is_red_base_allowed:
        commands.append(c.AllowRedBase(new_command_id()))
    return commands


def is_waiting_for_checkout(state: RunState) -> bool:
    """Say whether a landing is blocked that may go through by itself once files change."""
    return any(isinstance(effect, AwaitCheckout) for effect in wanted(state))


def _is_over(state: RunState, is_waiting: Callable[[RunState], bool]) -> bool:
    if state.closed_at is not None or (is_at_rest(state) and all_is_well(state)):
        return True
    return is_at_rest(state) and not is_waiting(state)
