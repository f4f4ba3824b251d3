"""What events are made of: attempts, failures, amounts."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from porch_tui.core.model.plan import TaskId


class AttemptId(Struct, frozen=True, order=True):
    """One try at a task; the number is also the fence against late reports."""

    task: TaskId
    number: int
    """From 1."""

    def __str__(self) -> str:
        return f"{self.task}.{self.number}"


class FailureKind(StrEnum):
    """How an attempt failed, in the words of the plan page."""

    EXIT = "failed"
    CHECK = "check-failed"
    TIMEOUT = "timed-out"
    LOST = "lost"
    """The machine, or the shim, went down under it; or its owner, whose lease it had."""
    NOT_STARTED = "not-started"
    """Worktree, setup or program could not be made ready."""
    UNCOLLECTABLE = "uncollectable"
    """It ran well, but what it left could not be taken."""
    NO_CHANGE = "no-change"
    """An agent ended well without changing anything, and its task does not say that it may."""
    ESCAPED = "escaped"
    """A check ended well, but wrote outside its worktree."""


class Failure(Struct, frozen=True):
    """Why an attempt failed."""

    kind: FailureKind
    text: str
    """One line for a person: `exit 3`, `killed by SIGSEGV`, `timed out after 30m`."""
    exit_code: int | None = None


class Used(Struct, frozen=True):
    """What an attempt, or a validation, used in all."""

    wall_s: float = 0.0
    paused_s: float = 0.0
    cpu_s: float = 0.0
    peak_rss_bytes: int = 0
    read_bytes: int = 0
    """From disks, as last sampled; 0 where nobody counts."""
    written_bytes: int = 0


class SoftOrder(Struct, frozen=True):
    """`later` starts only when `earlier` is decided, because they say they write the same paths."""

    later: TaskId
    earlier: TaskId
    reason: str


class Event(Struct, frozen=True):
    """A fact. Subclasses are its kinds; `AnyEvent` lists them."""
