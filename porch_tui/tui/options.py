"""What the screen is told when it opens, and what it tells when it closes. Imports nothing slow."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from msgspec import Struct, field

LOCAL_FPS = 10
FAR_FPS = 4
DARK, LIGHT, CONTRAST = "porch-dark", "porch-light", "porch-contrast"
"""Names of themes."""
ANSI = "ansi-dark"
"""Textual's: the terminal's own sixteen colours on its own background."""


class Leaving(Enum):
    """How the person left the screen."""

    DETACHED = auto()
    """Something was still at work, and goes on."""
    FINISHED = auto()
    """Nothing more starts, and the engine ends when the tasks that run have finished."""
    STOPPED = auto()
    """Everything was told to stop: each live attempt ends, then the engine."""
    ENDED = auto()
    """Nothing was at work any more."""
    KILLED = auto()
    """SIGTERM, SIGHUP, or a terminal that went away; what ran goes on."""
    BROKEN = auto()
    """The screen fell over a bug of porch, and has said so; what ran goes on."""


class ScreenOptions(Struct, frozen=True):
    """How to draw. The defaults suit a terminal on this machine."""

    fps: int = LOCAL_FPS
    """Looks at the run a second; 0 looks only when `tick` is called."""
    is_low_bandwidth: bool = False
    """Draw less often and scroll by half pages, for a slow line."""
    is_ascii: bool = False
    """Use no character beyond ASCII for rules and glyphs."""
    is_colorless: bool = False
    """Use no colour at all."""
    has_mouse: bool = True
    theme: str = DARK
    """A theme's name."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """The person's own keys, by the id of what they do."""

    def key(self, id: str, usual: str) -> str:
        """Return the key that a text should name for what usually has `usual`."""
        return self.keymap.get(id, usual).partition(",")[0]
