"""Facts about the run, and what all events are made of."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from porch_tui.core.model.agent_report import AgentReport
from porch_tui.core.model.budget import Budget, Spent
from porch_tui.core.model.forecast import Predicted
from porch_tui.core.model.place import HERE, PlaceName
from porch_tui.core.model.plan import Plan, RunId, Sha, TaskId


class AttemptId(Struct, frozen=True, order=True):
    """One try at a task; the number is also the fence against late reports."""

    task: TaskId
    number: int
    """From 1."""

    def __str__(self) -> str:
        return f"{self.task}.{self.number}"


class FailureKind(StrEnum):
    """How an attempt failed, in the words of the plan page."""

    EXIT = "failed"
    CHECK = "check-failed"
    TIMEOUT = "timed-out"
    LOST = "lost"
    """The machine went down, or its shim was killed."""
    NOT_STARTED = "not-started"
    """Worktree, setup or program could not be made ready."""
    UNCOLLECTABLE = "uncollectable"
    """It ran well, but what it left could not be taken."""
    NO_CHANGE = "no-change"
    """An agent ended well without changing anything, and its task does not say that it may."""
    ASKED = "asked"
    """An agent changed nothing, and asked something that no one was there to answer."""
    AGENT = "agent-failed"
    """Its agent says that it failed, though it ended well."""
    ESCAPED = "escaped"
    """A check ended well, but wrote outside its worktree."""


_OF_WORK = frozenset(
    {FailureKind.EXIT, FailureKind.CHECK, FailureKind.TIMEOUT, FailureKind.NO_CHANGE, FailureKind.AGENT}
)


class Failure(Struct, frozen=True):
    """Why an attempt failed."""

    kind: FailureKind
    text: str
    """One line for a person: `exit 3`, `killed by SIGSEGV`, `timed out after 30m`."""
    exit_code: int | None = None
    is_setup: bool = False
    """It was the setup of its worktree that failed."""

    @property
    def is_of_work(self) -> bool:
        """Whether the work itself failed; other failures a plan cannot have expected."""
        return self.kind in _OF_WORK and not self.is_setup


class StepUsed(Struct, frozen=True):
    """What all steps of one kind took in an attempt, or a validation, in seconds."""

    name: str
    """`setup`, `run`, `check` or `validate`."""
    cpu_s: float
    wait_s: float
    """Without the time in which they were paused, or had no core although they could have used one."""
    width: float = 1.0
    """How many cores they kept busy, or would have, while they computed."""


class Used(Struct, frozen=True):
    """What an attempt, or a validation, used in all."""

    wall_s: float = 0.0
    paused_s: float = 0.0
    cpu_s: float = 0.0
    peak_rss_bytes: int = 0
    read_bytes: int = 0
    """From disks, as last sampled; 0 where the system does not count."""
    written_bytes: int = 0
    agent: AgentReport | None = None
    """What its agent says about it; None where porch does not read the output."""
    is_measured: bool = True
    """False: its work was not done by its own processes, so processor time and memory are not known."""
    steps: tuple[StepUsed, ...] = ()
    """By kind, as far as they were begun; empty where an earlier porch did not record it."""


class Feedback(Struct, frozen=True):
    """What the prompt of an agent's next attempt says about the previous one."""

    why: str = ""
    """Why it failed, was rejected or conflicts."""
    tree: Sha | None = None
    """The combined state that failed its validation, if that was it."""
    said: str = ""
    """What the person who retries it says."""
    is_edited: bool = False
    """A person has edited the prompt: the conversation so far was about another one."""


class PauseCause(StrEnum):
    """Why an attempt is paused automatically."""

    MEMORY = "memory"
    AGENT = "agent"
    """Its agent's account must wait."""
    BUDGET = "budget"
    """Its budget, or the run's, is used up: it continues only when a person has raised that."""


class SoftOrder(Struct, frozen=True):
    """`later` starts only when `earlier` is decided, because they say they write the same paths."""

    later: TaskId
    earlier: TaskId
    reason: str


class Event(Struct, frozen=True):
    """A fact. Subclasses are its kinds; `AnyEvent` lists them."""


class OfTask(Event, frozen=True):
    """A fact about a task, or its entry in the merge queue."""

    task: TaskId


class OfAttempt(Event, frozen=True):
    """A fact about one try at a task."""

    attempt: AttemptId


class OfTree(Event, frozen=True):
    """A fact about the `number`-th validation of a combined state."""

    tree: Sha
    number: int


