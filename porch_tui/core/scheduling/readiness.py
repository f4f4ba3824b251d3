"""Why a task does not start yet, as values: readiness is their absence, `explain` is their words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from porch_tui.core.model.derived import once
from porch_tui.core.model.place import HERE
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.scheduling.budgets import exhausted, exhausted_for
from porch_tui.core.scheduling.judging import measured_now
from porch_tui.core.scheduling.placing import has_slot_at, place_for
from porch_tui.core.scheduling.progress import is_answered, is_decided, is_satisfied
from porch_tui.core.scheduling.shared import awaited_setup
from porch_tui.core.scheduling.taken import Taken, taken
from porch_tui.core.scheduling.waiting import Wait, WaitKind, slot_text, wait_for_place, waits_here


def waits(state: RunState, spec: TaskSpec, held: Taken | None = None) -> Iterator[Wait]:
    """Yield what keeps a pending task from starting; nothing if it may start now.

    To ask for many tasks of one state, pass what is `taken`.
    """
    held = held or taken(state)
    yield from _waits_for_others(state, spec, held)
    if not state.plan.places:
        yield from waits_here(state, spec, held)
    if measured := measured_now(state):
        yield Wait(WaitKind.MEASUREMENT, text=measured)
    if not state.plan.places and state.machine.disk_short:
        yield Wait(WaitKind.DISK, text=f"waits for disk: {state.machine.disk_short}")
    if spec.agent and state.limit_of(spec.agent):
        yield Wait(WaitKind.AGENT, text=spec.agent)
    if exhausted(state, spec.id) or exhausted_for(state, spec):
        yield Wait(WaitKind.BUDGET)
    if not state.plan.places and not has_slot_at(state, held, HERE):
        yield Wait(WaitKind.SLOT, text=slot_text(state))
    elif state.plan.places and place_for(state, spec, held) is None:
        yield wait_for_place(state, spec, held)
    if state.is_paused:
        yield Wait(WaitKind.PAUSED, text="the run is paused")


def _waits_for_others(state: RunState, spec: TaskSpec, held: Taken) -> Iterator[Wait]:
    for earlier in spec.after:
        if not is_satisfied(state, earlier):
            yield Wait(WaitKind.AFTER, earlier)
    for name in spec.after_hypotheses:
        if not is_answered(state, name):
            yield Wait(WaitKind.AFTER, text=name)
    for order in state.soft_orders.get(spec.id, ()):
        if not is_decided(state, order.earlier):
            yield Wait(WaitKind.ORDER, order.earlier, order.reason)
    if first := awaited_setup(state, spec):
        yield Wait(WaitKind.SETUP, first)
    for lock in spec.locks:
        if lock in held.locks:
            yield Wait(WaitKind.LOCK, held.locks[lock][-1], lock)


def is_ready(state: RunState, spec: TaskSpec, held: Taken | None = None) -> bool:
    """Say whether the task may start now."""
    held = held or taken(state)
    return (
        state.tasks[spec.id].status is TaskStatus.PENDING
        and not state.is_paused
        and next(_waits_for_others(state, spec, held), None) is None
        and measured_now(state) is None
        and not (spec.agent and state.limit_of(spec.agent))
        and not (exhausted(state, spec.id) or exhausted_for(state, spec))
        and place_for(state, spec, held) is not None
    )


def only_passing_waits(state: RunState, spec: TaskSpec) -> bool:
    """Say whether a pending task waits only for what the engine waits for, too.

    That is a resumption, a disk, an account or a place.
    """
    if state.tasks[spec.id].status is not TaskStatus.PENDING:
        return False
    passing = (WaitKind.PAUSED, WaitKind.DISK, WaitKind.AGENT, WaitKind.PLACE)
    return all(wait.kind in passing for wait in waits(state, spec))


def in_the_way_of(state: RunState, task_id: TaskId) -> tuple[TaskId, ...]:
    """Return the running or queued tasks that have changed what a pending task declares to write.

    They do not keep it from starting, but others go first: by then it may start from what they landed.
    """
    return tuple(task for task in partners(state).get(task_id, ()) if not is_decided(state, task))


@once("predictions")
def partners(state: RunState) -> Mapping[TaskId, tuple[TaskId, ...]]:
    """Return the tasks that each task is predicted to conflict with."""
    found: dict[TaskId, list[TaskId]] = {}
    for a, b in state.predictions.pairs:
        found.setdefault(a, []).append(b)
        found.setdefault(b, []).append(a)
    return {task: tuple(others) for task, others in found.items()}
