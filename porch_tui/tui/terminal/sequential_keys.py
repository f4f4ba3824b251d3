"""Handles keys one after the other, however fast they are typed: each waits until the previous one is done.

Textual sends a key to the widget that has the focus when the key arrives, but runs its action only after the
key has passed the message queues of all widgets around. Of `/foo` typed in one burst the letters would go to
the list, and what follows an enter would go into the line that the enter closes.
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

from porch_tui.tui.terminal.terminal import door_of, draw_frame

Result = TypeVar("Result")

PATIENCE_S = 1.0
"""How long a key may delay the next ones: a widget that closes while it handles one never finishes it."""


class SequentialKeysApp(App[Result]):
    """An app that handles a key only when the previous one is done."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._typed: deque[Key | Paste] = deque()
        """Keys that are not done; the first is being handled."""
        self._turn, self._since = 0, 0.0
        """How many keys were begun, and when the last one was."""
        self.last_key_at = float("-inf")
        """When the person last pressed a key (monotonic seconds)."""

    async def on_event(self, event: Event) -> None:
        """Handle an event; a key waits for its turn."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self.last_key_at = time.monotonic()
        self._typed.append(event)
        if len(self._typed) == 1:
            await self._take()

    @property
    def undone_keys(self) -> int:
        """How many keys were typed and are not done."""
        return len(self._typed)

    def is_for_task(self, event: Key | Paste) -> bool:
        """Return whether a key was for a task that was stepped into meanwhile, which has it then."""
        return door_of(self).type_ahead(event)

    def hurry(self) -> None:
        """Go on to the next key if the current one takes too long. Call it now and then."""
        if self.undone_keys > 1 and time.monotonic() - self._since > PATIENCE_S:
            self.call_later(self._go_on, self._turn)

    async def _take(self) -> None:
        """Handle the first key, and find out when it is done."""
        while self._typed and self.is_for_task(self._typed[0]):
            self._typed.popleft()
        if not self._typed:
            return
        self._turn, self._since = self._turn + 1, time.monotonic()
        way = (self.focused or self.screen).ancestors_with_self
        await super().on_event(self._typed[0])
        # Its action has run when it has passed these queues, and messages posted by that (the answer of an
        # input line) when the queues are passed a second time. A screen it has opened has its focus when
        # that screen's queue is empty.
        go_on = partial(self._go_on, self._turn)
        _pass(way, partial(_pass, way, lambda: _pass((self.screen, self), go_on)))

    async def _go_on(self, turn: int) -> None:
        """Go on to the next key, unless `hurry` already has."""
        if turn == self._turn and self._typed:
            self._typed.popleft()
            if self._typed:
                await self._take()
            else:
                draw_frame(self)  # a person waits for what the key has changed


def _pass(way: list[DOMNode] | tuple[DOMNode, ...], arrived: Callable[[], object]) -> None:
    """Pass the message queues of these nodes one after the other, then call `arrived`. Skips closed nodes."""
    for at, node in enumerate(way):
        rest = way[at + 1 :]
        if node.call_later(partial(_pass, rest, arrived) if rest else arrived):
            return
