"""Runs attempts on this machine: a thread watches each, a shim owns it. Either survives the other's death."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, field

from porch_tui import log
from porch_tui.core.model import events as e
from porch_tui.core.model.place import PlaceName
from porch_tui.core.model.plan import LaneName
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.scheduling.slots import Why
from porch_tui.errors import PorchError, is_full_disk, limit_met
from porch_tui.executors.attempt import failure_by_error, run_attempt
from porch_tui.executors.background import start_thread
from porch_tui.executors.checkout import is_temporary
from porch_tui.executors.executor import STOP_GRACE_S, Disk, Job, Offer
from porch_tui.executors.lane import Lane
from porch_tui.executors.orders import Orders
from porch_tui.executors.spare_worktrees import SpareWorktrees

RETRY_S = 2.0
"""Between two tries of an attempt that waits for disk space, memory, or the end of other attempts."""
MOST_KILLED = 10
"""How often git may be killed before the attempt fails."""
TRIES = 5
"""Of an attempt that meets a limit of the system while no other attempt runs that could end."""


class _Watch(Struct):
    """A thread that watches one attempt."""

    job: Job
    orders: Orders = field(default_factory=Orders)
    tries: int = 0
    """How often it has met a limit of the system."""
    is_short: bool = False
    """It waits because the system allows no more processes, threads or open files."""


class LocalExecutor:
    """Runs attempts in worktrees on this machine. Keeps what `Executor` promises."""

    def __init__(self, offer: Offer, spares: SpareWorktrees | None = None) -> None:
        """`spares`: where the worktrees of checks wait for the next ones; None: each check has its own."""
        self._offer, self._spares = offer, spares
        self._watches: dict[e.AttemptId, _Watch] = {}
        self._lanes: dict[LaneName, Lane] = {}
        self._ended: set[tuple[e.AttemptId, int]] = set()
        """Attempts whose end has been reported, or is about to be, with their number of collections."""
        self._returned: set[e.AttemptId] = set()
        """Attempts of lanes that are reported as not begun, and were not started again since."""
        self._frozen: set[e.AttemptId] = set()
        """Attempts to keep frozen, started here or not yet."""
        self._lock = threading.Lock()

    def start(self, job: Job) -> None:
        """Start, adopt or collect; does nothing if the attempt is watched already, or has ended here."""
        with self._lock:
            self._returned.discard(job.attempt)
        self._watch(job)

    def start_lane(self, jobs: Sequence[Job]) -> None:
        """Start or adopt a lane; does nothing if it is watched already."""
        name = jobs[0].lane
        with self._lock:
            if name in self._lanes:
                return
            lane = self._lanes[name] = Lane(jobs, self._offer, self._note_end, self._note_return, self._watch)
            for job in jobs:
                self._returned.discard(job.attempt)
                lane.set_frozen(job.attempt, job.attempt in self._frozen)

        def run() -> None:
            try:
                lane.run()
            finally:
                with self._lock:
                    del self._lanes[name]
                    lane.bell.close()

        try:
            start_thread(f"lane {name}", run, lambda error: lane.hand_over())
        except RuntimeError:  # no more threads: the caller may try again
            with self._lock:
                del self._lanes[name]
                lane.bell.close()
            raise

    def _note_end(self, job: Job) -> None:
        with self._lock:
            self._ended.add((job.attempt, job.collections))

    def _note_return(self, job: Job) -> None:
        with self._lock:
            self._returned.add(job.attempt)

    def stop(self, job: Job, grace_s: float = STOP_GRACE_S) -> None:
        """End the attempt, started by this engine or by an earlier one."""
        with self._lock:
            if job.attempt in self._returned:
                return  # the engine is about to hear that; it may be started again, so it has no end
            lane = self._lanes.get(job.lane)
            if lane is not None and lane.stop(job.attempt, grace_s):
                return
        self._watch(job, grace_s)

    def finish(self, job: Job) -> None:
        """End the command in the attempt's terminal, started by this engine or by an earlier one."""
        self._watch(job)
        with self._lock:
            if job.attempt in self._watches:
                self._watches[job.attempt].orders.finish()

    def freeze(self, job: Job) -> None:
        """Freeze the attempt's whole process tree: as soon as it has one, if it has none yet."""
        with self._lock:
            self._frozen.add(job.attempt)
            self._pass_on_frozen(job.attempt)

    def thaw(self, job: Job) -> None:
        """Let a frozen attempt continue."""
        with self._lock:
            self._frozen.discard(job.attempt)
            self._pass_on_frozen(job.attempt)

    def directories(self) -> dict[e.AttemptId, Path]:
        """Return the directory of each watched attempt, for sampling."""
        with self._lock:
            return {attempt: watch.job.directory for attempt, watch in self._watches.items()}

    def samples(self) -> dict[e.AttemptId, Sample]:
        """Return nothing: all is measured from here."""
        return {}

    def disks(self) -> dict[PlaceName, Disk]:
        """Return nothing: there is no other machine."""
        return {}

    def close(self) -> None:
        """Nothing is to be let go of: shims need no engine."""

    def _pass_on_frozen(self, attempt: e.AttemptId) -> None:
        for lane in self._lanes.values():
            lane.set_frozen(attempt, attempt in self._frozen)
        if attempt in self._watches:
            self._watches[attempt].orders.set_frozen(attempt in self._frozen)

    def _watch(self, job: Job, stop_grace_s: float | None = None) -> None:
        with self._lock:
            if (job.attempt, job.collections) in self._ended:
                return
            is_new = job.attempt not in self._watches
            if is_new:
                self._watches[job.attempt] = _Watch(job)
                self._pass_on_frozen(job.attempt)
            watch = self._watches[job.attempt]
            if stop_grace_s is not None:
                watch.orders.stop(stop_grace_s)
        if is_new:
            try:
                start_thread(
                    f"attempt {job.attempt}",
                    lambda: self._run(watch),
                    lambda error: self._offer(e.AttemptFailed(job.attempt, failure_by_error(job, error))),
                )
            except RuntimeError:  # no more threads: the caller may try again
                with self._lock, watch.orders:
                    self._watches.pop(job.attempt)
                raise

    def _run(self, watch: _Watch) -> None:
        """Run the attempt to its end, again after errors that go away without a person."""
        job, repository, killed = watch.job, watch.job.checkout.repository, 0
        with watch.orders:
            try:
                while (error := self._temporary_error(watch)) is not None:
                    if limit_met(error):
                        if not self._may_retry(watch):
                            raise error
                    elif not is_full_disk(error):
                        killed += repository.is_writable
                    if killed > MOST_KILLED:
                        raise error
                    watch.orders.wait(RETRY_S)
            finally:
                with self._lock:
                    self._ended.add((job.attempt, job.collections))
                    self._watches.pop(job.attempt)

    def _temporary_error(self, watch: _Watch) -> Exception | None:
        """Run the attempt; return the error that keeps it from being prepared or collected for now."""

        def offer(*events: e.AnyEvent) -> None:
            watch.is_short = False
            self._offer(*events)

        try:
            run_attempt(watch.job, offer, watch.orders, self._spares)
        except (OSError, RuntimeError, MemoryError, PorchError) as error:
            limit = limit_met(error)
            if not limit and not is_temporary(error, watch.job.checkout.repository):
                raise
            if not limit or not watch.tries:
                log.warning(f"attempt {watch.job.attempt} is tried again: {limit or error}")
            return error
        return None

    def _may_retry(self, watch: _Watch) -> bool:
        """Have fewer attempts run at once, and say whether another try of this one is worthwhile."""
        watch.tries += 1
        with self._lock:
            watch.is_short = True
            others = sum(not other.is_short for other in self._watches.values())
            may_retry = others > 0 or watch.tries < TRIES or (watch.job.directory / "run.json").exists()
            for other in self._watches.values() if not may_retry else ():
                other.tries = 0  # what this one has taken is free now
        self._offer(e.SlotsChanged(max(1, others), is_auto=True, reason=Why.LIMIT.value))
        return may_retry
