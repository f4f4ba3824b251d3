"""The title of the terminal's window while the app has it; before and after it is the person's own."""

from __future__ import annotations

from typing import Any

from textual.app import App

from porch_tui.present.window_title import GIVE_BACK, KEEP, title_set


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
