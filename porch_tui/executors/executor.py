"""The interface of every place where attempts run, and the job it is given.

An executor reports events through the `Offer` it was created with. Calling one of its methods twice does no
harm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.place import HERE, PlaceName
from porch_tui.core.model.plan import Agent, CommandLine, LaneName, RunId, TaskSpec
from porch_tui.core.model.telemetry import Sample
from porch_tui.executors.checkout import TaskCheckout


class Offer(Protocol):
    """Reports events to the engine."""

    def __call__(self, *events: e.AnyEvent) -> None:
        """Report events that are true together; returns at once, from any thread."""


STOP_GRACE_S = 5.0
"""Between SIGTERM and SIGKILL for a task's whole process tree."""


class Job(Struct, frozen=True):
    """All that is needed to run one attempt."""

    run: RunId
    attempt: e.AttemptId
    spec: TaskSpec
    slot: int
    directory: Path
    """Where its log, exit record and usage are kept."""
    checkout: TaskCheckout
    setup: tuple[CommandLine, ...]
    keep_worktree: bool
    """Continue in the worktree as the previous attempt left it."""
    env: Mapping[str, str]
    """Added to the environment of its processes, besides what porch sets itself."""
    stdin: str = ""
    """What its command reads from standard input."""
    agent: Agent | None = None
    """Who does the work, if an agent does."""
    session: str = ""
    """What its conversation is called, where porch chose that."""
    collections: int = 0
    """How often a person has asked to collect again what it left."""
    place: PlaceName = HERE
    boot: str = ""
    """Of the machine there when the attempt was given to it: on another one it does not begin."""
    lease_s: float | None = None
    """How long it goes on while its engine cannot be reached; None: for ever."""
    lane: LaneName = LaneName("")
    """The lane in which it runs; empty: none."""


class Disk(Struct, frozen=True):
    """The disk that the attempts of a place are on, and the memory of its machine."""

    free_bytes: int
    total_bytes: int
    memory_free_bytes: int = 0
    memory_bytes: int = 0
    """0: not known."""


End = e.AttemptSucceeded | e.AttemptFailed | e.AttemptStopped | e.AttemptLimited


class Executor(Protocol):
    """Where attempts run, and what every such place promises.

    `tests/executors/test_contract.py` holds every executor to it: an attempt
    starts at most once and ends with exactly one report; reports of one attempt
    come in order, and a slow listener delays no command; what an attempt
    made is kept alive before its end is reported, and its log is complete; time
    spent frozen does not count for its timeout, which needs no engine; nothing is
    retried here; and an engine may die at any point.
    """

    def start(self, job: Job) -> None:
        """Start the attempt, or adopt it, or collect what it left; reports its start and its end."""

    def start_lane(self, jobs: Sequence[Job]) -> None:
        """Start shared checks one after the other, the first to begin first, or adopt them.

        Each keeps what is promised of an attempt; that it has started is said of those that take long. One
        that has not begun when its lane goes no further is reported as returned.
        """

    def stop(self, job: Job, grace_s: float = STOP_GRACE_S) -> None:
        """End every process of the attempt; its end is reported like any other.

        An attempt that has not started never will; asking again can only shorten the grace.
        """

    def finish(self, job: Job) -> None:
        """End the command in the attempt's terminal as one that ends well, or its open standard input.

        Reported as ignored if there is neither at that moment.
        """

    def freeze(self, job: Job) -> None:
        """Freeze the attempt's whole process tree: as soon as it has one, if it has none yet."""

    def thaw(self, job: Job) -> None:
        """Let a frozen attempt continue."""

    def directories(self) -> Mapping[e.AttemptId, Path]:
        """Return the directory of each attempt that is under way, for sampling."""

    def samples(self) -> Mapping[e.AttemptId, Sample]:
        """Return what attempts use that cannot be measured from this machine, as last heard."""

    def disks(self) -> Mapping[PlaceName, Disk]:
        """Return the room on the disks of other machines, and in their memory, as last heard."""

    def close(self) -> None:
        """Watch nothing any more. What runs goes on."""
