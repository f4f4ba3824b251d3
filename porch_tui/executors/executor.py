"""The one interface of every place where attempts run, and what it is handed.

An executor is given an `offer` when it is made, through which it reports
events. Everything it is told is "make it so": doing it twice is harmless.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from porch_tui.core import events as e
from porch_tui.core.plan import CommandLine, RunId, Sha, TaskSpec


class Offer(Protocol):
    """How the world reports to the engine."""

    def __call__(self, *events: e.AnyEvent) -> None:
        """Report events that are true together; returns at once, from any thread."""


STOP_GRACE_S = 5.0
"""Between SIGTERM and SIGKILL for a task's whole process tree."""


@dataclass(frozen=True, slots=True)
class Job:
    """All that is needed to run one attempt."""

    run: RunId
    attempt: e.AttemptId
    spec: TaskSpec
    base: Sha
    slot: int
    directory: Path
    """Where its log, exit record and usage are kept."""
    worktree: Path
    branch: str
    head_ref: str
    """Keeps what it ends with alive."""
    left_ref: str
    """Keeps what it leaves uncommitted alive, if that is not taken over."""
    pins: str
    """Prefix of the refs that keep alive what an earlier attempt left in the worktree."""
    setup: tuple[CommandLine, ...]
    copy: tuple[str, ...]
    pool_keep: tuple[str, ...] | None
    """What stays of what is ignored in a worktree that comes from the pool; None: none does."""
    env: Mapping[str, str]
    """Set for its processes, besides what porch sets itself."""


class Executor(Protocol):
    """Where attempts run."""

    def start(self, job: Job) -> None:
        """Begin the attempt, or adopt it, or collect what it left; reports its start and its end."""

    def stop(self, job: Job) -> None:
        """Have no process of the attempt left; its end is reported like any other."""

    def hold(self, job: Job) -> None:
        """Freeze the attempt's whole process tree."""

    def release(self, job: Job) -> None:
        """Let a frozen attempt go on."""
