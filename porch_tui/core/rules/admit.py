"""Whether what the world reports is still true: the whole defence against late reports.

A performer may answer long after its question was withdrawn. A report about an
attempt must carry the present attempt's number, one about a validation the
number in flight, one about a candidate the commit it was to stand upon.
"""

from __future__ import annotations

from porch_tui.core.merge_queue import ad_hoc_validation
from porch_tui.core.merge_queue.culprit import is_in_question
from porch_tui.core.merge_queue.order import alone, in_order
from porch_tui.core.merge_queue.train import train
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind
from porch_tui.core.model.state import RunState, TaskState
from porch_tui.core.model.status import EntryStatus, TaskStatus
from porch_tui.core.model.transitions import is_legal_for_entry, is_legal_for_task
from porch_tui.core.scheduling.notice import is_about_the_wait
from porch_tui.core.scheduling.slots import Why


def admit(state: RunState, offered: e.AnyEvent) -> list[e.AnyEvent]:
    """Return the event in a list if it is still true, else nothing.

    Where history was rewritten, the entries under way wait for a person. They
    step aside first: a crash in between finds the target moved once more.
    """
    if state.closed_at is not None or not is_current(state, offered):
        return []
    if isinstance(offered, e.TargetMoved) and not offered.is_descendant:
        why = f"the history of {state.target.name} was rewritten; look at it, then requeue"
        aside = [e.LandingBlocked(entry.task, (), why, is_retried=False) for entry in in_order(state)]
        return [*aside, offered]
    if isinstance(offered, e.AttemptSucceeded) and (text := _escape_of_check(state, offered)):
        failure = e.Failure(e.FailureKind.ESCAPED, text)
        return [e.AttemptFailed(offered.attempt, failure, offered.used, left_running=offered.left_running)]
    return [offered]


def _escape_of_check(state: RunState, event: e.AttemptSucceeded) -> str:
    """Return where a check wrote outside its worktree. What is to be merged is held in the queue instead."""
    task = event.attempt.task
    attempt = state.tasks[task].attempt
    is_check = state.specs[task].kind is Kind.CHECK and attempt is not None
    return attempt.escape if is_check and attempt is not None else ""


def is_current(state: RunState, event: e.AnyEvent) -> bool:
    """Say whether an event reported by the world belongs to the present."""
    match event:
        case e.TargetMoved():
            return event.tip != state.target.tip
        case e.SlotsChanged():
            is_new = (event.slots, event.starts_blocked) != (state.slots.count, state.slots.starts_blocked)
            if event.reason == Why.LIMIT:  # what cannot be is not done, whoever has asked for it
                return 1 <= event.slots < state.slots.count
            return is_new and state.slots.is_auto and event.is_auto and event.slots >= 1
        case e.MemoryMeasured():
            return event.memory_bytes != state.machine.memory_bytes
        case e.DiskMeasured():
            return bool(event.why) != bool(state.machine.disk_short)
        case e.Noticed():
            return event not in state.noticed
        case e.ConflictsPredicted():
            return event.pairs != state.predictions.pairs
        case e.ValidationPassed() | e.ValidationFailed() | e.ValidationDropped():
            flight = state.validations.in_flight.get(event.tree)
            return flight is not None and flight.number == event.number
        case e.AttemptStarted() | e.AttemptSucceeded() | e.AttemptFailed() | e.AttemptStopped():
            task = state.tasks[event.attempt.task]
            is_present = task.attempt is not None and task.attempt.id == event.attempt
            return is_present and is_legal_for_task(type(event), task.status)
        case e.AttemptEscaped():
            task = state.tasks[event.attempt.task]
            return (
                task.attempt is not None
                and task.attempt.id == event.attempt
                and event.text not in task.attempt.escape
                and is_legal_for_task(e.AttemptEscaped, task.status)
            )
        case e.AttemptNoticed():
            task = state.tasks[event.attempt.task]
            is_present = task.attempt is not None and task.attempt.id == event.attempt
            is_news = task.attempt is not None and task.attempt.notice != event.notice
            # nobody needs to know that what is paused, or ends, is silent
            about = event.notice or _notice_of(task)
            is_of_use = task.status is TaskStatus.RUNNING or is_about_the_wait(about)
            return is_present and is_news and is_of_use and is_legal_for_task(e.AttemptNoticed, task.status)
        case e.AttemptPaused() | e.AttemptResumed():
            return _is_easing(state, event)
        case e.CandidateBuilt() | e.CandidateConflicted():
            missing = train(state).missing
            return (
                missing is not None
                and missing.entry.task == event.task
                and missing.entry.head == event.head
                and missing.onto == event.onto
            )
        case e.Landed():
            entry = state.entries.get(event.task)
            return (
                entry is not None
                and entry.head == event.head
                and event.onto == state.target.tip
                and is_legal_for_entry(e.Landed, entry.status)
            )
        case e.ResolutionProposed():
            entry = state.entries.get(event.task)
            return (
                entry is not None
                and (entry.head, entry.onto, entry.proposal) == (event.head, event.onto, None)
                and is_legal_for_entry(e.ResolutionProposed, entry.status)
            )
        case e.HeadMoved():
            entry = state.entries.get(event.task)
            return (
                entry is not None
                and entry.takes_branch
                and entry.head != event.head
                and is_legal_for_entry(e.HeadMoved, entry.status)
            )
        case e.LandingUndone():
            return state.target.landed[-1:] == (event.task,) and state.target.tip == event.commit
        case (
            e.LandingBlocked()
            | e.LandingUnblocked()
            | e.EntryFaulted()
            | e.ConflictResolved()
            | e.ResolutionRefused()
            | e.UndoRefused()
        ):
            entry = state.entries.get(event.task)
            return entry is not None and is_legal_for_entry(type(event), entry.status)
        case e.ProbeBuilt():
            entry = state.entries.get(event.task)
            if entry is None or entry.head != event.head:
                return False
            is_early = entry.status is EntryStatus.READY and event.on_top_of is None and alone(entry) is None
            return is_early or is_in_question(state, entry)
        case e.CulpritFound():
            entry = state.entries.get(event.task)
            return entry is not None and is_in_question(state, entry)
        case e.AdHocValidationBuilt() | e.AdHocValidationImpossible():
            return ad_hoc_validation.is_awaited(state, event)
        case _:
            return False


def _notice_of(task: TaskState) -> str:
    return task.attempt.notice if task.attempt is not None else ""


def _is_easing(state: RunState, event: e.AttemptPaused | e.AttemptResumed) -> bool:
    """Say whether it is still true: nobody but a person lets go on what a person paused."""
    task = state.tasks[event.attempt.task]
    if task.attempt is None or task.attempt.id != event.attempt or not event.reason:
        return False
    if isinstance(event, e.AttemptPaused):
        return task.status is TaskStatus.RUNNING
    return task.status is TaskStatus.PAUSED and bool(task.attempt.auto_pause_reason)
