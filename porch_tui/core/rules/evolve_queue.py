"""Folds facts about the merge queue into state: entries, landings and validations."""

from __future__ import annotations

from typing import assert_never

from porch_tui.core.merge_queue import ad_hoc_validation
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import (
    Probe,
    Proposal,
    QueueEntry,
    RunState,
    TaskState,
    Validation,
    Verdict,
    proposal_record,
)
from porch_tui.core.model.transitions import IllegalTransition, next_entry_status


def evolve_entry(state: RunState, event: e.EntryEvent, at: float) -> RunState:
    before = state.entries.get(event.task)
    status = next_entry_status(event, before.status if before else None)
    assert status is not None  # only TaskRetried removes an entry, and it is folded elsewhere
    if isinstance(event, e.EntryQueued):
        return _at_the_end(state, QueueEntry(event.task, status, 0, event.head, queued_at=at), at)
    assert before is not None  # every other cell of the table has an entry to start from
    entry = changed(replace(before, status=status), event, at)
    match event:
        case e.HeadMoved():
            state = with_task(state, event.task, replace(state.tasks[event.task], head=event.head), at)
        case e.LandingUnblocked() | e.EntryRequeued():
            return _at_the_end(_to_be_judged_again(state, before), entry, at)
        case e.Landed():
            return _land(state, entry, event, at)
        case e.LandingUndone():
            return _take_back(state, entry, event, at)
        case e.EntryMoved():
            return _line_up(_with_entry(state, entry, at), event)
        case _:
            pass  # it changes the entry alone
    return _with_entry(state, entry, at)


def _line_up(state: RunState, event: e.EntryMoved) -> RunState:
    """Give everybody at the head of the line the place a person has put them in."""
    put = {
        task: replace(state.entries[task], rank=rank)
        for rank, task in enumerate(event.line)
        if task in state.entries
    }
    return replace(state, entries={**state.entries, **put})


def _land(state: RunState, entry: QueueEntry, event: e.Landed, at: float) -> RunState:
    target = state.target
    if event.onto != target.tip:
        raise IllegalTransition(f"{event.task} landed on {event.onto}, but the tip is {target.tip}")
    landed = (*target.landed, event.task)
    target = replace(target, tip=event.commit, tip_tree=event.tree, landed=landed)
    return replace(_with_entry(state, entry, at), target=target)


def _take_back(state: RunState, entry: QueueEntry, event: e.LandingUndone, at: float) -> RunState:
    target = state.target
    if event.commit != target.tip or target.landed[-1:] != (event.task,):
        raise IllegalTransition(f"{event.task} is undone, but its landing is not the tip {target.tip}")
    undone = (*target.undone, event.commit)
    target = replace(target, tip=event.onto, tip_tree=event.tree, landed=target.landed[:-1], undone=undone)
    return replace(_with_entry(state, entry, at), target=target)


def _to_be_judged_again(state: RunState, entry: QueueEntry) -> RunState:
    """Forget that a rejected entry's tree failed: requeued, it is validated again."""
    verdict = state.validations.verdicts.get(entry.tree) if entry.tree else None
    if verdict is None or verdict.has_passed:
        return state
    kept = {tree: known for tree, known in state.validations.verdicts.items() if tree != entry.tree}
    return replace(state, validations=replace(state.validations, verdicts=kept))


def _with_entry(state: RunState, entry: QueueEntry, at: float) -> RunState:
    return replace(state, entries={**state.entries, entry.task: entry}, changed_at=at)


def _at_the_end(state: RunState, entry: QueueEntry, at: float) -> RunState:
    """Return the state with an entry that has just arrived."""
    entry = replace(entry, place=state.next_place)
    return replace(_with_entry(state, entry, at), next_place=state.next_place + 1)


