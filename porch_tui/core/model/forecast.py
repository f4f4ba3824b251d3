"""What a run is expected to take: kept with it, so that it can be compared with what it took.

Times are seconds; what is a range is equal at both ends where nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from porch_tui.core.model.plan import HypothesisName, TaskId


class Work(Struct, frozen=True, array_like=True):
    """What commands do: seconds of processor time, and seconds in which they wait for something else."""

    cpu_s: float = 0.0
    wait_s: float = 0.0
    width: float = 1.0
    """How many cores it keeps busy while it computes."""

    @property
    def alone_s(self) -> float:
        """Seconds it takes where nothing else runs, and there are cores enough."""
        return self.cpu_s / self.width + self.wait_s

    def times(self, factor: float) -> Work:
        """Return what takes so many times as long."""
        return Work(self.cpu_s * factor, self.wait_s * factor, self.width)

    def lasting(self, seconds: float) -> Work:
        """Return what computes for the same share of its time, and takes so long alone."""
        return self.times(seconds / self.alone_s) if self.alone_s else Work(seconds)


class TaskTimes(Struct, frozen=True, array_like=True):
    """What a task takes once its worktree is there."""

    setup: Work = Work()
    run: Work = Work()
    checks: Work = Work()
    lands: bool = True
    """Whether it leaves something to land, as far as it is no check."""

    @property
    def alone_s(self) -> float:
        """Seconds it takes where nothing else runs."""
        return self.setup.alone_s + self.run.alone_s + self.checks.alone_s

    def lasting(self, seconds: float) -> TaskTimes:
        """Return the same steps, taking so long together."""
        if not self.alone_s:
            return TaskTimes(run=Work(seconds), lands=self.lands)
        factor = seconds / self.alone_s
        steps = self.setup.times(factor), self.run.times(factor), self.checks.times(factor)
        return TaskTimes(*steps, lands=self.lands)


class Costs(Struct, frozen=True):
    """What porch itself takes, in seconds."""

    worktree_s: float = 0.05
    """Creating a worktree and filling it."""
    copy_s: float = 0.0
    """Copying into it what the plan says."""
    start_s: float = 0.03
    """Starting an attempt and collecting what it leaves."""
    merge_s: float = 0.03
    """Building one candidate."""
    landing_s: float = 0.045
    """Moving the target, with the checkout that follows it."""
    link_s: float = 0.01
    """Each further task that lands with it."""
    validation_s: float = 0.04
    """Preparing a validation's worktree and starting it."""
    judgement_s: float = 0.04
    """Starting a judge in a worktree that is there, and reading what it found."""

    @property
    def task_s(self) -> float:
        """What one task takes besides its own work, validations apart."""
        return self.worktree_s + self.copy_s + self.start_s + self.merge_s + self.landing_s


class PredictedTask(Struct, frozen=True, array_like=True):
    """What is expected of one task. Moments count from the beginning of the run."""

    task: TaskId
    start_s: float
    done_s: float
    """When its work is on the target; a check's, when it ends well."""
    times: TaskTimes
    is_guess: bool = False


class Predicted(Struct, frozen=True):
    """What was expected of a run when it began."""

    verdict: str
    """`parallel`, `serial` or `cannot-tell`."""
    wall_s: float
    """As it was run; the next ones as it could have been."""
    range_s: tuple[float, float]
    serial_s: float
    parallel_s: float
    tasks: tuple[PredictedTask, ...]
    validation: Work = Work()
    validation_setup: Work = Work()
    costs: Costs = Costs()
    judges: Mapping[HypothesisName, Work] = {}
    """What judging once takes."""
    break_even_s: float | None = None
    best_slots: int | None = None
