"""How threads share what only one, or only a few, can do at a time. Knows nothing of git."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

from msgspec import Struct

from porch_tui.errors import PorchError

Request = TypeVar("Request")
Answer = TypeVar("Answer")

IDLE_WAIT_S = 2.0
"""So long an unhurried thread waits for a moment without hurried ones."""


class _Waiting(Struct, Generic[Request, Answer]):
    """A request of a thread, and what comes of it."""

    request: Request
    outcome: tuple[Answer] | PorchError | OSError | None = None


class Batcher(Generic[Request, Answer]):
    """One thread at a time answers requests: its own, and those of all threads that wait by then.

    So sixty-four branches that are asked for at once are one transaction, and not sixty-four in a row.
    """

    def __init__(
        self, answer: Callable[[Sequence[Request]], Sequence[Answer | PorchError | OSError]]
    ) -> None:
        """`answer` returns for each request the answer, or the error that its thread raises.

        What it raises itself is raised in all of the threads: it should be about what they have in common.
        """
        self._answer = answer
        self._turn = threading.Lock()
        self._waiting: queue.SimpleQueue[_Waiting[Request, Answer]] = queue.SimpleQueue()

    def ask(self, request: Request) -> Answer:
        """Return the answer to a request, found in this thread's turn or an earlier one; raise its error."""
        own = _Waiting[Request, Answer](request)
        self._waiting.put(own)
        with self._turn:
            if own.outcome is None:
                self._serve()
        match own.outcome:
            case (answer,):
                return answer
            case PorchError() | OSError() as error:
                raise error
            case _:
                raise AssertionError("the turn that took this request ended with a bug")

    def _serve(self) -> None:
        """Answer all requests that wait by now."""
        batch: list[_Waiting[Request, Answer]] = []
        with suppress(queue.Empty):
            while True:
                batch.append(self._waiting.get_nowait())
        try:
            answers = self._answer([one.request for one in batch])
        except (PorchError, OSError) as error:
            answers = [error] * len(batch)
        for one, answer in zip(batch, answers, strict=True):
            one.outcome = answer if isinstance(answer, PorchError | OSError) else (answer,)


class PrioritySlots:
    """A number of slots for threads, where hurried ones go first."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._waiting = self._running = 0
        """How many hurried threads wait for a slot, and have one."""
        self._changed = threading.Condition()

    @contextmanager
    def slot(self, *, is_hurried: bool) -> Iterator[None]:
        """Hold a slot while the block runs.

        An unhurried thread takes none while a hurried one waits, and for a while also not while a hurried one
        runs, so as not to slow it down.
        """
        with self._changed:
            if is_hurried:
                self._waiting += 1
                try:
                    self._changed.wait_for(lambda: self._free)
                finally:
                    self._waiting -= 1
            else:
                self._changed.wait_for(lambda: not (self._waiting or self._running), IDLE_WAIT_S)
                self._changed.wait_for(lambda: self._free and not self._waiting)
            self._free -= 1
            self._running += is_hurried
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._running -= is_hurried
                self._changed.notify_all()
