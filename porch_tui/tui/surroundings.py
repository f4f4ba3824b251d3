"""What the screen is opened in: a terminal or none, near or far, in colour or not. Imports nothing slow.

Read once, before textual is imported; the screen itself is told the result.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TextIO

from porch_tui.tui.options import ANSI, CONTRAST, DARK, FAR_FPS, LIGHT, LOCAL_FPS, ScreenOptions

SHORT_NAMES = {"dark": DARK, "light": LIGHT, "contrast": CONTRAST, "ansi": ANSI}
_LIGHT_BACKGROUNDS = {"7", "15"}
"""What COLORFGBG calls white: number 7 or 15 of the sixteen colours."""


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


def is_usable_terminal(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether a full screen can be shown: textual reads standard input and draws on standard error."""
    return (
        environ.get("TERM", "dumb") not in {"", "dumb"}
        and is_terminal(sys.__stdin__)
        and is_terminal(sys.__stderr__)
    )


def stdin_is_gone() -> bool:
    """Return whether the terminal has gone away. Ask once a second.

    A process that ignores SIGHUP is not told otherwise, and textual's input
    thread then reads the end of file for ever, with a core to itself.
    """
    return not is_terminal(sys.__stdin__)


def wants_no_color(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether NO_COLOR is set and not empty."""
    return bool(environ.get("NO_COLOR"))


def is_over_ssh(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether every byte of a frame is likely to travel."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream leads to a terminal that is still there."""
    try:
        return stream is not None and os.isatty(stream.fileno())
    except (OSError, ValueError):  # closed
        return False
