"""What is true of a run, as one immutable value: what the journal folds to, and nothing else.

Anyone may hold a RunState as long as they like. What can be derived (readiness,
the train, what is being merged or landed, the outcome) is not stored here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from porch_tui.core.model.budget import Account
from porch_tui.core.model.derived import once
from porch_tui.core.model.events import (
    AttemptId,
    Failure,
    FailureKind,
    Feedback,
    Noticed,
    PauseCause,
    SoftOrder,
    Used,
)
from porch_tui.core.model.hypothesis import HypothesisState
from porch_tui.core.model.index import index
from porch_tui.core.model.place import HERE, PlaceName, PlaceState
from porch_tui.core.model.plan import HypothesisName, LaneName, Plan, RunId, Sha, TaskId, TaskSpec
from porch_tui.core.model.status import ACTIVE, EntryStatus, TaskStatus


class Attempt(Struct, frozen=True):
    """One try at a task, as far as it has come."""

    id: AttemptId
    base: Sha
    slot: int
    scheduled_at: float
    """Seconds since the epoch, as all `_at` fields."""
    started_at: float | None = None
    ended_at: float | None = None
    pid: int | None = None
    failure: Failure | None = None
    used: Used | None = None
    undeclared_paths: tuple[str, ...] = ()
    keep_worktree: bool = False
    """In the worktree as the previous attempt left it."""
    kill_now: bool = False
    """It is killed without a grace period."""
    notice: str = ""
    """What a person should know of it while it is alive."""
    notice_advice: str = ""
    """What to type for that; empty: what one types to look at an attempt, or to stop it."""
    auto_pause_reason: str = ""
    """Why it was paused automatically, while it is; empty: it is not, or a person has paused it."""
    pause_cause: PauseCause | None = None
    """The same, for rules."""
    paused_at: float | None = None
    """Since when it is paused; None: it is not."""
    paused_s: float = 0.0
    """How long it was paused before."""
    call: str | None = None
    """What it said when it called a person who has not answered yet, cleaned; None: it has not called."""
    waits_since: float | None = None
    """Since when it waits for that person; None: it does not. Paused, it waits for no answer."""
    waited_s: float = 0.0
    """How long it waited for persons before."""
    is_finishing: bool = False
    """A person has asked that the command in its terminal ends."""
    is_exempt: bool = False
    """A person has resumed it from an automatic pause: it is not paused automatically again."""
    leftover_ref: str = ""
    """The ref that keeps what it left uncommitted when it failed or was stopped; empty: nothing was."""
    collections: int = 0
    """How often a person has asked to take over what it left, after that could not be done."""
    left_running: tuple[tuple[str, int], ...] = ()
    """What its commands left running and porch ended: names of processes, each with how many."""
    feedback: Feedback = Feedback()
    """What its prompt says about the previous attempt."""
    limit: str = ""
    """What its agent said when its account had to wait, if that ended it."""
    escape: str = ""
    """Where it wrote outside its worktree, as long as no person has accepted that."""
    place: PlaceName = HERE
    """Where it runs."""
    lane: LaneName = LaneName("")
    """The lane in which it runs after others in the same slot; empty: it has the slot for itself."""
    boot: str = ""
    """Of the machine there, when it was given to that."""
    lost_because: str = ""
    """Why it counts as lost; empty: it does not."""
    lost_end: str = ""
    """How it has ended after all, if it counts as lost."""
    lost_head: Sha | None = None
    """What it left then, and is not kept yet."""


class Approval(Struct, frozen=True):
    """Who let a task's work join the merge queue, and when."""

    by: str
    at: float


