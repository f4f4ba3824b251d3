"""Whether running a plan's tasks side by side pays.

It does if three tasks are substantial, or if it saves more than worktrees and merging cost; and never if it
saves next to nothing. Where that depends on how long guessed tasks take, no one can tell: then it is said
from which length of a task on it pays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from msgspec import Struct

from porch_tui.core.model.plan import Plan, TaskId
from porch_tui.core.model.wording import counted

SUBSTANTIAL = 10.0
"""A task is substantial if it takes this many times what one task costs porch."""
ENOUGH = 3
"""So many substantial tasks are worth running side by side."""
WORTH_IT = 1.1
"""And only what is this much faster: below it, one order of things is easier to follow."""
NOTICED_S = 1.0
"""What saves less than that is noticed by no one."""
SHORTEST_S, LONGEST_S = 0.01, 86_400.0
"""Between these the length is searched from which parallel pays."""
_HALVINGS = 10
"""They leave 2 % of doubt, and no run waits for more."""


class Mode(StrEnum):
    """How to run a plan."""

    PARALLEL = "parallel"
    SERIAL = "serial"
    CANNOT_TELL = "cannot-tell"
    """That depends on tasks of which nothing is known; they are run in parallel."""


class Forecast(Struct, frozen=True):
    """What the verdict rests on. Seconds."""

    serial_s: float
    parallel_s: float
    substantial: int
    """How many tasks take longer than `SUBSTANTIAL` times what one costs porch."""
    overhead_s: float
    """What all tasks together cost porch."""

    @property
    def pays(self) -> bool:
        """Whether side by side is worth it."""
        saved_s = self.serial_s - self.parallel_s
        if self.serial_s < WORTH_IT * self.parallel_s:
            return False
        return self.substantial >= ENOUGH or saved_s > max(self.overhead_s, NOTICED_S)


def structural(plan: Plan, waves: Sequence[Sequence[TaskId]], slots: int) -> str:
    """Return why nothing can run side by side whatever tasks take; empty if something can."""
    if len(plan.tasks) < 2:
        return "there is only one task" if plan.tasks else "there is no task"
    if max(map(len, waves)) < 2:
        return "each task comes after another: a chain has nothing to run side by side"
    if slots < 2:
        return "one slot runs one task at a time"
    return ""


def break_even_s(pays: Callable[[float], bool]) -> float | None:
    """Return from how many seconds of a task on parallel pays; None: it never does.

    `pays` says whether it does if each task takes so long.
    """
    low, high = SHORTEST_S, LONGEST_S
    if not pays(high):
        return None
    for _ in range(_HALVINGS):
        middle = (low * high) ** 0.5
        low, high = (low, middle) if pays(middle) else (middle, high)
    return high


def grounds(forecast: Forecast, task_s: float) -> tuple[str, ...]:
    """Return what the two rules say of a forecast; `task_s` is what one task costs porch."""
    saved_s = forecast.serial_s - forecast.parallel_s
    threshold_s = SUBSTANTIAL * task_s
    substantial = counted(forecast.substantial, "substantial task")
    compared = "more" if saved_s > max(forecast.overhead_s, NOTICED_S) else "not more"
    cost = f"the {forecast.overhead_s:.1f} s that worktrees and merging cost"
    if forecast.overhead_s < NOTICED_S:
        cost = f"{NOTICED_S:.0f} s; worktrees and merging cost {forecast.overhead_s:.1f} s"
    return (
        f"{substantial}, longer than {threshold_s:.1f} s; {ENOUGH} are enough",
        f"it saves {max(saved_s, 0):.1f} s, {compared} than {cost}",
    )
