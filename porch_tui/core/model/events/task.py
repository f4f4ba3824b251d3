"""Facts about tasks and their attempts."""

from __future__ import annotations

from porch_tui.core.model.events.parts import AttemptId, Event, Failure, Used
from porch_tui.core.model.plan import Sha, TaskId, TaskSpec


class AttemptScheduled(Event, frozen=True):
    """* An attempt was given a slot and a base."""

    attempt: AttemptId
    base: Sha
    slot: int
    goes_on: bool = False
    """In the worktree as the attempt before left it; else it is set back to the base."""


class AttemptStarted(Event, frozen=True):
    """The attempt's process runs in its worktree."""

    attempt: AttemptId
    pid: int | None
    """Of its shim; None where that runs in another place, in which our numbers mean others."""


class AttemptPaused(Event, frozen=True):
    """Its whole process tree is to be frozen: a person said so, or memory is short."""

    attempt: AttemptId
    reason: str = ""
    """Empty: a person said so."""


class AttemptResumed(Event, frozen=True):
    """It goes on: a person said so, or there is memory again."""

    attempt: AttemptId
    reason: str = ""
    """Empty: a person said so."""


class CollectionAsked(Event, frozen=True):
    """What it left could not be taken over; a person has seen to that: it is collected, not run, again."""

    attempt: AttemptId


class AttemptNoticed(Event, frozen=True):
    """It is alive, and a person should know that it is silent, swells, or waits for something."""

    attempt: AttemptId
    notice: str
    """Empty: all is well again."""
    advice: str = ""
    """What to type for it; empty: what one types to look at an attempt, or to stop it."""


class AttemptSucceeded(Event, frozen=True):
    """It exited 0, its checks passed, and what it left is on its branch."""

    attempt: AttemptId
    head: Sha
    used: Used = Used()
    stray: tuple[str, ...] = ()
    """Paths it wrote outside the ones it declared; empty if it declared none."""
    left_running: tuple[tuple[str, int], ...] = ()
    """What its commands left running and porch ended: names of processes, each with how many."""


class AttemptFailed(Event, frozen=True):
    """It ended, and not well."""

    attempt: AttemptId
    failure: Failure
    used: Used = Used()
    left: str = ""
    """The ref that keeps what it left uncommitted; empty: nothing was."""
    left_running: tuple[tuple[str, int], ...] = ()
    """As of one that succeeded."""


class AttemptEscaped(Event, frozen=True):
    """It was at work outside its worktree, while files changed there."""

    attempt: AttemptId
    text: str
    """Where, and what changed: the rest of a sentence that begins with its name."""


class EscapeAccepted(Event, frozen=True):
    """A person has looked at what the attempt wrote outside its worktree, and takes its work."""

    attempt: AttemptId


class StopRequested(Event, frozen=True):
    """A person (or the end of a foreground run) wants it stopped."""

    attempt: AttemptId
    is_at_once: bool = False
    """Without any grace."""


class AttemptStopped(Event, frozen=True):
    """It ended because it was told to; no process of it is left."""

    attempt: AttemptId
    used: Used = Used()
    left: str = ""
    """As of an attempt that failed."""


class TaskCancelled(Event, frozen=True):
    """A person took a task out before it began."""

    task: TaskId


class TaskAdded(Event, frozen=True):
    """A person gave the run one more task, at the end of its plan."""

    spec: TaskSpec


class TaskRetried(Event, frozen=True):
    """The task may run again: by its plan's `retries` (*), or because a person said so."""

    task: TaskId
    is_automatic: bool
    goes_on: bool = False
    """In the worktree as the last attempt left it, from that one's base."""
