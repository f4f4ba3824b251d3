"""What a person's command about the merge queue leads to: its entries, their order and their validations.

Whatever a task comes `after` has landed before the task begins. So no two
entries in the queue depend on each other, and any order of them keeps the plan's.
"""

from __future__ import annotations

from typing import assert_never

from porch_tui.core.merge_queue import ad_hoc_validation
from porch_tui.core.merge_queue.culprit import is_in_question, unknown
from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.merge_queue.train import landable
from porch_tui.core.merge_queue.undo import (
    is_needless,
    reverted,
    started_from_undone,
    why_it_stays_reverted,
)
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import QueueEntry, RunState, Validation
from porch_tui.core.model.status import DONE, NEEDS_ATTENTION, ON_TRAIN, EntryStatus, TaskStatus
from porch_tui.core.model.transitions import is_legal_for_entry
from porch_tui.core.model.wording import predicate
from porch_tui.core.scheduling.leases import is_out_of_reach
from porch_tui.core.scheduling.placing import is_on_another_machine

Answer = list[e.AnyEvent] | str
"""The events a command leads to, or why it leads to none."""


def requeue_withdraw_or_resolve(
    state: RunState, command: c.RequeueEntry | c.WithdrawEntry | c.ResolveConflict | c.RefuseProposal
) -> Answer:
    """Return what becomes of an entry that a person requeues, withdraws or resolves."""
    entry, task = state.entries.get(command.task), state.tasks[command.task]
    if entry is None and isinstance(command, c.RequeueEntry) and task.attempt and task.is_uncollected:
        if task.attempt.place and is_out_of_reach(state, task.attempt.place):
            return (
                f"what {command.task} left is on {task.attempt.place}, which is out of reach: requeue it when"
                f" that can be reached, or run the task again with porch retry {command.task}"
            )
        if is_on_another_machine(state, task.attempt):
            return (
                f"what {command.task} left is on another machine than the one {task.attempt.place} leads to"
                f" now: requeue it when it leads there again, or run it again with porch retry {command.task}"
            )
        return [e.CollectionRequested(task.attempt.id)]
    if entry is None:
        more = ": it has failed; retry runs it again" if task.status is TaskStatus.FAILED else ""
        if awaits_review(state, command.task):
            more = f": it waits for your review; porch approve {command.task} queues it"
        return f"{command.task} is not in the merge queue{more}"
    match command:
        case c.RequeueEntry() if command.task in reverted(state):
            return why_it_stays_reverted(state, command.task)
        case c.RequeueEntry() if entry.status in NEEDS_ATTENTION:
            if is_needless(state, command.task):
                return f"what {command.task} would take back is no longer on {state.target.name}"
            if started_from_undone(state, command.task):
                return f"{command.task} started from a landing that has been undone; retry it instead"
            return [e.EntryRequeued(command.task, takes_branch=True)]
        case c.WithdrawEntry() if _is_landing(state, command.task):
            return landing_now(command.task)
        case c.WithdrawEntry() if is_legal_for_entry(e.EntryWithdrawn, entry.status):
            return [e.EntryWithdrawn(command.task)]
        case c.ResolveConflict() if entry.status is EntryStatus.CONFLICTED:
            return [e.ResolutionGiven(command.task, command.record)]
        case c.RefuseProposal() if entry.status is EntryStatus.CONFLICTED:
            if state.plan.resolver is None:
                return "the plan has no resolver, so nothing is proposed"
            return [e.ProposalRefused(command.task)]
        case _:
            return f"{command.task} {predicate(entry.status)}"


def landing_now(task: TaskId) -> str:
    """Return why nothing can be done about an entry that is about to land."""
    return f"{task} is landing this very moment"


def _is_landing(state: RunState, task: TaskId) -> bool:
    return any(entry.task == task for entry in landable(state))


def hold_release_or_move(state: RunState, command: c.HoldEntry | c.ReleaseEntry | c.MoveEntry) -> Answer:
    """Return what holds an entry, releases it or changes its place in the queue."""
    entry, task = state.entries.get(command.task), state.tasks[command.task]
    is_held = entry is not None and entry.status is EntryStatus.HELD
    match command:
        case c.ReleaseEntry() if task.attempt and task.attempt.escape and task.status is TaskStatus.SUCCEEDED:
            accepted: list[e.AnyEvent] = [e.EscapeAccepted(task.attempt.id)]
            return [*accepted, e.EntryReleased(command.task)] if is_held else accepted
        case _ if entry is None:
            return f"{command.task} {predicate(task.status)} and is not in the merge queue"
        case c.ReleaseEntry() if is_held:
            return [e.EntryReleased(command.task)]
        case c.ReleaseEntry():
            return f"{command.task} is not held; it {predicate(entry.status)}"
        case c.HoldEntry() if is_held:
            return f"{command.task} is held already"
        case c.HoldEntry():
            return _why_not_movable(state, entry) or [e.EntryHeld(command.task)]
        case c.MoveEntry():
            if why := _why_not_movable(state, entry) or _why_not_moved(state, command):
                return why
            # The head of the queue as the move leaves it, as far as a person has ever moved an entry: behind
            # it the queue's own rules apply, so that an urgent late arrival can still overtake.
            order = _order_after(state, command)
            moved = {one.task for one in in_order(state) if one.rank is not None} | {command.task}
            head = order[: 1 + max(order.index(task) for task in moved)]
            return [e.EntryMoved(command.task, tuple(head))]
        case _:
            assert_never(command)


