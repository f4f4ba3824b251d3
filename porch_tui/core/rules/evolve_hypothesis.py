"""Folds facts about hypotheses into state: judgements, and what was decided by them."""

from __future__ import annotations

from typing import assert_never

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.hypothesis import HypothesisState, Judgement
from porch_tui.core.model.state import RunState
from porch_tui.core.model.transitions import IllegalTransition


def evolve_hypothesis(state: RunState, event: e.HypothesisEvent, at: float) -> RunState:
    """Return the state after an event of a hypothesis."""
    known = _changed(state.hypotheses[event.hypothesis], event, at)
    return replace(state, hypotheses={**state.hypotheses, event.hypothesis: known}, changed_at=at)


def _changed(known: HypothesisState, event: e.HypothesisEvent, at: float) -> HypothesisState:
    match event:
        case e.JudgementScheduled():
            one = Judgement(event.number, event.theory, event.head, at)
            return replace(known, judgements=(*known.judgements, one), begun=event.number, evidence=None)
        case e.JudgementEnded():
            one = _under_way(known, event)
            one = replace(one, ended_at=at, value=event.value, why=event.why, used=event.used)
            others = (one if each.number == event.number else each for each in known.judgements)
            return replace(known, judgements=tuple(others))
        case e.JudgementDropped():
            dropped = _under_way(known, event)
            return replace(known, judgements=tuple(one for one in known.judgements if one is not dropped))
        case e.HypothesisDecided():
            return replace(
                known, decided_at=at, winner=event.winner, why=event.why, by=event.by, evidence=None
            )
        case e.EvidenceKept():
            return replace(known, evidence={one.task: one for one in event.kept})
        case _:
            assert_never(event)


def _under_way(known: HypothesisState, event: e.JudgementEnded | e.JudgementDropped) -> Judgement:
    for one in known.in_flight:
        if one.number == event.number:
            return one
    raise IllegalTransition(f"{type(event).__name__} of judgement {event.number}, which is not under way")
