"""The one interface of every place where attempts run, and what it is handed.

An executor is given an `offer` when it is made, through which it reports
events. Everything it is told is "make it so": doing it twice is harmless.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import CommandLine, RunId, Sha, TaskSpec


class Offer(Protocol):
    """How the world reports to the engine."""

    def __call__(self, *events: e.AnyEvent) -> None:
        """Report events that are true together; returns at once, from any thread."""


STOP_GRACE_S = 5.0
"""Between SIGTERM and SIGKILL for a task's whole process tree."""


class Job(Struct, frozen=True):
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
    strays: str
    """Prefix of the refs that keep alive what it made in a clone beside its branch."""
    pins: str
    """Prefix of the refs that keep alive what an earlier attempt left in the worktree."""
    setup: tuple[CommandLine, ...]
    copy: tuple[str, ...]
    goes_on: bool
    """In the worktree as the attempt before left it."""
    pool_keep: tuple[str, ...] | None
    """What stays of what is ignored in a worktree that comes from the pool; None: none does."""
    env: Mapping[str, str]
    """Set for its processes, besides what porch sets itself."""
    collections: int = 0
    """How often a person has asked to collect again what it left."""


class Executor(Protocol):
    """Where attempts run, and what is promised of it wherever that is.

    `tests/executors/test_contract.py` holds every executor to it: an attempt
    starts at most once and ends with exactly one report; reports of one attempt
    come in order, and who hears them slowly holds up no command; what an attempt
    made is kept alive before anybody hears of it, and its log is whole; time
    spent held does not count for its timeout, which needs no engine; nothing is
    retried here; and an engine may die at any point.
    """

    def start(self, job: Job) -> None:
        """Begin the attempt, or adopt it, or collect what it left; reports its start and its end."""

    def stop(self, job: Job, grace_s: float = STOP_GRACE_S) -> None:
        """Have no process of the attempt left; its end is reported like any other.

        One that has not begun never will; asking again can only shorten the grace.
        """

    def hold(self, job: Job) -> None:
        """Freeze the attempt's whole process tree."""

    def release(self, job: Job) -> None:
        """Let a frozen attempt go on."""

    def directories(self) -> Mapping[e.AttemptId, Path]:
        """Return where each attempt that is under way keeps its files, for whoever samples them."""
