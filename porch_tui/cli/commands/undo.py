"""porch undo: take landings back, last first, by the run's engine or by being it for the moment."""

from __future__ import annotations

import argparse
import time

from porch_tui.cli.errand import be_engine
from porch_tui.cli.lookup import repository_at, run_named
from porch_tui.cli.naming import task_named
from porch_tui.cli.reverting import revert
from porch_tui.cli.steering import LOOK_S, Answer, How, answered, ask, tell_all
from porch_tui.core.merge_queue.train import being_undone
from porch_tui.core.merge_queue.undo import down_to
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.rules.effects import RollBackLanding
from porch_tui.errors import PlanError
from porch_tui.git.repository import Repository
from porch_tui.journal import inbox
from porch_tui.session.session import Session

UNDO_S = 60.0
"""An undo takes as long as a checkout takes; an engine that has not told of it for this long is told of."""


def undo(options: argparse.Namespace) -> int:
    """Undo the last landing, or all down to the task named; stop at the first that is refused."""
    repository = repository_at(options.directory)
    session, name = _meant(repository, options.run, options.task)
    task = task_named(session.state, name) if name else None
    if options.is_revert:
        return revert(session, repository, task, options.json)
    answers: list[Answer] = []
    for each in down_to(session.state, task):
        command = c.UndoLanding(inbox.new_command_id(), each)
        by_engine = session.is_engine_alive()
        answers.append(_ask(session, command) if by_engine else _be_engine(session, repository, command))
        if answers[-1].how is not How.DONE:
            break
    if not answers:
        raise PlanError(
            f"nothing of run {session.rundir.run} is on {session.state.target.name}: nothing to undo"
        )
    return tell_all(session, answers, options.json)


def _meant(repository: Repository, first: str | None, second: str | None) -> tuple[Session, str | None]:
    """Return the run and the task meant; a single word is a task if the run has one of that name."""
    if first is None or second is not None:
        return Session(run_named(repository, first)), second
    usual = Session(run_named(repository, None))
    if first in usual.state.tasks:
        return usual, first
    return Session(run_named(repository, first)), None


def _ask(session: Session, command: c.UndoLanding) -> Answer:
    (answer,) = ask(session, [command])
    deadline = time.monotonic() + UNDO_S
    while answer.how is How.DONE and being_undone(session.state) is not None:
        is_alive = session.is_engine_alive()
        session.catch_up()
        if not is_alive or time.monotonic() > deadline:
            text = f"not undone within {UNDO_S:.0f} s, or the engine is gone; see porch status"
            return Answer(command, How.UNANSWERED, text)
        time.sleep(LOOK_S)
    return _outcome(session, command, answer)


def _be_engine(session: Session, repository: Repository, command: c.UndoLanding) -> Answer:
    be_engine(
        session,
        repository,
        command,
        belongs=lambda effect: isinstance(effect, RollBackLanding),
        is_done=lambda state: being_undone(state) is None,
    )
    return _outcome(session, command, answered(session, command))


def _outcome(session: Session, command: c.UndoLanding, answer: Answer) -> Answer:
    """Return how an undo that was begun has ended."""
    if answer.how is not How.DONE:
        return answer
    for record in reversed(session.records):
        match record.event:
            case e.UndoRefused(task=command.task, why=why):
                return Answer(command, How.REFUSED, why)
            case e.LandingUndone(task=command.task):
                return answer
            case _:
                continue
    return answer
