"""A command that is a run's engine for the moment it takes, where none is at work."""

from __future__ import annotations

from collections.abc import Callable

from porch_tui.core.model import commands as c
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.effects import Effect
from porch_tui.git.repository import Repository
from porch_tui.session.session import Session


def be_engine(
    session: Session,
    repository: Repository,
    command: c.AnyCommand,
    *,
    belongs: Callable[[Effect], bool],
    is_done: Callable[[RunState], bool],
) -> None:
    """Carry a command out, and what belongs to it, until it is done; the rest waits for the next engine.

    A command that waits in the inbox, or was heard by an engine that has left, is carried out once.
    Raises JournalError if an engine has come up meanwhile.
    """
    from porch_tui.cli.run_report import conclude
    from porch_tui.engine.effect_runner import OneShotRunner
    from porch_tui.engine.engine_session import open_engine

    with open_engine(session.rundir, repository, lambda records, state: None) as engine_session:
        session.catch_up()
        if session.answer(command) is None:
            engine_session.engine.absorb(command)
        engine_session.engine.run(OneShotRunner(engine_session.runner, belongs), is_done)
        engine_session.runner.end_validations()
    conclude(session.rundir, repository)
    session.catch_up()
