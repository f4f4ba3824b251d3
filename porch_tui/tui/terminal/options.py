"""What the screen gets when it opens and returns when it closes. Imports nothing slow."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum, auto

from msgspec import Struct, field

from porch_tui.present.arrangement import Layout, SortKey
from porch_tui.present.notify import Notify
from porch_tui.present.own_commands import OwnCommand
from porch_tui.tui.terminal.environment import has_few_colors, is_over_ssh, wants_no_color

LOCAL_FPS = 10
FAR_FPS = 4
DARK, LIGHT, CONTRAST = "porch-dark", "porch-light", "porch-contrast"
"""Names of themes."""
ANSI = "ansi-dark"
"""Textual's: the terminal's own sixteen colors on its own background."""
SHORT_NAMES = {"dark": DARK, "light": LIGHT, "contrast": CONTRAST, "ansi": ANSI}
_LIGHT_BACKGROUNDS = {"7", "15"}
"""The backgrounds in COLORFGBG that are white: colors 7 and 15 of the sixteen."""


LEAVE_KEYS = ("ctrl+]",)


class Leaving(Enum):
    """How the person left the screen."""

    DETACHED = auto()
    """They detached; what was running continues."""
    FINISHED = auto()
    """Nothing more starts, and the engine ends when the running tasks have finished."""
    STOPPED = auto()
    """All running attempts are stopped, then the engine."""
    ENDED = auto()
    """Nothing was running any more."""
    KILLED = auto()
    """SIGTERM, SIGHUP, or a terminal that went away; what was running continues."""
    BROKEN = auto()
    """A bug of porch ended the screen, which has reported it; what was running continues."""


class ScreenOptions(Struct, frozen=True):
    """How to draw. The defaults suit a terminal on this machine."""

    fps: int = LOCAL_FPS
    """Updates per second; with 0 only calls of `tick` update."""
    is_low_bandwidth: bool = False
    """Draw less often and scroll by half pages: less output for slow connections."""
    is_ascii: bool = False
    """Use only ASCII for rules and glyphs."""
    is_colorless: bool = False
    """Use no colors."""
    has_mouse: bool = True
    theme: str = DARK
    """A theme's name."""
    layout: Layout = Layout.AUTO
    list_share: float | None = None
    """How much of the window's width the lists beside the log take; None: what is usual."""
    sort: SortKey = SortKey.PLAN
    keymap: Mapping[str, str] = field(default_factory=dict)
    """The person's own keys, by the id of the action."""
    commands: tuple[OwnCommand, ...] = ()
    """The person's own."""
    has_bell: bool = True
    """The bell rings when something needs the person."""
    has_title: bool = True
    """The title of the window says how far the run is."""
    notify: Notify = Notify.OFF
    leave_keys: tuple[str, ...] = LEAVE_KEYS
    """The keys that leave the terminal of a task."""
    warnings: tuple[str, ...] = ()
    """What was wrong with the person's settings, each with its place in the file."""

    def key(self, id: str, usual: str) -> str:
        """Return the key to name in a text for an action whose default key is `usual`."""
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
    layout: Layout = Layout.AUTO,
    list_share: float | None = None,
    sort: SortKey = SortKey.PLAN,
    keymap: Mapping[str, str] | None = None,
    commands: tuple[OwnCommand, ...] = (),
    has_bell: bool = True,
    has_title: bool = True,
    notify: Notify = Notify.OFF,
    leave_keys: tuple[str, ...] = LEAVE_KEYS,
    warnings: tuple[str, ...] = (),
) -> ScreenOptions:
    """Return options that suit the terminal, except for those that are given."""
    is_far = is_over_ssh(environ) if is_low_bandwidth is None else is_low_bandwidth
    return ScreenOptions(
        fps=fps or (FAR_FPS if is_far else LOCAL_FPS),
        is_low_bandwidth=is_far,
        is_ascii=is_ascii,
        is_colorless=wants_no_color(environ),
        has_mouse=has_mouse,
        theme=theme or _theme(environ, is_far=is_far, is_light=is_light),
        layout=layout,
        list_share=list_share,
        sort=sort,
        keymap=keymap or {},
        commands=commands,
        has_bell=has_bell,
        has_title=has_title,
        notify=notify,
        leave_keys=leave_keys,
        warnings=warnings,
    )


def theme_named(name: str) -> str:
    """Return the theme with this short name; any other name is one of textual's."""
    return SHORT_NAMES.get(name, name)


def wants_background(theme: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether to ask if the terminal's background is light.

    Not over SSH: the terminal's own colors are used there, and a late answer would be read as keys.
    """
    return not theme and _theme(environ, is_far=is_over_ssh(environ), is_light=None) != ANSI


def _theme(environ: Mapping[str, str], *, is_far: bool, is_light: bool | None) -> str:
    # The terminal's own colors take a third fewer bytes, and some terminals have no others.
    if is_far or wants_no_color(environ) or has_few_colors(environ):
        return ANSI
    if is_light is None:  # the terminal did not say
        is_light = environ.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_BACKGROUNDS
    return LIGHT if is_light else DARK
