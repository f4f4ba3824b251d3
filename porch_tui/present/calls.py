"""When the person is called: once for each need, and for several of a moment together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.present.explain import Need
from porch_tui.present.needed import need_key

JOIN_S = 0.8
"""Needs that come within so long of the first are called together."""


class Calls:
    """Says when a call is due. What was there before, the person looks at or has done themselves is none."""

    def __init__(self, known: Iterable[str]) -> None:
        """Begin with the keys of the needs (`need_key`) that the person knows of."""
        self._known = frozenset(known)
        self._waiting: dict[str, Need] = {}
        self._since = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether a need waits for others to be called with."""
        return bool(self._waiting)

    def due(
        self,
        state: RunState,
        needs: Sequence[Need],
        now: float,
        looked_at: TaskId | None = None,
        *,
        is_last: bool = False,
    ) -> tuple[Need, ...]:
        """Return the new needs to call the person for now; mostly none. `now` is in seconds.

        The last time nothing comes that could be joined, so all of them are due.
        What goes away before its call is due is no call; what the person looks at, they have seen.
        """
        present = {need_key(state, need): need for need in needs}
        new = {key: need for key, need in present.items() if key not in self._known and not need.is_by_person}
        self._known = frozenset(present)
        waiting = {**{key: present[key] for key in self._waiting if key in present}, **new}
        if waiting and not self._waiting:
            self._since = now
        self._waiting = {
            key: need for key, need in waiting.items() if looked_at is None or need.task != looked_at
        }
        # abs: a clock that was set back must not keep a call for ever
        if not self._waiting or (abs(now - self._since) < JOIN_S and not is_last):
            return ()
        due, self._waiting = tuple(self._waiting.values()), {}
        return due
