"""Facts about tasks and their attempts."""

from __future__ import annotations

from dataclasses import dataclass

from porch_tui.core.events.parts import AttemptId, Event, Failure, Used
from porch_tui.core.plan import Sha, TaskId


@dataclass(frozen=True, slots=True)
class AttemptScheduled(Event):
    """* An attempt was given a slot and a base."""

    attempt: AttemptId
    base: Sha
    slot: int


@dataclass(frozen=True, slots=True)
class AttemptStarted(Event):
    """The attempt's process runs in its worktree."""

    attempt: AttemptId
    pid: int


@dataclass(frozen=True, slots=True)
class AttemptPaused(Event):
    """A person paused it: its whole process tree is to be frozen."""

    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class AttemptResumed(Event):
    """A person let it go on."""

    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class AttemptSucceeded(Event):
    """It exited 0, its checks passed, and what it left is on its branch."""

    attempt: AttemptId
    head: Sha
    used: Used = Used()
    stray: tuple[str, ...] = ()
    """Paths it wrote outside the ones it declared; empty if it declared none."""


@dataclass(frozen=True, slots=True)
class AttemptFailed(Event):
    """It ended, and not well."""

    attempt: AttemptId
    failure: Failure
    used: Used = Used()
    left: str = ""
    """The ref that keeps what it left uncommitted; empty: nothing was."""


@dataclass(frozen=True, slots=True)
class StopRequested(Event):
    """A person (or the end of a foreground run) wants it stopped."""

    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class AttemptStopped(Event):
    """It ended because it was told to; no process of it is left."""

    attempt: AttemptId
    used: Used = Used()
    left: str = ""
    """As of an attempt that failed."""


@dataclass(frozen=True, slots=True)
class TaskCancelled(Event):
    """A person took a task out before it began."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class TaskRetried(Event):
    """The task may run again: by its plan's `retries` (*), or because a person said so."""

    task: TaskId
    is_automatic: bool
