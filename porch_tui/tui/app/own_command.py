"""A command of the person's own on the screen: its output as a log, live, and how it ended."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from porch_tui.core.model.plan import TaskId, shown
from porch_tui.present.own_commands import ended
from porch_tui.tui.keys.bindings import OWN_COMMAND
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.model.outside import Running
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext


class OwnCommandScreen(LiveScreen):
    """What one command prints. Closing it leaves the command at work."""

    BINDINGS: ClassVar[list[BindingType]] = [*OWN_COMMAND]
    AUTO_FOCUS = "LogPane"
    has_task_actions = False

    def __init__(self, context: ScreenContext, task: TaskId | None, running: Running) -> None:
        super().__init__(context, task)
        self.running = running
        self._title = ""
        self._log = LogPane(jump_scroll=context.options.is_low_bandwidth, charset=context.charset)

    def compose_body(self) -> ComposeResult:
        """Lay the parts out."""
        yield self._log

    def tick_body(self) -> None:
        """Read what it has printed, and say whether it runs."""
        title = f"{outcome(self.running)}: {shown(self.running.words)}"
        if title != self._title:
            self._title = title
            self._log.show(self.running.output, title)
        self._log.tick()

    def on_mount(self) -> None:
        """Show what there is before the first frame."""
        super().on_mount()
        self.tick_body()

    def action_stop(self) -> None:
        """Ask the command to end; the second time, end it."""
        if self.running.code() is None:
            self.running.stop()
        else:
            self.post_message(self.Notify("It has ended already"))


def outcome(running: Running) -> str:
    """Return whether a command runs, or how it ended."""
    code = running.code()
    return "at work" if code is None else ended(code)
