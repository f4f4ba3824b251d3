"""Do in one turn what many threads ask for at the same time. Knows nothing of git.

Under a lock that everybody needs, the one whose turn it is answers all who wait with it: sixty-four
branches are then one transaction, and not sixty-four of them one after the other.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from porch_tui.errors import PorchError

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")


class _Asked(Struct, Generic[Wish, Answer]):
    wish: Wish
    outcome: tuple[Answer] | PorchError | OSError | None = None


class Gathering(Generic[Wish, Answer]):
    """Turns, taken by whichever thread comes first, for itself and for all that have come by then."""

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
