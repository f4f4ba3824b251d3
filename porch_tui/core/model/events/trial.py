"""Facts about trials: what a person wants to know of a task's work, while nothing lands by it."""

from __future__ import annotations

from porch_tui.core.model.events.parts import Event
from porch_tui.core.model.plan import Sha, TaskId


class TrialAsked(Event, frozen=True):
    """A person wants to know whether a task's work passes, by itself or upon that of others."""

    task: TaskId
    upon: tuple[TaskId, ...]
    """Whose heads are merged below its own, first to last; empty: its head as it is."""
    heads: tuple[Sha, ...]
    """Theirs, in that order, and its own as the last."""


class TrialBuilt(Event, frozen=True):
    """The state that was asked for exists; what it is worth is found by validating its tree."""

    task: TaskId
    upon: tuple[TaskId, ...]
    heads: tuple[Sha, ...]
    commit: Sha
    tree: Sha


class TrialImpossible(Event, frozen=True):
    """The state that was asked for cannot be made: the heads do not merge, or the machinery broke."""

    task: TaskId
    upon: tuple[TaskId, ...]
    heads: tuple[Sha, ...]
    paths: tuple[str, ...]
    """In conflict; empty: some conflicts are only told in words, and a fault has none."""
    why: str
    """The rest of a sentence about the task: `does not merge upon log: conflict in src/app.py`."""
