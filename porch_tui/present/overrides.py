"""Where a person decided otherwise than porch would have, or the plan says: named as what it was."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.wording import counted, listed
from porch_tui.present.budget_text import budget_words

OWN = "settle"
"""What causes that which porch decides itself."""
GIVEN_UP = "was given up: "
"""How the reason begins for which a person gives up an attempt that is out of reach."""


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
    rejected: set[TaskId] = set()
    winners: dict[str, TaskId | None] = {}
    """Of hypotheses, by their judges."""
    found = []
    for record in records:
        event = record.event
        if isinstance(event, e.AttemptPaused) and event.reason:
            held.add(event.attempt)
        if record.cause != OWN:
            said = (*_of_attempts(event, held), *_of_entries(event, rejected), *_of_run(event))
            found += [Override(record.at - zero, task, text) for task, text in said]
        match event:
            case e.HypothesisDecided() if event.hypothesis in winners:
                text = f"chose {event.winner or 'no theory'} instead of {winners[event.hypothesis]}"
                found.append(Override(record.at - zero, event.winner, f"{text} for {event.hypothesis}"))
            case e.HypothesisDecided() if not event.by:
                winners[event.hypothesis] = event.winner
            case e.AttemptResumed():
                held.discard(event.attempt)
            case e.EntryRejected():
                rejected.add(event.task)
            case e.EntryQueued() | e.EntryRequeued():
                rejected.discard(event.task)
            case _:
                pass
    return tuple(found)


def _of_run(event: e.AnyEvent) -> Iterator[tuple[TaskId | None, str]]:
    match event:
        case e.RunOpened():
            if event.allow_red_base:
                yield None, "began although the base might fail its validation (--allow-red-base)"
            if event.is_fresh:
                yield None, "began without what earlier runs had found out about combined states (--fresh)"
        case e.RedBaseAllowed():
            yield None, "allowed landings although the base fails its validation"
        case e.BudgetRaised():
            yield event.task, f"raised {'its' if event.task else 'the'} budget by {budget_words(event.by)}"
        case e.SlotsChanged() if not event.reason and not event.starts_blocked:
            how = "left the slots to the machine" if event.is_auto else f"set {counted(event.slots, 'slot')}"
            yield None, how
        case e.PlanReloaded():
            tasks = [one.id for one in (*event.changed, *event.added)]
            yield None, f"took over what had changed in the plan file: {listed(tasks) or 'agents'}"
        case _:
            return


def _of_entries(event: e.AnyEvent, rejected: Collection[TaskId]) -> Iterator[tuple[TaskId | None, str]]:
    match event:
        case e.EntryMoved():
            at = event.line.index(event.task)
            where = f"behind {event.line[at - 1]}" if at else "to the front"
            yield event.task, f"moved it {where} in the merge queue"
        case e.EntryWithdrawn():
            yield event.task, "took it out of the merge queue"
        case e.EntryValidationStopped():
            yield event.task, "stopped its validation, so that there is no verdict"
        case e.EntryRequeued() if event.takes_branch and event.task in rejected:
            yield event.task, "put it back into the merge queue although it was rejected"
        case e.LandingUndone():
            yield event.task, "took its landing back"
        case _:
            return


def _of_attempts(event: e.AnyEvent, held: Collection[e.AttemptId]) -> Iterator[tuple[TaskId | None, str]]:
    match event:
        case e.EscapeAccepted():
            yield event.attempt.task, "accepted what it wrote outside its worktree"
        case e.AttemptResumed() if not event.reason and event.attempt in held:
            yield event.attempt.task, "resumed it although it was paused automatically"
        case e.StopRequested():
            yield event.attempt.task, "killed it without any grace" if event.kill_now else "stopped it"
        case e.TaskCancelled() if not event.why:
            yield event.task, "took it out before it began"
        case e.AttemptLost() if event.why.startswith(GIVEN_UP):
            yield event.attempt.task, f"gave its attempt up: {event.why.removeprefix(GIVEN_UP)}"
        case e.CollectionRequested():
            yield event.attempt.task, "had its work collected again"
        case _:
            return
