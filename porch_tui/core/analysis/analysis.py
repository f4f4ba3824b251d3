"""Whether running a plan's tasks side by side pays, and what may run beside what.

Everything here is a projection from declared facts and guessed times; the
report tells afterwards how it came out. Times are seconds.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Mapping
from enum import StrEnum
from heapq import heappop, heappush

from msgspec import Struct, field

from porch_tui.core.analysis import graph
from porch_tui.core.analysis.pairs import pairs
from porch_tui.core.analysis.relations import Cause, Pair, Relation
from porch_tui.core.analysis.soft_orders import soft_orders
from porch_tui.core.model.events import SoftOrder
from porch_tui.core.model.plan import Plan, TaskId
from porch_tui.core.model.wording import counted

LANDING_S = 0.075
"""Git's share of merging and landing one task: 45 to 75 ms measured on repositories of up to 2,100 files."""

WORTH_IT = 1.1
"""Parallel must be at least this much faster: below it, one order of things is easier to follow."""


class Mode(StrEnum):
    """How to run a plan."""

    PARALLEL = "parallel"
    SERIAL = "serial"


class EstimateFrom(StrEnum):
    """Where a task's expected time comes from."""

    PLAN = "plan"
    HISTORY = "history"
    DEFAULT = "default"


class Machine(Struct, frozen=True):
    """What is known of where the plan will run."""

    slots: int
    worktree_s: float
    """Measured: making one worktree of this repository."""
    history: Mapping[TaskId, float]
    """Seconds that earlier runs of these tasks took."""
    cpu_s: Mapping[TaskId, float] = field(default_factory=dict)
    """Seconds of processor time they took."""
    cores: int | None = None
    validation_s: float | None = None
    """What the plan's validation last took; None: no run has found out, or the plan has none."""


class Times(Struct, frozen=True):
    """Predicted wall times."""

    serial_s: float
    """One task after the other in one worktree."""
    parallel_s: float
    """Side by side, overhead included."""
    overhead_s: float
    slots: int
    validation_s: float | None = None
    """One validation, which is in both; None: it is in neither."""
    not_counted: tuple[str, ...] = ()
    """What also takes time, without an estimate."""

    @property
    def speedup(self) -> float:
        """How many times faster parallel is; 1 where nothing is to do."""
        return self.serial_s / self.parallel_s if self.parallel_s else 1.0


class Analysis(Struct, frozen=True):
    """What `porch check` says."""

    estimates: Mapping[TaskId, tuple[float, EstimateFrom]]
    wave_of: Mapping[TaskId, int]
    """From 1."""
    waves: tuple[tuple[TaskId, ...], ...]
    pairs: tuple[Pair, ...]
    soft_orders: tuple[SoftOrder, ...]
    critical_path: tuple[TaskId, ...]
    times: Times
    mode: Mode
    reasons: tuple[str, ...]

    @property
    def cost(self) -> dict[TaskId, float]:
        """Expected seconds of each task."""
        return {task: seconds for task, (seconds, _) in self.estimates.items()}


def analyse(plan: Plan, machine: Machine) -> Analysis:
    """Return what is known about the plan before anything runs. The plan's `after` must be free of cycles."""
    estimates = _estimates(plan, machine.history)
    cost = {task: seconds for task, (seconds, _) in estimates.items()}
    related = pairs(plan)
    orders = soft_orders(plan, related, cost)
    waves = graph.waves(plan)
    each_s = machine.worktree_s + LANDING_S
    loaded = {task: seconds + each_s for task, seconds in cost.items()}
    # for as long all cores will be busy at least: no number of slots makes more of them
    busy_s = sum(machine.cpu_s.values()) / machine.cores if machine.cores else 0.0
    validation_s = machine.validation_s or 0.0
    times = Times(
        serial_s=sum(cost.values()) + validation_s,
        parallel_s=max(makespan(plan, loaded, machine.slots, orders), busy_s) + validation_s,
        overhead_s=each_s * len(plan.tasks),
        slots=machine.slots,
        validation_s=machine.validation_s,
        not_counted=tuple(_not_counted(plan, machine)),
    )
    mode, reasons = _verdict(plan, times, waves, related)
    return Analysis(
        estimates,
        {task: number for number, wave in enumerate(waves, 1) for task in wave},
        waves,
        related,
        orders,
        graph.critical_path(plan, cost),
        times,
        mode,
        reasons,
    )


