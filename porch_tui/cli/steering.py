"""Sends commands to a run and reports what became of them: the part that `pause`, `retry`, `move`… share.

The engine answers through the journal. Without an engine a command waits in the
inbox for the next one; what that one would refuse is refused at once.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from enum import StrEnum

from msgspec import Struct

from porch_tui.cli.arguments import add_steering
from porch_tui.cli.lookup import session_of, tasks_named
from porch_tui.cli.output.printing import say, write, write_json
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.commands import spelled
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.core.rules.decide import decide
from porch_tui.git.repository import Repository
from porch_tui.journal.inbox import new_command_id
from porch_tui.present.command_texts import done_text, refused_text
from porch_tui.session.session import Session

ANSWER_S = 5.0
"""An engine reads its inbox twenty times a second; one that is silent for this long is reported."""
LOOK_S = 0.02
REFUSED, UNANSWERED = 4, 3
"""Exit codes."""
QUEUED = "queued"


class How(StrEnum):
    """What became of a command."""

    DONE = "done"
    REFUSED = "refused"
    WAITING = "waiting"
    """In the inbox of a run without an engine."""
    UNANSWERED = "unanswered"
    """In the inbox of an engine that has not answered yet."""


class Answer(Struct, frozen=True):
    """What became of a command, in a sentence."""

    command: c.AnyCommand
    how: How
    text: str


def steer(options: argparse.Namespace, commands: Callable[[RunState], Sequence[c.AnyCommand]]) -> int:
    """Send the commands that the options mean for the run's state, and print what became of each."""
    _, session = session_of(options)
    return print_answers(session, send(session, commands(session.state)), options.json)


def steer_tasks(options: argparse.Namespace, command: Callable[[str, TaskId], c.AnyCommand]) -> int:
    """Send a command for each of the tasks named, made of its id and the task."""
    return steer(
        options, lambda state: [command(new_command_id(), task) for task in tasks_named(state, options.tasks)]
    )


def of_each_task(
    command: Callable[[str, TaskId], c.AnyCommand],
) -> tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]:
    """Return `add_arguments` and `run` of a command that does one thing to each of the tasks named."""
    return lambda parser: add_steering(parser, "+"), lambda options: steer_tasks(options, command)


def for_whole_run(state: RunState, run: c.PauseRun | c.ResumeRun | c.StopRun) -> list[c.AnyCommand]:
    """Return what a command for the run and all its tasks does now: one per task, then that of the run.

    So each task is reported, without those that are in that state already. See `_to_send`.
    """
    events = decide(state, run)
    of_tasks = [command for event in events if (command := _of_task(event, new_command_id()))]
    of_run = e.RunPaused | e.RunResumed | e.EngineDismissed
    is_run_changed = any(isinstance(event, of_run) for event in events)
    return [*of_tasks, run] if is_run_changed else of_tasks


def _of_task(event: e.AnyEvent, id: str) -> c.AnyCommand | None:
    """Return the command for a single task that leads to an event; None for any other event."""
    match event:
        case e.AttemptPaused():
            return c.PauseTask(id, event.attempt.task)
        case e.AttemptResumed():
            return c.ResumeTask(id, event.attempt.task)
        case e.StopRequested():
            return c.StopTask(id, event.attempt.task, event.kill_now)
        case _:
            return None


def send(session: Session, commands: Sequence[c.AnyCommand]) -> list[Answer]:
    """Send commands to the run's engine, or leave them for the next one."""
    if session.is_engine_alive():
        return ask(session, commands)
    return [_leave(session, command) for command in commands]


def ask(session: Session, commands: Sequence[c.AnyCommand]) -> list[Answer]:
    """Send commands to the engine and wait for its answers."""
    sent = _to_send(commands)
    for command in sent:
        session.send(command)
    deadline = time.monotonic() + ANSWER_S
    while any(session.answer(command) is None for command in sent):
        # checked before reading, so that the last records of a leaving engine are read
        is_alive = session.is_engine_alive()
        session.catch_up()
        if not is_alive or time.monotonic() > deadline:
            break
        time.sleep(LOOK_S)
    return _answers(session, sent)


def _to_send(commands: Sequence[c.AnyCommand]) -> list[c.AnyCommand]:
    """Return the one command for the run and all its tasks if there is one, else all of them.

    The engine carries it out at once. Sent one by one, the end of the first task would make room for the
    start of another.
    """
    for_all: list[c.AnyCommand] = [
        one
        for one in commands
        if isinstance(one, c.StopRun) or (isinstance(one, c.PauseRun | c.ResumeRun) and one.with_tasks)
    ]
    return for_all or list(commands)


