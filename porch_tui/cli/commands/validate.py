"""`porch validate`: validates a task's work, alone or on top of others'; nothing lands."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from porch_tui.cli.arguments import add_json, add_run_option
from porch_tui.cli.lookup import session_of, task_named, tasks_named
from porch_tui.cli.output.printing import say, write, write_json
from porch_tui.cli.steering import REFUSED, UNANSWERED, Answer, How, answered, ask, print_lines
from porch_tui.core.merge_queue.ad_hoc_validation import Finding, current, described, finding
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.commands import spelled
from porch_tui.core.model.state import AdHocValidation, RunState
from porch_tui.core.rules.effects import BuildAdHocValidation, ValidateCandidate
from porch_tui.git.repository import Repository
from porch_tui.journal.inbox import new_command_id
from porch_tui.present.clean import clean
from porch_tui.session.session import Session

LOOK_S = 0.1
"""Between two looks at a validation that takes seconds at least."""
NOT_PASSED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("task", metavar="TASK")
    parser.add_argument(
        "--on-top-of", action="append", default=[], metavar="OTHER",
        help="merged on top of this task's work, landed or not; repeatable, in that order",
    )  # fmt: skip
    parser.add_argument(
        "--upon", dest="on_top_of", action="append", default=[], help=argparse.SUPPRESS
    )  # its name in earlier versions
    add_run_option(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Have the task's work validated, wait for the verdict, and print it with the path of the log."""
    repository, session = session_of(options)
    task = task_named(session.state, options.task)
    on_top_of = tasks_named(session.state, options.on_top_of)
    command = c.ValidateEntry(new_command_id(), task, on_top_of)
    answer = _validate(session, repository, command)
    validation = _validation(session.state, command) if answer.how is How.DONE else None
    if options.json:
        write_json(_document(session, command, answer, validation))
    elif validation is not None:
        known = _known_since(session, command, validation)
        again = f" (known {known}; run the command once more to validate it again)" if known else ""
        write(clean(f"{task} {described(validation)}{again}") + "\n")
        if log := _log(session, validation):
            write(f"  output in {clean(str(log))}\n")
    elif answer.how is How.DONE:
        say(f"porch: {spelled(command)}: the run was closed, or the task started again; see porch status")
    else:
        print_lines(session, [answer])
    if answer.how not in (How.DONE, How.REFUSED):
        return UNANSWERED
    if validation is None or finding(validation) is Finding.PENDING:
        return REFUSED
    return 0 if finding(validation) is Finding.PASSES else NOT_PASSED


def _validate(session: Session, repository: Repository, command: c.ValidateEntry) -> Answer:
    """Ask the run's engine and wait; if there is none, or none any more, be the engine for this moment."""
    if session.is_engine_alive():
        answer = ask(session, [command])[0]
        if answer.how in (How.REFUSED, How.UNANSWERED):
            return answer
        while _is_pending(session.state, command):
            is_alive = session.is_engine_alive()
            session.catch_up()
            if not is_alive:
                break
            time.sleep(LOOK_S)
    if session.answer(command) is None or _is_pending(session.state, command):
        from porch_tui.cli.engine_here import work_for

        work_for(
            session,
            repository,
            command,
            # the queue's own validations go first: the worker waits for them
            belongs=lambda effect: isinstance(effect, BuildAdHocValidation | ValidateCandidate),
            is_done=lambda state: not _is_pending(state, command),
        )
    return answered(session, command)


def _validation(state: RunState, command: c.ValidateEntry) -> AdHocValidation | None:
    asked = (command.task, command.on_top_of)
    return next((one for one in current(state) if (one.task, one.on_top_of) == asked), None)


def _is_pending(state: RunState, command: c.ValidateEntry) -> bool:
    validation = _validation(state, command)
    return state.closed_at is None and validation is not None and finding(validation) is Finding.PENDING


def _log(session: Session, validation: AdHocValidation) -> Path | None:
    """Return where the output is; None if an earlier run knew the verdict, so that nothing was executed."""
    if validation.tree is None or validation.verdict is None:
        return None
    log = session.validation_log(validation.tree, validation.number)
    return log if log.exists() else None


def _known_since(session: Session, command: c.ValidateEntry, validation: AdHocValidation) -> str:
    """Return from where the verdict was known already; empty if it is new."""
    asked = session.answer(command)
    for record in reversed(session.records):
        event = record.event
        if not isinstance(event, e.ValidationPassed | e.ValidationFailed):
            continue
        if (event.tree, event.number) == (validation.tree, validation.number):
            is_old = asked is not None and record.seq < asked.seq
            return f"from run {event.from_run}" if event.from_run else "already" if is_old else ""
    return ""


def _document(
    session: Session, command: c.ValidateEntry, answer: Answer, validation: AdHocValidation | None
) -> dict[str, object]:
    verdict = validation.verdict if validation else None
    log = _log(session, validation) if validation else None
    return {
        "run": session.rundir.run,
        "task": command.task,
        "upon": list(command.on_top_of),
        "result": finding(validation).value if validation else answer.how.value,
        "text": described(validation) if validation else answer.text,
        "exit_code": verdict.exit_code if verdict else None,
        "conflicts": list(validation.conflicts) if validation else [],
        "commit": validation.commit if validation else None,
        "tree": validation.tree if validation else None,
        "log": str(log) if log else None,
        "known": _known_since(session, command, validation) if validation else "",
    }
