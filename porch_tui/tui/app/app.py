"""The app around the screens: its one timer, the commands a person gives the run, and how they leave.

It reaches the run through the session only. Drawing is left to the screens. Dialogs are imported when they
are shown, as screens are: most of the time to the first frame goes into imports.
"""

from __future__ import annotations

import signal
import time
from asyncio import to_thread
from collections.abc import Callable, Collection, Sequence
from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.command import Provider
from textual.screen import Screen

from porch_tui.core.model import commands as c
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import PorchError
from porch_tui.session.session import Session
from porch_tui.tui.app.person_calls import PersonCalls
from porch_tui.tui.app.programs import NO_TASK, Programs
from porch_tui.tui.app.review_comments import after_sending, with_comments
from porch_tui.tui.app.screens import open_screen, show_on_top, why_not_open
from porch_tui.tui.board.board import Board
from porch_tui.tui.drawing.styles import set_colors, variables_of
from porch_tui.tui.keys.active_keys import ActiveKey, active_keys
from porch_tui.tui.keys.bindings import EVERYWHERE, of_own_command
from porch_tui.tui.keys.key_bar import KeyBar
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.model.actions import MOVES, OF_RUN, Action, commands, question, refusal, retry_all_question
from porch_tui.tui.model.messages import Message, about, in_one_row
from porch_tui.tui.model.outside import NoRepository, Outside
from porch_tui.tui.model.requests import Requests
from porch_tui.tui.model.run_summary import can_pause_or_resume_all, next_need, retryable, waits_for_engine
from porch_tui.tui.model.view import EngineStatus, is_busy
from porch_tui.tui.model.watch import Pace, Watch
from porch_tui.tui.terminal import environment, terminal
from porch_tui.tui.terminal.options import Leaving, ScreenOptions
from porch_tui.tui.terminal.sequential_keys import SequentialKeysApp
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext
from porch_tui.tui.widgets.notice import BESIDE_TEXT

ADDITIONS = (
    "ID --run COMMAND…                    docs --run make docs",
    "ID --agent NAME --prompt TEXT        site --agent codex --prompt 'Build …'",
    "FILE.yaml                            the tasks of a plan file",
    "and --after TASK…, --paths GLOB…, --set KEY=VALUE",
)
"""What may be typed to add tasks."""


def _palette() -> type[Provider]:
    from porch_tui.tui.app.palette import Palette  # later: the board does not need it

    return Palette


