"""Writing a conflict by hand: a hunk on the screen, a whole file in the person's editor or mergetool."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from textual import on
from textual.containers import Vertical

from porch_tui.core.conflict.conflict import Choice, ConflictRecord, Decision, Hunk, Settled
from porch_tui.core.conflict.splice import chosen_text, said
from porch_tui.tui.conflict.choosing import ConflictChooser
from porch_tui.tui.conflict.hunk_editor import HunkEditor, editable, written
from porch_tui.tui.conflict.lines import line_of
from porch_tui.tui.conflict.viewpoint import Viewpoint
from porch_tui.tui.terminal.terminal import hand_over_terminal


class Writing(Struct, frozen=True):
    """What is being written."""

    path: str
    hunk: Hunk
    task: str


class ConflictWriter(ConflictChooser):
    """A screen on which one writes."""

    writing: Writing | None = None
    """What the editor on the screen is about."""

    # --- a hunk, here

    def action_edit(self) -> None:
        """Write the hunk: begin with what is in view, else with both sides."""
        view = self.ready()
        if view is None or self.writing is not None:
            return
        if view.hunk is None:
            self.tell_person("this file is chosen whole; E edits it as text, if it is text")
            return
        text = editable(_beginning(view, view.hunk))
        if text is None:
            self.tell_person(
                "this hunk has characters that cannot be shown or kept here; E opens your editor"
            )
            return
        self.writing = Writing(view.path.path, view.hunk, view.parked.task)
        self.add_class("-writing")
        editor = HunkEditor(text)
        self.query_one("#writing", Vertical).mount(editor)
        editor.focus()
        self.show_conflict()

    @on(HunkEditor.Ended)
    def _end_writing(self, message: HunkEditor.Ended) -> None:
        if self.writing is None:
            return
        if message.text is not None:
            self._take_written(self.writing, message.text)
        elif message.is_changed:
            self.ask("Give up what you have written?", "The hunk stays as it was chosen.", self._close_editor)
        else:
            self._close_editor()

    def _take_written(self, writing: Writing, text: str) -> None:
        decision = said(writing.hunk, written(text, writing.hunk))
        step = (Settled(writing.path, writing.hunk, decision),)
        if self.viewpoint is None:
            self.tell_person(f"{self.why_not} What you have written stays here; esc gives it up")
        elif self.keep(step):
            self._close_editor()

    def _close_editor(self) -> None:
        self.writing = None
        self.remove_class("-writing")
        self.query(HunkEditor).remove()
        self.focus_place()
        self.show_conflict()

    # --- a file, elsewhere

    def action_editor(self) -> None:
        """Leave the screen to the person's editor."""
        if (view := self.ready()) is not None:
            line = line_of(view) if view.hunk is not None else 0
            conflicts = self.context.outside.conflicts
            self._elsewhere(
                lambda: conflicts.edit(view.parked, view.path, view.record, line),
                f"the editor gave up on {view.path.path}: nothing was taken",
            )

    def action_tool(self) -> None:
        """Leave the screen to the person's mergetool."""
        if (view := self.ready()) is not None:
            conflicts = self.context.outside.conflicts
            self._elsewhere(
                lambda: conflicts.use_tool(view.parked, view.path, view.record),
                f"the mergetool decided nothing about {view.path.path}",
            )

    def action_preview(self) -> None:
        """Leave the screen to git's pager, with what the target would get."""
        view = self.ready()
        if view is not None and view.left_over_all:
            self.tell_person(f"{view.left_over_all} left to choose before there is a result to look at")
        elif view is not None:
            conflicts = self.context.outside.conflicts
            trouble = hand_over_terminal(self.app, lambda: conflicts.show_result(view.parked, view.record))
            self.tell_person(trouble)

    def _elsewhere(self, act: Callable[[], ConflictRecord | None], otherwise: str) -> None:
        """Have something decided outside of the screen; `otherwise` is told if nothing was."""
        view = self.viewpoint
        found: list[ConflictRecord | None] = []
        trouble = hand_over_terminal(self.app, lambda: found.append(act()))
        if trouble:
            self.tell_person(trouble)
        elif not found or found[0] is None or (view is not None and found[0] == view.record):
            self.tell_person(otherwise)
        else:
            self.keep_record(found[0])


def _beginning(view: Viewpoint, hunk: Hunk) -> bytes:
    offered = view.shown_offer
    if offered is not None and offered.subject == hunk:
        return chosen_text(hunk, offered.offer.decision)
    known = view.decisions.get((view.path.path, hunk))
    return chosen_text(hunk, known or Decision(Choice.BOTH))
