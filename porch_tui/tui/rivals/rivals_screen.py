"""Hypotheses: their theories with their numbers, and the log of the one under the cursor."""

from __future__ import annotations

from textual.app import ComposeResult

from porch_tui.core.model.commands import ChooseTheory
from porch_tui.core.model.plan import TaskId
from porch_tui.tui.log.choice import worktree_of
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.model.actions import choice_question, refusal
from porch_tui.tui.model.view import View
from porch_tui.tui.rivals.rivals_pane import RivalsPane, all_theories
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext
from porch_tui.tui.widgets.questions import yes_or_no


class RivalsScreen(LiveScreen):
    """The theories above, a log below."""

    AUTO_FOCUS = "RivalsPane"
    DEFAULT_CSS = "RivalsScreen LogPane { height: 1fr; }"

    def __init__(self, context: ScreenContext, task: TaskId | None) -> None:
        super().__init__(context, task)
        self._pane = RivalsPane(context.charset)
        self._log = LogPane(
            jump_scroll=context.options.is_low_bandwidth,
            charset=context.charset,
            leave_keys=context.options.leave_keys,
        )
        self.terminal = self._log.terminal
        self._shown: str = ""

    def compose_body(self) -> ComposeResult:
        """Lay the parts out."""
        yield self._pane
        yield self._log

    def draw_body(self, view: View) -> None:
        """Show a moment of the run."""
        tasks = all_theories(view.state)
        if tasks and self.task_id not in tasks:
            self.task_id = tasks[0]
        self._pane.draw(view, self.task_id)
        self._show_log()

    def tick_body(self) -> None:
        """Read what was added to the log."""
        self._log.tick()

    def action_choose(self) -> None:
        """Decide the hypothesis of the theory under the cursor for it, after a question."""
        specs, task = self.view.state.specs, self.task_id
        of = specs[task].of if task is not None and task in specs else None
        if task is None or of is None:
            self.post_message(self.Notify("there is no theory here"))
            return
        session = self.context.session
        asked = ChooseTheory(session.new_command_id(), of, task, session.person)
        if refusal(self.view.state, asked) is not None:
            self._send(asked)  # the refusal is shown like any other
            return
        question = yes_or_no(*choice_question(self.view.state, asked), self.context.charset)
        self.app.push_screen(question, lambda is_yes: self._send(asked) if is_yes else None)

    def _send(self, asked: ChooseTheory) -> None:
        self.post_message(self.CommandRequested(asked))

    def _show_log(self) -> None:
        session, task = self.context.session, self.task_id
        path = session.log(task) if task in self.view.state.tasks and task is not None else None
        if task is None or path is None or str(path) == self._shown:
            return
        self._shown = str(path)
        worktree = worktree_of(self.view.state, task)
        self._log.show(
            path, f"{task}: {path.parent.name}", transcripts=session.transcripts(task), worktree=worktree
        )
