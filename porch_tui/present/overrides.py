"""Where a person decided otherwise than porch would have, or the plan says: named as what it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.wording import counted
from porch_tui.present.budget_text import budget_words


class Override(Struct, frozen=True):
    """One decision of a person."""

    at_s: float
    """Since the run was opened."""
    task: TaskId | None
    """None: of the whole run."""
    text: str


def overrides(records: Sequence[e.Record]) -> tuple[Override, ...]:
    """Return what persons overrode in a run, in order. `records`: all of it, the opening first."""
    zero = records[0].at
    held: set[e.AttemptId] = set()
    """Attempts that are paused automatically."""
    found = []
    for record in records:
        event = record.event
        if isinstance(event, e.AttemptPaused) and event.reason:
            held.add(event.attempt)
        found += [Override(record.at - zero, task, text) for task, text in _said(event, held)]
        if isinstance(event, e.AttemptResumed):
            held.discard(event.attempt)
    return tuple(found)


def _said(event: e.AnyEvent, held: set[e.AttemptId]) -> Iterator[tuple[TaskId | None, str]]:
    match event:
        case e.RunOpened():
            if event.allow_red_base:
                yield None, "began although the base might fail its validation (--allow-red-base)"
            if event.is_fresh:
                yield None, "began without what earlier runs had found out about combined states (--fresh)"
        case e.RedBaseAllowed():
            yield None, "allowed landings although the base fails its validation"
        case e.EscapeAccepted():
            yield event.attempt.task, "accepted what it wrote outside its worktree"
        case e.BudgetRaised():
            yield event.task, f"raised {'its' if event.task else 'the'} budget by {budget_words(event.by)}"
        case e.SlotsChanged() if not event.reason and not event.starts_blocked:
            how = "left the slots to the machine" if event.is_auto else f"set {counted(event.slots, 'slot')}"
            yield None, how
        case e.EntryMoved():
            at = event.line.index(event.task)
            where = f"behind {event.line[at - 1]}" if at else "to the front"
            yield event.task, f"moved it {where} in the merge queue"
        case e.AttemptResumed() if not event.reason and event.attempt in held:
            yield event.attempt.task, "resumed it although it was paused automatically"
        case e.StopRequested() if event.kill_now:
            yield event.attempt.task, "killed it without any grace"
        case e.CollectionRequested():
            yield event.attempt.task, "had its work collected again"
        case _:
            return
