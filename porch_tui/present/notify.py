"""How a terminal is asked to show a notification. Imports nothing slow."""

from __future__ import annotations

from enum import StrEnum

from porch_tui.present.clean import UNSAFE

BELL = "\x07"


class Notify(StrEnum):
    """What porch asks to show a notification when something needs the person, besides the bell."""

    OFF = "off"
    OSC9 = "osc9"
    """The terminal, as iTerm2, kitty, ghostty, WezTerm and Windows Terminal understand it."""
    OSC777 = "osc777"
    """The terminal, as foot, ghostty, rxvt and those made of VTE understand it."""
    DESKTOP = "desktop"
    """The desktop of this machine, through `notify-send` or `osascript`."""


def notification(how: Notify, text: str, *, is_in_tmux: bool) -> str:
    """Return what asks the terminal to show a text; empty where it is not the terminal that is asked.

    tmux passes it on only where `allow-passthrough` is on; else it drops it.
    """
    safe = UNSAFE.sub("", text)
    match how:
        case Notify.OSC9:
            sequence = f"\x1b]9;porch: {safe}\x07"  # a text that began with a number would be another order
        case Notify.OSC777:
            sequence = f"\x1b]777;notify;porch;{safe.replace(';', ',')}\x07"
        case _:
            return ""
    return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\" if is_in_tmux else sequence
