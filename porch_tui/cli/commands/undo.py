"""`porch undo`: undoes landings, last first, or reverts a single one with a new commit.

The run's engine does it; without one, this process is the engine for that moment.
"""

from __future__ import annotations

import argparse
import time

from porch_tui.cli.arguments import add_json, add_run
from porch_tui.cli.lookup import repository_at, run_named, task_named
from porch_tui.cli.steering import LOOK_S, Answer, How, answered, ask, print_answers, send
from porch_tui.core.merge_queue.train import being_undone
from porch_tui.core.merge_queue.undo import down_to
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.effects import RollBackLanding
from porch_tui.core.tasks.graph import dependents
from porch_tui.errors import PlanError
from porch_tui.executors.checkout import worktree_of
from porch_tui.git.repository import Repository
from porch_tui.git.worktree.preflight import check_layout
from porch_tui.journal.inbox import new_command_id
from porch_tui.session.session import Session

UNDO_S = 60.0
"""An undo takes as long as a checkout; an engine that is silent for this long is reported."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run(parser)
    parser.add_argument("task", nargs="?", metavar="TASK", help="undo down to this one (default: the last)")
    parser.add_argument(
        "--revert",
        dest="is_revert",
        action="store_true",
        help="revert only TASK, with a new commit that goes through the merge queue",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Undo the last landing, or all down to the task named; stop at the first that is refused."""
    repository = repository_at(options.directory)
    session, name = _run_and_task(repository, options.run, options.task)
    task = task_named(session.state, name) if name else None
    if options.is_revert:
        answers = [_revert(session, repository, task)]
    else:
        answers = []
        for landed in down_to(session.state, task):
            answers.append(_undo(session, repository, c.UndoLanding(new_command_id(), landed)))
            if answers[-1].how is not How.DONE:
                break
        if not answers:
            run, target = session.rundir.run, session.state.target.name
            raise PlanError(f"nothing of run {run} is on {target}: nothing to undo")
    return print_answers(session, answers, options.json)


def _run_and_task(
    repository: Repository, first: str | None, second: str | None
) -> tuple[Session, str | None]:
    """Return the run and the task named; a single word is a task if the run has one of that name."""
    if first is None or second is not None:
        return Session(run_named(repository, first)), second
    default = Session(run_named(repository, None))
    if first in default.state.tasks:
        return default, first
    return Session(run_named(repository, first)), None


def _undo(session: Session, repository: Repository, command: c.UndoLanding) -> Answer:
    if not session.is_engine_alive():
        from porch_tui.cli.engine_here import work_for

        work_for(
            session,
            repository,
            command,
            belongs=lambda effect: isinstance(effect, RollBackLanding),
            is_done=lambda state: being_undone(state) is None,
        )
        return _result(session, answered(session, command))
    (answer,) = ask(session, [command])
    deadline = time.monotonic() + UNDO_S
    while answer.how is How.DONE and being_undone(session.state) is not None:
        is_alive = session.is_engine_alive()
        session.catch_up()
        if not is_alive or time.monotonic() > deadline:
            text = f"not undone within {UNDO_S:.0f} s, or the engine is gone; see porch status"
            return Answer(command, How.UNANSWERED, text)
        time.sleep(LOOK_S)
    return _result(session, answer)


def _result(session: Session, answer: Answer) -> Answer:
    """Return how an undo that was begun has ended."""
    task = getattr(answer.command, "task", None)
    for record in reversed(session.records) if answer.how is How.DONE else ():
        match record.event:
            case e.UndoRefused() if record.event.task == task:
                return Answer(answer.command, How.REFUSED, record.event.why)
            case e.LandingUndone() if record.event.task == task:
                return answer
    return answer


def _revert(session: Session, repository: Repository, task: TaskId | None) -> Answer:
    """Have a task added that reverts the landing; name it, and what landed on top of the landing.

    What is in the way of its worktree or branch refuses it first.
    """
    if task is None:
        raise PlanError("--revert reverts a single landing: name its task, porch undo TASK --revert")
    command = c.RevertLanding(new_command_id(), task)
    for event in decide(session.anticipated(), command):
        if isinstance(event, e.RevertAdded):
            spec, state = event.spec, session.state
            place = worktree_of(repository, state, spec.id)
            branch = state.plan.branch_of(spec.id, state.run)
            check_layout(repository, {spec.id: place}, {spec.id: branch}, spec.reverts or state.target.tip)
    (answer,) = send(session, [command])
    if answer.how not in (How.DONE, How.WAITING):
        return answer
    text, record = answer.text, session.answer(command)
    if record is not None and isinstance(record.event, e.RevertAdded):
        text = f"{record.event.spec.id} reverts it, through the merge queue like any task"
    later = [one for one in dependents(session.state.plan, task) if one in session.state.target.landed]
    return replace(answer, text=f"{text}; landed after it: {listed(later)}" if later else text)
