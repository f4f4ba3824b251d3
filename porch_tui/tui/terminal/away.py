"""Leaves the screen to a program of the person's, and comes back when that has ended.

The run goes on meanwhile; only the drawing stands still.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App, SuspendNotSupported

from porch_tui.errors import PorchError
from porch_tui.tui.terminal.terminal import deaf_to_keys


def away(app: App[Any], act: Callable[[], object]) -> str:
    """Give the terminal to what `act` runs, wait for its end, and return what to tell the person, or nothing.

    That is why it was refused, or the text that `act` returns if it returns one. `act` must block: textual
    never comes back from a suspension with an await in it. A key that interrupts is for the program alone.
    """
    told = ""
    try:
        with app.suspend(), deaf_to_keys():
            # an error that left this block would leave the screen suspended: textual resumes in no `finally`
            try:
                said = act()
                told = said if isinstance(said, str) else ""
            except PorchError as error:
                told = str(error)
    except SuspendNotSupported:
        return "this terminal cannot be given to another program"
    return told
