"""What all screens of a run share: the summary above, keys and notices below, and how they are redrawn.

A screen draws a `View`, and remembers only what the person is looking at. Following the run and sending
commands is left to the app.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar, Protocol, runtime_checkable

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import DescendantFocus, ScreenResume, ScreenSuspend
from textual.message import Message
from textual.screen import Screen

from porch_tui.core.model.commands import AnyCommand
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TaskStatus
from porch_tui.present.signs import Charset
from porch_tui.session.session import Session
from porch_tui.tui.keys.bindings import LIVE_SCREEN
from porch_tui.tui.keys.key_bar import Key, KeyBar, useful_keys
from porch_tui.tui.model.answers import may_answer, question_of, write_line
from porch_tui.tui.model.outside import Outside
from porch_tui.tui.model.view import View
from porch_tui.tui.terminal.lean_updates import LeanCompositor
from porch_tui.tui.terminal.options import ScreenOptions
from porch_tui.tui.terminal.terminal import draw_first_frame
from porch_tui.tui.widgets.notice import Notice
from porch_tui.tui.widgets.prompt import Prompt
from porch_tui.tui.widgets.summary_line import SummaryLine


class ScreenContext(Struct, frozen=True):
    """What every screen is given."""

    session: Session
    options: ScreenOptions
    outside: Outside
    latest: Callable[[], View]
    """Returns the latest view of the run."""
    now: Callable[[], float] = time.time
    """The clock, in seconds since the epoch; the time of a view stands still when nothing runs."""

    @property
    def charset(self) -> Charset:
        """Which characters may be drawn."""
        return Charset.ASCII if self.options.is_ascii else Charset.UNICODE


class TaskTerminal(Protocol):
    """A terminal that a screen shows."""

    @property
    def may_step_in(self) -> bool:
        """Whether what the person types may go to the task."""

    @property
    def how_to_leave(self) -> str:
        """The keys that leave the task; empty if the person is not inside."""

    def step_in(self, left: Callable[[], object] = ...) -> None:
        """Have everything the person does go to the task, until they leave."""


@runtime_checkable
class Asking(Protocol):
    """A question over a screen."""

    offered: tuple[tuple[str, str], ...]
    """The key and the text of each answer; the last one leaves everything as it is."""


class LiveScreen(Screen[None]):
    """A screen that follows the run while it is on top."""

    BINDINGS: ClassVar[list[BindingType]] = [*LIVE_SCREEN]

    inherited_targets: tuple[TaskId, ...] = ()
    """The targets of the screen that this one was opened from."""

    class ChooseTask(Message):
        """Asks the screen to put its cursor on a task."""

        def __init__(self, task: TaskId) -> None:
            super().__init__()
            self.task = task

    class Notify(Message):
        """Asks the app to show the person a text; it goes once one of these tasks has moved on."""

        def __init__(self, text: str, *tasks: TaskId) -> None:
            super().__init__()
            self.text, self.tasks = text, tasks

    class CommandRequested(Message):
        """Asks the app to send a command to the run."""

        def __init__(self, command: AnyCommand) -> None:
            super().__init__()
            self.command = command

    class Finished(Message):
        """Asks the app to close the screen: nothing is left to do.

        The text is said on the board, and goes once one of these tasks has moved on.
        """

        def __init__(self, text: str, *tasks: TaskId) -> None:
            super().__init__()
            self.text, self.tasks = text, tasks

    terminal: TaskTerminal | None = None
    """The terminal of the task that the person looks at."""
    has_task_actions: ClassVar[bool] = True
    """Whether the keys of a task work here as on the board."""

    def __init__(self, context: ScreenContext, task: TaskId | None = None) -> None:
        super().__init__()
        self._compositor = LeanCompositor()
        self.task_id = task
        self.context = context
        self.view = context.latest()
        self._summary = SummaryLine(context.charset)
        self._keys = KeyBar(context.charset)
        self.notice = Notice(context.charset)
        self._was_drawn = False

    # --- what each screen defines

    def compose_body(self) -> ComposeResult:
        """Yield the widgets between the summary and the keys; the stylesheet lays them out."""
        yield from ()

    def draw_body(self, view: View) -> None:
        """Show a moment of the run; each part redraws only what differs."""

    @property
    def chosen(self) -> TaskId | None:
        """The task under the cursor, if any."""
        return self.task_id

    @property
    def targets(self) -> tuple[TaskId, ...]:
        """The tasks that actions apply to: those that are marked, else the one under the cursor."""
        return (self.chosen,) if self.chosen is not None else ()

    def clear_marks(self) -> None:
        """Remove all marks, after an action on them."""

    def choose(self, task: TaskId) -> None:
        """Put the cursor on a task."""
        self.task_id = task
        self.draw(self.view)

    def tick_body(self) -> None:
        """Read what is not part of the view: files."""

    # --- called by the app

    def compose(self) -> ComposeResult:
        """Lay the parts out."""
        self.set_class(self.context.charset is Charset.ASCII, "-ascii")
        yield self._summary
        yield self.notice  # before the body: a prompt covers a notice
        yield from self.compose_body()
        yield self._keys

    def draw(self, view: View) -> None:
        """Show a moment of the run."""
        self.view = view
        self.notice.follow(view)
        self.draw_body(view)
        self.draw_keys()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let other bindings of a key apply where there is nothing to step into, and nothing to answer."""
        if action == "answer":
            return self.chosen is not None and may_answer(self.view.state, self.chosen)
        return action != "step_in" or (self.terminal is not None and self.terminal.may_step_in)

    def action_step_in(self) -> None:
        """Step into the task."""
        if self.terminal is not None:
            self.terminal.step_in()

    def action_answer(self) -> None:
        """Ask for a line, and write it to the standard input of the task."""
        if (task := self.chosen) is None:
            return

        def answer(line: str | None) -> None:
            if line is not None:
                self.post_message(self.Notify(write_line(self.context.session, task, line), task))

        asked, hints = question_of(self.view.state, task)
        from porch_tui.tui.widgets.line_question import LineQuestion

        self.app.push_screen(LineQuestion(asked, hints, self.context.charset, may_be_any=True), answer)

    def draw_keys(self) -> None:
        """Show the keys that would do something now, above too; of a question over the screen its answers."""
        leave = self.terminal.how_to_leave if self.terminal is not None else ""
        self._summary.draw(self.view, leave)
        if (over := self.app.screen) is not self:
            offered = over.offered if isinstance(over, Asking) else ()
            keys = tuple(Key(key, text, "") for key, text in offered)
            self._keys.draw(keys[:-1], keys[-1:])
        elif leave:
            what_else = _what_goes_on(self.view, self.chosen)
            self._keys.draw((), (Key(leave, f"leaves; {what_else}", ""),))
        elif isinstance(self.focused, Prompt):
            self._keys.draw((), (Key("enter", "done", ""), Key("esc", "cancel", "prompt.give_up")))
        else:
            self.draw_own_keys()

    def draw_own_keys(self) -> None:
        """Show the keys of this screen that would do something now."""
        self._keys.draw(*useful_keys(self, self.view, self.chosen, self.context.charset))

    def tick(self, now: float) -> None:
        """Read files, and remove a notice that was there long enough."""
        self.tick_body()
        self.notice.expire(now)

    # --- events

    @on(ChooseTask)
    def _choose(self, message: ChooseTask) -> None:
        self.choose(message.task)

    def on_mount(self) -> None:
        """Show what there is before the first frame."""
        self.draw(self.view)

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Show what happened while another screen was on top."""
        if self._was_drawn:
            self.draw(self.context.latest())
        else:
            self._was_drawn = True
            draw_first_frame(self, event)

    @on(ScreenSuspend)
    @on(DescendantFocus)
    def _show_keys(self) -> None:
        """Show the keys of the focused place, or of the question that is over the screen."""
        self.draw_keys()


def _what_goes_on(view: View, chosen: TaskId | None) -> str:
    """Return what becomes of what a person inside a task types."""
    task = view.state.tasks.get(chosen) if chosen is not None else None
    if task is not None and task.status is TaskStatus.PAUSED:
        return "the task is paused: it reads what you type once it is resumed"
    return "all else goes to the task"
