"""Opens the screen on a run and returns how the person left it. Importing this does not import Textual."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

from porch_tui.session.session import Session
from porch_tui.tui.model.outside import Outside
from porch_tui.tui.terminal.options import Leaving, ScreenOptions

SCREEN_FPS = "30"
"""The most frames a second; Textual's 60 gain nothing here."""
_BROKEN = 1


def run_screen(session: Session, options: ScreenOptions, outside: Outside | None = None) -> Leaving:
    """Show the run until the person leaves. Standard input and error must be a terminal.

    PlanError if there is no such theme.
    """
    import_screen()
    from porch_tui.tui.app.app import PorchApp

    with _no_collecting():
        app = PorchApp(session, options=options, outside=outside)
    leaving = app.run(mouse=options.has_mouse)
    if leaving is not None:
        return leaving
    return Leaving.BROKEN if app.return_code == _BROKEN else Leaving.KILLED


def import_screen() -> None:
    """Import what is slow to import, once."""
    is_set = "TEXTUAL_FPS" in os.environ  # read while textual is imported; no child inherits ours
    os.environ.setdefault("TEXTUAL_FPS", SCREEN_FPS)
    try:
        with _no_collecting():
            import porch_tui.tui.app.app  # noqa: F401
    finally:
        if not is_set:
            del os.environ["TEXTUAL_FPS"]


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Collect no garbage during imports, nor of them later: an eighth of the time to the first frame."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
