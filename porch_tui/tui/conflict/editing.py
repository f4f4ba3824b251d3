"""Resolves a conflict by hand: a hunk on the screen, a whole file in the person's editor or mergetool."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from porch_tui.core.conflict.conflict import Choice, ConflictRecord, Decision, Hunk, Settled
from porch_tui.core.conflict.splice import chosen_text, said
from porch_tui.tui.conflict.controller import ConflictController
from porch_tui.tui.conflict.hunk_editor import editable, written
from porch_tui.tui.conflict.lines import line_of
from porch_tui.tui.conflict.viewpoint import Viewpoint
from porch_tui.tui.conflict.words import left_text


class ManualEditing:
    """The hunk that is edited on the screen, and the programs that edit whole files."""

    def __init__(self, controller: ConflictController) -> None:
        self._controller = controller
        self._host = controller.host
        self.edit: tuple[str, Hunk] | None = None
        """The path and the hunk that the editor on the screen is about."""

    # --- a hunk, on the screen

    def hunk(self, view: Viewpoint) -> None:
        """Edit the hunk, beginning with what is in view, or with both sides."""
        if self.edit is not None:
            return
        if view.hunk is None:
            self._host.say("this file can only be chosen whole; ctrl+e edits it, if it is text")
            return
        offered = view.shown_offer
        if offered is not None and offered.subject == view.hunk:
            begun = offered.offer.decision
        else:
            begun = view.decisions.get((view.path.path, view.hunk), Decision(Choice.BOTH))
        text = editable(chosen_text(view.hunk, begun))
        if text is None:
            self._host.say("this hunk has characters that cannot be edited here; ctrl+e opens your editor")
            return
        self.edit = (view.path.path, view.hunk)
        self._host.open_editor(text)

    def save(self, text: str) -> None:
        """Take the edited text as the choice; the editor stays open where that is not possible."""
        if self.edit is None:
            return
        path, hunk = self.edit
        step = (Settled(path, hunk, said(hunk, written(text, hunk))),)
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

    def file(self, view: Viewpoint) -> None:
        """Open the file in the person's editor."""
        line = line_of(view) if view.hunk is not None else 0
        self._outside(view, partial(self._controller.conflicts.edit, line=line))

    def tool(self, view: Viewpoint) -> None:
        """Open the file in the person's mergetool."""
        self._outside(view, self._controller.conflicts.use_tool)

    def preview(self, view: Viewpoint) -> None:
        """Show in git's pager what the target would get."""
        if view.left_count:
            self._host.say(f"{left_text(view)} left to choose before there is a result")
        else:
            show = partial(self._controller.conflicts.show_result, view.conflicted, view.record)
            self._host.say(self._host.lend_terminal(show))

    def _outside(self, view: Viewpoint, edit: Callable[..., ConflictRecord | None]) -> None:
        """Keep the record that `edit` returns, if it is another one."""
        found: list[ConflictRecord | None] = []
        act = partial(edit, view.conflicted, view.path, view.record)
        trouble = self._host.lend_terminal(lambda: found.append(act()))
        if trouble:
            self._host.say(trouble)
        elif not found or found[0] is None or found[0] == view.record:
            self._host.say(f"{view.path.path} unchanged; conflict still open")
        else:
            self._controller.keep_record(found[0])
