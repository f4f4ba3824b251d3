"""Resolves a conflict by hand: a hunk on the screen, a whole file in the person's editor or mergetool."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec import Struct

from porch_tui.core.conflict.conflict import Choice, ConflictRecord, Decision, Hunk, Settled
from porch_tui.core.conflict.splice import chosen_text, said
from porch_tui.tui.conflict.controller import ConflictController
from porch_tui.tui.conflict.hunk_editor import editable, written
from porch_tui.tui.conflict.lines import line_of
from porch_tui.tui.conflict.viewpoint import Viewpoint
from porch_tui.tui.conflict.words import left_text


class HunkEdit(Struct, frozen=True):
    """A hunk that is being edited on the screen."""

    path: str
    hunk: Hunk


class ManualEditing:
    """The hunk that is edited on the screen, and the programs that edit whole files."""

    def __init__(self, controller: ConflictController) -> None:
        self._controller = controller
        self._host = controller.host
        self.edit: HunkEdit | None = None
        """What the editor on the screen is about."""

    # --- a hunk, on the screen

    def hunk(self) -> None:
        """Edit the hunk, beginning with what is in view, or with both sides."""
        view = self._controller.current()
        if view is None or self.edit is not None:
            return
        if view.hunk is None:
            self._host.say("this file can only be chosen whole; E edits it, if it is text")
            return
        text = editable(_first_text(view, view.hunk))
        if text is None:
            self._host.say("this hunk has characters that cannot be edited here; E opens your editor")
            return
        self.edit = HunkEdit(view.path.path, view.hunk)
        self._host.open_editor(text)

    def save(self, text: str) -> None:
        """Take the edited text as the choice; the editor stays open where that is not possible."""
        if self.edit is None:
            return
        decision = said(self.edit.hunk, written(text, self.edit.hunk))
        step = (Settled(self.edit.path, self.edit.hunk, decision),)
        if self._controller.viewpoint is None:
            why_not = self._controller.why_not
            self._host.say(f"{why_not} Your edit stays open; esc discards it")
        elif self._controller.keep(step):
            self.discard()

    def cancel(self, *, is_changed: bool) -> None:
        """Close the editor; ask first if the text was changed."""
        if self.edit is None:
            return
        if is_changed:
            self._host.ask("Discard your edit?", "The previous choice stays.", self.discard)
        else:
            self.discard()

    def discard(self) -> None:
        """Close the editor and drop its text."""
        self.edit = None
        self._host.close_editor()

    # --- a file, in another program

    def file(self) -> None:
        """Open the file in the person's editor."""
        if (view := self._controller.current()) is not None:
            line = line_of(view) if view.hunk is not None else 0
            self._outside(
                partial(self._controller.conflicts.edit, view.conflicted, view.path, view.record, line),
                f"{view.path.path} unchanged; conflict still open",
            )

    def tool(self) -> None:
        """Open the file in the person's mergetool."""
        if (view := self._controller.current()) is not None:
            self._outside(
                partial(self._controller.conflicts.use_tool, view.conflicted, view.path, view.record),
                f"{view.path.path} unchanged; conflict still open",
            )

    def preview(self) -> None:
        """Show in git's pager what the target would get."""
        view = self._controller.current()
        if view is not None and view.left_count:
            self._host.say(f"{left_text(view)} left to choose before there is a result")
        elif view is not None:
            show = partial(self._controller.conflicts.show_result, view.conflicted, view.record)
            self._host.say(self._host.lend_terminal(show))

    def _outside(self, act: Callable[[], ConflictRecord | None], unchanged: str) -> None:
        """Keep the record that `act` returns; say `unchanged` if it returns none or the same."""
        view = self._controller.viewpoint
        found: list[ConflictRecord | None] = []
        trouble = self._host.lend_terminal(lambda: found.append(act()))
        if trouble:
            self._host.say(trouble)
        elif not found or found[0] is None or (view is not None and found[0] == view.record):
            self._host.say(unchanged)
        else:
            self._controller.keep_record(found[0])


def _first_text(view: Viewpoint, hunk: Hunk) -> bytes:
    offered = view.shown_offer
    if offered is not None and offered.subject == hunk:
        return chosen_text(hunk, offered.offer.decision)
    known = view.decisions.get((view.path.path, hunk))
    return chosen_text(hunk, known or Decision(Choice.BOTH))
