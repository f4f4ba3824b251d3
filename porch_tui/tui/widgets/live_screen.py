"""What all screens of a run share: the summary above, the keys and notices below, and being drawn anew.

A screen draws a View, and by itself remembers only what the person looks at. How
the run is followed, and what is wanted of it, is the app's business.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message as Posted
from textual.screen import Screen

from porch_tui.core.model.commands import AnyCommand
from porch_tui.core.model.plan import TaskId
from porch_tui.present.signs import Charset
from porch_tui.session.session import Session
from porch_tui.tui.keys.bindings import LIVE_SCREEN
from porch_tui.tui.keys.key_bar import KeyBar, useful_keys
from porch_tui.tui.model.messages import Message
from porch_tui.tui.model.outside import Outside
from porch_tui.tui.model.view import View
from porch_tui.tui.terminal.options import ScreenOptions
from porch_tui.tui.widgets.notice import Notice
from porch_tui.tui.widgets.summary_line import SummaryLine


class ScreenContext(Struct, frozen=True):
    """What every screen is given."""

    session: Session
    options: ScreenOptions
    outside: Outside
    latest: Callable[[], View]
    """Returns the newest view of the run."""
    now: Callable[[], float] = time.time
    """The clock, in seconds since the epoch; that of a view stands still when nothing runs."""

    @property
    def charset(self) -> Charset:
        """Which characters may be drawn."""
        return Charset.ASCII if self.options.is_ascii else Charset.UNICODE


class LiveScreen(Screen[None]):
    """A screen that follows the run while it is uppermost."""

    BINDINGS: ClassVar[list[BindingType]] = [*LIVE_SCREEN]

    inherited_targets: tuple[TaskId, ...] = ()
    """What verbs meant on the screen that this one was opened from."""

    class Notify(Posted):
        """Asks the app to show the person a text; it goes once one of these tasks has moved on."""

        def __init__(self, text: str, *tasks: TaskId) -> None:
            super().__init__()
            self.text, self.tasks = text, tasks

    class CommandRequested(Posted):
        """Asks the app to send a command to the run."""

        def __init__(self, command: AnyCommand) -> None:
            super().__init__()
            self.command = command

    class Finished(Posted):
        """There is nothing more to do on this screen."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text
            """What to tell the person on the board."""

    has_task_actions: ClassVar[bool] = True
    """Whether the keys of a task do here what they do on the board."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__()
        self.context = context
        self.view = context.latest()
        self._summary = SummaryLine(context.charset)
        self._keys = KeyBar(context.charset)
        self._notice = Notice(context.charset)

    # --- what a screen says for itself

    def compose_body(self) -> ComposeResult:
        """Yield what stands between the summary and the keys; the stylesheet says how."""
        yield from ()

    def draw_body(self, view: View) -> None:
        """Show a moment of the run; each part redraws only what differs."""

    @property
    def chosen(self) -> TaskId | None:
        """The task that verbs mean; None where none is under a cursor."""
        return None

    @property
    def targets(self) -> tuple[TaskId, ...]:
        """All tasks that verbs mean: those that are marked, else the one under the cursor."""
        return (self.chosen,) if self.chosen is not None else ()

    def clear_marks(self) -> None:
        """Mark none any more: a verb was told of them."""

    def choose(self, task: TaskId) -> None:
        """Put the cursor on a task, where there is one."""

    def tick_body(self) -> None:
        """Look at what is no part of the view: files."""

    # --- what the app asks for

    def compose(self) -> ComposeResult:
        """Lay the parts out."""
        self.set_class(self.context.charset is Charset.ASCII, "-ascii")
        yield self._summary
        yield self._notice  # before the body: what a person types into it lies over what they were told
        yield from self.compose_body()
        yield self._keys

    def draw(self, view: View) -> None:
        """Show a moment of the run."""
        self.view = view
        self._summary.draw(view)
        self._notice.follow(view)
        self.draw_body(view)
        self.draw_keys()

    def draw_keys(self) -> None:
        """Show the keys that would do something now, at the place that has them."""
        self._keys.draw(*useful_keys(self, self.view, self.chosen, self.context.charset))

    def tick(self, now: float) -> None:
        """Look at files, and take away a notice that was there long enough."""
        self.tick_body()
        self._notice.expire(now)

    def show_message(self, message: Message, now: float) -> None:
        """Show a message until it is over."""
        self._notice.say(message, now)

    def clear_message(self) -> None:
        """Remove the last message."""
        self._notice.clear()

    # --- what happens on the screen

    def on_mount(self) -> None:
        """Show what there is before the first frame."""
        self.draw(self.view)

    def on_screen_resume(self) -> None:
        """Show what happened while another screen lay above."""
        if self.is_mounted:
            self.draw(self.context.latest())

    def on_descendant_focus(self) -> None:
        """Show the keys of the place that has them now."""
        self.draw_keys()