class TaskState(Struct, frozen=True):
    """The status of a task, and its attempts."""

    status: TaskStatus = TaskStatus.PENDING
    attempts: tuple[Attempt, ...] = ()
    head: Sha | None = None
    """What its last successful attempt left on its branch, or what a person has approved since."""
    approval: Approval | None = None
    """Of that; None: it needs none, or waits for it."""
    keep_worktree: bool = False
    """The next attempt keeps the worktree as the last one left it."""
    feedback: Feedback = Feedback()
    """For the next attempt."""
    retries_used: int = 0
    """Automatic retries since it was last begun by a person."""
    worktree_removed_at: float | None = None
    """When its worktree was removed, as it had landed, or given to another check; None: it was not, or there
    is another one."""
    worktree_kept: str = ""
    """Why its worktree was not removed although it has landed; empty: nothing kept it."""
    cancelled_because: str = ""
    """Why it was last taken out automatically; a person who retries it wants it all the same."""
    added_at: float | None = None
    """When a person gave it to the run; None: its plan had it when it began."""
    account: Account = Account()
    """Of its budget."""

    @property
    def attempt(self) -> Attempt | None:
        """The present attempt, or the last one."""
        return self.attempts[-1] if self.attempts else None

    @property
    def is_uncollected(self) -> bool:
        """Whether it has done its work, and only taking that over has failed."""
        last = self.attempts[-1].failure if self.attempts else None
        is_so = last is not None and last.kind is FailureKind.UNCOLLECTABLE
        return is_so and self.status is TaskStatus.FAILED

    @property
    def begun_at(self) -> float:
        """When its worktree was last reset to a base: an attempt that keeps it has seen nothing newer."""
        return next((each.scheduled_at for each in reversed(self.attempts) if not each.keep_worktree), 0.0)

    @property
    def waits(self) -> str | None:
        """What its attempt waits for a person with, empty if it does not say; None: it waits for no one."""
        attempt = self.attempt
        return attempt.call if attempt is not None and attempt.waits_since is not None else None

    @property
    def is_active(self) -> bool:
        """Whether an attempt is alive or about to be."""
        return self.status in ACTIVE


class Probe(Struct, frozen=True):
    """A state that shows whether an entry passes alone, or what it fails with; it is on no train."""

    on_top_of: TaskId | None
    """The last task landed below it; None: the head as it is."""
    commit: Sha
    tree: Sha


class Proposal(Struct, frozen=True):
    """What came of asking the resolver about an entry's conflict."""

    author: str
    is_complete: bool
    why: str = ""


def own_record(task: TaskId) -> str:
    """Return how commands and events name what a person has decided about a task's conflict."""
    return f"{task}.json"


def proposal_record(task: TaskId) -> str:
    """Return how a ResolutionGiven names what was proposed for a task, and no person's record."""
    return f"proposals/{task}.json"


class QueueEntry(Struct, frozen=True):
    """A task's place in the merge queue."""

    task: TaskId
    status: EntryStatus
    place: int
    """Order of arrival; a requeued entry gets a new one, and no rank."""
    head: Sha
    queued_at: float
    onto: Sha | None = None
    """What its candidate was built on top of; what it landed on, once it has."""
    built_onto: Sha | None = None
    """What its candidate was built on top of, also once it has landed, so that it can be built again."""
    on_top_of: tuple[TaskId, ...] = ()
    candidate: Sha | None = None
    tree: Sha | None = None
    conflicts: tuple[str, ...] = ()
    """Paths in conflict, or in the way of its landing."""
    partners: tuple[TaskId, ...] = ()
    reason: str = ""
    is_retried: bool = False
    resolution: str | None = None
    proposal: Proposal | None = None
    """For the conflict it is in; None: the resolver was not asked yet."""
    probes: tuple[Probe, ...] = ()
    is_culprit_known: bool = False
    resolved: tuple[str, ...] = ()
    """Paths of its candidate that a resolution decided."""
    resolved_by: tuple[str, ...] = ()
    """Who proposed it, if it was not the person alone."""
    takes_branch: bool = False
    """Its head follows its branch until the next candidate is built."""
    rank: int | None = None
    """Its place among the entries a person has moved to the head; None: the queue's own rules apply."""
    landed: Sha | None = None
    decided_at: float | None = None

    @property
    def has_proposal(self) -> bool:
        """Whether there is a proposal that leaves nothing open."""
        return self.proposal is not None and self.proposal.is_complete

    def probe(self, on_top_of: TaskId | None) -> Probe | None:
        """Return its head on top of a landing, None for as it is; None if that was not built."""
        return next((probe for probe in self.probes if probe.on_top_of == on_top_of), None)

    @property
    def is_unattended(self) -> bool:
        """Whether its candidate depends on a resolution that no person has looked at."""
        return bool(self.resolved) and self.resolution == proposal_record(self.task)


