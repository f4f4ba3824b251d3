"""One engine's connection to a host."""

from __future__ import annotations

import time
from collections.abc import Callable

from porch_tui.places.wire.lines import Lines, encode
from porch_tui.places.wire.messages import Key, Message, Need

CONTACT_S = 5.0
"""An engine says something every two seconds; one that was silent for so long counts as out of reach."""

Write = Callable[[bytes], None]
"""Sends bytes to the engine; returns at once, from any thread. What an engine is gone for is dropped."""


class Session:
    """What is known of an engine while it is connected."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self.lines = Lines.from_engine()
        self.heard_at = time.monotonic()
        self.followed: dict[Key, int] = {}
        """The attempts whose reports it wants: up to where it has their logs."""
        self.sent: dict[Key, int] = {}
        """Up to where their logs were sent."""
        self.so_far: dict[Key, str] = {}
        """The commit of what each running attempt had done when that was last offered."""
        self.needs: dict[str, Need] = {}
        """What it was asked for and has not sent yet, by base or digest."""

    @property
    def is_in_touch(self) -> bool:
        """Whether it was heard of lately."""
        return time.monotonic() - self.heard_at < CONTACT_S

    def send(self, message: Message) -> None:
        """Say something to the engine."""
        self._write(encode(message))

    def follow(self, key: Key, at: int) -> None:
        """Send the log of an attempt from an offset on, and its reports."""
        self.followed[key] = max(at, self.followed.get(key, 0))
        self.sent[key] = max(at, self.sent.get(key, 0))
