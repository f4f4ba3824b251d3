"""Whether what the world reports is still true: the whole defence against late reports.

A performer may answer long after its question was withdrawn. A report about an
attempt must carry the current attempt's number, one about a validation the
number in flight, one about a candidate the commit it was to be built on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from porch_tui.core.merge_queue import ad_hoc_validation
from porch_tui.core.merge_queue.culprit import is_in_question
from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.merge_queue.train import train
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import EntryStatus, TaskStatus
from porch_tui.core.model.transitions import is_legal_for_entry, is_legal_for_task
from porch_tui.core.rules.admit_place import (
    End,
    after_loss,
    after_report,
    is_news_of_place,
    is_of_lost_attempt,
    is_other_measurement,
    lost,
)
from porch_tui.core.rules.shared_worktrees import uninspected
from porch_tui.core.scheduling.judging import is_evidence_due
from porch_tui.core.scheduling.leases import after_lost_end
from porch_tui.core.scheduling.notice import is_about_the_wait
from porch_tui.core.scheduling.slots import Why


def admit(state: RunState, offered: e.AnyEvent) -> list[e.AnyEvent]:
    """Return the event in a list if it is still true, else nothing.

    Where history was rewritten, the entries under way wait for a person. They
    step aside first: after a crash in between, the target is found moved again. For the same reason what is
    lost with a place comes first.
    """
    if isinstance(offered, End) and lost(state, offered.attempt) is not None:
        offered = after_loss(offered)
    if state.closed_at is not None or not is_current(state, offered):
        return []
    if isinstance(offered, e.TargetMoved) and not offered.is_descendant:
        why = f"the history of {state.target.name} was rewritten; look at it, then requeue"
        aside = [e.LandingBlocked(entry.task, (), why, is_retried=False) for entry in in_order(state)]
        return [*aside, offered]
    if isinstance(offered, e.PlaceEvent):
        return after_report(state, offered)
    if isinstance(offered, e.AttemptFailed) and offered.failure.kind is e.FailureKind.LOST:
        return after_lost_end(state, offered)
    if isinstance(offered, e.AttemptSucceeded):
        task = offered.attempt.task
        attempt = state.tasks[task].attempt
        # a change that wrote outside its worktree is held in the queue; a check never gets there
        if attempt is not None and attempt.escape and state.specs[task].kind is Kind.CHECK:
            failure, left_running = e.Failure(e.FailureKind.ESCAPED, attempt.escape), offered.left_running
            return [e.AttemptFailed(offered.attempt, failure, offered.used, left_running=left_running)]
    return [offered]


def is_current(state: RunState, event: e.AnyEvent) -> bool:
    """Say whether an event reported by the world belongs to the present."""
    is_true = IS_CURRENT.get(type(event))
    return is_true is not None and is_true(state, event)


def _are_other_slots(state: RunState, event: e.SlotsChanged) -> bool:
    if event.reason == Why.LIMIT:  # what the system refuses cannot be done, even if a person asked for it
        return 1 <= event.slots < state.slots.count
    is_new = (event.slots, event.starts_blocked) != (state.slots.count, state.slots.starts_blocked)
    return is_new and state.slots.is_auto and event.is_auto and event.slots >= 1


def _is_in_flight(
    state: RunState, event: e.ValidationPassed | e.ValidationFailed | e.ValidationDropped
) -> bool:
    flight = state.validations.in_flight.get(event.tree)
    return flight is not None and flight.number == event.number


def _is_of_current_attempt(state: RunState, event: e.AttemptEvent) -> bool:
    task = state.tasks[event.attempt.task]
    is_current_attempt = task.attempt is not None and task.attempt.id == event.attempt
    return is_current_attempt and is_legal_for_task(type(event), task.status)


def _is_in_lane(state: RunState, event: e.AttemptReturned) -> bool:
    attempt = state.tasks[event.attempt.task].attempt
    return _is_of_current_attempt(state, event) and attempt is not None and attempt.lane == event.lane


def _is_new_escape(state: RunState, event: e.AttemptEscaped) -> bool:
    attempt = state.tasks[event.attempt.task].attempt
    return _is_of_current_attempt(state, event) and attempt is not None and event.text not in attempt.escape


def _is_useful_notice(state: RunState, event: e.AttemptNoticed) -> bool:
    task = state.tasks[event.attempt.task]
    if task.attempt is None or task.attempt.notice == event.notice:
        return False
    # that a paused or ending attempt is silent is no news
    is_useful = task.status is TaskStatus.RUNNING or is_about_the_wait(event.notice or task.attempt.notice)
    return is_useful and _is_of_current_attempt(state, event)


def _is_news_of_the_call(state: RunState, event: e.AttemptWaits | e.AttemptAnswered) -> bool:
    attempt = state.tasks[event.attempt.task].attempt
    text = event.text if isinstance(event, e.AttemptWaits) else None
    return attempt is not None and attempt.call != text and _is_of_current_attempt(state, event)


def _is_asked_to_finish(state: RunState, event: e.FinishIgnored) -> bool:
    attempt = state.tasks[event.attempt.task].attempt
    return attempt is not None and attempt.is_finishing and _is_of_current_attempt(state, event)


def _is_auto_pause(state: RunState, event: e.AttemptPaused) -> bool:
    task = state.tasks[event.attempt.task]
    is_running = task.status is TaskStatus.RUNNING
    return bool(event.reason) and is_running and _is_of_current_attempt(state, event)


def _ends_auto_pause(state: RunState, event: e.AttemptResumed) -> bool:
    """Say whether it resumes what was paused for memory: what a person paused, only a person resumes."""
    attempt = state.tasks[event.attempt.task].attempt
    is_for_memory = attempt is not None and attempt.pause_cause is e.PauseCause.MEMORY
    return bool(event.reason) and is_for_memory and _is_of_current_attempt(state, event)


def _is_missing_candidate(state: RunState, event: e.CandidateBuilt | e.CandidateConflicted) -> bool:
    missing = train(state).missing
    if missing is None:
        return False
    return (missing.entry.task, missing.entry.head, missing.onto) == (event.task, event.head, event.onto)


def _is_legal(state: RunState, event: e.EntryEvent) -> bool:
    entry = state.entries.get(event.task)
    return entry is not None and is_legal_for_entry(type(event), entry.status)


def _is_about_worktree(state: RunState, event: e.WorktreeRemoved | e.WorktreeKept) -> bool:
    task = state.tasks[event.task]
    return not task.is_active and task.worktree_removed_at is None


def _is_on_tip(state: RunState, event: e.Landed) -> bool:
    is_head = _is_legal(state, event) and state.entries[event.task].head == event.head
    return is_head and event.onto == state.target.tip


def _is_first_proposal(state: RunState, event: e.ResolutionProposed) -> bool:
    entry = state.entries.get(event.task)
    if entry is None or not _is_legal(state, event):
        return False
    return (entry.head, entry.onto, entry.proposal) == (event.head, event.onto, None)


def _is_new_head(state: RunState, event: e.HeadMoved) -> bool:
    entry = state.entries.get(event.task)
    is_other = entry is not None and entry.takes_branch and entry.head != event.head
    return is_other and _is_legal(state, event)


def _is_wanted_probe(state: RunState, event: e.ProbeBuilt) -> bool:
    entry = state.entries.get(event.task)
    if entry is None or entry.head != event.head:
        return False
    is_missing = event.on_top_of is None and entry.probe(None) is None
    is_speculative = entry.status is EntryStatus.READY and is_missing
    return is_speculative or is_in_question(state, entry)


def _is_judgement_in_flight(state: RunState, event: e.JudgementEnded | e.JudgementDropped) -> bool:
    known = state.hypotheses.get(event.hypothesis)
    return known is not None and any(one.number == event.number for one in known.in_flight)


IS_CURRENT: Mapping[type[e.Event], Callable[[RunState, Any], bool]] = {
    e.TargetMoved: lambda state, event: event.tip != state.target.tip,
    e.SlotsChanged: _are_other_slots,
    e.MemoryMeasured: is_other_measurement,
    e.DiskMeasured: is_other_measurement,
    e.PlaceUp: is_news_of_place,
    e.PlaceSilent: is_news_of_place,
    e.PlaceGone: is_news_of_place,
    e.LeaseExpired: is_news_of_place,
    e.LostAttemptEnded: is_of_lost_attempt,
    e.LostWorkKept: is_of_lost_attempt,
    e.AgentLimited: lambda state, event: True,
    e.AgentReleased: lambda state, event: state.limit_of(event.agent) is not None,
    e.BudgetReached: lambda state, event: event.task is None or state.tasks[event.task].is_active,
    e.SharedInspected: lambda state, event: (
        (event.place, event.attempts) in ((place, attempts) for place, _, attempts in uninspected(state))
    ),
    e.PersonCalled: lambda state, event: True,
    e.Noticed: lambda state, event: event not in state.noticed,
    e.ConflictsPredicted: lambda state, event: event.pairs != state.predictions.pairs,
    e.WorktreeRemoved: _is_about_worktree,
    e.WorktreeKept: _is_about_worktree,
    e.AttemptStarted: _is_of_current_attempt,
    e.AttemptReturned: _is_in_lane,
    e.AttemptSucceeded: _is_of_current_attempt,
    e.AttemptFailed: _is_of_current_attempt,
    e.AttemptLimited: _is_of_current_attempt,
    e.AttemptStopped: _is_of_current_attempt,
    e.AttemptEscaped: _is_new_escape,
    e.AttemptNoticed: _is_useful_notice,
    e.AttemptWaits: _is_news_of_the_call,
    e.AttemptAnswered: _is_news_of_the_call,
    e.FinishIgnored: _is_asked_to_finish,
    e.AttemptPaused: _is_auto_pause,
    e.AttemptResumed: _ends_auto_pause,
    e.ValidationPassed: _is_in_flight,
    e.ValidationFailed: _is_in_flight,
    e.ValidationDropped: _is_in_flight,
    e.JudgementEnded: _is_judgement_in_flight,
    e.JudgementDropped: _is_judgement_in_flight,
    e.EvidenceKept: lambda state, event: is_evidence_due(state, event.hypothesis),
    e.CandidateBuilt: _is_missing_candidate,
    e.CandidateConflicted: _is_missing_candidate,
    e.ResolutionProposed: _is_first_proposal,
    e.ConflictResolved: _is_legal,
    e.ResolutionRefused: _is_legal,
    e.EntryFaulted: _is_legal,
    e.HeadMoved: _is_new_head,
    e.Landed: _is_on_tip,
    e.LandingBlocked: _is_legal,
    e.LandingUnblocked: _is_legal,
    e.LandingUndone: lambda state, event: (
        state.target.landed[-1:] == (event.task,) and state.target.tip == event.commit
    ),
    e.UndoRefused: _is_legal,
    e.ProbeBuilt: _is_wanted_probe,
    e.CulpritFound: lambda state, event: (
        event.task in state.entries and is_in_question(state, state.entries[event.task])
    ),
    e.AdHocValidationBuilt: ad_hoc_validation.is_awaited,
    e.AdHocValidationImpossible: ad_hoc_validation.is_awaited,
}
"""By what the world may report: whether it is still true. What is missing here is decided, never reported."""
