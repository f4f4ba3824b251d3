"""Shows a notification on the desktop of this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from porch_tui.process.children import why_failed
from porch_tui.tui.terminal.environment import is_over_ssh

OF_A_MAC = ("on run words", 'display notification (item 1 of words) with title "porch"', "end run")
TIMEOUT_S = 5.0


def notify(text: str) -> None:
    """Show a text, as far as there is a desktop and a program for it; over SSH it is not the person's."""
    if command := notifier(text, os.environ, sys.platform):
        why_failed(command, Path("/"), os.environ, TIMEOUT_S)


def notifier(text: str, environ: Mapping[str, str], platform: str) -> tuple[str, ...]:
    """Return the command that shows a text; nothing where there is no desktop of the person's."""
    if is_over_ssh(environ):
        return ()
    if platform == "darwin":
        return ("osascript", *(word for line in OF_A_MAC for word in ("-e", line)), text)
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        # as the summary: in a body some would read markup
        return ("notify-send", "--app-name=porch", "--", text)
    return ()
