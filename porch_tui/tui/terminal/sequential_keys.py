"""Keys that are typed faster than they are obeyed: each is looked at once the one before has done its work.

Textual hands a key to the place that has the focus when the key arrives, but obeys it
only after it has been through the queues of all that lies around that place. Of `/foo`
in one burst the letters would go to the list, and what follows an enter into the line
that the enter has closed.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, Key, Paste

Result = TypeVar("Result")

PATIENCE_S = 1.0
"""How long a key holds up those behind it: a place that closes with it in hand never lets it go."""


class SequentialKeysApp(App[Result]):
    """An app whose keys go to where the ones before them have led."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._typed: deque[Key | Paste] = deque()
        """Those not done with; the first is in hand."""
        self._turn, self._since = 0, 0.0
        """Counts the keys taken in hand, and when the last one was."""

    async def on_event(self, event: Event) -> None:
        """Take what happened; a key waits for its turn."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if len(self._typed) == 1:
            await self._take()

    @property
    def undone_keys(self) -> int:
        """How many keys were typed and are not done with."""
        return len(self._typed)

    def hurry(self) -> None:
        """Take the next key if the one in hand has been for too long. To be called now and then."""
        if self.undone_keys > 1 and time.monotonic() - self._since > PATIENCE_S:
            self.call_later(self._go_on, self._turn)

    async def _take(self) -> None:
        """Hand on the first key, and follow it."""
        self._turn, self._since = self._turn + 1, time.monotonic()
        way = (self.focused or self.screen).ancestors_with_self
        await super().on_event(self._typed[0])
        # It has been obeyed when it is through these queues, and what that gave rise to at the same place
        # (an answer, from the line it was typed into) once they are passed again. A screen that was opened
        # by it has its focus when it has taken all that came to it.
        go_on = partial(self._go_on, self._turn)
        _pass(way, partial(_pass, way, lambda: _pass((self.screen, self), go_on)))

    async def _go_on(self, turn: int) -> None:
        """Take the next key, unless that was done for lack of patience."""
        if turn == self._turn and self._typed:
            self._typed.popleft()
            if self._typed:
                await self._take()


def _pass(way: list[DOMNode] | tuple[DOMNode, ...], arrived: Callable[[], object]) -> None:
    """Go through the queues of these nodes one after the other, then call `arrived` in the last one's turn.

    A node that is closed takes nothing any more: it is left out.
    """
    for at, node in enumerate(way):
        rest = way[at + 1 :]
        if node.call_later(partial(_pass, rest, arrived) if rest else arrived):
            return