def changed(entry: QueueEntry, event: e.EntryEvent, at: float) -> QueueEntry:
    """Return the entry after the event; its status has been changed already. `at` is in seconds."""
    match event:
        case e.EntryQueued() | e.EntryMoved() | e.UndoRequested() | e.UndoRefused():
            return entry
        case e.EntryReleased():
            return replace(entry, reason="")
        case e.EntryHeld():
            return replace(_without_candidate(entry), reason=event.why)
        case e.CandidateBuilt():
            return replace(
                entry,
                onto=event.onto,
                built_onto=event.onto,
                on_top_of=event.on_top_of,
                takes_branch=False,
                candidate=event.candidate,
                tree=event.tree,
                resolved=event.resolved,
                resolved_by=event.resolved_by,
                conflicts=(),
                partners=(),
                reason="",
            )
        case e.CandidateConflicted():
            entry = replace(_without_candidate(entry), onto=event.onto, on_top_of=event.on_top_of)
            entry = replace(entry, takes_branch=False, resolved=(), resolved_by=(), proposal=None)
            return replace(entry, conflicts=event.paths, partners=event.partners, reason=event.text)
        case e.HeadMoved():
            return replace(entry, head=event.head, resolution=None, proposal=None, probes=())
        case e.ResolutionProposed():
            return replace(entry, proposal=Proposal(event.author, event.is_complete, event.why))
        case e.ProposalRefused():
            return replace(entry, proposal=_refused(entry, "refused"))
        case e.ResolutionFailed():
            entry = replace(entry, proposal=_refused(entry, event.why), partners=event.partners)
            entry = replace(entry, conflicts=entry.resolved, candidate=None, tree=None, resolution=None)
            return replace(entry, resolved=(), resolved_by=())
        case e.ResolutionGiven():
            return replace(entry, resolution=event.record)
        case e.ConflictResolved():
            return replace(_without_candidate(entry), conflicts=(), reason="")
        case e.ResolutionRefused():
            if entry.proposal is not None and entry.resolution == proposal_record(entry.task):
                entry = replace(entry, proposal=replace(entry.proposal, is_complete=False, why=event.why))
            return replace(entry, resolution=None, reason=event.why)
        case e.LandingBlocked():
            entry = replace(_without_candidate(entry), conflicts=event.paths, reason=event.why)
            return replace(entry, is_retried=event.is_retried)
        case e.LandingUnblocked() | e.EntryRequeued():
            takes_branch = isinstance(event, e.EntryRequeued) and event.takes_branch
            entry = replace(_without_candidate(entry), conflicts=(), partners=(), reason="", decided_at=None)
            return replace(entry, probes=(), is_culprit_known=False, takes_branch=takes_branch, rank=None)
        case e.NothingToLand():
            return replace(entry, decided_at=at)
        case e.EntryRejected():
            return replace(entry, partners=event.partners, reason=event.why, decided_at=at)
        case e.EntryFaulted():
            return replace(_without_candidate(entry), reason=event.why, decided_at=at)
        case e.EntryWithdrawn() | e.EntryValidationStopped():
            return replace(_without_candidate(entry), reason="", decided_at=at)
        case e.ProbeBuilt():
            return replace(entry, probes=(*entry.probes, Probe(event.on_top_of, event.commit, event.tree)))
        case e.CulpritFound():
            return replace(entry, partners=event.partners, reason=event.why, is_culprit_known=True)
        case e.Landed():
            # reported late, it may have a candidate by now that is not what landed
            candidate = entry.candidate if entry.tree == event.tree else None
            entry = replace(entry, landed=event.commit, onto=event.onto, tree=event.tree, decided_at=at)
            return replace(entry, candidate=candidate, reason="", conflicts=())
        case e.LandingUndone():
            return replace(_without_candidate(entry), landed=None, decided_at=at)
        case _:
            assert_never(event)


def _refused(entry: QueueEntry, why: str) -> Proposal:
    return Proposal(entry.proposal.author if entry.proposal else "", is_complete=False, why=why)


def _without_candidate(entry: QueueEntry) -> QueueEntry:
    return replace(entry, onto=None, built_onto=None, on_top_of=(), candidate=None, tree=None)


def evolve_validation(state: RunState, event: e.ValidationEvent, at: float) -> RunState:
    """Return the state after the event, `at` in seconds; IllegalTransition if it cannot follow."""
    known = state.validations
    if isinstance(event, e.ValidationScheduled):
        if event.tree in known.in_flight:
            raise IllegalTransition(f"tree {event.tree} is being validated already")
        boot = state.places[event.place].boot if event.place else ""
        where = event.is_probe, event.place, boot
        flight = Validation(event.tree, event.number, event.commit, event.tasks, at, *where)
        in_flight = {**known.in_flight, event.tree: flight}
        begun = {**known.begun, event.tree: event.number}
        return replace(state, validations=replace(known, in_flight=in_flight, begun=begun))
    ended = known.in_flight.get(event.tree)
    if ended is None or ended.number != event.number:
        raise IllegalTransition(f"{type(event).__name__}: tree {event.tree} is not being validated")
    before = known.verdicts.get(event.tree)
    tries = before.tries + 1 if before else 1
    known = replace(known, in_flight={tree: one for tree, one in known.in_flight.items() if one is not ended})
    match event:
        case e.ValidationDropped():
            return replace(state, validations=known)
        case e.ValidationStopped():
            verdict = ad_hoc_validation.STOPPED
        case e.ValidationPassed():
            verdict = Verdict(True, tries, ended.tasks, is_probe=ended.is_probe)
        case e.ValidationFailed():
            verdict = Verdict(False, tries, ended.tasks, event.text, event.exit_code, ended.is_probe)
        case _:
            assert_never(event)
    if not isinstance(event, e.ValidationStopped):
        so_far, used = known.used, event.used
        times = so_far.wall_s + used.wall_s, so_far.paused_s + used.paused_s, so_far.cpu_s + used.cpu_s
        known = replace(known, used=e.Used(*times))
        # a probe answers a question: what the queue has seen pass stays so
        if before is None or not (ended.is_probe and before.has_passed):
            known = replace(known, verdicts={**known.verdicts, event.tree: verdict})
    judged = ad_hoc_validation.judged(state, event.tree, verdict, event.number)
    return replace(state, validations=known, ad_hoc_validations=judged)


def with_task(state: RunState, task_id: TaskId, task: TaskState, at: float) -> RunState:
    """Return the state with one task changed."""
    return replace(state, tasks={**state.tasks, task_id: task}, changed_at=at)