class RunOpened(Event, frozen=True):
    """A run began: its plan, its options, and what was measured at the start."""

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
    predicted: Predicted | None = None
    """What was expected of it; None in runs of an earlier porch."""
    tools: tuple[str, ...] = ()
    """Of those that tasks need (`needs`): the ones that the engine's machine has."""


class EngineTookOver(Event, frozen=True):
    """An engine took the lease of a run that an earlier one had opened."""

    pid: int
    host: str


class RunPaused(Event, frozen=True):
    """Nothing starts until the run is resumed, and validations are frozen; running attempts continue."""


class RunResumed(Event, frozen=True):
    """Attempts may start again, and validations go on."""


class EngineDismissed(Event, frozen=True):
    """The engine ends as soon as no attempt runs; what is left to do waits for `porch resume`."""


class SlotsChanged(Event, frozen=True):
    """The number of slots changed: a person set it, or the machine was busy, idle or short of memory."""

    slots: int
    is_auto: bool = False
    """It adapts to the machine from now on; else it stays as it is."""
    starts_blocked: bool = False
    """Nothing starts while anything runs, whatever the number."""
    reason: str = ""
    """Why, where it was not a person."""


class MemoryMeasured(Event, frozen=True):
    """What running tasks may declare together is another amount: others took memory, or gave it back."""

    memory_bytes: int
    place: PlaceName = HERE
    short: str = ""
    """Of another machine: why nothing starts there while anything runs; empty: it has memory enough."""


class DiskMeasured(Event, frozen=True):
    """No attempt starts because a disk is nearly full, or there is room again."""

    why: str
    """What is free, and what a start needs; empty: there is room."""
    place: PlaceName = HERE


class AgentLimited(Event, frozen=True):
    """An agent said that its account must wait: until then none of its tasks starts."""

    agent: str
    text: str
    """What it said."""
    until: float | None = None
    """Seconds since the epoch, if it named a moment; else the wait grows from one limit to the next."""


class AgentReleased(Event, frozen=True):
    """The wait of an agent's account is over."""

    agent: str


class BudgetReached(Event, frozen=True):
    """A budget is used up: until a person raises it, what uses it is paused and nothing more of it starts."""

    task: TaskId | None
    """Whose budget; None: the run's."""
    spent: Spent
    """So far, with what its live attempts use."""


class BudgetRaised(Event, frozen=True):
    """A person raised a budget."""

    task: TaskId | None
    """Whose budget; None: the run's."""
    by: Budget


class ValidateJobsChanged(Event, frozen=True):
    """* How many validations run at once was changed, by what they have used so far."""

    jobs: int
    why: str


class RedBaseAllowed(Event, frozen=True):
    """A person allows landing what makes nothing worse although the base fails its validation."""


class CommandRefused(Event, frozen=True):
    """A command came to nothing; the ordinary answer, not an error."""

    command: str
    why: str


class Noticed(Event, frozen=True):
    """Something was seen that a person should know of, and by which nothing is decided."""

    text: str
    """A whole sentence."""
    task: TaskId | None = None
    """The task that did it, if known."""


class CallKind(StrEnum):
    """What a command calls a person for."""

    NEED = "need"
    """Something needs them."""
    END = "end"
    """Nothing more happens in the run without them."""


class PersonCalled(Event, frozen=True):
    """A person is called with the commands of the plan, or their own; written before these run, once each."""

    kind: CallKind
    keys: tuple[str, ...]
    """Of all that needs them at that moment; or of how the run has ended."""


class RunClosed(Event, frozen=True):
    """The run was ended for good."""


class TargetMoved(Event, frozen=True):
    """The target was moved by something other than porch."""

    tip: Sha
    tip_tree: Sha
    is_descendant: bool
    """False: history was rewritten (reset, force), and entries wait for a person."""


class SharedInspected(Event, frozen=True):
    """A worktree that checks share was compared with its commit, after the last of them had ended."""

    place: str
    """Its name."""
    attempts: int
    """How many had run in it by then."""
    changed: tuple[str, ...] = ()
    """Paths that are not as in the commit any more."""


RunEvent = (
    RunOpened
    | EngineTookOver
    | EngineDismissed
    | RunPaused
    | RunResumed
    | SlotsChanged
    | MemoryMeasured
    | DiskMeasured
    | RedBaseAllowed
    | CommandRefused
    | RunClosed
    | TargetMoved
    | SharedInspected
    | AgentLimited
    | AgentReleased
    | BudgetReached
    | BudgetRaised
    | ValidateJobsChanged
    | Noticed
    | PersonCalled
)
