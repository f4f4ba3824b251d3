"""A machine of a few cores that are shared fairly, on which porch's core runs tasks that compute and wait.

Its clock only jumps, so what comes out depends on nothing that is at work here meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.slots import Reading, adapted, first_slots
from tests.builders import fold, opened, plan, settled, task, with_slots

STEP_S, TICK_S, SAMPLE_S = 0.01, 0.5, 1.0
BEGIN_CPU_S = 0.06
"""What it takes to make a worktree and start a shim in it."""
SMOOTHING = 0.3


@dataclass(frozen=True, slots=True)
class Load:
    """Tasks that are all alike: each computes and then waits, so many times."""

    tasks: int
    cpu_s: float
    wait_s: float
    times: int


LOADS = {
    "cpu": Load(12, 1.0, 0.0, 1),
    "mixed": Load(24, 0.1, 0.1, 10),
    "waiting": Load(24, 0.03, 0.3, 10),
    "long": Load(48, 0.03, 0.3, 60),
}
"""Those of the design's table, and one that takes minutes."""
FIXED = (1, 2, 3, 4, 6, 8, 12, 16, 24)


@dataclass(slots=True)
class Job:
    """A task on its way."""

    left: list[float]
    """Alternately processor time and time to wait, the next last."""
    is_computing: bool = True
    age_s: float = 0.0


class Machine:
    """Runs one plan to its end. `slots` is a fixed number, or None for one that adapts."""

    def __init__(self, load: Load, cores: int, slots: int | None) -> None:
        self.cores, self.load = cores, load
        names = [f"t{number:02}" for number in range(load.tasks)]
        first = slots or first_slots(load.tasks, cores)
        state = opened(
            plan(*[task(name, kind=Kind.CHECK) for name in names], validate=()), slots=first, cores=cores
        )
        self.state: RunState = with_slots(state, is_auto=slots is None, changed_at=state.opened_at)
        self.jobs: dict[TaskId, Job] = {}
        self.now_s = 0.0
        self.changes: list[int] = []
        self._idle_s = self._pressure = self._demand = 0.0
        self._samples: dict[TaskId, float] = {}

    def makespan_s(self) -> float:
        """Return the seconds until all tasks are done."""
        self._settle()
        while self.jobs:
            self._step()
            if self._is_time(SAMPLE_S):
                self._samples = {name: float(job.is_computing) for name, job in self.jobs.items()}
            if self._is_time(TICK_S):
                self._look()
        return self.now_s

    def _is_time(self, period_s: float) -> bool:
        return round(self.now_s / STEP_S) % round(period_s / STEP_S) == 0

    def _settle(self) -> None:
        self.state = settled(self.state)
        for name in self.state.active:
            if name not in self.jobs:
                turns = [self.load.wait_s, self.load.cpu_s] * self.load.times
                self.jobs[name] = Job([*turns, 0.0, BEGIN_CPU_S])
                attempt = self.state.tasks[name].attempt
                assert attempt is not None
                self._fold(e.AttemptStarted(attempt.id, pid=1))

    def _fold(self, event: e.AnyEvent) -> None:
        self.state = fold(self.state, event)

    def _step(self) -> None:
        self.now_s += STEP_S
        wanting = [job for job in self.jobs.values() if job.is_computing]
        share = min(1.0, self.cores / len(wanting)) if wanting else 0.0
        self._idle_s += STEP_S * (self.cores - share * len(wanting))
        self._pressure += (100.0 * (len(wanting) > self.cores) - self._pressure) * STEP_S / 10
        for name, job in list(self.jobs.items()):
            job.left[-1] -= STEP_S * (share if job.is_computing else 1.0)
            while job.left and job.left[-1] <= 1e-9:
                job.left.pop()
                job.is_computing = not job.is_computing
            if not job.left:
                self._end(name)

    def _end(self, name: TaskId) -> None:
        del self.jobs[name]
        attempt = self.state.tasks[name].attempt
        assert attempt is not None
        self._fold(e.AttemptSucceeded(attempt.id, head=attempt.base))
        self._settle()

    def _look(self) -> None:
        at, idle = self.state.opened_at + self.now_s, self._idle_s / (TICK_S * self.cores)
        demand = sum(self._samples.get(name, 1.0) for name in self.jobs)
        self._demand += SMOOTHING * (demand - self._demand) if self.now_s > TICK_S else demand
        self._idle_s = 0.0
        reading = Reading(at, idle, 0, 0, self._demand, self._pressure)
        offered = adapted(self.state, reading, {})
        if offered is not None:
            self.changes.append(offered.slots)
            self._fold(offered)
            self.state = with_slots(self.state, changed_at=at)
            self._settle()


def best_fixed_s(load: Load, cores: int) -> float:
    """Return how long the load takes with the best of the fixed numbers of slots."""
    return min(Machine(load, cores, slots).makespan_s() for slots in FIXED)
