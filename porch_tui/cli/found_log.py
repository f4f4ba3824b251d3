"""Which output a person means by `porch logs`: of an attempt, of a validation, or of a judge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from porch_tui.cli.lookup import task_named
from porch_tui.core.model.hypothesis import Judgement
from porch_tui.core.model.plan import HypothesisName, TaskId
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.model.wording import listed
from porch_tui.errors import PlanError, RefusedError
from porch_tui.journal.rundir import OUTPUT
from porch_tui.process import liveness
from porch_tui.session.session import Session


class FoundLog(Struct, frozen=True):
    """The output of one thing."""

    path: Path
    """It need not exist yet."""
    has_ended: Callable[[], bool]
    """Says whether nothing more will be written."""
    what: str
    """`attempt`, `validation` or `judge`."""
    task: TaskId | None
    """None: the base was judged."""
    attempt: int | None = None
    hypothesis: HypothesisName | None = None
    time: int | None = None
    """Which time the judge ran on it, from 1."""
    remarks: tuple[str, ...] = ()
    """What is to be known of it and is not in it."""
    pending: str = ""
    """What is still going on, as part of a sentence, if that is not over and worth saying."""

    @property
    def subject(self) -> str:
        """Who wrote it, for a sentence."""
        if self.what != "judge":
            return str(self.task)
        return f"the judge of {self.hypothesis} on {self.task or 'the base'}"


def of_attempt(session: Session, name: str, number: int | None) -> FoundLog:
    """Return the output of a task's last attempt, or of an earlier one.

    PlanError if there is no such task, RefusedError if there is no such attempt.
    """
    task = task_named(session.state, name)
    log = session.log(task, number)
    if log is None:
        raise RefusedError(_no_attempt(session, task, number))
    attempt = log.parent.name

    def is_awaited() -> bool:
        return any(
            one.ended_at is None for one in session.state.tasks[task].attempts if str(one.id) == attempt
        )

    remarks: tuple[str, ...] = ()
    entry = session.state.entries.get(task)
    if entry and entry.status is EntryStatus.REJECTED and (judged := session.deciding_validation(task)):
        # the reason is not in the task's own output
        why = session.validation_log(*judged)
        remarks = (f"{task} was rejected ({entry.reason}); the validation's output is in {why}",)
    has_ended = _has_ended(session, log.parent, is_awaited)
    return FoundLog(log, has_ended, "attempt", task, int(attempt.rpartition(".")[2]), remarks=remarks)


def _no_attempt(session: Session, task: TaskId, number: int | None) -> str:
    last = len(session.state.tasks[task].attempts)
    if not last:
        return f"{task} has not started, so it has no output yet; porch status shows what it waits for"
    return f"{task} has no attempt {number}; the last one is {last}: porch logs {task} --attempt {last}"


def of_validation(session: Session, name: str) -> FoundLog:
    """Return the output of the task's running validation, else of its last one.

    PlanError if there is no such task, RefusedError if there is neither.
    """
    task = task_named(session.state, name)
    running = session.running_validation(task)
    if running is not None:
        log = session.validation_log(*running)
        has_ended = _has_ended(session, log.parent, lambda: session.running_validation(task) == running)
        return FoundLog(log, has_ended, "validation", task, pending=f"{task} is still being validated")
    found = session.deciding_validation(task)
    if found is None:
        raise RefusedError(f"{task} has not been validated yet; porch validate {task} starts a validation")
    log = session.validation_log(*found)
    if not log.exists():
        raise RefusedError(
            f"{task} was validated by an earlier run with the same commands; "
            f"porch validate {task}, called twice, runs them again"
        )
    return FoundLog(log, lambda: True, "validation", task)


def of_judge(session: Session, name: str, time: int | None) -> FoundLog:
    """Return what the judge printed on a theory; if a hypothesis is named, on its base.

    The last time it ran, or an earlier one: `time`, from 1. PlanError if nothing is named so, RefusedError
    if that was not judged, or not as often.
    """
    hypothesis, theory = _judged_named(session, name)
    who = theory or f"the base of {hypothesis}"
    times = _judgements(session, hypothesis, theory)
    if not times:
        raise RefusedError(f"{who} has not been judged yet; porch status shows what {hypothesis} waits for")
    if time is not None and time > len(times):
        last = f"the last is {len(times)}: porch logs {name} --judge --time {len(times)}"
        raise RefusedError(f"{who} was not judged {time} times; {last}")
    at = time or len(times)
    one = times[at - 1]
    log = session.rundir.judgement(hypothesis, one.number) / OUTPUT

    def is_awaited() -> bool:
        now = _judgements(session, hypothesis, theory)
        return any(each.number == one.number and each.ended_at is None for each in now)

    pending = f"{who} is still being judged" if one.ended_at is None else ""
    remarks = (f"{who}: {one.why}",) if one.why else ()
    has_ended = _has_ended(session, log.parent, is_awaited)
    return FoundLog(log, has_ended, "judge", theory, None, hypothesis, at, remarks=remarks, pending=pending)


def _judgements(session: Session, hypothesis: HypothesisName, theory: TaskId | None) -> list[Judgement]:
    return [one for one in session.state.hypotheses[hypothesis].judgements if one.theory == theory]


def _judged_named(session: Session, name: str) -> tuple[HypothesisName, TaskId | None]:
    state = session.state
    if name in state.hypotheses:
        return HypothesisName(name), None
    names = list(state.hypotheses)
    known = f"its hypotheses are: {listed(names)}" if names else "the run has no hypotheses"
    task = task_named(state, name, others=state.hypotheses)
    of = state.specs[task].of
    if of is None:
        raise PlanError(f"{task} answers no hypothesis, so no judge runs on it; {known}")
    return of, task


def _has_ended(session: Session, directory: Path, is_awaited: Callable[[], bool]) -> Callable[[], bool]:
    """Return a function: has everything ended that writes into this directory?

    `is_awaited` says whether something that has not started is still expected to.
    """

    def has_ended() -> bool:
        match liveness.find(directory):
            case liveness.Running() | liveness.Elsewhere():
                return False
            case liveness.NotStarted():
                session.catch_up()
                return not is_awaited() or not session.is_engine_alive()
            case liveness.Ended() | liveness.Lost():
                return True

    return has_ended
