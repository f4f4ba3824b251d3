"""A lane on this machine: attempts that one shim runs in turn, watched by one thread.

Their ends are reported together, as far as they have come at each look. As soon as anything is in the way, a
person's order or an attempt that takes long, nothing more begins there: what runs is watched like any other
attempt from then on, and what has not begun is returned.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from porch_tui import log
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.errors import PorchError
from porch_tui.executors.attempt import assignment, end_of, own_variables, prepare, steps
from porch_tui.executors.executor import Job, Offer
from porch_tui.process import control, liveness, spawn
from porch_tui.process.assignment import HOLD_S, Behind

LOOK_S = 0.05
"""Between two looks at what has ended."""


class Lane:
    """The attempts of one lane that are not reported yet."""

    def __init__(
        self,
        jobs: Sequence[Job],
        offer: Offer,
        on_end: Callable[[Job], None],
        on_return: Callable[[Job], None],
        watch: Callable[[Job, float | None], None],
    ) -> None:
        """`jobs`: the first to begin first. `on_end` and `on_return` are called before that is reported.

        `watch` takes an attempt over that runs, or is to run, on its own, with the grace of its stop.
        """
        self._offer, self._watch = offer, watch
        self._on_end, self._on_return = on_end, on_return
        self._lock = threading.Lock()
        self._jobs = {job.attempt: job for job in jobs}
        self._head = jobs[0].directory.with_name(jobs[0].lane)
        self._stops: dict[e.AttemptId, float] = {}
        """Those to be stopped, with their grace."""
        self._frozen: set[e.AttemptId] = set()
        self._is_recalled = False
        self.bell = liveness.Bell()

    def stop(self, attempt: e.AttemptId, grace_s: float) -> bool:
        """End one of its attempts; False if it is not there any more."""
        with self._lock:
            if attempt not in self._jobs:
                return False
            self._stops[attempt] = min(grace_s, self._stops.get(attempt, grace_s))
            self.bell.ring()
            return True

    def set_frozen(self, attempt: e.AttemptId, is_frozen: bool) -> None:
        """Keep one of its attempts from beginning or going on, or let it."""
        with self._lock:
            if attempt in self._jobs and (attempt in self._frozen) != is_frozen:
                (self._frozen.add if is_frozen else self._frozen.discard)(attempt)
                self.bell.ring()

    def run(self) -> None:
        """Begin the lane, or find it as an earlier engine left it, and report all of it."""
        while True:
            self.bell.hush()
            with self._lock:
                jobs, is_free = tuple(self._jobs.values()), not (self._stops or self._frozen)
            if not jobs:
                return
            if is_free and jobs[0].directory == self._head and not has_begun(self._head):
                self._begin(jobs)
            if not is_free:
                self._recall()
            is_alive = liveness.is_lane(self._head)  # asked first: what has not begun then never will
            self._report(self._seen_in_turn(jobs) if is_alive else self._seen_at_end(jobs))
            if is_alive:
                liveness.wait_for_lane(self._head, LOOK_S, self.bell)
            elif self._jobs:  # they are frozen, and have not begun
                self.bell.wait()

    def hand_over(self) -> None:
        """Have what is left watched one by one, as something unexpected has happened here."""
        for job in tuple(self._jobs.values()):
            self._hand_over(job)

    def _begin(self, jobs: tuple[Job, ...]) -> None:
        """Start the shim; if that fails, nothing of the lane has begun, and the first is tried alone."""
        first, *others = jobs
        try:
            if messages := prepare(first):
                self._offer(*messages)
            behind = tuple(
                Behind(job.directory, steps(job), job.spec.timeout_s, own_variables(job)) for job in others
            )
            ends = first.spec.max_fail is not None
            spawn.start(replace(assignment(first), behind=behind, ends_at_failure=ends, hold_s=HOLD_S))
        except (OSError, RuntimeError, MemoryError, PorchError) as error:
            log.warning(f"a lane of {len(jobs)} checks was not begun: {error}")

    def _recall(self) -> None:
        if not self._is_recalled and has_begun(self._head):
            try:
                control.recall(self._head)
                self._is_recalled = True
            except OSError as error:  # a full disk: the lane is over soon anyway
                log.warning(f"the lane of {self._head.name} could not be called back: {error}")

    def _seen_in_turn(self, jobs: tuple[Job, ...]) -> Iterator[tuple[Job, tuple[e.AnyEvent, ...]]]:
        """Yield what has ended of a lane that goes on."""
        for job in jobs:
            found = liveness.find(job.directory)
            if not isinstance(found, liveness.Ended):
                return
            yield job, end_of(job, found)

    def _seen_at_end(self, jobs: tuple[Job, ...]) -> Iterator[tuple[Job, tuple[e.AnyEvent, ...]]]:
        """Yield what has become of a lane that goes no further."""
        may_have_begun = liveness.is_of_earlier_boot(self._head)
        for job in jobs:
            attempt, found = job.attempt, liveness.find(job.directory)
            if isinstance(found, liveness.Ended | liveness.Lost):
                yield job, end_of(job, found)
            elif isinstance(found, liveness.Alive) or job.directory == self._head:
                self._hand_over(job)
            elif attempt in self._stops:
                yield job, (e.AttemptStopped(attempt),)
            elif may_have_begun:  # its directory was not written to the disk
                yield job, end_of(job, liveness.Lost(liveness.LostWhy.REBOOT))
            elif attempt not in self._frozen:
                yield job, (e.AttemptReturned(attempt, job.lane),)

    def _hand_over(self, job: Job) -> None:
        with self._lock:
            del self._jobs[job.attempt]
            grace_s = self._stops.pop(job.attempt, None)
        self._watch(job, grace_s)

    def _report(self, seen: Iterator[tuple[Job, tuple[e.AnyEvent, ...]]]) -> None:
        """Report what was seen, all at once."""
        events: list[e.AnyEvent] = []
        for job, own in seen:
            (self._on_return if isinstance(own[-1], e.AttemptReturned) else self._on_end)(job)
            with self._lock:  # no order reaches it here any more
                del self._jobs[job.attempt]
                self._stops.pop(job.attempt, None)
                self._frozen.discard(job.attempt)
            events += own
        if events:
            self._offer(*events)


def has_begun(directory: Path) -> bool:
    """Say whether a shim has begun there, whatever has become of it since."""
    return not isinstance(liveness.find(directory), liveness.NotStarted)