def _estimates(plan: Plan, history: Mapping[TaskId, float]) -> dict[TaskId, tuple[float, EstimateFrom]]:
    """Return the expected seconds of each task; one without any estimate gets the median."""
    known = {spec.id: spec.estimate_s for spec in plan.tasks if spec.estimate_s is not None}
    known_s = sorted((known | dict(history)).values())
    middling_s = known_s[len(known_s) // 2] if known_s else graph.DEFAULT_ESTIMATE_S
    estimates: dict[TaskId, tuple[float, EstimateFrom]] = {}
    for spec in plan.tasks:
        estimates[spec.id] = (middling_s, EstimateFrom.DEFAULT)
        if spec.id in known:
            estimates[spec.id] = (known[spec.id], EstimateFrom.PLAN)
        if spec.id in history:
            estimates[spec.id] = (history[spec.id], EstimateFrom.HISTORY)
    return estimates


def _not_counted(plan: Plan, machine: Machine) -> Iterator[str]:
    """Yield what will take time as well, and is in no estimate.

    What earlier runs of a task took has its setup and its checks in it.
    """
    fresh = [spec for spec in plan.tasks if spec.id not in machine.history]
    if plan.has_validation and machine.validation_s is None:
        yield "validation, which no earlier run has timed"
    elif plan.has_validation:
        yield "validations after the first"
    if fresh and plan.setup:
        yield f"setup of {counted(len(fresh), 'task')}"
    if fresh and plan.copy:
        yield "copied files"
    if checked := sum(bool(spec.checks) for spec in fresh):
        yield f"checks of {counted(checked, 'task')}"
    timed = sum(spec.id in machine.cpu_s for spec in plan.tasks)
    if machine.cores is not None and timed < len(plan.tasks) and machine.slots > machine.cores:
        tasks, cores = counted(len(plan.tasks) - timed, "task"), counted(machine.cores, "core")
        yield f"that {tasks} may keep the {cores} busy: not measured yet"


def makespan(
    plan: Plan, cost: Mapping[TaskId, float], slots: int, orders: tuple[SoftOrder, ...] = ()
) -> float:
    """Return the seconds until the last task ends when as many as `slots` run at once.

    List scheduling as the engine does it: what is ready goes by priority, then
    by the longest chain behind it; locks and soft orders are kept.
    """
    waiting = _Waiting(plan, cost, orders)
    running: list[tuple[float, int]] = []
    now = 0.0
    while True:
        while len(running) < slots and (number := waiting.next_ready()) is not None:
            heappush(running, (now + cost[plan.tasks[number].id], number))
        if not running:
            return now
        now, ended = heappop(running)
        waiting.end(ended)


class _Waiting:
    """Tasks that wait for a slot, by their numbers in the plan."""

    def __init__(self, plan: Plan, cost: Mapping[TaskId, float], orders: tuple[SoftOrder, ...]) -> None:
        tail = graph.tails(plan, cost)
        place = {spec.id: number for number, spec in enumerate(plan.tasks)}
        self._locks = [spec.locks for spec in plan.tasks]
        self._rank = [(-spec.priority, -tail[spec.id], number) for number, spec in enumerate(plan.tasks)]
        ahead = [{place[earlier] for earlier in spec.after} for spec in plan.tasks]
        for order in orders:
            ahead[place[order.later]].add(place[order.earlier])
        self._missing = [len(earlier) for earlier in ahead]
        self._behind: list[list[int]] = [[] for _ in plan.tasks]
        for number, earlier in enumerate(ahead):
            for one in earlier:
                self._behind[one].append(number)
        self._held: set[str] = set()
        self._ready = [rank for rank, missing in zip(self._rank, self._missing, strict=True) if not missing]
        self._ready.sort()

    def next_ready(self) -> int | None:
        """Take the first task that may start, and its locks; None if none may."""
        for place, (_, _, number) in enumerate(self._ready):
            if self._held.isdisjoint(self._locks[number]):
                del self._ready[place]
                self._held.update(self._locks[number])
                return number
        return None

    def end(self, number: int) -> None:
        """Release a task's locks, and make ready what came after it."""
        self._held.difference_update(self._locks[number])
        for later in self._behind[number]:
            self._missing[later] -= 1
            if not self._missing[later]:
                insort(self._ready, self._rank[later])


def _verdict(
    plan: Plan, times: Times, waves: tuple[tuple[TaskId, ...], ...], related: tuple[Pair, ...]
) -> tuple[Mode, tuple[str, ...]]:
    width = max((len(wave) for wave in waves), default=0)
    if len(plan.tasks) < 2:
        return Mode.SERIAL, ("there is only one task",)
    if width < 2:
        return Mode.SERIAL, ("each task comes after another: a chain has nothing to run side by side",)
    if times.slots < 2:
        return Mode.SERIAL, ("one slot runs one task at a time",)
    forecast = f"{times.serial_s:.0f} s one by one, {times.parallel_s:.0f} s side by side"
    if times.speedup < WORTH_IT:
        why = f"worktrees and merging cost {times.overhead_s:.1f} s"
        return Mode.SERIAL, (f"it would gain next to nothing: {forecast}; {why}",)
    reasons = [f"{times.speedup:.1f} times faster: {forecast}", f"up to {width} tasks are ready at once"]
    conflicting = [pair for pair in related if pair.relation is Relation.CONFLICTING]
    for cause, text in CAUTIONS.items():
        if count := sum(pair.has(cause) for pair in conflicting):
            reasons.append(text.format(counted(count, "pair")))
    return Mode.PARALLEL, tuple(reasons)


CAUTIONS = {
    Cause.OVERLAP: "writing the same files: {}",
    Cause.READS: "reading what the other writes (consider after): {}",
    Cause.LOCK: "taking turns for a lock: {}",
    Cause.SHARED_STATE: "sharing state that worktrees do not separate (consider a lock): {}",
}
