"""What carries lines to a host and back. One connection at a time; whoever uses it connects again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from porch_tui.errors import PorchError


class CarrierError(PorchError):
    """A host cannot be reached; the text says why, and what to do."""


class Link(Protocol):
    """An open connection."""

    def send(self, data: bytes) -> None:
        """Send bytes; returns at once, from any thread. What a lost connection cannot take is dropped."""

    def close(self) -> None:
        """Give the connection up. `on_lost` is called if it was not yet."""


class Carrier(Protocol):
    """The way to one host."""

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> Link:
        """Connect. `on_data` receives what arrives, in one thread; `on_lost` why there is no more, once.

        Raises CarrierError.
        """
