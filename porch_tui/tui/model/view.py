"""All a widget may draw from, at one moment: the state of the run, what it uses, and who works on it."""

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
    """What is known of the run's engine."""

    ALIVE = auto()
    STARTING = auto()
    """One was asked for, and has not taken the run yet."""
    GONE = auto()


class Derived(Struct, frozen=True, dict=True):
    """What every widget would otherwise derive from the state again.

    Made once for each state, and from that of the state before: only what has changed is looked at
    anew. What not every frame needs is derived when it is first asked for.
    """

    state: RunState
    words: Mapping[TaskId, QueueWord]
    outcomes: Mapping[TaskId, Outcome | None]
    signs: Mapping[TaskId, Sign]
    """What kind of state each task is in."""
    is_at_rest: bool
    """Whether nothing more happens without a person."""

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """What needs a person, in plan order."""
        return needs(self.state)

    @cached_property
    def counts(self) -> Counter[Sign]:
        """How many tasks there are of each kind of state."""
        return Counter(self.signs.values())

    @cached_property
    def results(self) -> Results:
        """How much of the run came to what it was for."""
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
    def held(self) -> Taken:
        """What live attempts hold."""
        return taken(self.state)

    @cached_property
    def places(self) -> Mapping[TaskId, int]:
        """The entries on their way in the order they are merged, and the place of each, from 1."""
        return {entry.task: place for place, entry in enumerate(in_order(self.state), start=1)}

    def with_sign(self, sign: Sign) -> list[TaskId]:
        """Return the tasks of one kind of state, in plan order."""
        return [task for task, one in self.signs.items() if one is sign] if self.counts[sign] else []


class View(Struct, frozen=True):
    """One moment of a run. It is the same run to every widget that draws from it."""

    state: RunState
    derived: Derived
    engine: EngineStatus
    now: float
    """Seconds since the epoch, whole; it stands still when nothing runs."""
    usage: Mapping[TaskId, Sample] = field(default_factory=dict)
    """Of the tasks that run; a task nobody looked at lately is not among them."""
    predictions: tuple[Prediction, ...] = ()
    """Conflicts that are seen coming."""
    has_waiting_commands: bool = False
    """Whether commands wait that no engine has heard."""
    can_start_engine: bool = False
    options: ScreenOptions = field(default_factory=ScreenOptions)
    """What the person has wished for: a text names their keys."""
    trouble: str = ""
    """Why the run cannot be followed just now; empty if it can."""

    def looks_like(self, other: View) -> bool:
        """Say whether the two are drawn alike. States are compared by identity: there may be many tasks."""
        return self.state is other.state and replace(self, state=other.state, derived=other.derived) == other


def derive(state: RunState, before: Derived | None = None) -> Derived:
    """Return what is drawn of a state and not stored in it; `before` is what an earlier state gave."""
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
    """Return the tasks that may look different now; all the others are the same objects in both states."""
    old = before.state
    changed: set[TaskId] = set()
    if state.tasks is not old.tasks:
        changed.update(task for task, one in state.tasks.items() if old.tasks.get(task) is not one)
    if state.entries is not old.entries:
        changed.update(task for task, one in state.entries.items() if old.entries.get(task) is not one)
        changed.update(old.entries.keys() - state.entries.keys())
    for one, others in ((words, before.words), (before.words, words)):
        # a validation may have begun to stand still, or to go on, though the entry is the same
        changed.update(
            task for task, word in one.items() if word is QueueWord.VALIDATING or others.get(task) is not word
        )
    return changed


def is_busy(view: View) -> bool:
    """Say whether something is at work that would go on without the screen."""
    return bool(view.derived.active) or (view.engine is not EngineStatus.GONE and not view.derived.is_at_rest)
