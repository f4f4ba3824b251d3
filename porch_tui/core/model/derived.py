"""What is derived of a state: computed once for it, and carried along while what it is derived from stays.

A state is asked the same questions many times between two events, by settling, performing, the screen and
watchers. The answers are kept beside the state and never in it: two states are equal whatever they were
asked, and `replay` comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from porch_tui.core.model.state import RunState

Found = TypeVar("Found")

_CARRIED: dict[object, frozenset[str]] = {}
"""The fields that a derivation looks at."""
_FIELDS: set[str] = set()
"""All of those."""


def once(*fields: str) -> Callable[[Callable[[RunState], Found]], Callable[[RunState], Found]]:
    """Have a function of a state computed once for each state.

    With the fields named that it looks at, all of them, the next state has the answer as well if they are
    the same objects there.
    """

    def derived(derive: Callable[[RunState], Found]) -> Callable[[RunState], Found]:
        if fields:
            _CARRIED[derive] = frozenset(fields)
            _FIELDS.update(fields)

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
    changed = {name for name in _FIELDS if getattr(before, name) is not getattr(after, name)}
    for derive, answer in tuple(before.derived.items()):  # another thread may be asking
        reads = _CARRIED.get(derive)
        if reads is not None and reads.isdisjoint(changed):
            after.derived.setdefault(derive, answer)
