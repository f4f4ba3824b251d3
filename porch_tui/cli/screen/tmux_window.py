"""Has tmux call its window as the title says while porch is on the screen there.

tmux names a window by a format, which it works out again whenever the pane writes. In front of the person's
own format goes one that shows the pane's title as long as the program in front there is porch. So nothing is
renamed: whatever ends porch, kill -9 too, the window has its usual name at once. A window that the person has
named keeps that name, as tmux then uses no format.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from porch_tui.process.children import first_line

OPTION, KEPT = "automatic-rename-format", "@porch-kept-format"
"""The window's format, and what it is without porch: tmux looks that up where porch is not in front."""
PATIENCE_S = 2.0
"""tmux answers in milliseconds."""


@contextmanager
def window_named(environ: Mapping[str, str] = os.environ, *, is_wanted: bool = True) -> Iterator[None]:
    """Show the pane's title as the name of its tmux window until the block is left; outside tmux do nothing.

    Never fails and delays nothing: tmux is asked beside what the block does.
    """
    pane = environ.get("TMUX_PANE", "")
    if not (is_wanted and environ.get("TMUX") and pane):
        yield
        return
    window = TmuxWindow(pane)
    setting = threading.Thread(target=window.follow_title, name="tmux", daemon=True)
    setting.start()
    try:
        yield
    finally:
        setting.join(PATIENCE_S)
        window.give_back()


class TmuxWindow:
    """The window of a pane of tmux."""

    def __init__(self, pane: str) -> None:
        self._pane = pane
        self._own: str | None = None
        """Its own format, empty if it has the usual one; None: nothing was changed."""

    def follow_title(self) -> None:
        """Have the window show the title of the pane while the program that is in front there now is."""
        program = self._ask("display-message", "-p", "-t", self._pane, "#{pane_current_command}")
        usual = self._ask("show-options", "-gwv", OPTION)
        if not program or not usual or not program.isprintable() or set(program) & set("#{},;"):
            return
        own = self._ask("show-options", "-wv", "-t", self._pane, OPTION) or ""
        if KEPT in own:  # left by a porch that was killed
            kept = self._ask("show-options", "-wv", "-t", self._pane, KEPT) or usual
            own = "" if kept == usual else kept
        is_porch = f"#{{&&:#{{==:#{{pane_current_command}},{program}}},#{{m:porch *,#{{pane_title}}}}}}"
        self._own = own
        self._ask("set-option", "-w", "-t", self._pane, KEPT, own or usual)
        self._ask(
            "set-option", "-w", "-t", self._pane, OPTION, f"#{{?{is_porch},#{{pane_title}},#{{E:{KEPT}}}}}"
        )

    def give_back(self) -> None:
        """Give the window the format that it had."""
        if self._own is None:
            return
        if self._own:
            self._ask("set-option", "-w", "-t", self._pane, OPTION, self._own)
        else:
            self._ask("set-option", "-wu", "-t", self._pane, OPTION)
        self._ask("set-option", "-wu", "-t", self._pane, KEPT)

    def _ask(self, *words: str) -> str | None:
        return first_line("tmux", *words, timeout_s=PATIENCE_S)
