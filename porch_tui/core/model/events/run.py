"""Facts about the run, its tasks and their attempts, and what all events are made of."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from porch_tui.core.model.agent_report import AgentReport
from porch_tui.core.model.budget import Budget, Spent
from porch_tui.core.model.plan import Agent, CommandLine, Plan, RunId, Sha, TaskId, TaskSpec


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


class Failure(Struct, frozen=True):
    """Why an attempt failed."""

    kind: FailureKind
    text: str
    """One line for a person: `exit 3`, `killed by SIGSEGV`, `timed out after 30m`."""
    exit_code: int | None = None


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


class DiskMeasured(Event, frozen=True):
    """No attempt starts because a disk is nearly full, or there is room again."""

    why: str
    """What is free, and what a start needs; empty: there is room."""


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


class RunClosed(Event, frozen=True):
    """The run was ended for good."""


class TargetMoved(Event, frozen=True):
    """The target was moved by something other than porch."""

    tip: Sha
    tip_tree: Sha
    is_descendant: bool
    """False: history was rewritten (reset, force), and entries wait for a person."""


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
    | AgentLimited
    | AgentReleased
    | BudgetReached
    | BudgetRaised
    | ValidateJobsChanged
    | Noticed
)


class AttemptScheduled(OfAttempt, frozen=True):
    """* An attempt was given a slot and a base."""

    base: Sha
    slot: int
    keep_worktree: bool = False
    """In the worktree as the previous attempt left it; else it is reset to the base."""


class AttemptStarted(OfAttempt, frozen=True):
    """The attempt's process runs in its worktree."""

    pid: int | None
    """Of its shim; None where that runs in another place, in which our numbers mean others."""


class AttemptPaused(OfAttempt, frozen=True):
    """Its whole process tree is frozen, by a person or automatically."""

    reason: str = ""
    """Empty: a person did it."""
    what_for: PauseCause = PauseCause.MEMORY
    """Where it was not a person."""


class AttemptResumed(OfAttempt, frozen=True):
    """It continues: a person resumed it, or what it was paused for is over."""

    reason: str = ""
    """Empty: a person did it."""


class CollectionRequested(OfAttempt, frozen=True):
    """What it left could not be taken over; a person has seen to that: it is collected, not run, again."""


class AttemptNoticed(OfAttempt, frozen=True):
    """It is alive, and a person should know that it is silent, swells, or waits for something."""

    notice: str
    """Empty: all is well again."""
    advice: str = ""
    """What to type for it; empty: what one types to look at an attempt, or to stop it."""


class AttemptSucceeded(OfAttempt, frozen=True):
    """It exited 0, its checks passed, and what it left is on its branch."""

    head: Sha
    used: Used = Used()
    undeclared_paths: tuple[str, ...] = ()
    """Paths it wrote outside the ones it declared; empty if it declared none."""
    left_running: tuple[tuple[str, int], ...] = ()
    """What its commands left running and porch ended: names of processes, each with how many."""


class AttemptFailed(OfAttempt, frozen=True):
    """It ended, and not well."""

    failure: Failure
    used: Used = Used()
    leftover_ref: str = ""
    """The ref that keeps what it left uncommitted; empty: nothing was."""
    left_running: tuple[tuple[str, int], ...] = ()
    """As of one that succeeded."""


class AttemptLimited(OfAttempt, frozen=True):
    """It ended because its agent's account must wait: the task continues later, and has used no retry."""

    text: str
    used: Used = Used()
    left_running: tuple[tuple[str, int], ...] = ()
    """As of one that succeeded."""


class AttemptEscaped(OfAttempt, frozen=True):
    """It was at work outside its worktree, while files changed there."""

    text: str
    """Where, and what changed: the rest of a sentence that begins with its name."""


class EscapeAccepted(OfAttempt, frozen=True):
    """A person has looked at what the attempt wrote outside its worktree, and takes its work."""


class StopRequested(OfAttempt, frozen=True):
    """A person (or the end of a foreground run) stops it."""

    kill_now: bool = False
    """Without any grace."""


class AttemptStopped(OfAttempt, frozen=True):
    """It ended because it was stopped; none of its processes is left."""

    used: Used = Used()
    leftover_ref: str = ""
    """As of an attempt that failed."""


class PlanReloaded(Event, frozen=True):
    """A person had the run take over what has changed in its plan file."""

    changed: tuple[TaskSpec, ...]
    """Tasks that had not begun, as they are from now on."""
    added: tuple[TaskSpec, ...] = ()
    agents: tuple[Agent, ...] = ()
    """Those that are others from now on, or new."""


class TaskCancelled(OfTask, frozen=True):
    """A person took a task out before it began."""


class RevertAdded(Event, frozen=True):
    """A person takes a landing back: with one more task, at the end of the plan."""

    spec: TaskSpec


class TasksAdded(Event, frozen=True):
    """A person gave the run more tasks, at the end of its plan."""

    specs: tuple[TaskSpec, ...]
    agents: tuple[Agent, ...] = ()
    """Those that they use and the plan did not have."""


class WorktreeRemoved(OfTask, frozen=True):
    """The task has landed, and its worktree went to the pool or was deleted; its branch stays."""


class WorktreeKept(OfTask, frozen=True):
    """The task has landed, and its worktree stays although the plan says that it goes."""

    why: str
    """What it holds or who uses it."""


class TaskRetried(OfTask, frozen=True):
    """The task may run again: by its plan's `retries` (*), or because a person retried it."""

    is_automatic: bool
    keep_worktree: bool = False
    """In the worktree as the last attempt left it, from that one's base."""
    feedback: Feedback = Feedback()
    command: CommandLine = ()
    """What it runs from now on, as a person has edited it; empty: what it ran before."""
    prompt: str = ""
    """What its agent is asked from now on, if that was edited."""


class TaskApproved(OfTask, frozen=True):
    """A person has reviewed the task's work and lets it join the merge queue."""

    head: Sha
    """The commit that was looked at: what the last attempt left, or what is on the branch by now."""
    by: str
    """The person's name."""


TaskEvent = (
    RevertAdded
    | TasksAdded
    | PlanReloaded
    | TaskApproved
    | TaskCancelled
    | TaskRetried
    | WorktreeRemoved
    | WorktreeKept
)
AttemptEvent = (
    AttemptScheduled
    | AttemptStarted
    | AttemptPaused
    | AttemptResumed
    | AttemptNoticed
    | AttemptEscaped
    | EscapeAccepted
    | AttemptSucceeded
    | AttemptFailed
    | AttemptLimited
    | StopRequested
    | AttemptStopped
    | CollectionRequested
)
