"""Attempts on this machine: a thread watches each, a shim owns it, and either may die without the other."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from msgspec import Struct, field

from porch_tui.core.model import events as e
from porch_tui.core.scheduling.slots import Why
from porch_tui.errors import PorchError, is_full_disk, limit_met
from porch_tui.executors import workers
from porch_tui.executors.attempt import given_up, passes, run_attempt
from porch_tui.executors.executor import STOP_GRACE_S, Job, Offer
from porch_tui.executors.orders import Orders
from porch_tui.git.repository import Repository

log = logging.getLogger(__name__)

ROOM_S = 2.0
"""How often an attempt that waits for room, or memory, or for other attempts to end, is tried again."""
MOST_KILLED = 10
"""How often a git that is killed again and again is asked once more before the attempt is given up."""
TRIES = 5
"""Of an attempt that meets a limit of the system while no other runs whose end could help."""


class _Watch(Struct):
    """A thread that sees one attempt through."""

    job: Job
    orders: Orders = field(default_factory=Orders)
    tries: int = 0
    """How often it has met a limit of the system."""


class ThreadExecutor:
    """Runs attempts in worktrees of this repository. Keeps what `Executor` promises."""

    def __init__(self, repository: Repository, offer: Offer) -> None:
        self._repository = repository
        self._offer = offer
        self._watches: dict[e.AttemptId, _Watch] = {}
        self._ended: set[tuple[e.AttemptId, int]] = set()
        """Whose end has been reported, or is just about to be, and after how many collections."""
        self._short: set[e.AttemptId] = set()
        """Who waits because the system allows no more processes, threads or open files."""
        self._held: set[e.AttemptId] = set()
        """Who is to stand still, begun here already or not."""
        self._lock = threading.Lock()

    def start(self, job: Job) -> None:
        """Begin, adopt or collect; an attempt that is watched already, or has ended here, is left alone."""
        self._begin(job)

    def stop(self, job: Job, grace_s: float = STOP_GRACE_S) -> None:
        """End the attempt, begun by this engine or by an earlier one."""
        self._begin(job, grace_s)

    def hold(self, job: Job) -> None:
        """Freeze the attempt's whole process tree: as soon as it has one, if it has none yet."""
        self._hold(job, True)

    def release(self, job: Job) -> None:
        """Let a frozen attempt go on."""
        self._hold(job, False)

    def directories(self) -> dict[e.AttemptId, Path]:
        """Return where each attempt under watch keeps its files, for whoever samples them."""
        with self._lock:
            return {attempt: watch.job.directory for attempt, watch in self._watches.items()}

    def _hold(self, job: Job, is_held: bool) -> None:
        with self._lock:
            (self._held.add if is_held else self._held.discard)(job.attempt)
            if job.attempt in self._watches:
                self._watches[job.attempt].orders.hold(is_held)

    def _begin(self, job: Job, stop_grace_s: float | None = None) -> None:
        with self._lock:
            if (job.attempt, job.collections) in self._ended:
                return
            is_new = job.attempt not in self._watches
            if is_new:
                self._watches[job.attempt] = _Watch(job)
                self._watches[job.attempt].orders.hold(job.attempt in self._held)
            watch = self._watches[job.attempt]
            if stop_grace_s is not None:
                watch.orders.stop(stop_grace_s)
        if is_new:
            try:
                self._begin_thread(watch)
            except RuntimeError:  # no more threads: whoever asked may ask again
                with self._lock, watch.orders:
                    self._watches.pop(job.attempt)
                raise

    def _begin_thread(self, watch: _Watch) -> None:
        job = watch.job

        def see_through() -> None:
            with watch.orders:
                try:
                    killed = 0
                    while (error := self._hindrance(watch)) is not None:
                        if limit_met(error):
                            if not self._may_wait(watch):
                                raise error
                        else:
                            killed += not is_full_disk(error) and self._repository.takes_writes
                        if killed > MOST_KILLED:
                            raise error
                        watch.orders.wait(ROOM_S)
                finally:
                    with self._lock:
                        self._ended.add((job.attempt, job.collections))
                        self._watches.pop(job.attempt)
                        self._short.discard(job.attempt)

        def give_up(error: Exception) -> None:
            self._offer(e.AttemptFailed(job.attempt, given_up(job, error)))

        workers.begin(f"attempt {job.attempt}", see_through, give_up)

    def _hindrance(self, watch: _Watch) -> Exception | None:
        """See the attempt through; return what keeps it from being prepared or collected, if that passes."""

        def offer(*events: e.AnyEvent) -> None:
            with self._lock:
                self._short.discard(watch.job.attempt)
            self._offer(*events)

        try:
            run_attempt(watch.job, self._repository, offer, watch.orders)
        except (OSError, RuntimeError, MemoryError, PorchError) as error:
            limit = limit_met(error)
            if not limit and not passes(error, self._repository):
                raise
            if not limit or not watch.tries:
                log.warning("attempt %s is tried again: %s", watch.job.attempt, limit or error)
            return error
        return None

    def _may_wait(self, watch: _Watch) -> bool:
        """Have fewer attempts run at once, and say whether it is worth while to try this one again."""
        watch.tries += 1
        with self._lock:
            self._short.add(watch.job.attempt)
            others = len(self._watches.keys() - self._short)
            may_wait = others > 0 or watch.tries < TRIES or (watch.job.directory / "run.json").exists()
            for other in self._watches.values() if not may_wait else ():
                other.tries = 0  # what this one has taken is free now
        self._offer(e.SlotsChanged(max(1, others), is_auto=True, reason=Why.LIMIT.value))
        return may_wait
