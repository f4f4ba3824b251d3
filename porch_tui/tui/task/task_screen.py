"""One task in full: attempts, usage, the end of its output, its changes, and its merge."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.scheduling.shared import far_worktree, worktree_place
from porch_tui.errors import PorchError
from porch_tui.session.task_terminal import Phase, TaskTerminal
from porch_tui.session.terminal_text import TerminalText
from porch_tui.tui.keys.bindings import TASK
from porch_tui.tui.log.excerpts import last_lines, within
from porch_tui.tui.model.view import View
from porch_tui.tui.model.watch import Pace
from porch_tui.tui.task.task_facts import TaskFiles, task_facts
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext
from porch_tui.tui.widgets.scrollable import ScrollableFields

SAMPLES = 240
TAIL_LINES = 12


class TaskScreen(LiveScreen):
    """Follows one task; `<` and `>` go to its neighbours in the plan."""

    BINDINGS: ClassVar[list[BindingType]] = [*TASK]

    def __init__(self, context: ScreenContext, task: TaskId | None) -> None:
        super().__init__(context, task)
        self.task_id = task or next(iter(self.view.state.tasks), None)
        self._files = TaskFiles()
        self._text = ScrollableFields(context.charset)
        self._pace = Pace(2.0 if context.options.is_low_bandwidth else 1.0)
        self._terminal: TaskTerminal | None = None
        self._measured: object = None
        """Task, attempt and status whose changes are known, or being read."""

    def compose_body(self) -> ComposeResult:
        """Give the text all the room."""
        yield self._text

    def choose(self, task: TaskId) -> None:
        """Show another task, from its beginning."""
        self._files = TaskFiles()
        self._text.action_first_line()
        super().choose(task)

    def action_neighbour(self, step: int) -> None:
        """Go to the next or previous task of the plan."""
        tasks = list(self.view.state.tasks)
        if self.task_id in tasks:
            self.choose(tasks[min(max(0, tasks.index(self.task_id) + step), len(tasks) - 1)])

    def draw_body(self, view: View) -> None:
        """Show a moment of the task."""
        if (task := self.task_id) is None:
            return
        state = view.state.tasks[task]
        moment = task, len(state.attempts), state.status
        if moment != self._measured:
            self._measured = moment
            self._measure(task)
        self._show(task)

    def tick_body(self) -> None:
        """Read the samples, once a second."""
        task = self.task_id
        if task is not None and task in self.view.state.active and self._pace.is_due(self.view.now):
            self._show(task)

    def _show(self, task: TaskId) -> None:
        session, state = self.context.session, self.view.state
        log = session.log(task)
        deciding = session.deciding_validation(task) if task in state.entries else None
        validation_log = session.validation_log(*deciding) if deciding else None
        far = far_worktree(state, task)
        worktree = str(far) if far else worktree_place(state, task, Path(state.root).name)
        self._files = replace(
            self._files,
            samples=session.samples(task, SAMPLES),
            tail=self._tail(task, log) if log else (),
            log=within(log, session.rundir.path),
            validation_log=within(validation_log, session.rundir.path),
            records=session.records,
            worktree=worktree if state.tasks[task].attempts else "",
        )
        self._text.draw(task_facts(self.view, task, self._files, self.context.charset))

    def _tail(self, task: TaskId, log: Path) -> Sequence[str]:
        """Return the last lines of a log, or the last rows of the terminal that it comes from."""
        if self._terminal is None or self._terminal.directory != log.parent:
            self._terminal = TaskTerminal(log.parent)
        self._terminal.look()
        screen, phase = self._terminal.screen, self._terminal.phase
        if screen is None or phase is Phase.NONE:
            return last_lines(log, TAIL_LINES, self.context.session.transcripts(task))
        if phase is Phase.LIVE:
            rows = [line.text for line in screen.lines]
            return [row for row in rows if row][-TAIL_LINES:]
        text = TerminalText(self._terminal)
        lines = last_lines(text.path, TAIL_LINES)
        text.close()
        return lines

    @work(exclusive=True)
    async def _measure(self, task: TaskId) -> None:
        try:
            diffstat = await to_thread(self.context.outside.diffstat, task)
        except (PorchError, OSError) as error:
            diffstat = str(error)
        self._files = replace(self._files, diffstat=diffstat)
        self._show(task)
