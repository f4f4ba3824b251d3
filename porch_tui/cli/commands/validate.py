"""porch validate: whether a task's work passes, by itself or upon that of others; nothing lands by it."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from porch_tui.cli.errand import be_engine
from porch_tui.cli.lookup import repository_at, run_named
from porch_tui.cli.naming import task_named, tasks_named
from porch_tui.cli.output.printing import say, write, write_json
from porch_tui.cli.steering import REFUSED, UNANSWERED, Answer, How, answered, ask
from porch_tui.core.merge_queue.ad_hoc_validation import Finding, current, finding, told
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.state import AdHocValidation, RunState
from porch_tui.core.rules.decide import spoken
from porch_tui.core.rules.effects import BuildAdHocValidation, Effect, ValidateCandidate
from porch_tui.git.repository import Repository
from porch_tui.journal import inbox
from porch_tui.present.clean import clean
from porch_tui.session.session import Session

LOOK_S = 0.1
"""Between two looks at a validation that takes seconds at least."""
NOT_PASSED = 1


def validate(options: argparse.Namespace) -> int:
    """Have the task's work validated, wait for what is found, and tell it with the path of the log."""
    repository = repository_at(options.directory)
    session = Session(run_named(repository, options.run))
    task, on_top_of = task_named(session.state, options.task), tasks_named(session.state, options.upon)
    command = c.ValidateEntry(inbox.new_command_id(), task, on_top_of)
    answer = _find_out(session, repository, command)
    trial = _meant(session.state, command)
    if options.json:
        write_json(_document(session, answer, trial))
    else:
        _tell(session, answer, trial)
    return _exit_code(answer, trial)


def _find_out(session: Session, repository: Repository, command: c.ValidateEntry) -> Answer:
    """Ask the run's engine and wait; where there is none, or none any more, be it for the moment."""
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
        be_engine(
            session,
            repository,
            command,
            belongs=_belongs,
            is_done=lambda state: not _is_pending(state, command),
        )
    return answered(session, command)


def _belongs(effect: Effect) -> bool:
    """Say whether an effect brings a trial on; validations of the train take the workers it waits for."""
    return isinstance(effect, BuildAdHocValidation | ValidateCandidate)


def _meant(state: RunState, command: c.ValidateEntry) -> AdHocValidation | None:
    return next(
        (one for one in current(state) if (one.task, one.on_top_of) == (command.task, command.on_top_of)),
        None,
    )


def _is_pending(state: RunState, command: c.ValidateEntry) -> bool:
    trial = _meant(state, command)
    return state.closed_at is None and trial is not None and finding(trial) is Finding.PENDING


def _log(session: Session, trial: AdHocValidation) -> Path | None:
    """Return where the output is; None if nothing was run in this run (an earlier one knew the answer)."""
    if trial.tree is None or trial.verdict is None:
        return None
    log = session.validation_log(trial.tree, trial.number)
    return log if log.exists() else None


def _origin(session: Session, command: c.ValidateEntry, trial: AdHocValidation) -> str:
    """Return since when the answer was known; empty: it was found out now."""
    asked = session.answer(command)
    for record in reversed(session.records):
        event = record.event
        if not isinstance(event, e.ValidationPassed | e.ValidationFailed):
            continue
        if (event.tree, event.number) == (trial.tree, trial.number):
            is_old = asked is not None and record.seq < asked.seq
            return f"from run {event.from_run}" if event.from_run else "already" if is_old else ""
    return ""


def _tell(session: Session, answer: Answer, trial: AdHocValidation | None) -> None:
    command = answer.command
    assert isinstance(command, c.ValidateEntry)
    if answer.how is not How.DONE or trial is None:
        how = "refused: " if answer.how is How.REFUSED else ""
        text = answer.text if answer.how is not How.DONE else _GONE
        say(f"porch: {spoken(command)}: {how}{clean(text)}")
        return
    log = _log(session, trial)
    known = _origin(session, command, trial)
    again = f" (known {known}; asked for once more, it is run again)" if known else ""
    write(clean(f"{trial.task} {told(trial)}{again}") + "\n")
    if log is not None:
        write(f"  output in {clean(str(log))}\n")


_GONE = "the run was closed, or the work was begun again meanwhile; porch status tells"


def _document(session: Session, answer: Answer, trial: AdHocValidation | None) -> dict[str, object]:
    command = answer.command
    assert isinstance(command, c.ValidateEntry)
    is_told = answer.how is How.DONE and trial is not None
    found = trial if is_told else None
    log = _log(session, found) if found else None
    return {
        "run": session.rundir.run,
        "task": command.task,
        "upon": list(command.on_top_of),
        "result": finding(found).value if found else answer.how.value,
        "text": told(found) if found else answer.text,
        "exit_code": found.verdict.exit_code if found and found.verdict else None,
        "conflicts": list(found.conflicts) if found else [],
        "commit": found.commit if found else None,
        "tree": found.tree if found else None,
        "log": str(log) if log else None,
        "known": _origin(session, command, found) if found else "",
    }


def _exit_code(answer: Answer, trial: AdHocValidation | None) -> int:
    if answer.how not in (How.DONE, How.REFUSED):
        return UNANSWERED
    if answer.how is How.REFUSED or trial is None or finding(trial) is Finding.PENDING:
        return REFUSED
    return 0 if finding(trial) is Finding.PASSES else NOT_PASSED