class Validation(Struct, frozen=True):
    """A validation in flight."""

    tree: Sha
    number: int
    commit: Sha
    tasks: tuple[TaskId, ...]
    scheduled_at: float
    is_probe: bool = False
    place: PlaceName = HERE
    boot: str = ""
    """Of the machine there, when it was given to that."""


class Verdict(Struct, frozen=True):
    """What is known of a tree, after `tries` validations."""

    has_passed: bool
    tries: int
    tasks: tuple[TaskId, ...]
    text: str = ""
    exit_code: int | None = 0
    is_probe: bool = False


class AdHocValidation(Struct, frozen=True):
    """Whether a task's work passes, alone or on top of others, as a person asked."""

    task: TaskId
    on_top_of: tuple[TaskId, ...]
    heads: tuple[Sha, ...]
    """Of `on_top_of`, in that order, and the task's own as the last."""
    commit: Sha | None = None
    tree: Sha | None = None
    conflicts: tuple[str, ...] = ()
    why: str = ""
    """Why there is no such state; empty: there is one, or it was not built yet."""
    verdict: Verdict | None = None
    """What was found when it was asked; what is known of the tree may have changed since."""
    number: int = 0
    """Of the validation that found it."""
    is_again: bool = False
    """It was asked for before: what is known already is no answer."""


class Target(Struct, frozen=True):
    """The branch that tasks land on."""

    name: str
    base: Sha
    """Where it was when the run began."""
    base_tree: Sha
    tip: Sha
    tip_tree: Sha
    landed: tuple[TaskId, ...] = ()
    """In the order they landed."""
    undone: tuple[Sha, ...] = ()
    """Commits of landings that were undone, in that order."""


class Slots(Struct, frozen=True):
    """How many attempts may run at once."""

    count: int
    is_auto: bool = False
    """The number adapts to the machine."""
    starts_blocked: bool = False
    """Nothing starts while anything runs: memory is short."""
    reason: str = ""
    """Why there are as many as there are; empty: a person set them."""
    changed_at: float = 0.0
    """When the number, or its reason, last changed."""


class Machine(Struct, frozen=True):
    """What the machine gives to tasks."""

    cores: int
    memory_bytes: int
    """What running tasks may declare together."""
    disk_short: str = ""
    """Why nothing starts for lack of disk space; empty: there is enough."""
    auto_paused_at: float = 0.0
    """When a task was last paused, or resumed, automatically."""
    tools: tuple[str, ...] = ()
    """Of those that tasks need: the ones it has."""


class AgentLimit(Struct, frozen=True):
    """Until when an agent's account must wait."""

    text: str
    """What the agent said."""
    until: float
    wait_s: float
    """How long that is, or was."""
    is_over: bool = False


class Validations(Struct, frozen=True):
    """What is known of combined states, and what is being found out."""

    jobs: int
    """How many run at once."""
    is_red_base_allowed: bool = False
    is_fresh: bool = False
    """Verdicts of earlier runs are not used."""
    verdicts: Mapping[Sha, Verdict] = field(default_factory=dict)
    in_flight: Mapping[Sha, Validation] = field(default_factory=dict)
    """By tree."""
    begun: Mapping[Sha, int] = field(default_factory=dict)
    """How often each tree's validation was begun."""
    used: Used = field(default_factory=Used)
    """Wall and CPU time of this run's validations, added up."""


class Predictions(Struct, frozen=True):
    """Which tasks would conflict, as far as starts and the order of merging depend on it."""

    pairs: tuple[tuple[TaskId, TaskId], ...] = ()
    """Now: entries that would conflict, and running tasks with pending ones that declare the same paths."""
    met: Mapping[TaskId, frozenset[TaskId]] = field(default_factory=dict)
    """By a task that was pending then: the tasks that had changed what it declares to write."""


