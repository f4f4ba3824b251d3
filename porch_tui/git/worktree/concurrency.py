"""Do in one turn what many threads ask for at the same time. Knows nothing of git.

Under a lock that everybody needs, the one whose turn it is answers all who wait with it: sixty-four
branches are then one transaction, and not sixty-four of them one after the other.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from msgspec import Struct

from porch_tui.errors import PorchError

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")


class _Asked(Struct, Generic[Wish, Answer]):
    wish: Wish
    outcome: tuple[Answer] | PorchError | OSError | None = None


class Batcher(Generic[Wish, Answer]):
    """PrioritySlots, taken by whichever thread comes first, for itself and for all that have come by then."""

    def __init__(self, answer: Callable[[Sequence[Wish]], Sequence[Answer | PorchError | OSError]]) -> None:
        """`answer` gives each wish its answer, or the error that its thread is to raise.

        What it raises itself, all of them raise: it should be about what they have in common.
        """
        self._answer = answer
        self._turn = threading.Lock()
        self._waiting: queue.SimpleQueue[_Asked[Wish, Answer]] = queue.SimpleQueue()

    def ask(self, wish: Wish) -> Answer:
        """Return the answer to the wish, found in this thread's turn or an earlier one; raise its error."""
        asked = _Asked[Wish, Answer](wish)
        self._waiting.put(asked)
        with self._turn:
            if asked.outcome is None:
                self._serve(list(self._taken()))
        match asked.outcome:
            case (answer,):
                return answer
            case PorchError() | OSError() as error:
                raise error
            case _:
                raise AssertionError("the turn that took this wish was broken off by a bug")

    def _taken(self) -> Iterator[_Asked[Wish, Answer]]:
        while True:
            try:
                yield self._waiting.get_nowait()
            except queue.Empty:
                return

    def _serve(self, batch: Sequence[_Asked[Wish, Answer]]) -> None:
        try:
            answers = self._answer([asked.wish for asked in batch])
        except (PorchError, OSError) as error:
            for asked in batch:
                asked.outcome = error
            return
        for asked, answer in zip(batch, answers, strict=True):
            asked.outcome = answer if isinstance(answer, PorchError | OSError) else (answer,)


IDLE_WAIT_S = 2.0
"""How long who is not in a hurry waits for a moment in which nobody is who is."""


class PrioritySlots:
    """A number of places that threads take in turn."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting = self._at_work = 0
        """How many of those in a hurry wait for a place, and have one."""
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, *, is_hurried: bool) -> Iterator[None]:
        """Have a place while the block runs.

        Who is not in a hurry takes none that somebody waits for who is, and for a while slows none of them
        down that have one.
        """
        with self._changed:
            if is_hurried:
                self._wait_in_a_hurry()
            else:
                self._changed.wait_for(lambda: not (self._waiting or self._at_work), IDLE_WAIT_S)
                self._changed.wait_for(lambda: self._free and not self._waiting)
            self._free -= 1
            self._at_work += is_hurried
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._at_work -= is_hurried
                self._changed.notify_all()

    def _wait_in_a_hurry(self) -> None:
        self._waiting += 1
        try:
            self._changed.wait_for(lambda: self._free)
        finally:
            self._waiting -= 1
