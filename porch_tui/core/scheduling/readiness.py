"""Why a task does not start yet, as values: readiness is their absence, `explain` is their words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from porch_tui.core.model.derived import once
from porch_tui.core.model.events import PauseCause
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.scheduling.budgets import exhausted, exhausted_for
from porch_tui.core.scheduling.judging import measured_now
from porch_tui.core.scheduling.progress import is_answered, is_decided, is_satisfied
from porch_tui.core.scheduling.shared import awaited_setup


class WaitKind(StrEnum):
    """What a pending task can wait for."""

    AFTER = "after"
    """Another task, or the winner of a hypothesis, must land first."""
    ORDER = "order"
    """Another task writes the same paths and goes first."""
    SETUP = "setup"
    """Another check sets up the worktree that it shares."""
    LOCK = "lock"
    CPUS = "cpus"
    MEMORY = "memory"
    SHORTAGE = "shortage"
    """A task is auto-paused until there is memory again."""
    DISK = "disk"
    AGENT = "agent"
    """Its agent's account has reached a limit of use."""
    MEASUREMENT = "measurement"
    """Theories are being measured, which others would disturb."""
    BUDGET = "budget"
    """Its budget, or the run's, is used up."""
    SLOT = "slot"
    PAUSED = "paused"


class Wait(Struct, frozen=True):
    """One reason why a task does not start now."""

    kind: WaitKind
    task: TaskId | None = None
    """The task it waits for, if it is one."""
    text: str = ""


class Taken(Struct, frozen=True):
    """What live attempts use, all together."""

    slots: int
    """Without those of attempts that are held: see `is_held`."""
    cpus: float
    memory_bytes: int
    locks: Mapping[str, TaskId]


@once("tasks", "specs")
def taken(state: RunState) -> Taken:
    """Return what live attempts use."""
    active = [state.specs[task] for task in state.active]
    return Taken(
        slots=sum(not is_held(state, task) for task in state.active),
        cpus=sum(spec.cpus or 0.0 for spec in active),
        memory_bytes=sum(spec.memory_bytes or 0 for spec in active),
        locks={lock: spec.id for spec in active for lock in spec.locks},
    )


def waits(state: RunState, spec: TaskSpec, held: Taken | None = None) -> Iterator[Wait]:
    """Yield what keeps a pending task from starting; nothing if it may start now.

    To ask for many tasks of one state, pass what is `taken`.
    """
    held = held or taken(state)
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
            yield Wait(WaitKind.LOCK, held.locks[lock], lock)
    # a task that wants more cores or memory than there are runs when no other uses any
    machine = state.machine
    if spec.cpus and held.cpus and held.cpus + spec.cpus > machine.cores:
        yield Wait(WaitKind.CPUS, text=f"{spec.cpus:g} of {machine.cores} cores; {held.cpus:g} are taken")
    total = held.memory_bytes + (spec.memory_bytes or 0)
    if spec.memory_bytes and held.memory_bytes and 0 < machine.memory_bytes < total:
        sizes = (spec.memory_bytes, machine.memory_bytes, held.memory_bytes)
        want, have, declared = (f"{size >> 20} MiB" for size in sizes)
        text = f"{want} of the {have} to be had; running tasks have declared {declared}"
        yield Wait(WaitKind.MEMORY, text=text)
    if paused := _auto_paused_tasks(state):
        yield Wait(WaitKind.SHORTAGE, paused[0], f"memory is short; first to go on: {', '.join(paused)}")
    if measured := measured_now(state):
        yield Wait(WaitKind.MEASUREMENT, text=measured)
    if machine.disk_short:
        yield Wait(WaitKind.DISK, text=f"waits for disk: {machine.disk_short}")
    if spec.agent and state.limit_of(spec.agent):
        yield Wait(WaitKind.AGENT, text=spec.agent)
    if exhausted(state, spec.id) or exhausted_for(state, spec):
        yield Wait(WaitKind.BUDGET)
    if not has_slot(state, held):
        text = (
            "the only slot is taken" if state.slots.count == 1 else f"all {state.slots.count} slots are taken"
        )
        if state.slots.starts_blocked:
            text = f"nothing starts while anything runs: {state.slots.reason}"
        yield Wait(WaitKind.SLOT, text=text)
    if state.is_paused:
        yield Wait(WaitKind.PAUSED, text="the run is paused")


@once("tasks", "specs")
def _auto_paused_tasks(state: RunState) -> tuple[TaskId, ...]:
    return tuple(
        task
        for task, attempt in state.active_attempts.items()
        if attempt.pause_cause is PauseCause.MEMORY and state.tasks[task].status is TaskStatus.PAUSED
    )


def is_held(state: RunState, task: TaskId) -> bool:
    """Say whether an attempt is paused for an account or a budget: for long, and others take its slot."""
    attempt = state.tasks[task].attempt
    causes = (PauseCause.AGENT, PauseCause.BUDGET)
    is_paused = state.tasks[task].status is TaskStatus.PAUSED
    return is_paused and attempt is not None and attempt.pause_cause in causes


def has_slot(state: RunState, held: Taken) -> bool:
    """Say whether one more attempt may run; when memory is short, only if no other does."""
    return held.slots < (1 if state.slots.starts_blocked else state.slots.count)


def is_ready(state: RunState, spec: TaskSpec, held: Taken | None = None) -> bool:
    """Say whether the task may start now."""
    return state.tasks[spec.id].status is TaskStatus.PENDING and next(waits(state, spec, held), None) is None


def only_passing_waits(state: RunState, spec: TaskSpec) -> bool:
    """Say whether a pending task waits only for a resumption, a disk or an account: the engine does, too."""
    if state.tasks[spec.id].status is not TaskStatus.PENDING:
        return False
    return all(wait.kind in (WaitKind.PAUSED, WaitKind.DISK, WaitKind.AGENT) for wait in waits(state, spec))


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