def _answers(session: Session, sent: Sequence[c.AnyCommand]) -> list[Answer]:
    """Return what became of the commands; for one about the whole run, each of its tasks first."""
    answers = []
    for command in sent:
        if isinstance(command, c.PauseRun | c.ResumeRun | c.StopRun):
            for event in (record.event for record in session.records if record.cause == command.id):
                if of_task := _of_task(event, command.id):
                    answers.append(_answer(of_task, event, session.state))
        answers.append(answered(session, command))
    return answers


def answered(session: Session, command: c.AnyCommand) -> Answer:
    """Return what has become of a command so far."""
    record = session.answer(command)
    if record is not None:
        return _answer(command, record.event, session.state)
    if session.is_engine_alive():
        text = f"no answer from the engine within {ANSWER_S:.0f} s; it stays queued: porch status"
        return Answer(command, How.UNANSWERED, text)
    return Answer(command, How.WAITING, QUEUED)


def _answer(command: c.AnyCommand, event: e.AnyEvent, state: RunState) -> Answer:
    if isinstance(event, e.CommandRefused):
        return Answer(command, How.REFUSED, event.why)
    return Answer(command, How.DONE, done_text(command, state))


def _leave(session: Session, command: c.AnyCommand) -> Answer:
    """Put a command into the inbox, unless the next engine would refuse it."""
    if isinstance(command, c.PauseRun | c.StopRun):
        return Answer(command, How.REFUSED, "nothing is running, so nothing starts anyway")
    # queued commands already count: `pause` and then `resume-tasks` cancel out
    for event in decide(session.anticipated(), command):
        if isinstance(event, e.CommandRefused):
            return _answer(command, event, session.state)
    session.send(command)
    return Answer(command, How.WAITING, QUEUED)


def stop_run(session: Session, repository: Repository, commands: Sequence[c.AnyCommand]) -> list[Answer]:
    """Stop the run and wait for the end of its tasks and its engine, unless tasks are to finish first.

    If tasks have outlived their engine, this process is the engine that stops them.
    """
    sent = _to_send(commands)
    if session.is_engine_alive():
        ask(session, sent)
        if not any(isinstance(one, c.StopRun) and one.ending is c.Ending.FINISH for one in sent):
            wait_for_end(session)
    elif session.state.active:
        from porch_tui.cli.engine_here import print_nothing, work
        from porch_tui.cli.run_report import conclude

        for command in sent:
            session.send(command)
        work(session.rundir, repository, print_nothing)
        conclude(session.rundir, repository)
        session.catch_up()
    else:
        return [_leave(session, command) for command in commands]
    return _answers(session, sent)


def wait_for_end(session: Session) -> None:
    """Wait until a run that is being stopped has ended, its engine included; say so if that takes long."""
    from porch_tui.executors.executor import STOP_GRACE_S  # with all that tasks need

    deadline = time.monotonic() + STOP_GRACE_S + ANSWER_S
    while session.is_engine_alive() or session.is_stop_waiting:
        session.catch_up()
        if time.monotonic() > deadline:
            late = listed(session.state.active) or "the engine"
            say(f"porch: {late} has not ended yet; porch status shows when it has")
            return
        time.sleep(LOOK_S)
    session.catch_up()


def print_answers(session: Session, answers: Sequence[Answer], is_json: bool) -> int:
    """Print what became of the commands, for people or as JSON, and return the exit code."""
    if is_json:
        engine = "alive" if session.is_engine_alive() else "gone"
        write_json({"run": session.rundir.run, "engine": engine, "commands": documents(answers)})
    else:
        print_lines(session, answers)
    return exit_code(answers)


def print_lines(session: Session, answers: Sequence[Answer]) -> None:
    """Print what was done; what was not goes to stderr."""
    for answer in answers:
        match answer.how:
            case How.DONE:
                write(f"{spelled(answer.command)}: {answer.text}\n")
            case How.REFUSED:
                say(f"porch: {refused_text(answer.command, answer.text)}")
            case How.WAITING | How.UNANSWERED:
                say(f"porch: {spelled(answer.command)}: {answer.text}")
    if any(answer.how is How.WAITING for answer in answers):
        say(f"porch: nothing is running; start it with: porch resume {session.rundir.run}")


def documents(answers: Sequence[Answer]) -> list[dict[str, object]]:
    """Return what became of each command, for programs."""
    return [
        {
            "command": spelled(answer.command),
            "task": _task_of(answer.command),
            "result": answer.how.value,
            "text": answer.text,
        }
        for answer in answers
    ]


def _task_of(command: c.AnyCommand) -> TaskId | None:
    """Return the one task that a command is about; None if it is about several, or the run."""
    if isinstance(command, c.AddTasks):
        return command.specs[0].id if len(command.specs) == 1 else None
    task: TaskId | None = getattr(command, "task", None)
    return task


def exit_code(answers: Sequence[Answer]) -> int:
    """Return the exit code that the answers add up to."""
    results = {answer.how for answer in answers}
    if How.REFUSED in results:
        return REFUSED
    return UNANSWERED if How.UNANSWERED in results else 0
