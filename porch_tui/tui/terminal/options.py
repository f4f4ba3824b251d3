"""What the screen is told when it opens, and what it tells when it closes. Imports nothing slow."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum, auto

from msgspec import Struct, field

from porch_tui.tui.terminal.environment import is_over_ssh, wants_no_color

LOCAL_FPS = 10
FAR_FPS = 4
DARK, LIGHT, CONTRAST = "porch-dark", "porch-light", "porch-contrast"
"""Names of themes."""
ANSI = "ansi-dark"
"""Textual's: the terminal's own sixteen colours on its own background."""
SHORT_NAMES = {"dark": DARK, "light": LIGHT, "contrast": CONTRAST, "ansi": ANSI}
_LIGHT_BACKGROUNDS = {"7", "15"}
"""What COLORFGBG calls white: number 7 or 15 of the sixteen colours."""


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


def options_for(
    environ: Mapping[str, str] = os.environ,
    *,
    fps: int | None = None,
    is_low_bandwidth: bool | None = None,
    is_ascii: bool = False,
    has_mouse: bool = True,
    theme: str = "",
    is_light: bool | None = None,
    keymap: Mapping[str, str] | None = None,
) -> ScreenOptions:
    """Return options that suit the terminal; what is given here is kept."""
    is_far = is_over_ssh(environ) if is_low_bandwidth is None else is_low_bandwidth
    return ScreenOptions(
        fps=fps or (FAR_FPS if is_far else LOCAL_FPS),
        is_low_bandwidth=is_far,
        is_ascii=is_ascii,
        is_colorless=wants_no_color(environ),
        has_mouse=has_mouse,
        theme=theme or _theme(environ, is_far=is_far, is_light=is_light),
        keymap=keymap or {},
    )


def theme_named(name: str) -> str:
    """Return the theme that is called so for short; any other name is one of textual's."""
    return SHORT_NAMES.get(name, name)


def wants_background(theme: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether it matters if the terminal's background is light, and is safe to ask.

    Over SSH it is neither: the terminal's own colours are used, and an answer that comes late would be
    taken for keys.
    """
    return not theme and _theme(environ, is_far=is_over_ssh(environ), is_light=None) != ANSI


def _theme(environ: Mapping[str, str], *, is_far: bool, is_light: bool | None) -> str:
    # The terminal's own colours are a third fewer bytes, and all that the Linux console has.
    if is_far or wants_no_color(environ) or environ.get("TERM") == "linux":
        return ANSI
    if is_light is None:  # the terminal did not say
        is_light = environ.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_BACKGROUNDS
    return LIGHT if is_light else DARK
