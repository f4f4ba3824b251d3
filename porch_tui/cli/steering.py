"""The commands of the screen, from a script: said to the engine through the inbox, and its answer told.

Where no engine is at work, a command waits in the inbox for the next one. What
would be refused anyway is refused at once, and nothing is left behind then.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from porch_tui.cli.deeds import deed
from porch_tui.cli.lookup import repository_at, run_named
from porch_tui.cli.naming import task_named, tasks_named
from porch_tui.cli.output.printing import say, write, write_json
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.decide import decide, spoken
from porch_tui.errors import PlanError
from porch_tui.executors.executor import STOP_GRACE_S
from porch_tui.git.repository import Repository
from porch_tui.journal import inbox
from porch_tui.session.session import Session

ANSWER_S = 5.0
"""An engine looks into its inbox twenty times a second; one that says nothing for this long is told of."""
LOOK_S = 0.02
REFUSED, UNANSWERED = 4, 3
"""Exit codes."""


class How(StrEnum):
    """What became of a command."""

    DONE = "done"
    REFUSED = "refused"
    WAITING = "waiting"
    """In the inbox of a run that no engine works on."""
    UNANSWERED = "unanswered"
    """In the inbox of an engine that has not answered yet."""


class Answer(Struct, frozen=True):
    """What became of a command, in a sentence."""

    command: c.AnyCommand
    how: How
    text: str


def steer(options: argparse.Namespace) -> int:
    """Give the run the commands that `porch VERB TASK…` stands for, and tell what came of each."""
    repository = repository_at(options.directory)
    session = Session(run_named(repository, options.run))
    commands = _commands(options, session.state)
    if options.verb == "close" and not session.is_engine_alive():
        answers = [_close(session, repository, command) for command in commands]
    elif any(isinstance(command, c.StopRun) for command in commands):
        answers = _stop_run(session, repository, commands)
    else:
        answers = give(session, commands)
    return tell_all(session, answers, options.json)


def tell_all(session: Session, answers: Sequence[Answer], is_json: bool) -> int:
    """Print what became of the commands, for people or as JSON, and return the exit code."""
    if is_json:
        write_json(_document(session, answers))
    else:
        tell(session, answers)
    return exit_code(answers)


def give(session: Session, commands: Sequence[c.AnyCommand]) -> list[Answer]:
    """Give the run commands: to its engine, or into the inbox for the next one."""
    return ask(session, commands) if session.is_engine_alive() else _leave(session, commands)


def _commands(options: argparse.Namespace, state: RunState) -> list[c.AnyCommand]:
    """Return one command a task, or one for the run; PlanError for tasks the run does not have."""
    tasks = tasks_named(state, getattr(options, "tasks", ()))
    is_all = getattr(options, "all", False)
    if is_all and tasks:
        raise PlanError("--all means every task that runs, so it goes without TASK")
    if getattr(options, "is_validation", False):
        return _stopping_validations(tasks, is_all)
    is_finishing = getattr(options, "is_finishing", False)
    if is_finishing and (not is_all or options.kill_now):
        raise PlanError("--finish lets running tasks finish: it goes with --all, and without --now")
    if is_finishing:
        return [c.StopRun(inbox.new_command_id(), c.Ending.FINISH)]
    if is_all:
        return _of_all(options.verb, state, kill_now=getattr(options, "kill_now", False))
    match options.verb:
        case "slots":
            return [c.SetSlots(inbox.new_command_id(), options.slots)]
        case "close":
            return [c.CloseRun(inbox.new_command_id())]
        case "pause" if not tasks:
            return [c.PauseRun(inbox.new_command_id())]
        case "resume-tasks" if not tasks:
            return [c.ResumeRun(inbox.new_command_id())]
        case "stop" if not tasks:
            raise PlanError("porch stop needs to know what to stop: name tasks, or all that run with --all")
        case "stop":
            return [c.StopTask(inbox.new_command_id(), task, options.kill_now) for task in tasks]
        case "move":
            return [_move(options, state)]
        case "retry":
            return [c.RetryTask(inbox.new_command_id(), task, options.keep) for task in tasks]
        case verb:
            return [_OF_TASK[verb](inbox.new_command_id(), task) for task in tasks]


def _stopping_validations(tasks: Sequence[TaskId], is_all: bool) -> list[c.AnyCommand]:
    if is_all:
        raise PlanError("--validation without TASK means all of them, so it goes without --all")
    if not tasks:
        return [c.StopValidations(inbox.new_command_id())]
    return [c.StopValidation(inbox.new_command_id(), task) for task in tasks]


def _move(options: argparse.Namespace, state: RunState) -> c.MoveEntry:
    id, task = inbox.new_command_id(), task_named(state, options.task)
    if options.before is not None:
        return c.MoveEntry(id, task, c.Spot.BEFORE, task_named(state, options.before))
    return c.MoveEntry(id, task, c.Spot.FIRST if options.first else c.Spot.LAST)


def _of_all(verb: str, state: RunState, *, kill_now: bool) -> list[c.AnyCommand]:
    """Return what a verb means for the run and for whatever runs of it, leaving out what is so already.

    One command a task, so that each is answered for, and that of the run last: see `_together`.
    """
    new = inbox.new_command_id
    run: c.PauseRun | c.ResumeRun | c.StopRun
    match verb:
        case "pause":
            run = c.PauseRun(new(), with_tasks=True)
        case "stop":
            run = c.StopRun(new(), c.Ending.KILL if kill_now else c.Ending.STOP)
        case _:
            run = c.ResumeRun(new(), with_tasks=True)
    due = decide(state, run)
    commands: list[c.AnyCommand] = []
    for event in due:
        match event:
            case e.AttemptPaused():
                commands.append(c.PauseTask(new(), event.attempt.task))
            case e.AttemptResumed():
                commands.append(c.ResumeTask(new(), event.attempt.task))
            case e.StopRequested():
                commands.append(c.StopTask(new(), event.attempt.task, kill_now))
    is_run_meant = any(isinstance(event, e.RunPaused | e.RunResumed | e.EngineDismissed) for event in due)
    return [*commands, run] if is_run_meant else commands


_OF_TASK: Mapping[str, Callable[[str, TaskId], c.AnyCommand]] = {
    "pause": c.PauseTask,
    "resume-tasks": c.ResumeTask,
    "requeue": c.RequeueEntry,
    "withdraw": c.WithdrawEntry,
    "hold": c.HoldEntry,
    "release": c.ReleaseEntry,
}


def ask(session: Session, commands: Sequence[c.AnyCommand]) -> list[Answer]:
    """Send the commands to the engine and wait for what it makes of them."""
    sent = _together(commands)
    for command in sent:
        session.send(command)
    deadline = time.monotonic() + ANSWER_S
    while any(session.answer(command) is None for command in sent):
        # asked before reading: what a leaving engine wrote last is not missed
        is_alive = session.is_engine_alive()
        session.catch_up()
        if not is_alive or time.monotonic() > deadline:
            break
        time.sleep(LOOK_S)
    return _answers(session, sent)


def _together(commands: Sequence[c.AnyCommand]) -> list[c.AnyCommand]:
    """Return what is sent of them: of a command for the run and all its tasks only that of the run.

    An engine obeys it at once. One after the other, the end of the first task would make room for the
    start of another.
    """
    for_all: list[c.AnyCommand] = [
        one
        for one in commands
        if isinstance(one, c.StopRun) or (isinstance(one, c.PauseRun | c.ResumeRun) and one.with_tasks)
    ]
    return for_all or list(commands)


def _answers(session: Session, sent: Sequence[c.AnyCommand]) -> list[Answer]:
    """Return what became of the commands; of one for the whole run, what became of each task first."""
    return [
        answer
        for command in sent
        for answer in (*_answers_of_tasks(session, command), answered(session, command))
    ]


def _answers_of_tasks(session: Session, command: c.AnyCommand) -> Iterator[Answer]:
    if not isinstance(command, c.PauseRun | c.ResumeRun | c.StopRun):
        return
    for event in (record.event for record in session.records if record.cause == command.id):
        match event:
            case e.AttemptPaused():
                of_task: c.AnyCommand = c.PauseTask(command.id, event.attempt.task)
            case e.AttemptResumed():
                of_task = c.ResumeTask(command.id, event.attempt.task)
            case e.StopRequested():
                of_task = c.StopTask(command.id, event.attempt.task, event.kill_now)
            case _:
                continue
        yield _told(of_task, event, session.state)


def answered(session: Session, command: c.AnyCommand) -> Answer:
    """Return what a command has led to so far."""
    record = session.answer(command)
    if record is not None:
        return _told(command, record.event, session.state)
    if session.is_engine_alive():
        text = f"the engine has not answered within {ANSWER_S:.0f} s; it will when it can: porch status"
        return Answer(command, How.UNANSWERED, text)
    return Answer(command, How.WAITING, _WAITS)


_WAITS = "waits for an engine"


def _leave(session: Session, commands: Sequence[c.AnyCommand]) -> list[Answer]:
    """Put into the inbox what the next engine will not refuse."""
    return [_leave_one(session, command) for command in commands]


def _leave_one(session: Session, command: c.AnyCommand) -> Answer:
    if isinstance(command, c.PauseRun | c.StopRun):
        return Answer(command, How.REFUSED, "no engine is at work on this run, so nothing starts anyway")
    # what waits already counts: `pause` and then `resume-tasks` cancel out
    for event in decide(session.anticipated(), command):
        if isinstance(event, e.CommandRefused):
            return _told(command, event, session.state)
    session.send(command)
    return Answer(command, How.WAITING, _WAITS)


def _close(session: Session, repository: Repository, command: c.AnyCommand) -> Answer:
    """Be the engine for the moment it takes: a run that is given up should need no other."""
    from porch_tui.cli.run_report import conclude
    from porch_tui.engine.engine_session import open_engine

    with open_engine(session.rundir, repository, lambda records, state: None) as engine_session:
        engine_session.engine.absorb(command)
    conclude(session.rundir, repository)
    session.catch_up()
    return answered(session, command)


def _stop_run(session: Session, repository: Repository, commands: Sequence[c.AnyCommand]) -> list[Answer]:
    """Stop the run and wait for the end of its tasks and its engine, unless they are to finish first.

    Where tasks outlived their engine, this process is the engine that stops them.
    """
    if session.is_engine_alive():
        ask(session, commands)
        is_finishing = any(isinstance(one, c.StopRun) and one.ending is c.Ending.FINISH for one in commands)
        if not is_finishing:
            wait_for_end(session)
        return _answers(session, _together(commands))
    if not session.state.active:
        return _leave(session, commands)
    from porch_tui.cli.engine_here import work
    from porch_tui.cli.run_report import conclude

    sent = _together(commands)
    for command in sent:
        session.send(command)
    work(session.rundir, repository, lambda records, state: None)
    conclude(session.rundir, repository)
    session.catch_up()
    return _answers(session, sent)


def wait_for_end(session: Session) -> None:
    """Wait until a run that is being stopped has ended, its engine included; say so where that takes long."""
    deadline = time.monotonic() + STOP_GRACE_S + ANSWER_S
    while session.is_engine_alive() or session.is_stop_waiting:
        session.catch_up()
        if time.monotonic() > deadline:
            late = listed(session.state.active) or "the engine"
            say(f"porch: {late} has not ended yet; porch status shows when it has")
            return
        time.sleep(LOOK_S)
    session.catch_up()


def _told(command: c.AnyCommand, event: e.AnyEvent, state: RunState) -> Answer:
    if isinstance(event, e.CommandRefused):
        return Answer(command, How.REFUSED, event.why)
    return Answer(command, How.DONE, deed(command, state))


def tell(session: Session, answers: Sequence[Answer]) -> None:
    """Print what was done; what was not goes to stderr."""
    for answer in answers:
        line = f"{spoken(answer.command)}: {answer.text}"
        if answer.how is How.DONE:
            write(f"{line}\n")
        else:
            how = "refused: " if answer.how is How.REFUSED else ""
            say(f"porch: {spoken(answer.command)}: {how}{answer.text}")
    if any(answer.how is How.WAITING for answer in answers):
        run = session.rundir.run
        say(f"porch: no engine is at work on this run; it will be heard by: porch resume {run}")


def _document(session: Session, answers: Sequence[Answer]) -> dict[str, object]:
    return {
        "run": session.rundir.run,
        "engine": "alive" if session.is_engine_alive() else "gone",
        "commands": documents(answers),
    }


def documents(answers: Sequence[Answer]) -> list[dict[str, object]]:
    """Return what became of each command, for programs."""
    return [
        {
            "command": spoken(answer.command),
            "task": _task_of(answer.command),
            "result": answer.how.value,
            "text": answer.text,
        }
        for answer in answers
    ]


def _task_of(command: c.AnyCommand) -> TaskId | None:
    match command:
        case c.PauseRun() | c.ResumeRun() | c.StopRun() | c.SetSlots() | c.AllowRedBase() | c.CloseRun():
            return None
        case c.StopValidations():
            return None
        case _:
            return command.task


def exit_code(answers: Sequence[Answer]) -> int:
    """Return the exit code that the answers add up to."""
    results = {answer.how for answer in answers}
    if How.REFUSED in results:
        return REFUSED
    return UNANSWERED if How.UNANSWERED in results else 0
