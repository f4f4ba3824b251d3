"""All a widget may draw from, at one moment: the state of the run, what it uses, and who works on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from porch_tui.core.explain import Need, needs
from porch_tui.core.going_on import has_ended
from porch_tui.core.outcome import Outcome, QueueWord, outcome, queue_words
from porch_tui.core.plan import TaskId
from porch_tui.core.prediction import Prediction
from porch_tui.core.state import RunState
from porch_tui.core.telemetry import Sample
from porch_tui.tui.options import ScreenOptions


class Sight(Enum):
    """What is known of the run's engine."""

    ALIVE = auto()
    STARTING = auto()
    """One was asked for, and has not taken the run yet."""
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Derived:
    """What every widget would otherwise derive from the state again."""

    words: Mapping[TaskId, QueueWord]
    outcomes: Mapping[TaskId, Outcome | None]
    needs: tuple[Need, ...]
    is_at_rest: bool
    """Whether nothing more happens without a person."""


@dataclass(frozen=True, slots=True)
class View:
    """One moment of a run. It is the same run to every widget that draws from it."""

    state: RunState
    derived: Derived
    sight: Sight
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


def derive(state: RunState) -> Derived:
    """Return what is drawn of a state and not stored in it."""
    return Derived(
        words=queue_words(state),
        outcomes={task: outcome(state, task) for task in state.tasks},
        needs=needs(state),
        # Between two records of one batch something is due that is not written yet.
        is_at_rest=has_ended(state),
    )


def is_busy(view: View) -> bool:
    """Say whether something is at work that would go on without the screen."""
    return bool(view.state.active) or (view.sight is not Sight.GONE and not view.derived.is_at_rest)