def _why_not_movable(state: RunState, entry: QueueEntry) -> str | None:
    if entry.status is EntryStatus.HELD:
        return f"{entry.task} is held; release it first"
    if entry.status not in ON_TRAIN:
        return f"{entry.task} {predicate(entry.status)}, so nothing is about to merge it"
    return landing_now(entry.task) if _is_landing(state, entry.task) else None


def _why_not_moved(state: RunState, command: c.MoveEntry) -> str | None:
    if command.to is c.Spot.BEFORE:
        if command.other == command.task:
            return f"{command.task} cannot go before itself"
        other = state.entries.get(command.other) if command.other else None
        if other is None or other.status not in ON_TRAIN:
            return f"{command.other} is not queued for {state.target.name}"
    order, before = _order_after(state, command), [one.task for one in in_order(state)]
    if order == before:
        return f"{command.task} is there already"
    # an entry that is validated again beside the train may be ahead of what lands: it does not delay it
    for lands in reversed(landable(state)):
        was_behind = before.index(lands.task) < before.index(command.task)
        if was_behind and order.index(command.task) < order.index(lands.task):
            return f"{landing_now(lands.task)}, and {command.task} cannot go before it"
    return None


def _order_after(state: RunState, command: c.MoveEntry) -> list[TaskId]:
    """Return the whole queue, the entry where the command says."""
    rest = [entry.task for entry in in_order(state) if entry.task != command.task]
    match command.to:
        case c.Spot.FIRST:
            at = 0
        case c.Spot.LAST:
            at = len(rest)
        case c.Spot.BEFORE:
            at = rest.index(command.other) if command.other in rest else len(rest)
    return [*rest[:at], command.task, *rest[at:]]


def validate(state: RunState, command: c.ValidateEntry) -> Answer:
    """Return the ad-hoc validation that a person asks for."""
    unknown_task = next((task for task in command.on_top_of if task not in state.tasks), None)
    if unknown_task is not None:
        return f"the run has no task {unknown_task!r}"
    why = ad_hoc_validation.why_not(state, command.task, command.on_top_of)
    if why is not None:
        return why
    heads = ad_hoc_validation.heads(state, (*command.on_top_of, command.task))
    return [e.AdHocValidationRequested(command.task, command.on_top_of, heads)]


def stop_validation(state: RunState, task: TaskId) -> Answer:
    """Return what stops every validation that covers the task's work.

    There is no verdict, so no one is blamed and nothing lands by it. The validation would begin again at
    once if nothing else changed: so the entry leaves the queue until a person requeues it. What was
    validated together with it continues without it.
    """
    entry = state.entries.get(task)
    asked_for = {prefix.tree for prefix in ad_hoc_validation.unjudged(state)}
    # what has landed is no longer judged by validations that were begun to judge it with others
    is_landed = entry is not None and entry.status in DONE
    covering = (flight for flight in state.validations.in_flight.values() if task in flight.tasks)
    flights = [flight for flight in covering if not is_landed or flight.tree in asked_for]
    if not flights or entry is None:
        is_target = any(not flight.tasks for flight in state.validations.in_flight.values())
        more = f", but {state.target.name} itself is; without TASK that is stopped" if is_target else ""
        return f"{task} is not being validated{more}"
    if entry in landable(state):
        return landing_now(task)
    stopped: list[e.AnyEvent] = [_stopped(flight) for flight in flights]
    if all(flight.is_probe and flight.tree in asked_for for flight in flights):
        return stopped  # what the queue needs to know is another matter
    if entry.status in ON_TRAIN:
        return [*stopped, e.EntryValidationStopped(task)]
    return [*stopped, unknown(state, task)] if is_in_question(state, entry) else stopped


def stop_validations(state: RunState) -> Answer:
    """Return what stops all validations, and pauses the run, which would begin them again."""
    if not state.validations.in_flight:
        return "nothing is being validated"
    pause: list[e.AnyEvent] = [] if state.is_paused else [e.RunPaused()]
    return [*pause, *(_stopped(flight) for flight in state.validations.in_flight.values())]


def _stopped(flight: Validation) -> e.ValidationStopped:
    return e.ValidationStopped(flight.tree, flight.number)
