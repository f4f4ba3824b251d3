"""The first screen: tasks, the log of the one under the cursor, the merge queue, and the run in one line."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.present.arrangement import Layout
from porch_tui.tui.board.arrangement import Arrangement, arranged
from porch_tui.tui.board.body import Body
from porch_tui.tui.board.digest import Digest
from porch_tui.tui.board.division import Shape, shape_of
from porch_tui.tui.board.list_cursor import ListCursor
from porch_tui.tui.board.plots_pane import PlotsPane
from porch_tui.tui.board.row_files import RowFiles
from porch_tui.tui.board.task_detail import HISTORY, TaskDetail
from porch_tui.tui.board.tasks import TaskList
from porch_tui.tui.keys.bindings import BOARD
from porch_tui.tui.log.choice import LogChoice, times_of, title_of, validation_shown, worktree_of
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.model.view import View, validation_of
from porch_tui.tui.queue.queue_list import QueuePane
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext
from porch_tui.tui.widgets.prompt import Prompt

LEAST_COLS, LEAST_ROWS = 80, 20
"""Most programs are made for a terminal of at least that size."""


class Board(LiveScreen):
    """List, log, queue and summary."""

    BINDINGS: ClassVar[list[BindingType]] = [*BOARD]
    AUTO_FOCUS = "TaskList"

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context)
        charset = context.charset
        self._choice = LogChoice(next(iter(self.view.state.tasks), None))
        self._cursor = ListCursor(self.view.state)
        self._log_shown: tuple[Path, str] | None = None
        self._arrangement = Arrangement(key=context.options.sort)
        self._marked: frozenset[TaskId] = frozenset()
        self._layout = context.options.layout
        self._digest = Digest(charset)
        files = RowFiles(context.session, is_low_bandwidth=context.options.is_low_bandwidth)
        self._tasks = TaskList(charset, files)
        self._queue = QueuePane(charset)
        self._plots = PlotsPane(charset, context.session, is_low_bandwidth=context.options.is_low_bandwidth)
        self._detail = TaskDetail(charset)
        self._log = LogPane(
            jump_scroll=context.options.is_low_bandwidth,
            charset=charset,
            is_ruled=True,
            leave_keys=context.options.leave_keys,
        )
        self.terminal = self._log.terminal
        self._body = Body(
            *(self._tasks, self._queue, self._plots, self._detail, self._log),
            charset=charset,
            share=context.options.list_share,
            keep=lambda share: self.post_message(
                self.Notify(context.outside.remember("list_width", round(100 * share, 1)))
            ),
        )

    @property
    def chosen(self) -> TaskId | None:
        """The task under the cursor; None where no cursor can be seen."""
        return None if shape_of(self.app.size) is Shape.TINY else self._choice.task

    @property
    def targets(self) -> tuple[TaskId, ...]:
        """The marked tasks in plan order, else the one under the cursor."""
        marked = tuple(task for task in self.view.state.tasks if task in self._marked)
        return marked or self._cursor.members(self.view.state) or super().targets

    def clear_marks(self) -> None:
        """Remove all marks."""
        self._marked = frozenset()
        self.draw(self.view)

    def compose_body(self) -> ComposeResult:
        """Lay the parts out; the stylesheet says how."""
        self._take_shape()
        yield self._digest
        yield self._body

    def draw_body(self, view: View) -> None:
        """Show a moment of the run."""
        task = self._choice.task
        self._digest.draw(view)
        self._tasks.draw(view, self._cursor.row, self._arrangement, self._marked, self._cursor.opened)
        self._queue.draw(view, task)
        samples = self.context.session.samples(task, HISTORY) if task and task in view.usage else ()
        self._detail.draw(view, self._cursor.row, samples, is_open=self._cursor.is_open)
        self._show_log()
        self._body.divide(view, is_wide=self.has_class(Shape.WIDE.value))
        self._body.show_extents()
        self._plots.look(view)

    def tick_body(self) -> None:
        """Read what was added to the log."""
        self._log.tick()
        self._body.show_extents()
        self._body.keep_border()

    # --- where the person looks

    def choose(self, task: TaskId) -> None:
        """Put the cursor on a task, or on the row of a group; a group around the task is opened."""
        if task != self._cursor.row:
            task = self._cursor.move(self.view, task, is_filtered=bool(self._arrangement.words))
            self._look_at(self._choice if task == self._choice.task else LogChoice(task))

    def action_attempt(self, step: int) -> None:
        """Show the log of an earlier or later attempt."""
        self._look_at(self._choice.stepped(self.view, step))

    def action_validation(self) -> None:
        """Switch between the log of the task and the one of its validation."""
        task = self._choice.task
        if task is None or validation_of(self.view.state, task) is None:
            self.post_message(self.Notify(f"{task} has not been validated", *([task] if task else [])))
        else:
            self._look_at(self._choice.toggled())

    def action_zoom(self) -> None:
        """Give the log the whole window, or go back."""
        if self.has_class("-zoom"):
            self.action_back()
        else:
            self.add_class("-zoom")
            self._log.focus()

    def action_back(self) -> None:
        """Go to the list; if there already, remove its filter, then the marks."""
        if self._tasks.has_focus and self._arrangement.words:
            self._list(replace(self._arrangement, words=""))
        elif self._tasks.has_focus:
            self.clear_marks()
        self.remove_class("-zoom")
        self._tasks.focus()

    def action_go_round(self, step: int) -> None:
        """Focus the next or previous visible place, around the end."""
        places = [one for one in (self._tasks, self._log, self._queue) if one.is_on_screen]
        if places:
            at = places.index(self.focused) if self.focused in places else -1
            places[(at + step) % len(places)].focus()

    async def action_go_to(self, number: int) -> None:
        """Focus the list, the log or the queue; one that has the focus already gets the whole window."""
        place = (self._tasks, self._log, self._queue)[number - 1]
        is_here = place is self.focused
        if place is self._log and is_here:
            self.action_zoom()
        elif place is self._queue and (is_here or not place.is_on_screen):
            await self.run_action("app.open('queue')")
        else:
            self.set_class(place is self._log and self.has_class("-zoom"), "-zoom")
            place.focus()

    def action_focus_log(self) -> None:
        """Focus the log; on the row of a group open that, or close it."""
        if self._tasks.has_focus and self._cursor.members(self.view.state):
            self.action_fold(None)
        else:
            self._log.focus()

    def action_step_in(self) -> None:
        """Step into the task. A log too small for most programs gets the whole window as long."""
        came_from, (width, height) = self.focused, self._log.size
        is_small = width < LEAST_COLS or height < LEAST_ROWS
        zooms = is_small and not self.has_class("-zoom")

        def go_back() -> None:
            if zooms:
                self.remove_class("-zoom")
            if came_from is not None and self.focused is self._log:
                came_from.focus()

        if zooms:
            self.add_class("-zoom")
        self._log.terminal.step_in(go_back)

    def action_fold(self, is_open: bool | None) -> None:
        """List the tasks of the group under the cursor, or do not; None: the other of the two."""
        if not self._arrangement.words and self._cursor.fold(self.view.state, is_open):
            self.draw(self.view)

    def action_log(self, name: str, *arguments: object) -> None:
        """Scroll the log, or follow its end or not, without focusing it."""
        self._log.action_go(name, *arguments)

    # --- which tasks are listed

    async def action_filter(self) -> None:
        """Ask for a filter; the list follows what is typed."""
        prompt = next(iter(self.query(Prompt)), None)
        if prompt is None:  # only now: to make it takes as long as a tenth of a board
            prompt = Prompt()
            await self.mount(prompt)
        prompt.ask("part of a name, or state:fail, state:run, state:conflict", self._arrangement.words)

    @on(Prompt.Typed)
    def _filter(self, message: Prompt.Typed) -> None:
        self._list(replace(self._arrangement, words=message.text))

    @on(Prompt.Ended)
    def _end_filter(self, message: Prompt.Ended) -> None:
        if message.text is None:
            self._list(replace(self._arrangement, words=""))
        self._tasks.focus()

    def action_sort(self) -> None:
        """Sort by the next key."""
        self._list(replace(self._arrangement, key=self._arrangement.key.next()))
        self.post_message(self.Notify(self.context.outside.remember("sort", self._arrangement.key)))

    def action_mark(self, which: str = "") -> None:
        """Mark the task under the cursor, and go to the next one; or "all" that are listed, or the "others".

        What is marked already loses its mark.
        """
        if self._choice.task is None:
            return
        here = self._cursor.members(self.view.state) or (self._choice.task,)
        these = frozenset(arranged(self.view, self._arrangement) if which else here)
        flips = which == "others" or these <= self._marked
        self._marked = self._marked ^ these if flips else self._marked | these
        self.draw(self.view)
        if not which:
            self._tasks.action_move(1)

    def action_layout(self) -> None:
        """Put the lists beside the log, or above it."""
        is_beside = shape_of(self.app.size, self._layout) is Shape.WIDE
        other = Layout.ABOVE if is_beside else Layout.BESIDE
        is_usual = shape_of(self.app.size, other) is shape_of(self.app.size)
        self._layout = Layout.AUTO if is_usual else other
        self.post_message(self.Notify(self.context.outside.remember("layout", self._layout)))
        self._take_shape()

    def _list(self, arrangement: Arrangement) -> None:
        self._arrangement = arrangement
        listed = arranged(self.view, arrangement)
        if listed and self._choice.task not in listed:
            self._choice = LogChoice(listed[0])
        self._cursor.fit(self.view.state, self._choice.task, is_filtered=bool(arrangement.words))
        self.draw(self.view)

    # --- what happens on the screen

    def on_resize(self) -> None:
        """Lay out the parts for the new size."""
        self._take_shape()
        self.draw_keys()

    def _take_shape(self) -> None:
        shape = shape_of(self.app.size, self._layout)
        for one in Shape:
            self.set_class(one is shape, one.value, update=self.is_mounted)
        self._body.divide(self.view, is_wide=shape is Shape.WIDE)

    def _look_at(self, choice: LogChoice) -> None:
        self._choice = choice
        self.draw(self.view)

    def _show_log(self) -> None:
        task, validation = self._choice.task, validation_shown(self.view, self._choice)
        if validation is not None:
            path = self.context.session.validation_log(*validation)
        elif task is not None:
            path = self.context.session.log(task, self._choice.attempt) or self.context.session.next_log(task)
        else:
            return
        if (shown := (path, title_of(self.view, self._choice))) != self._log_shown:
            self._log_shown = shown
            session = self.context.session
            worktree = worktree_of(self.view.state, task) if task is not None else None
            if task is not None and validation is None:
                times, transcripts = partial(times_of, session, self._choice), session.transcripts(task)
                self._log.show(*shown, times, transcripts, worktree)
            else:
                self._log.show(*shown, worktree=worktree)
