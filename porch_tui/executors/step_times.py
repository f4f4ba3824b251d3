"""What the steps of an attempt took, without what other processes made them wait for."""

from __future__ import annotations

from collections.abc import Iterator

from porch_tui.core.model.events import StepUsed
from porch_tui.process import liveness


def steps_used(exit_: liveness.Exit) -> tuple[StepUsed, ...]:
    """Return what the steps of each name took, in the order they began; none if an earlier porch ran them."""
    names = dict.fromkeys(step.name for step in exit_.steps if step.cpu_s is not None)
    return tuple(_used(name, (step for step in exit_.steps if step.name == name)) for name in names)


def _used(name: str, steps: Iterator[liveness.StepExit]) -> StepUsed:
    cpu_s = wait_s = busy_s = wanted_s = 0.0
    for step in steps:
        active_s = max(0.0, step.wall_s - step.paused_s)
        runnable_s = (step.cpu_s or 0.0) + step.delay_s
        cpu_s += step.cpu_s or 0.0
        wanted_s += runnable_s
        busy_s += min(runnable_s, active_s)
        wait_s += max(0.0, active_s - runnable_s)
    width = max(1.0, wanted_s / busy_s) if busy_s else 1.0
    return StepUsed(name, round(cpu_s, 4), round(wait_s, 4), round(width, 2))
