"""Resolves one task's conflict: what each side did, what comes of a choice, and the keys that choose.

It only composes and draws, and says where the person stands. What the keys do is in
`conflict_choosing` and `conflict_writing`, how the record is kept in `conflict_record`.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.geometry import Size
from textual.widget import Widget

from porch_tui.core.model.plan import TaskId
from porch_tui.present.signs import Role
from porch_tui.tui.conflict.body import ConflictBody
from porch_tui.tui.conflict.code_lines import Sheet, heading
from porch_tui.tui.conflict.history import ConflictHistorian, history_lines
from porch_tui.tui.conflict.keys import ALWAYS, CHOICES, EDITING, MOVES, label, shown_keys
from porch_tui.tui.conflict.lines import result_lines
from porch_tui.tui.conflict.panes import ConflictFiles, ConflictHead
from porch_tui.tui.conflict.path_choices import PathChoices
from porch_tui.tui.conflict.sides import is_base_shown, side_lines
from porch_tui.tui.conflict.viewpoint import Drawn, Viewpoint
from porch_tui.tui.drawing.cells import wrapped
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.keys.bound_keys import bound_keys
from porch_tui.tui.keys.key_bar import Key
from porch_tui.tui.widgets.live_screen import ScreenContext
from porch_tui.tui.widgets.prompt import Prompt


class WritingHead(Rows):
    """What is being written, and how it ends."""

    def compose_lines(self) -> list[Line]:
        """Return the one line."""
        told = "ctrl+o takes it, esc gives up"
        return [heading("~", "written here", told, Sheet(self.size.width, self.charset))]


class ConflictScreen(ConflictHistorian):
    """A conflict, hunk by hunk."""

    BINDINGS: ClassVar[list[BindingType]] = [*CHOICES, *MOVES]
    AUTO_FOCUS = "ConflictBody"
    has_task_actions = False

    def __init__(self, context: ScreenContext, task: TaskId | None) -> None:
        super().__init__(context, task)
        charset = context.charset
        self._head = ConflictHead(charset)
        self._files = ConflictFiles(charset)
        self._body = ConflictBody(charset)
        self._choices = PathChoices(charset)
        self._drawn: tuple[Viewpoint | None, object, Size] = (None, None, Size(0, 0))
        """What was drawn last: where the person stood, what lay upon that, and in which window."""

    def compose_body(self) -> ComposeResult:
        """Lay the parts out; the stylesheet says how."""
        yield self._head
        yield self._files
        yield self._body
        yield self._choices
        with Vertical(id="writing"):
            yield WritingHead(self.context.charset)
        yield Prompt()

    # --- drawing

    def show_conflict(self) -> None:
        """Draw what is before the person, or why nothing is."""
        view = self.viewpoint
        if not self.is_mounted:
            return
        self.set_class(view is None, "-nothing")
        self.set_class(view is not None and view.hunk is None, "-whole")
        if view is None:
            self._drawn = (None, None, self.app.size)
            self._body.show(self._why_not_lines, None, is_new=True)
        else:
            self._show(view)
        self.draw_keys()

    def _show(self, view: Viewpoint) -> None:
        history = self.history_of(view) if view.drawn is Drawn.HISTORY else None
        drawn, self._drawn = self._drawn, (view, (self.writing, history), self.app.size)
        if drawn == self._drawn:
            return  # the run went on, and nothing here is another for that
        before = drawn[0]
        is_other = before is None or (before.path, before.nth) != (view.path, view.nth)
        is_new = is_other or (before is not None and before.drawn is not view.drawn)
        who = self.who
        self._head.draw(view, who)
        self._files.draw(view)
        has_result = view.hunk is not None and self.writing is None
        result = partial(result_lines, view, who) if has_result else None
        sides = partial(side_lines, view, who)
        if history is not None:
            sides = partial(history_lines, history, who, self.context.now())
        self._body.show(sides, result, is_new=is_new)
        if view.hunk is None:
            self._choices.draw(view, who)
        if is_other:
            self.focus_place()

    def focus_place(self) -> None:
        """Have the keys go to the ways out of a path, or to the two sides of a hunk."""
        if self.writing is None and self.viewpoint is not None:
            place: Widget = self._choices if self.viewpoint.hunk is None else self._body
            if not place.has_focus:
                place.focus()  # even where it has it already, textual would draw the whole screen anew

    def _why_not_lines(self, sheet: Sheet) -> list[Line]:
        return [(Span(f"  {text}", Role.ASK),) for text in wrapped(self.why_not, sheet.cells - 4)]

    def draw_keys(self) -> None:
        """Show the keys that would do something now."""
        bound = {one.id: one for one in bound_keys(self, self.context.charset)}
        is_typing = self.writing is not None or isinstance(self.focused, Prompt)
        wanted = EDITING if is_typing else shown_keys(self.viewpoint)
        always = () if is_typing else ALWAYS
        keys = [[bound[id] for id in ids if id in bound] for ids in (wanted, always)]
        useful, fixed = (
            tuple(Key(min(one.keys, key=len), label(one, self.viewpoint), one.id) for one in ones)
            for ones in keys
        )
        self._keys.draw(useful, fixed)

    def on_resize(self) -> None:
        """Put the sides beside each other, or one below the other."""
        self.show_conflict()

    # --- where the person looks

    def action_next(self, step: int) -> None:
        """Go to the next hunk that is left to choose, or the one before."""
        if (view := self.ready()) is not None:
            self._go(view.moved(step))

    def action_step(self, step: int) -> None:
        """Go to the next hunk, or the one before."""
        if (view := self.ready()) is not None:
            self._go(view.stepped(step))

    def action_file(self, step: int) -> None:
        """Go to the next file, or the one before."""
        if (view := self.ready()) is not None:
            self._go(view.in_file(view.file + step))

    @on(ConflictFiles.Went)
    def _go_to_file(self, message: ConflictFiles.Went) -> None:
        if (view := self.ready()) is not None and message.file < len(view.paths):
            self._go(view.in_file(message.file))

    def action_base(self) -> None:
        """Show what was before both, or no more."""
        if (view := self.ready()) is not None:
            self._go(view.with_base(is_shown=not is_base_shown(view, self.app.size.width)))

    def action_draw(self, drawn: str) -> None:
        """Draw the sides in a way, or as diffs again: only what is seen differs, not what is taken."""
        if (view := self.ready()) is not None:
            self.look_again()
            self._go(view.toggled(Drawn[drawn]))

    def _go(self, view: Viewpoint) -> None:
        self.viewpoint = view
        self.show_conflict()

    def action_place(self) -> None:
        """Have the keys that scroll go to the other part."""
        if self.viewpoint is None or self.viewpoint.hunk is not None:
            self._body.switch()
        else:
            (self._choices if self._body.has_focus else self._body).focus()

    def action_leave(self) -> None:
        """Go back to the sides, or from these to the board; what was chosen is on disk."""
        view = self.viewpoint
        if view is not None and view.drawn is Drawn.HISTORY:
            self._go(view.toggled(Drawn.HISTORY))  # one step back
        elif view is None or not view.record.steps:
            self.post_message(self.Finished(""))
        elif view.left_over_all:
            kept = f"{view.left_over_all} left to choose; what was chosen is kept: c comes back"
            self.post_message(self.Finished(f"{view.parked.task}: {kept}"))
        else:
            kept = "all is chosen and kept, but not completed: c comes back, and c again completes it"
            self.post_message(self.Finished(f"{view.parked.task}: {kept}"))
