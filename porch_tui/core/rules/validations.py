"""What a fact about a validation makes of the state: what is in flight, what is known, what it has cost."""

from __future__ import annotations

from typing import assert_never

from porch_tui.core.merge_queue import ad_hoc_validation
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.state import RunState, Validation, Verdict
from porch_tui.core.model.transitions import IllegalTransition


def validated(state: RunState, event: e.ValidationEvent, at: float) -> RunState:
    """Return the state after the event, `at` in seconds; IllegalTransition if it cannot follow."""
    if isinstance(event, e.ValidationScheduled):
        if event.tree in state.validations:
            raise IllegalTransition(f"tree {event.tree} is being validated already")
        flight = Validation(event.tree, event.number, event.commit, event.tasks, at, event.is_probe)
        numbers = {**state.validation_numbers, event.tree: event.number}
        return replace(
            state, validations={**state.validations, event.tree: flight}, validation_numbers=numbers
        )
    ended = state.validations.get(event.tree)
    if ended is None or ended.number != event.number:
        raise IllegalTransition(f"{type(event).__name__}: tree {event.tree} is not being validated")
    known = state.verdicts.get(event.tree)
    tries = known.tries + 1 if known else 1
    rest = {tree: kept for tree, kept in state.validations.items() if tree != event.tree}
    match event:
        case e.ValidationDropped():
            return replace(state, validations=rest)
        case e.ValidationStopped():
            told = ad_hoc_validation.judged(state, event.tree, ad_hoc_validation.STOPPED, event.number)
            return replace(state, validations=rest, ad_hoc_validations=told)
        case e.ValidationPassed():
            verdict = Verdict(True, tries, ended.tasks, is_probe=ended.is_probe)
        case e.ValidationFailed():
            verdict = Verdict(False, tries, ended.tasks, event.text, event.exit_code, ended.is_probe)
        case _:
            assert_never(event)
    before, used = state.validated, event.used
    sum_ = e.Used(before.wall_s + used.wall_s, before.paused_s + used.paused_s, before.cpu_s + used.cpu_s)
    # a probe is asked for by whoever wants to know: what the queue has seen pass stays so
    is_news = known is None or not (ended.is_probe and known.has_passed)
    verdicts = {**state.verdicts, event.tree: verdict} if is_news else state.verdicts
    told = ad_hoc_validation.judged(state, event.tree, verdict, event.number)
    return replace(state, validations=rest, verdicts=verdicts, validated=sum_, ad_hoc_validations=told)
