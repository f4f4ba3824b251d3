"""The vocabulary of the journal: every fact that can change a run, in the past tense.

A fact is small, complete and readable alone: one line of a journal can be
understood without another file. Output, CPU and memory over
time are telemetry and never events; only what an attempt used in all is a fact.
Starred (*) events are emitted by `settle`, the others by a person or the world.
"""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.model.events.hypotheses import *  # noqa: F403
from porch_tui.core.model.events.hypotheses import HypothesisEvent
from porch_tui.core.model.events.place import *  # noqa: F403
from porch_tui.core.model.events.place import LostAttemptEvent, PlaceEvent
from porch_tui.core.model.events.queue import *  # noqa: F403
from porch_tui.core.model.events.queue import (
    AdHocValidationEvent,
    ConflictsPredicted,
    EntryEvent,
    ValidationEvent,
)
from porch_tui.core.model.events.run import *  # noqa: F403
from porch_tui.core.model.events.run import RunEvent
from porch_tui.core.model.events.task import *  # noqa: F403
from porch_tui.core.model.events.task import AttemptEvent, TaskEvent

AnyEvent = (
    RunEvent
    | TaskEvent
    | AttemptEvent
    | EntryEvent
    | AdHocValidationEvent
    | ValidationEvent
    | HypothesisEvent
    | ConflictsPredicted
    | PlaceEvent
    | LostAttemptEvent
)


class Record(Struct, frozen=True):
    """One line of the journal: a fact, when it was written, and what caused it."""

    seq: int
    """From 1, without gaps."""
    at: float
    """Seconds since the epoch, UTC."""
    cause: str
    """Id of the command, name of the offered event, or `settle`."""
    event: AnyEvent
