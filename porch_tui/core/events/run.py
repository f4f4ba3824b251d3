"""Facts about the run as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from porch_tui.core.events.parts import Event, SoftOrder
from porch_tui.core.plan import Plan, RunId, Sha, TaskId


@dataclass(frozen=True, slots=True)
class RunOpened(Event):
    """A run began: everything it was told and found out at the start."""

    run: RunId
    plan: Plan
    plan_path: str
    root: str
    """Absolute path of the main worktree."""
    target: str
    base: Sha
    base_tree: Sha
    tip: Sha
    tip_tree: Sha
    slots: int
    slots_reason: str
    validate_jobs: int
    cores: int
    memory_bytes: int
    estimates: tuple[tuple[TaskId, float], ...] = ()
    """Expected seconds of each task, from the plan or from earlier runs."""
    soft_orders: tuple[SoftOrder, ...] = ()
    allow_red_base: bool = False
    is_fresh: bool = False
    """True: what earlier runs found out about combined states is not believed."""
    verdict: str = ""
    """Why it runs parallel or serial, one sentence."""
    is_slots_auto: bool = False
    """The number of slots adapts to the machine."""


@dataclass(frozen=True, slots=True)
class EngineTookOver(Event):
    """An engine took the lease of a run that an earlier one had opened."""

    pid: int
    host: str


@dataclass(frozen=True, slots=True)
class RunPaused(Event):
    """Nothing starts until the run is resumed, and validations stand still; attempts that run go on."""


@dataclass(frozen=True, slots=True)
class RunResumed(Event):
    """Attempts may start again, and validations go on."""


@dataclass(frozen=True, slots=True)
class EngineDismissed(Event):
    """The engine is to end as soon as no attempt runs; what is left to do waits for `porch resume`."""


@dataclass(frozen=True, slots=True)
class SlotsChanged(Event):
    """How many attempts run at once was changed: by a person, or by itself as the machine is busy or idle."""

    slots: int
    is_auto: bool = False
    """It adapts to the machine from now on; else it stays as it is."""
    is_held: bool = False
    """Nothing starts while anything runs, whatever the number."""
    reason: str = ""
    """Why, where it was not a person."""


@dataclass(frozen=True, slots=True)
class MemoryMeasured(Event):
    """What running tasks may declare together is another amount: others took memory, or gave it back."""

    memory_bytes: int


@dataclass(frozen=True, slots=True)
class DiskMeasured(Event):
    """No attempt starts for want of room on a disk, or there is room again."""

    why: str
    """What is free, and what a start needs; empty: there is room."""


@dataclass(frozen=True, slots=True)
class ValidateJobsChanged(Event):
    """* How many validations run at once was changed, by what they have used so far."""

    jobs: int
    why: str


@dataclass(frozen=True, slots=True)
class RedBaseAllowed(Event):
    """A person said to land what makes nothing worse although the base fails its validation."""


@dataclass(frozen=True, slots=True)
class CommandRefused(Event):
    """A command came to nothing; the ordinary answer, not an error."""

    command: str
    why: str


@dataclass(frozen=True, slots=True)
class Noticed(Event):
    """Something was seen that a person should know of, and by which nothing is decided."""

    text: str
    """A sentence by itself."""
    task: TaskId | None = None
    """Who did it, where that is known."""


@dataclass(frozen=True, slots=True)
class RunClosed(Event):
    """The run was ended for good; nothing is wanted any more."""


@dataclass(frozen=True, slots=True)
class TargetMoved(Event):
    """Somebody else moved the target."""

    tip: Sha
    tip_tree: Sha
    is_descendant: bool
    """False: history was rewritten (reset, force), and entries wait for a person."""
