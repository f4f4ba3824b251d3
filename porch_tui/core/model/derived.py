"""What is derived of a state: computed once for it, and carried along while what it is derived from stays.

A state is asked the same questions many times between two events, by settling, performing, the screen and
watchers. The answers are kept beside the state and never in it: two states are equal whatever they were
asked, and `replay` comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from operator import attrgetter, is_
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from porch_tui.core.model.state import RunState

Found = TypeVar("Found")

_CARRIED: dict[object, Callable[[RunState], tuple[object, ...]]] = {}
"""What reads the fields that a derivation looks at."""


def once(*fields: str) -> Callable[[Callable[[RunState], Found]], Callable[[RunState], Found]]:
    """Have a function of a state computed once for each state.

    With the fields named that it looks at, all of them, the next state has the answer as well if they are
    the same objects there.
    """

    def derived(derive: Callable[[RunState], Found]) -> Callable[[RunState], Found]:
        if fields:
            reads = attrgetter(*fields) if len(fields) > 1 else (lambda state: (getattr(state, fields[0]),))
            _CARRIED[derive] = reads

        @wraps(derive)
        def found(state: RunState) -> Found:
            answers: dict[object, Any] = state.derived
            if derive not in answers:
                answers[derive] = derive(state)
            answer: Found = answers[derive]
            return answer

        return found

    return derived


def known(ask: Callable[[RunState], Found], state: RunState) -> Found | None:
    """Return an answer that the state has already; None if it was not computed."""
    answer: Found | None = state.derived.get(ask.__wrapped__)  # type: ignore[attr-defined]
    return answer


def store(ask: Callable[[RunState], Found], state: RunState, answer: Found) -> None:
    """Store an answer that was computed in another way."""
    state.derived[ask.__wrapped__] = answer  # type: ignore[attr-defined]


def carry(before: RunState, after: RunState) -> None:
    """Copy the answers of the previous state that still hold."""
    if after is before:
        return
    for derive, answer in tuple(before.derived.items()):  # another thread may be asking
        reads = _CARRIED.get(derive)
        if reads is not None and all(map(is_, reads(before), reads(after))):
            after.derived.setdefault(derive, answer)
