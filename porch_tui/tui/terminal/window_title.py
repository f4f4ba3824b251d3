"""The title of the terminal's window while the app has the terminal; before and after it is the person's own.

A terminal keeps titles on a stack. One that does not is left with an empty title, in place of which most show
their own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from textual.app import App

from porch_tui.present.clean import UNSAFE

KEEP = "\x1b[22;2t"
GIVE_BACK = "\x1b]2;\x07\x1b[23;2t"
WITHOUT_TITLE = frozenset({"", "dumb", "linux"})
"""Values of TERM: some of them would show what sets a title."""


def has_title(environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether the terminal can have a title."""
    return environ.get("TERM", "") not in WITHOUT_TITLE


def title_set(text: str) -> str:
    """Return what gives the window a title."""
    return f"\x1b]2;{UNSAFE.sub('', text)}\x07"


class WindowTitle:
    """A title that the window has whenever the app has the terminal."""

    def __init__(self, app: App[Any], *, is_wanted: bool) -> None:
        """Follow the app as it takes the terminal and gives it back. Call it in the app's `__init__`."""
        self._app = app
        self._is_wanted = is_wanted
        self._text = ""
        if is_wanted:
            app.driver_class = _titled(app.driver_class, self)

    def show(self, text: str) -> None:
        """Have the window show a text; the same one again writes nothing."""
        if self._is_wanted and text != self._text:
            self._text = text
            write(self._app, title_set(text))

    def taken(self) -> str:
        """Return what to write once the app has the terminal."""
        return KEEP + (title_set(self._text) if self._text else "")


def write(app: App[Any], sequence: str) -> None:
    """Write to the terminal, past the screen; nothing while another program has it."""
    driver: Any = getattr(app, "_driver", None)
    if getattr(getattr(driver, "_writer_thread", None), "is_alive", bool)():
        driver.write(sequence)
        driver.flush()


def _titled(driver_class: Any, title: WindowTitle) -> Any:
    class TitledDriver(driver_class):  # type: ignore[misc]
        _has_title = False

        def start_application_mode(self) -> None:
            super().start_application_mode()
            if getattr(self, "_writer_thread", None) is not None:
                self._has_title = True
                self.write(title.taken())

        def stop_application_mode(self) -> None:
            if self._has_title:
                self._has_title = False
                self.write(GIVE_BACK)
            super().stop_application_mode()

    return TitledDriver
