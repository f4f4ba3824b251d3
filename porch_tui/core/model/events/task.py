"""What can happen to a task, and to one try at it, before the merge queue. See `events`."""

from __future__ import annotations

from porch_tui.core.model.events.run import (
    Event,
    Failure,
    Feedback,
    OfAttempt,
    OfTask,
    PauseCause,
    Used,
)
from porch_tui.core.model.place import HERE, PlaceName
from porch_tui.core.model.plan import Agent, CommandLine, LaneName, Sha, TaskSpec


class AttemptScheduled(OfAttempt, frozen=True):
    """* An attempt was given a slot and a base."""

    base: Sha
    slot: int
    keep_worktree: bool = False
    """In the worktree as the previous attempt left it; else it is reset to the base."""
    place: PlaceName = HERE
    """Where it runs, for good: no other place is ever asked for it."""
    lane: LaneName = LaneName("")
    """The lane in which it runs after others in the same slot; empty: it has the slot for itself."""


class AttemptReturned(OfAttempt, frozen=True):
    """It waited in a lane that goes no further, and had not begun: it counts as never scheduled."""

    lane: LaneName


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


class AttemptWaits(OfAttempt, frozen=True):
    """It calls a person and goes on when they have answered; or it waits already, and says another text."""

    text: str
    """What it says, cleaned: one short line; empty: it only calls."""


class AttemptAnswered(OfAttempt, frozen=True):
    """It waits for no person any more: one has typed something, or it says that it works."""


class FinishRequested(OfAttempt, frozen=True):
    """A person has asked that the command in its terminal ends, and what it made is judged."""


class FinishIgnored(OfAttempt, frozen=True):
    """It had no terminal at that moment: its setup or its checks ran. It may be asked again."""


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


class AttemptLost(OfAttempt, frozen=True):
    """It cannot be running any more where it was, or a person has it run elsewhere: the task begins again.

    It has used no retry.
    """

    why: str
    """The rest of a sentence that begins with its name."""
    ended: str = ""
    """How it has ended, likewise, where its place said so; empty: that is not known."""
    leftover_ref: str = ""
    """As of an attempt that failed."""


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
    """A task was taken out before it began: by a person, or (*) because enough of its group has failed."""

    why: str = ""
    """Empty: a person did it."""


class RevertAdded(Event, frozen=True):
    """A person takes a landing back: with one more task, at the end of the plan."""

    spec: TaskSpec


class TasksAdded(Event, frozen=True):
    """A person gave the run more tasks, at the end of its plan."""

    specs: tuple[TaskSpec, ...]
    agents: tuple[Agent, ...] = ()
    """Those that they use and the plan did not have."""


class WorktreeRemoved(OfTask, frozen=True):
    """The task has landed, and its worktree went to the pool or was deleted; its branch stays.

    Or the task is a check that changed nothing, and another check has the worktree now.
    """


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
AttemptProgress = (
    AttemptStarted
    | AttemptPaused
    | AttemptResumed
    | AttemptNoticed
    | AttemptWaits
    | AttemptAnswered
    | FinishRequested
    | FinishIgnored
    | AttemptEscaped
    | EscapeAccepted
    | AttemptSucceeded
    | AttemptFailed
    | AttemptLimited
    | AttemptLost
    | StopRequested
    | AttemptStopped
    | CollectionRequested
)
"""What can happen to an attempt once there is one."""
AttemptEvent = AttemptScheduled | AttemptReturned | AttemptProgress
