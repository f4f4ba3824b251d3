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
    known = state.validations
    if isinstance(event, e.ValidationScheduled):
        if event.tree in known.in_flight:
            raise IllegalTransition(f"tree {event.tree} is being validated already")
        flight = Validation(event.tree, event.number, event.commit, event.tasks, at, event.is_probe)
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
        known = replace(known, used=_sum(known.used, event.used))
        # a probe answers a question: what the queue has seen pass stays so
        if before is None or not (ended.is_probe and before.has_passed):
            known = replace(known, verdicts={**known.verdicts, event.tree: verdict})
    judged = ad_hoc_validation.judged(state, event.tree, verdict, event.number)
    return replace(state, validations=known, ad_hoc_validations=judged)


def _sum(before: e.Used, used: e.Used) -> e.Used:
    return e.Used(before.wall_s + used.wall_s, before.paused_s + used.paused_s, before.cpu_s + used.cpu_s)
