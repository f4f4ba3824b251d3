"""What a command that calls a person is given: the facts as JSON, and one line of text."""

from __future__ import annotations

from collections.abc import Sequence

from porch_tui.core.model.events import CallKind
from porch_tui.core.model.state import RunState
from porch_tui.present.clean import clean
from porch_tui.present.explain import Need
from porch_tui.present.needed import needed_line, progress
from porch_tui.present.outcome import all_is_well, in_words, outcome, results


def call_document(
    kind: CallKind, state: RunState, wanted: Sequence[Need], new: Sequence[Need]
) -> dict[str, object]:
    """Return the facts of a call; `new` are those of the needs that it is about.

    Documented in `porch help notifications`.
    """
    done = progress(results(state))
    return {
        "call": kind.value,
        "run": state.run,
        "plan": state.plan.name,
        "repository": state.root,
        "target": state.target.name,
        "text": call_line(kind, state, new),
        "done": done.done,
        "of": done.of,
        "is_well": all_is_well(state),
        "needs_you": [
            {
                "task": need.task,
                "outcome": outcome(state, need.task) if need.task else None,
                "waits": need.is_waiting,
                "why": need.why,
                "next": need.next,
                "new": need in new,
            }
            for need in wanted
        ],
    }


def call_line(kind: CallKind, state: RunState, new: Sequence[Need]) -> str:
    """Return a call in one line without control characters."""
    match kind:
        case CallKind.NEED:
            return needed_line(new)
        case CallKind.END:
            return clean(f"{state.plan.name}: {in_words(results(state))}")
