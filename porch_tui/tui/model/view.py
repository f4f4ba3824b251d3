"""What widgets draw from: the state of a run at one moment, its usage, and whether an engine is running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import Enum, auto
from functools import cached_property

from msgspec import Struct, field

from porch_tui.core.analysis.prediction import Prediction
from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.rules.ending import has_ended
from porch_tui.core.scheduling.readiness import Taken, taken
from porch_tui.present.explain import Need, needs
from porch_tui.present.outcome import GOOD, Outcome, QueueWord, outcome, queue_words
from porch_tui.present.results import Results, results
from porch_tui.present.signs import Sign
from porch_tui.present.statuses import sign_of
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
    words: Mapping[TaskId, QueueWord]
    outcomes: Mapping[TaskId, Outcome | None]
    signs: Mapping[TaskId, Sign]
    """The sign of each task."""
    is_at_rest: bool
    """Whether nothing more happens without a person."""

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """What needs a person, in plan order."""
        return needs(self.state)

    @cached_property
    def counts(self) -> Counter[Sign]:
        """How many tasks have each sign."""
        return Counter(self.signs.values())

    @cached_property
    def results(self) -> Results:
        """How many landed and passed."""
        return results(self.state)

    @cached_property
    def is_well(self) -> bool:
        """Whether all that should land has landed, and every check passed."""
        return all(how in GOOD for how in self.outcomes.values())

    @cached_property
    def active(self) -> tuple[TaskId, ...]:
        """The tasks with a live attempt, in plan order."""
        return self.state.active

    @cached_property
    def occupied(self) -> Taken:
        """What live attempts occupy."""
        return taken(self.state)

    @cached_property
    def places(self) -> Mapping[TaskId, int]:
        """The place of each queued entry in the order in which they are merged, from 1."""
        return {entry.task: place for place, entry in enumerate(in_order(self.state), start=1)}

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
    trouble: str = ""
    """Why the run cannot be followed now; empty if it can."""

    def looks_like(self, other: View) -> bool:
        """Say whether both look the same. States are compared by identity: there may be many tasks."""
        return self.state is other.state and replace(self, state=other.state, derived=other.derived) == other


def derive(state: RunState, before: Derived | None = None) -> Derived:
    """Return what follows from a state; `before` is what followed from an earlier one."""
    words = queue_words(state)
    if before is None or len(state.tasks) < len(before.state.tasks):
        before, changed = None, list(state.tasks)  # a journal that was cut back is read from its beginning
    else:
        different = _changed(before, state, words)
        changed = [task for task in state.tasks if task in different]
    known_outcomes, known_signs = (before.outcomes, before.signs) if before else ({}, {})
    return Derived(
        state=state,
        words=words,
        outcomes={**known_outcomes, **{task: outcome(state, task) for task in changed}},
        signs={**known_signs, **{task: sign_of(state, words, task) for task in changed}},
        # Between two records of one batch something is due that is not written yet.
        is_at_rest=has_ended(state),
    )


def _changed(before: Derived, state: RunState, words: Mapping[TaskId, QueueWord]) -> set[TaskId]:
    """Return the tasks that may look different; all others are the same objects in both states."""
    old = before.state
    changed: set[TaskId] = set()
    if state.tasks is not old.tasks:
        changed.update(task for task, one in state.tasks.items() if old.tasks.get(task) is not one)
    if state.entries is not old.entries:
        changed.update(task for task, one in state.entries.items() if old.entries.get(task) is not one)
        changed.update(old.entries.keys() - state.entries.keys())
    for one, others in ((words, before.words), (before.words, words)):
        # a validation may have been frozen or resumed although the entry is the same
        changed.update(
            task for task, word in one.items() if word is QueueWord.VALIDATING or others.get(task) is not word
        )
    return changed


def is_busy(view: View) -> bool:
    """Say whether something is running that would continue without the screen."""
    return bool(view.derived.active) or (view.engine is not EngineStatus.GONE and not view.derived.is_at_rest)
