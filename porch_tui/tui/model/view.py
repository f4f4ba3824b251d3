"""What widgets draw from: the state of a run at one moment, its usage, and whether an engine is running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import Enum, auto
from functools import cached_property

from msgspec import Struct, field

from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.merge_queue.prediction import Prediction
from porch_tui.core.merge_queue.verdicts import is_base_red
from porch_tui.core.model.agent_report import AgentUsage
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.rules.ending import has_ended
from porch_tui.present.explain import Need, needs
from porch_tui.present.needed import Progress, progress
from porch_tui.present.outcome import QueueWord, Results, all_is_well, queue_words, results
from porch_tui.present.signs import Sign
from porch_tui.present.statuses import look, status_of
from porch_tui.present.summary import agent_usage_of_run
from porch_tui.tui.model.groups import groups
from porch_tui.tui.terminal.options import ScreenOptions


class EngineStatus(Enum):
    """Whether an engine is running."""

    ALIVE = auto()
    STARTING = auto()
    """One was started, and has not taken the run yet."""
    GONE = auto()


class Derived(Struct, frozen=True, dict=True):
    """What widgets need that follows from the state.

    Made once for each state, from that of the previous state: only what has changed is looked at again.
    What not every frame needs is derived when it is first used.
    """

    state: RunState
    signs: Mapping[TaskId, Sign]
    """The sign of each task."""

    @cached_property
    def is_at_rest(self) -> bool:
        """Whether nothing more happens without a person, nor is due between two records of one batch."""
        return has_ended(self.state)

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """What needs a person, in plan order."""
        return needs(self.state)

    @cached_property
    def counts(self) -> Counter[Sign]:
        """How many tasks have each sign."""
        return Counter(self.signs.values())

    @cached_property
    def group_counts(self) -> Mapping[str, Counter[Sign]]:
        """How many tasks of each folded group have each sign."""
        return {
            group: Counter(self.signs[task] for task in tasks) for group, tasks in groups(self.state).items()
        }

    @cached_property
    def results(self) -> Results:
        """How many landed and passed."""
        return results(self.state)

    @property
    def progress(self) -> Progress:
        """How much has come to its good end."""
        return progress(self.results)

    @cached_property
    def agents(self) -> AgentUsage | None:
        """What the agents of ended attempts used; None for a run whose agents porch does not read."""
        is_read = any(agent.preset for agent in self.state.plan.agents)
        return agent_usage_of_run(self.state, {}) if is_read else None

    @cached_property
    def is_well(self) -> bool:
        """Whether all that should land has landed, every check passed, and nothing escaped its worktree."""
        return all_is_well(self.state)

    @cached_property
    def places(self) -> Mapping[TaskId, int]:
        """The place of each queued entry in the order in which they are merged, from 1."""
        return {entry.task: place for place, entry in enumerate(in_order(self.state), start=1)}

    def need_of(self, task: TaskId) -> Need | None:
        """Return what a task needs of a person, if anything."""
        return next((one for one in self.needs if one.task == task), None)

    def with_sign(self, sign: Sign) -> list[TaskId]:
        """Return the tasks with a sign, in plan order."""
        return [task for task, one in self.signs.items() if one is sign] if self.counts[sign] else []


class View(Struct, frozen=True):
    """One moment of a run, the same for every widget."""

    state: RunState
    derived: Derived
    engine: EngineStatus
    now: float
    """Seconds since the epoch, whole; it stands still when nothing runs."""
    usage: Mapping[TaskId, Sample] = field(default_factory=dict)
    """Of running tasks with a recent sample."""
    predictions: tuple[Prediction, ...] = ()
    """Predicted conflicts."""
    has_waiting_commands: bool = False
    """Whether commands wait for an engine."""
    can_start_engine: bool = False
    options: ScreenOptions = field(default_factory=ScreenOptions)
    """The person's options: texts name their keys."""
    left: str = ""
    """How long it still takes, in words; empty where that is not known."""
    trouble: str = ""
    """Why the run cannot be followed now; empty if it can."""

    def looks_like(self, other: View) -> bool:
        """Say whether both look the same. States are compared by identity: there may be many tasks."""
        return self.state is other.state and replace(self, state=other.state, derived=other.derived) == other


def derive(state: RunState, before: Derived | None = None) -> Derived:
    """Return what follows from a state; `before` is what followed from an earlier one."""
    if before is None or len(state.tasks) < len(before.state.tasks):
        # a journal that was cut back is read from its beginning
        return Derived(state, {task: look(status_of(state, task)).sign for task in state.tasks})
    changed = _changed(before.state, state)
    new = {task: look(status_of(state, task)).sign for task in state.tasks if task in changed}
    return Derived(state, {**before.signs, **new})


def _changed(old: RunState, state: RunState) -> set[TaskId]:
    """Return the tasks that may look different; all others are the same objects in both states."""
    changed: set[TaskId] = set()
    if state.tasks is not old.tasks:
        changed.update(task for task, one in state.tasks.items() if old.tasks.get(task) is not one)
    if state.entries is not old.entries:
        changed.update(task for task, one in state.entries.items() if old.entries.get(task) is not one)
        changed.update(old.entries.keys() - state.entries.keys())
    words, old_words = queue_words(state), queue_words(old)
    for one, others in ((words, old_words), (old_words, words)):
        # a validation may have been frozen or resumed although the entry is the same
        changed.update(
            task for task, word in one.items() if word is QueueWord.VALIDATING or others.get(task) is not word
        )
    return changed


def is_busy(view: View) -> bool:
    """Say whether something is running that would continue without the screen."""
    return bool(view.state.active) or (view.engine is not EngineStatus.GONE and not view.derived.is_at_rest)


def validation_of(state: RunState, task_id: TaskId) -> tuple[Sha, int] | None:
    """Return tree and number of the validation of the task's work; None if none was begun."""
    for flight in state.validations.in_flight.values():
        if task_id in flight.tasks:
            return flight.tree, flight.number
    entry = state.entries.get(task_id)
    if entry is None:
        return None
    tree = state.target.tip_tree if is_base_red(state) else entry.tree
    number = state.validations.begun.get(tree, 0) if tree else 0
    return (tree, number) if tree and number else None