class PorchApp(SequentialKeysApp[Leaving]):
    """Shows one run, and returns how the person left it."""

    TITLE = "porch"
    CSS_PATH = "porch.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*EVERYWHERE]
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
        with terminal.no_color_set(is_colorless=options.is_colorless):
            super().__init__(ansi_color=True if options.is_colorless else None)
        terminal.install_safe_filter(self)
        terminal.leave_out_toasts(self)
        terminal.fit_few_colors(self)
        terminal.read_through_door(self)
        terminal.outlive_terminal(self)
        terminal.print_faults_safely(self)
        self.animation_level = "none"
        if options.keymap:
            from porch_tui.tui.keys.own_keys import whole_keymap

            self.set_keymap(whole_keymap(options.keymap))
        own = [of_own_command(number, one) for number, one in enumerate(options.commands)]
        terminal.bind(self, [one for one in own if one.key])
        self._session = session
        self.options = options
        self._now = now
        self._watch = Watch(session, options, now)
        self._screen_context = ScreenContext(
            session, options, outside or NoRepository(), lambda: self._watch.view, now
        )
        self.charset = self._screen_context.charset
        self._programs = Programs(self, self._screen_context)
        self._requests = Requests(session, now)
        self._added: TaskId | None = None
        """What the person has added, until it is in the run."""
        self._terminal_check = Pace(1.0)
        self._calls = PersonCalls(self, options, self._screen_context.outside, self._watch.view)
        set_colors(self, options)

    def get_css_variables(self) -> dict[str, str]:
        """Return the colors of the theme, and what it lacks."""
        variables = super().get_css_variables()  # textual keeps the same dictionary
        variables.update(variables_of(self))
        return variables

    def get_default_screen(self) -> Screen[Any]:
        """Return the board, the screen that is always there."""
        self.board = Board(self._screen_context)
        return self.board

    @property
    def live(self) -> LiveScreen:
        """The topmost screen of the run; a question or the help may be on top of it."""
        stack = self.screen_stack if self.is_running else ()
        return next((one for one in reversed(stack) if isinstance(one, LiveScreen)), self.board)

    def on_mount(self) -> None:
        """Start the timer."""
        terminal.restore_on_signals(self)
        terminal.stop_between_callbacks(self)
        terminal.limit_mouse_reports(self)
        warnings, charset = self.options.warnings, self.charset
        self.call_after_refresh(
            lambda: self.say(in_one_row(warnings, self.size.width - BESIDE_TEXT, charset))
        )
        remember = self._screen_context.outside.remember
        self.theme_changed_signal.subscribe(self, lambda theme: self.say(remember("theme", theme.name)))
        if self.options.fps:
            self.set_interval(1 / self.options.fps, self.tick)

    def tick(self) -> None:
        """Look at the run once, and draw what changed. Called by the only timer there is."""
        self.hurry()
        now = self._now()
        if self.options.fps and self._terminal_check.is_due(now) and environment.stdin_is_gone():
            self.exit(Leaving.KILLED, 128 + signal.SIGHUP)
            return
        if terminal.writer_backlog(self) > 0:
            return  # the terminal is behind: what is drawn now would only be late
        is_new = self._watch.look(is_urgent=self._requests.is_waiting)
        view = self._watch.view
        trouble = Message(view.trouble, lambda later: not later.trouble)
        for message in (*self._requests.answers(view), self._watch.take_notice(), trouble):
            self.show_message(message)
        if is_new:
            self.live.draw(self._watch.view)
            self._go_to_added()
        self.live.tick(now)
        self._programs.tick()
        self._calls.follow(self._watch.view, now, self.live.chosen)

    def say(self, text: str, *tasks: TaskId) -> None:
        """Show the person a text, if there is any; it goes once one of these tasks has moved on."""
        self.show_message(about(self._watch.view, text, *tasks))

    def show_message(self, message: Message) -> None:
        """Show the person a message until it is over, if it has a text."""
        if message.text:
            self.live.notice.say(message, self._now())

    @on(LiveScreen.Notify)
    def _notify(self, message: LiveScreen.Notify) -> None:
        self.say(message.text, *message.tasks)

    @on(LiveScreen.CommandRequested)
    def _send_requested(self, message: LiveScreen.CommandRequested) -> None:
        self._send([message.command])

    @on(LiveScreen.Finished)
    def _finish(self, message: LiveScreen.Finished) -> None:
        self.action_close()
        self.say(message.text, *message.tasks)

    # --- commands

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable and hide the keys of a task on a screen that has others for it."""
        if action == "next_need":  # what is being typed would be lost
            return self.focused is None or not self.focused.check_consume_key("n", "n")
        is_of_task = action == "away" or (action == "command" and parameters[0] not in OF_RUN)
        return self.live.has_task_actions if is_of_task else True

    def action_command(self, name: str) -> None:
        """Send a command, after a question if it cannot be taken back."""
        action, tasks, state = Action(name), self.live.targets, self._watch.view.state
        if action in OF_RUN:
            tasks = (TaskId(""),)
        if action is Action.PAUSE_ALL and not can_pause_or_resume_all(self._watch.view):
            self.say("Can't pause all: nothing is running")
            return
        if not tasks:
            self.say(NO_TASK)
            return
        asked = commands(action, state, tasks, self._session.new_command_id)
        possible = [task for task, one in zip(tasks, asked, strict=False) if refusal(state, one) is None]
        text = question(action, state, possible) if possible else None
        if text is None:
            self._act(action, tasks)
        else:
            self._ask(text, lambda: self._act(action, tasks, confirmed=frozenset(possible)))

    def action_add(self, text: str = "", trouble: str = "") -> None:
        """Ask for a task to add, as it is typed behind `porch add`; again with what was wrong with it."""
        from porch_tui.tui.widgets.line_question import LineQuestion

        asked = trouble or "Add to the run (esc cancels):"
        self.push_screen(LineQuestion(asked, ADDITIONS, self.charset, text), self._add)

    def _add(self, text: str | None) -> None:
        if text is not None:
            self.run_worker(self._check_and_add(text))

    async def _check_and_add(self, text: str) -> None:
        """Check a task as a plan is checked, and send it."""
        try:
            command = await to_thread(self._screen_context.outside.addition, text)
        except (PorchError, OSError) as error:
            self.action_add(text, str(error).partition("\n")[0])
        else:
            self._send([command])
            self._added = command.specs[0].id

    def _go_to_added(self) -> None:
        """Put the cursor of the board on what the person has added: it may be out of view below the rest."""
        if self._added is not None and self._added in self._watch.view.state.tasks:
            if self.live is self.board:
                self.board.choose(self._added)
            self._added = None

    def action_resume(self) -> None:
        """Start an engine if the run waits for one; else retry what failed."""
        self._watch.look(is_urgent=True)  # another terminal may have sent a command this moment
        view = self._watch.view
        failed = tuple(retryable(view))
        if waits_for_engine(view) and view.can_start_engine:
            self._watch.start_engine()
            self.live.draw(self._watch.view)
        elif waits_for_engine(view):
            self.say(f"No engine can be started from here; start one with: porch resume {view.state.run}")
        elif failed:
            retries = commands(Action.RETRY, view.state, failed, self._session.new_command_id)
            self._ask(retry_all_question(failed), lambda: self._send(retries))
        else:
            self.say("Nothing is waiting for an engine, and nothing has failed")

    def _ask(self, asked: tuple[str, str], act: Callable[[], None]) -> None:
        from porch_tui.tui.widgets.questions import yes_or_no

        self.push_screen(yes_or_no(*asked, self.charset), lambda is_yes: act() if is_yes else None)

    def _act(
        self, action: Action, tasks: Sequence[TaskId], confirmed: Collection[TaskId] | None = None
    ) -> None:
        """Send an action's commands for all tasks, or only for those that the person has confirmed."""
        # moves follow each other faster than the run answers: each is based on those before it
        state = self._session.anticipated() if action in MOVES else self._watch.view.state
        asked = commands(action, state, tasks, self._session.new_command_id)
        wanted = [
            one for one in asked if confirmed is None or getattr(one, "task", None) in {None, *confirmed}
        ]
        reviewing = self._screen_context.outside.reviewing
        sent = with_comments(wanted, state, reviewing)
        self._send(sent, [one for one in asked if one not in wanted])
        self.say(after_sending(wanted, sent, state, reviewing))
        if any(refusal(state, one) is None for one in sent):
            self.live.clear_marks()

    def _send(self, asked: Sequence[c.AnyCommand], left_out: Sequence[c.AnyCommand] = ()) -> None:
        self.live.notice.clear()  # it is about an earlier command
        self.show_message(self._requests.ask(asked, self._watch.view, left_out))
        if self._requests.is_waiting:
            self._watch.expect_engine()
            self.live.draw(self._watch.view)

    # --- screens

    def action_open(self, name: str) -> None:
        """Open a screen on top of the board, in place of another one there; the same one again closes it."""
        live = self.live
        if live.id == name:
            self.action_close()
            return
        if why_not := why_not_open(name, self._watch.view, live.chosen):
            self.say(why_not, *([live.chosen] if live.chosen else []))
            return
        opened = open_screen(name, self._screen_context, live.chosen)
        opened.inherited_targets = live.targets
        show_on_top(self, live, opened)

    def action_next_need(self) -> None:
        """Go to the next task that needs the person: on the screen of a task there, else on the board."""
        live = self.live
        task, why_not = next_need(self._watch.view, live.chosen)
        if task is None:
            self.say(why_not, *([live.chosen] if live.chosen else []))
        elif live.id == "task":
            live.choose(task)
        else:
            self.action_close()
            self.board.choose(task)

    def action_close(self) -> None:
        """Go back to the board, and to the task that was under the cursor."""
        live = self.live
        if live is self.board:
            return
        if live.chosen is not None:
            self.board.choose(live.chosen)
        self.pop_screen()

    def action_help(self) -> None:
        """List the keys of the focused place, and run the one that is chosen."""
        from porch_tui.tui.widgets.help import Help

        self.push_screen(Help(active_keys(self.screen, self.charset), self.charset), self.run_key)

    @on(KeyBar.Pressed)
    async def _press(self, message: KeyBar.Pressed) -> None:
        keys = active_keys(self.screen, self.charset)
        await self.run_key(next((one for one in keys if one.id == message.id), None))

    async def run_key(self, one: ActiveKey | None) -> None:
        """Run the action of a key at the place it belongs to."""
        if one is not None:
            await self.run_action(one.action, one.node)

    # --- the terminal

    def action_away(self, what: str) -> None:
        """Leave something to another program, mostly about the task under the cursor."""
        self._programs.away(what, self.live.chosen)

    @on(LogPane.CopyRequested)
    @on(LogPane.SaveRequested)
    @on(LogPane.PagerRequested)
    @on(LogPane.OpenRequested)
    def _serve_log(
        self,
        message: LogPane.CopyRequested
        | LogPane.SaveRequested
        | LogPane.PagerRequested
        | LogPane.OpenRequested,
    ) -> None:
        """Leave the lines of a log, or all of it, to another program or a file."""
        match message:
            case LogPane.CopyRequested():
                self.run_worker(self._programs.copy_lines(message.extract))
            case LogPane.OpenRequested():
                self.run_worker(self._programs.open_link(message.links, self.live.chosen))
            case LogPane.SaveRequested():
                self.run_worker(self._programs.save(message.path))
            case _:
                self._programs.page(message.path)

    def action_mouse(self) -> None:
        """Leave the mouse to the terminal, which then selects text with it, or take it back."""
        is_ours = terminal.toggle_mouse(self)
        key = self.options.key("run.mouse", "M")
        self.say(
            "porch has the mouse again" if is_ours else f"The terminal has the mouse; {key} takes it back"
        )

    def action_redraw(self) -> None:
        """Draw everything again, over whatever another program wrote there."""
        self.screen.refresh(layout=True)

    # --- leaving

    def action_explain_leaving(self) -> None:
        """Say which key quits: ctrl+c is pressed by habit, and must not stop anything."""
        if self.live is self.board:
            self.say(f"Press {self.options.key('run.quit', 'q')} to quit")
        else:
            self.say("Press q to go back to the board, and again to quit")

    def action_leave(self) -> None:
        """Quit, after a question if something is running."""
        view = self._watch.view
        if not is_busy(view):
            self.exit(Leaving.ENDED)
            return
        can_stop = view.engine is not EngineStatus.GONE or view.can_start_engine
        from porch_tui.tui.widgets.questions import how_to_leave

        self.push_screen(how_to_leave(view.state, self.charset, can_stop=can_stop), self._leave)

    def _leave(self, how: Leaving | None) -> None:
        ending = {Leaving.FINISHED: c.Ending.FINISH, Leaving.STOPPED: c.Ending.STOP}.get(how) if how else None
        if ending is not None and (trouble := self._requests.stop_run(ending)):
            self.say(trouble)
        elif how is not None:
            self.exit(how)
