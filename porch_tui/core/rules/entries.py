"""What a fact makes of one queue entry, by itself: the part of folding that looks at nothing else."""

from __future__ import annotations

from typing import assert_never

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.state import Probe, Proposal, QueueEntry, proposal_record


def changed(entry: QueueEntry, event: e.EntryEvent, at: float) -> QueueEntry:
    """Return the entry after the event; its status has been changed already. `at` is in seconds."""
    match event:
        case e.EntryQueued() | e.EntryMoved() | e.UndoRequested() | e.UndoRefused():
            return entry
        case e.EntryReleased():
            return replace(entry, reason="")
        case e.EntryHeld():
            return replace(_without_candidate(entry), reason=event.why)
        case e.CandidateBuilt() | e.CandidateConflicted() | e.HeadMoved():
            return _with_candidate(entry, event)
        case e.ResolutionProposed() | e.ProposalRefused() | e.ResolutionFailed():
            return _with_proposal(entry, event)
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
            return _begun_again(entry, isinstance(event, e.EntryRequeued) and event.takes_branch)
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
            return replace(
                entry,
                landed=event.commit,
                onto=event.onto,
                tree=event.tree,
                decided_at=at,
                reason="",
                conflicts=(),
            )
        case e.LandingUndone():
            return replace(_without_candidate(entry), landed=None, decided_at=at)
        case _:
            assert_never(event)


def _with_candidate(
    entry: QueueEntry, event: e.CandidateBuilt | e.CandidateConflicted | e.HeadMoved
) -> QueueEntry:
    match event:
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
            entry = replace(
                _without_candidate(entry), onto=event.onto, on_top_of=event.on_top_of, takes_branch=False
            )
            entry = replace(entry, resolved=(), resolved_by=(), proposal=None)
            return replace(entry, conflicts=event.paths, partners=event.partners, reason=event.text)
        case e.HeadMoved():
            return replace(entry, head=event.head, resolution=None, proposal=None, probes=())


def _with_proposal(
    entry: QueueEntry, event: e.ResolutionProposed | e.ProposalRefused | e.ResolutionFailed
) -> QueueEntry:
    match event:
        case e.ResolutionProposed():
            return replace(entry, proposal=Proposal(event.author, event.is_complete, event.why))
        case e.ProposalRefused():
            author = entry.proposal.author if entry.proposal else ""
            return replace(entry, proposal=Proposal(author, is_complete=False, why="refused"))
        case e.ResolutionFailed():
            author = entry.proposal.author if entry.proposal else ""
            entry = replace(entry, proposal=Proposal(author, is_complete=False, why=event.why))
            entry = replace(entry, conflicts=entry.resolved, partners=event.partners)
            entry = replace(entry, candidate=None, tree=None, resolution=None)
            return replace(entry, resolved=(), resolved_by=())


def _begun_again(entry: QueueEntry, takes_branch: bool) -> QueueEntry:
    entry = replace(_without_candidate(entry), conflicts=(), partners=(), reason="", decided_at=None)
    return replace(entry, probes=(), is_culprit_known=False, takes_branch=takes_branch, rank=None)


def _without_candidate(entry: QueueEntry) -> QueueEntry:
    return replace(entry, onto=None, built_onto=None, on_top_of=(), candidate=None, tree=None)
