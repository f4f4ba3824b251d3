"""Facts about the run as a whole."""

from __future__ import annotations

from porch_tui.core.model.events.parts import Event, SoftOrder
from porch_tui.core.model.plan import Plan, RunId, Sha, TaskId


class RunOpened(Event, frozen=True):
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


class EngineTookOver(Event, frozen=True):
    """An engine took the lease of a run that an earlier one had opened."""

    pid: int
    host: str


class RunPaused(Event, frozen=True):
    """Nothing starts until the run is resumed, and validations stand still; attempts that run go on."""


class RunResumed(Event, frozen=True):
    """Attempts may start again, and validations go on."""


class EngineDismissed(Event, frozen=True):
    """The engine is to end as soon as no attempt runs; what is left to do waits for `porch resume`."""


class SlotsChanged(Event, frozen=True):
    """How many attempts run at once was changed: by a person, or by itself as the machine is busy or idle."""

    slots: int
    is_auto: bool = False
    """It adapts to the machine from now on; else it stays as it is."""
    is_held: bool = False
    """Nothing starts while anything runs, whatever the number."""
    reason: str = ""
    """Why, where it was not a person."""


class MemoryMeasured(Event, frozen=True):
    """What running tasks may declare together is another amount: others took memory, or gave it back."""

    memory_bytes: int


class DiskMeasured(Event, frozen=True):
    """No attempt starts for want of room on a disk, or there is room again."""

    why: str
    """What is free, and what a start needs; empty: there is room."""


class ValidateJobsChanged(Event, frozen=True):
    """* How many validations run at once was changed, by what they have used so far."""

    jobs: int
    why: str


class RedBaseAllowed(Event, frozen=True):
    """A person said to land what makes nothing worse although the base fails its validation."""


class CommandRefused(Event, frozen=True):
    """A command came to nothing; the ordinary answer, not an error."""

    command: str
    why: str


class Noticed(Event, frozen=True):
    """Something was seen that a person should know of, and by which nothing is decided."""

    text: str
    """A sentence by itself."""
    task: TaskId | None = None
    """Who did it, where that is known."""


class RunClosed(Event, frozen=True):
    """The run was ended for good; nothing is wanted any more."""


class TargetMoved(Event, frozen=True):
    """Somebody else moved the target."""

    tip: Sha
    tip_tree: Sha
    is_descendant: bool
    """False: history was rewritten (reset, force), and entries wait for a person."""
