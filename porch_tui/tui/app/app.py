"""The app around the screens: its one timer, the wishes a person has of the run, and the ways to leave.

It talks to the run through the session alone. What is drawn, and where the
person looks, is the screens' business.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.command import Provider
from textual.message import Message as Posted
from textual.screen import Screen

from porch_tui.core.model import commands as c
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import PorchError
from porch_tui.session.session import Session
from porch_tui.tui.app.screens import open_screen, why_not_open
from porch_tui.tui.board.board import Board
from porch_tui.tui.drawing.styles import RULE, set_colors
from porch_tui.tui.keys.bound_keys import BoundKeys, bound_keys
from porch_tui.tui.keys.everywhere import EVERYWHERE
from porch_tui.tui.keys.key_bar import KeyBar
from porch_tui.tui.model.actions import MOVES, OF_RUN, Action, commands, question, refusal, retry_all_question
from porch_tui.tui.model.messages import Message, about
from porch_tui.tui.model.outside import Nowhere, Outside
from porch_tui.tui.model.requests import Requests
from porch_tui.tui.model.run_summary import can_pause_or_resume_all, retryable, waits_for_engine
from porch_tui.tui.model.view import EngineStatus, View, is_busy
from porch_tui.tui.model.watch import Pace, Watch
from porch_tui.tui.terminal import environment as surroundings
from porch_tui.tui.terminal import terminal
from porch_tui.tui.terminal.options import Leaving, ScreenOptions
from porch_tui.tui.terminal.sequential_keys import SequentialKeysApp
from porch_tui.tui.terminal.terminal import hand_over_terminal
from porch_tui.tui.widgets.help import Help
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext
from porch_tui.tui.widgets.questions import how_to_leave, which_file, yes_or_no


class FilesFound(Posted):
    """It is known which files a task has changed."""

    def __init__(self, task: TaskId, files: Sequence[str]) -> None:
        super().__init__()
        self.task, self.files = task, files


def _palette() -> type[Provider]:
    from porch_tui.tui.app.palette import Palette  # nobody waits for the board because of it

    return Palette


class PorchApp(SequentialKeysApp[Leaving]):
    """Shows one run, and returns how the person left it."""

    TITLE = "porch"
    CSS_PATH = "porch.tcss"
    BINDINGS: ClassVar[list[BindingType]] = list(EVERYWHERE)
    COMMAND_PALETTE_BINDING = "ctrl+p"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}

    def __init__(
        self,
        session: Session,
        *,
        options: ScreenOptions,
        outside: Outside | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Prepare to show a run. `now` is the clock, in seconds since the epoch."""
        with terminal.color_wish(is_colorless=options.is_colorless):
            super().__init__(ansi_color=True if options.is_colorless else None)
        terminal.install_safe_filter(self)
        terminal.outlive_terminal(self)
        terminal.tell_faults_safely(self)
        self.animation_level = "none"
        self.set_keymap(dict(options.keymap))
        self._session = session
        self._options = options
        self._now = now
        self._watch = Watch(session, options, now)
        self._screen_context = ScreenContext(
            session, options, outside or Nowhere(), lambda: self._watch.view, now
        )
        self.charset = self._screen_context.charset
        self._requests = Requests(session, now)
        self._terminal_check = Pace(1.0)
        set_colors(self, options)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return what a theme that is not ours says nothing of: the colour of rules."""
        return {"rule": "ansi_default" if self.native_ansi_color else RULE}

    def get_default_screen(self) -> Screen[Any]:
        """Return the board, the screen that is always there."""
        self.board = Board(self._screen_context)
        return self.board

    @property
    def live(self) -> LiveScreen:
        """The uppermost screen of the run; a question or the help may lie upon it."""
        stack = self.screen_stack if self.is_running else ()
        return next((one for one in reversed(stack) if isinstance(one, LiveScreen)), self.board)

    def on_mount(self) -> None:
        """Start looking."""
        terminal.restore_on_signals(self)
        terminal.stop_between_callbacks(self)
        terminal.limit_mouse_reports(self)
        if self._options.fps:
            self.set_interval(1 / self._options.fps, self.tick)

    def tick(self) -> None:
        """Look at the run once, and have drawn what changed. The only timer there is calls this."""
        self.hurry()
        if terminal.writer_backlog(self) > 0:
            return  # the terminal is behind: what is drawn now would only be late
        now = self._now()
        if self._options.fps and self._terminal_check.is_due(now) and surroundings.stdin_is_gone():
            self.exit(Leaving.KILLED, 128 + signal.SIGHUP)
            return
        is_new = self._watch.look(is_urgent=self._requests.is_waiting)
        view = self._watch.view
        for message in (*self._requests.answers(view), self._watch.take_notice(), _trouble(view)):
            self.say(message)
        if is_new:
            self.live.draw(self._watch.view)
        self.live.tick(now)

    def tell(self, text: str) -> None:
        """Tell the person something, if there is anything to tell."""
        self.say(Message(text))

    def say(self, message: Message) -> None:
        """Tell the person something until it is over, if there is anything to tell."""
        if message.text:
            self.live.say(message, self._now())

    @on(LiveScreen.Notify)
    def _tell_on(self, message: LiveScreen.Notify) -> None:
        tasks = () if message.task is None else (message.task,)
        self.say(about(self._watch.view, message.text, *tasks))

    @on(LiveScreen.CommandRequested)
    def _send_on(self, message: LiveScreen.CommandRequested) -> None:
        self._send([message.command])

    @on(LiveScreen.Finished)
    def _finish(self, message: LiveScreen.Finished) -> None:
        self.action_close()
        self.tell(message.text)

    # --- what a person wants of the run

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keep the keys of a task from working, and from being told of, on a screen that gives them up."""
        is_of_task = action == "away" or (action == "verb" and parameters[0] not in OF_RUN)
        return self.live.has_task_actions if is_of_task else True

    def action_verb(self, name: str) -> None:
        """Ask the run for something, after asking the person where it cannot be taken back."""
        verb, tasks, state = Action(name), self.live.targets, self._watch.view.state
        if verb in OF_RUN:
            tasks = (TaskId(""),)
        if verb is Action.PAUSE_ALL and not can_pause_or_resume_all(self._watch.view):
            self.tell("Can't pause all: nothing is running")
            return
        if not tasks:
            self.tell("no task can be chosen here: make the window at least 60x15")
            return
        asked = commands(verb, state, tasks, self._session.new_command_id)
        apt = [task for task, one in zip(tasks, asked, strict=False) if refusal(state, one) is None]
        text = question(verb, state, apt) if apt else None
        if text is None:
            self._wish(verb, tasks)
        else:
            self._ask(text, lambda: self._wish(verb, tasks, agreed=frozenset(apt)))

    def action_resume(self) -> None:
        """Have an engine go on with the run; where nothing waits for one, try again what failed."""
        self._watch.look(is_urgent=True)  # another terminal's wish may have come this moment
        view = self._watch.view
        failed = tuple(retryable(view))
        if waits_for_engine(view) and view.can_start_engine:
            self._watch.start_engine()
            self.live.draw(self._watch.view)
        elif waits_for_engine(view):
            self.tell(f"No engine can be started from here; start one with: porch resume {view.state.run}")
        elif failed:
            self._ask(retry_all_question(failed), lambda: self._retry(failed))
        else:
            self.tell("nothing waits for an engine, and nothing has failed")

    def _ask(self, asked: tuple[str, str], act: Callable[[], None]) -> None:
        self.push_screen(yes_or_no(*asked, self.charset), lambda is_yes: act() if is_yes else None)

    def _retry(self, tasks: Sequence[TaskId]) -> None:
        self._send(commands(Action.RETRY, self._watch.view.state, tasks, self._session.new_command_id))

    def _wish(self, verb: Action, tasks: Sequence[TaskId], agreed: Collection[TaskId] | None = None) -> None:
        """Ask the run for something of all the tasks; of those only that the person agreed to, if asked."""
        # moves follow each other faster than the run answers: each goes by what was asked before it
        state = self._session.anticipated() if verb in MOVES else self._watch.view.state
        asked = commands(verb, state, tasks, self._session.new_command_id)
        meant = [one for one in asked if agreed is None or getattr(one, "task", None) in {None, *agreed}]
        self._send(meant, [one for one in asked if one not in meant])
        if any(refusal(state, one) is None for one in meant):
            self.live.clear_marks()

    def _send(self, asked: Sequence[c.AnyCommand], left_out: Sequence[c.AnyCommand] = ()) -> None:
        self.live.hush()  # what was said of the wish before is old news
        self.say(self._requests.ask(asked, self._watch.view, left_out))
        if self._requests.is_waiting:
            self._watch.expect_engine()
            self.live.draw(self._watch.view)

    # --- finding one's way

    def action_open(self, name: str) -> None:
        """Open a screen upon the board, in place of another that lies there; the same again goes back."""
        live = self.live
        if live.id == name:
            self.action_close()
            return
        if why_not := why_not_open(name, self._watch.view, live.chosen):
            self.say(about(self._watch.view, why_not, *([live.chosen] if live.chosen else [])))
            return
        opened = open_screen(name, self._screen_context, live.chosen)
        opened.inherited_targets = live.targets
        if live is self.board:
            self.push_screen(opened)
        else:
            self.switch_screen(opened)

    def action_close(self) -> None:
        """Go back to the board, and to the task that was under the cursor."""
        live = self.live
        if live is self.board:
            return
        if live.chosen is not None:
            self.board.choose(live.chosen)
        self.pop_screen()

    def action_help(self) -> None:
        """List the keys of the focused place, and do what is chosen of them."""
        self.push_screen(Help(bound_keys(self.screen, self.charset), self.charset), self.obey)

    @on(KeyBar.Pressed)
    async def _press(self, message: KeyBar.Pressed) -> None:
        bound = bound_keys(self.screen, self.charset)
        await self.obey(next((one for one in bound if one.id == message.id), None))

    async def obey(self, one: BoundKeys | None) -> None:
        """Do what a key does, at the place it belongs to."""
        if one is not None:
            await self.run_action(one.action, one.node)

    # --- the terminal

    def action_away(self, what: str) -> None:
        """Leave the screen to something done outside of it, mostly for the task under the cursor."""
        outside, task = self._screen_context.outside, self.live.chosen
        acts = {"diff": outside.show_diff, "shell": outside.open_shell}
        if what == "stream":
            self.tell(hand_over_terminal(self, outside.stream))
        elif task is None:
            self.tell("no task can be chosen here: make the window at least 60x15")
        elif what == "editor":
            self._find_files(task)
        else:
            self.tell(hand_over_terminal(self, partial(acts[what], task)))

    @work(thread=True, exclusive=True)
    def _find_files(self, task: TaskId) -> None:
        try:
            found = self._screen_context.outside.changed_files(task)
        except (PorchError, OSError) as error:
            self.post_message(LiveScreen.Notify(str(error), task))
        else:
            self.post_message(FilesFound(task, found))

    @on(FilesFound)
    def _edit(self, message: FilesFound) -> None:
        task, files = message.task, message.files
        if not files:
            key = self._options.key("task.shell", "!")
            text = f"{task} has changed no file so far; {key} opens a shell in its worktree"
            self.say(about(self._watch.view, text, task))
        elif len(files) == 1:
            self._open_editor(task, files)
        else:
            asked = which_file(task, files, self.charset)
            self.push_screen(asked, lambda chosen: self._open_editor(task, chosen) if chosen else None)

    def _open_editor(self, task: TaskId, files: Sequence[str]) -> None:
        self.tell(hand_over_terminal(self, partial(self._screen_context.outside.open_editor, task, files)))

    def action_mouse(self) -> None:
        """Leave the mouse to the terminal, which then selects text with it; or take it back."""
        is_ours = terminal.toggle_mouse(self)
        key = self._options.key("run.mouse", "M")
        self.tell(
            "the mouse is ours again" if is_ours else f"the terminal has the mouse; {key} takes it back"
        )

    def action_redraw(self) -> None:
        """Draw all anew, over whatever another program wrote upon it."""
        self.screen.refresh(layout=True)

    # --- leaving

    def action_explain_leaving(self) -> None:
        """Say which key leaves: ctrl+c is pressed by habit, and must not stop anything."""
        if self.live is self.board:
            self.tell(f"press {self._options.key('run.quit', 'q')} to quit")
        else:
            self.tell("press q to go back to the board, and again to quit")

    def action_leave(self) -> None:
        """Leave at once if nothing runs; else ask."""
        view = self._watch.view
        if not is_busy(view):
            self.exit(Leaving.ENDED)
            return
        can_stop = view.engine is not EngineStatus.GONE or view.can_start_engine
        self.push_screen(how_to_leave(view.state, self.charset, can_stop=can_stop), self._leave)

    def _leave(self, how: Leaving | None) -> None:
        ending = {Leaving.FINISHED: c.Ending.FINISH, Leaving.STOPPED: c.Ending.STOP}.get(how) if how else None
        if ending is not None:
            trouble = self._requests.ask_to_end(ending)
            if trouble:
                self.tell(trouble)
                return
        if how is not None:
            self.exit(how)


def _trouble(view: View) -> Message:
    """Return why the run cannot be followed; nothing if it can."""
    return Message(view.trouble, lambda later: not later.trouble)