class RunState(Struct, frozen=True, dict=True):
    """The run."""

    run: RunId
    plan: Plan
    root: str
    opened_at: float
    target: Target
    slots: Slots
    machine: Machine
    validations: Validations
    specs: Mapping[TaskId, TaskSpec]
    """The plan's tasks by id, in plan order."""
    urgency: Mapping[TaskId, float]
    """Seconds of the longest chain of tasks that begins with this one."""
    soft_orders: Mapping[TaskId, tuple[SoftOrder, ...]] = field(default_factory=dict)
    """By the task they hold back."""
    tasks: Mapping[TaskId, TaskState] = field(default_factory=dict)
    entries: Mapping[TaskId, QueueEntry] = field(default_factory=dict)
    hypotheses: Mapping[HypothesisName, HypothesisState] = field(default_factory=dict)
    agent_limits: Mapping[str, AgentLimit] = field(default_factory=dict)
    """By agent; those that are over too: the next wait may be longer."""
    account: Account = Account()
    """Of the run's budget."""
    places: Mapping[PlaceName, PlaceState] = field(default_factory=dict)
    """Where attempts can run besides the engine's machine; empty in most runs."""
    next_place: int = 1
    ad_hoc_validations: tuple[AdHocValidation, ...] = ()
    """One for each task and what it was to be validated on top of, also when heads have changed since."""
    predictions: Predictions = field(default_factory=Predictions)
    inspected: Mapping[str, int] = field(default_factory=dict)
    """By the name of a shared worktree: how many attempts had run in it when it was last looked at."""
    noticed: tuple[Noticed, ...] = ()
    """What else a person should know of, in the order in which it was seen."""
    called: frozenset[str] = frozenset()
    """The needs there were when a person was last called: for these they are not called again."""
    end_called: str = ""
    """The end for which a person was last called."""
    paces: Mapping[str, float] = field(default_factory=dict)
    """By group: seconds that a shared check of it takes, by the slow ones of late."""
    is_paused: bool = False
    is_dismissed: bool = False
    """The engine at work ends as soon as no attempt runs."""
    closed_at: float | None = None
    changed_at: float = 0.0
    """When the last record was written."""

    @cached_property
    def derived(self) -> dict[object, Any]:
        """What has been derived of it so far: see `derived`. No field: it is neither copied nor compared."""
        return {}

    @property
    def active(self) -> tuple[TaskId, ...]:
        """Tasks with a live attempt, in plan order."""
        return active(self)

    @property
    def active_attempts(self) -> dict[TaskId, Attempt]:
        """The live attempts by task, in plan order."""
        return {task: one for task in self.active if (one := self.tasks[task].attempt) is not None}

    def limit_of(self, agent: str | None) -> AgentLimit | None:
        """Return the limit for which the tasks of an agent wait now."""
        limit = self.agent_limits.get(agent or "")
        return None if limit is None or limit.is_over else limit

    def ran_since(self, at: float) -> tuple[TaskId, ...]:
        """Return the tasks that run, or have ended since then (Unix time)."""
        return tuple(
            task
            for task, known in self.tasks.items()
            if known.is_active or (known.attempts and (known.attempts[-1].ended_at or 0.0) >= at > 0)
        )


@once("tasks", "specs")
def active(state: RunState) -> tuple[TaskId, ...]:
    """Return the tasks with a live attempt, in plan order."""
    number = numbers(state)
    return tuple(sorted(index(state).of_task(*ACTIVE), key=lambda task: number[task]))


def entries_in(state: RunState, *statuses: EntryStatus) -> tuple[QueueEntry, ...]:
    """Return the entries of these statuses, in the order they arrived."""
    entries = (state.entries[task] for task in index(state).of_entry(*statuses))
    return tuple(sorted(entries, key=lambda entry: entry.place))


def due_tasks(state: RunState) -> list[tuple[TaskId, TaskState]]:
    """Return the tasks whose end leads to something automatically, in plan order."""
    number = numbers(state)
    return [(task, state.tasks[task]) for task in sorted(index(state).due, key=lambda task: number[task])]


@once("specs")
def numbers(state: RunState) -> Mapping[TaskId, int]:
    """Return which task of the plan each is, from 0."""
    return {task: number for number, task in enumerate(state.specs)}
