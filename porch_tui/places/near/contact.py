"""What has changed about the connection to a place."""

from __future__ import annotations

from msgspec import Struct

from porch_tui.places.wire import messages as m


class Contact(Struct, frozen=True):
    """That a place answers, or no longer does."""

    welcome: m.Welcome | None = None
    """It answers; None: it does not."""
    why: str = ""
    """Why not."""
    heard_at: float = 0.0
    """When it last did, Unix time; 0: never."""
    is_gone: bool = False
    """It is not expected back."""
