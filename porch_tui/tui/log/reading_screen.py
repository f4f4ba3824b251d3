"""What screens with logs share: text is copied from them, logs are saved and opened in the pager.

Where it all goes is `outside`'s business. Reading and writing is done in threads;
a text that no program takes is left to the terminal.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message

from porch_tui.core.model.plan import TaskId, shown
from porch_tui.core.model.status import TAKEN_OUT
from porch_tui.tui.log.excerpts import Extract, counted_lines, ending, text_of, whole
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.model.outside import Copied
from porch_tui.tui.terminal.terminal import hand_over_terminal
from porch_tui.tui.widgets.live_screen import LiveScreen
from porch_tui.tui.widgets.questions import Choice, Question

TERMINAL_BYTES = 64_000
"""More than this many a terminal drops without a word."""
EXCERPT_LINES = 40


class ReadingScreen(LiveScreen):
    """A screen with logs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy", id="board.copy", tooltip="Copy its name, path, command or last output"),
    ]

    class TextCopied(Message):
        """A text is where it is pasted from, or for the terminal to take there."""

        def __init__(self, what: str, text: str, copied: Copied) -> None:
            super().__init__()
            self.what, self.text, self.copied = what, text, copied

    def action_copy(self) -> None:
        """Ask what to copy of the task under the cursor."""
        task = self.chosen
        if task is None:
            self.post_message(self.Notify("no task can be chosen here: make the window at least 60x15"))
            return
        choices = [
            Choice("n", "its name", "name"),
            Choice("p", "the path of its worktree", "path"),
            Choice("c", "its command", "command"),
            Choice("e", f"the last {EXCERPT_LINES} lines of its output", "excerpt"),
        ]

        def copy(what: str | None) -> None:
            if what == "excerpt":
                self._copy_ending(self._telling_log(task))
            elif what is not None:
                self._copy(what, self._fact(task, what))

        asked = f"Copy what of {task}?"
        self.app.push_screen(Question(asked, "", choices, "nothing", self.context.charset), copy)

    @on(LogPane.CopyRequested)
    def _yank(self, message: LogPane.CopyRequested) -> None:
        self._copy_lines(message.extract)

    @on(LogPane.SaveRequested)
    def _save_wanted(self, message: LogPane.SaveRequested) -> None:
        self._save(message.path)

    @on(LogPane.PagerRequested)
    def _page(self, message: LogPane.PagerRequested) -> None:
        if not message.path.exists():
            self.post_message(self.Notify("there is no output yet"))
            return
        page = partial(self.context.outside.read_in_pager, message.path)
        self.post_message(self.Notify(hand_over_terminal(self.app, page)))

    @on(TextCopied)
    def _tell_copied(self, message: TextCopied) -> None:
        text, copied = message.text, message.copied
        is_by_terminal = not copied.by and len(text.encode("utf-8", "surrogateescape")) <= TERMINAL_BYTES
        if is_by_terminal:
            self.app.copy_to_clipboard(text)
        self.post_message(self.Notify(told(message.what, copied, is_by_terminal=is_by_terminal)))

    # --- in threads

    @work(thread=True)
    def _copy(self, what: str, text: str) -> None:
        self.post_message(self.TextCopied(what, text, self.context.outside.copy(text)))

    @work(thread=True)
    def _copy_lines(self, extract: Extract) -> None:
        try:
            text = text_of(extract)
        except OSError as error:
            self.post_message(self.Notify(f"{extract.path} cannot be read: {error.strerror}"))
            return
        what = counted_lines(len(extract.starts))
        self.post_message(self.TextCopied(what, text, self.context.outside.copy(text)))

    @work(thread=True)
    def _copy_ending(self, path: Path | None) -> None:
        text = ending(path, EXCERPT_LINES) if path is not None else ""
        if not text:
            self.post_message(self.Notify("it has put out nothing"))
            return
        what = counted_lines(text.count("\n"))
        self.post_message(self.TextCopied(what, text, self.context.outside.copy(text)))

    @work(thread=True)
    def _save(self, path: Path) -> None:
        kept = self.context.outside.keep(f"{path.parent.name}.txt", whole(path) if path.exists() else ())
        self.post_message(self.Notify(f"the log as text: {kept.path}" if kept.path else kept.trouble))

    # --- what there is to copy

    def _fact(self, task: TaskId, what: str) -> str:
        state = self.view.state
        match what:
            case "path":
                relative = state.plan.worktree_of(task, Path(state.root).name, state.run)
                return os.path.normpath(Path(state.root) / relative)
            case "command":
                return shown(state.specs[task].command)
            case _:
                return task

    def _telling_log(self, task: TaskId) -> Path | None:
        """Return the log that tells what went wrong: the validation's for what it has rejected."""
        session, entry = self.context.session, self.view.state.entries.get(task)
        if entry is not None and entry.status in TAKEN_OUT:
            judging = session.deciding_validation(task)
            if judging is not None:
                return session.validation_log(*judging)
        return session.log(task)


def told(what: str, copied: Copied, *, is_by_terminal: bool) -> str:
    """Return what was done, and where the text is besides."""
    path = copied.kept.path
    also = f"also in {path}" if path else copied.kept.trouble
    if copied.by:
        return f"{what} copied ({copied.by}), {also}"
    if is_by_terminal:
        return f"{what} handed to the terminal to be copied, {also}"
    if path is not None:
        return f"{what}: too much for the terminal to copy; it is in {path}"
    return f"{what} not copied: too much for the terminal, and {copied.kept.trouble}"
