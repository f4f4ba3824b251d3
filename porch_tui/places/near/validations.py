"""Validations at places that are not here: each is an order to a host like an attempt, and ends in a verdict.

The run knows nothing of them as attempts: what hosts report of them stays here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName
from porch_tui.executors.executor import End, Executor, Job, Offer
from porch_tui.executors.orders import REPEAT_S, Orders
from porch_tui.executors.validation_checkout import MARK, is_validation

Value = TypeVar("Value")


class Validations:
    """Those that this engine has given to places. Safe to use from many threads."""

    def __init__(self, at: Callable[[PlaceName], Executor], offer: Offer) -> None:
        """`at` returns the executor of a place; what is no validation's goes to `offer`."""
        self._at, self._offer = at, offer
        self._lock = threading.Lock()
        self._waiting: dict[e.AttemptId, Orders] = {}
        self._ends: dict[e.AttemptId, End] = {}
        self._said = set[str]()
        """Remarks for a person: hosts repeat them, and each validation may make the same."""

    def run(self, job: Job, orders: Orders) -> End | None:
        """Run a validation at its place, or find it there; return its end, None if it is stopped.

        One that is stopped is waited for no longer than its end takes: its place may be silent.
        """
        executor, is_frozen, give_up_at = self._at(job.place), False, 0.0
        with self._lock:
            self._waiting[job.attempt] = orders
        try:
            if not orders.is_stopped:
                executor.start(job)
            while (end := self._ends.get(job.attempt)) is None:
                orders.bell.hush()  # before they are passed on: a later order rings again
                if orders.is_stopped:
                    give_up_at = give_up_at or time.monotonic() + orders.grace_s + REPEAT_S
                    executor.stop(job, orders.grace_s)
                    if time.monotonic() > give_up_at:
                        return None
                elif orders.is_frozen != is_frozen:
                    is_frozen = orders.is_frozen
                    (executor.freeze if is_frozen else executor.thaw)(job)
                if job.attempt not in self._ends:
                    orders.wait(LOOK_S if orders.is_stopped else REPEAT_S)
        finally:
            with self._lock:
                del self._waiting[job.attempt]
        return None if orders.is_stopped else end

    def hear(self, *events: e.AnyEvent) -> None:
        """Take what a host reports; pass on what is about attempts, and remarks for a person."""
        ours = [event for event in events if _is_ours(event)]
        if not ours:
            self._offer(*events)
        for event in ours:
            match event:
                case e.Noticed() if event.text not in self._said:
                    self._said.add(event.text)
                    self._offer(replace(event, task=None))
                case e.AttemptNoticed() if event.notice:
                    self._offer(e.Noticed(f"a validation elsewhere {event.notice}"))
                case e.AttemptSucceeded() | e.AttemptFailed() | e.AttemptStopped() | e.AttemptLimited():
                    with self._lock:
                        self._ends[event.attempt] = event
                        orders = self._waiting.get(event.attempt)
                    if orders is not None:
                        orders.wake()


LOOK_S = 0.1
"""How often the end of one that is stopped is looked for."""


def of_attempts(found: Mapping[e.AttemptId, Value]) -> dict[e.AttemptId, Value]:
    """Return what belongs to attempts of tasks."""
    return {attempt: value for attempt, value in found.items() if not is_validation(attempt)}


def _is_ours(event: e.AnyEvent) -> bool:
    if isinstance(event, e.Noticed):
        return bool(event.task and event.task.startswith(MARK))
    attempt = getattr(event, "attempt", None)
    return isinstance(attempt, e.AttemptId) and is_validation(attempt)
