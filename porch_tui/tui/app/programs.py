"""What the screen leaves to programs outside of it: pager, editor, shell, plain lines, and the clipboard.

Files are read and written in threads. A text that no program takes is left to the terminal.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from porch_tui.core.model.plan import TaskId, shown
from porch_tui.core.model.status import TAKEN_OUT
from porch_tui.errors import PorchError
from porch_tui.tui.log.excerpts import Extract, counted_lines, last_lines, text_of, whole
from porch_tui.tui.model.outside import Copied
from porch_tui.tui.terminal.terminal import hand_over_terminal
from porch_tui.tui.widgets.live_screen import ScreenContext
from porch_tui.tui.widgets.questions import Choice, Question, which_file

if TYPE_CHECKING:
    from porch_tui.tui.app.app import PorchApp

TERMINAL_BYTES = 64_000
"""More than this many a terminal drops without a word."""
EXCERPT_LINES = 40


class Programs:
    """Hands the terminal to a program, or a text to the clipboard, and says what came of it."""

    def __init__(self, app: PorchApp, context: ScreenContext) -> None:
        self._app, self._context, self._outside = app, context, context.outside

    # --- programs that need the terminal

    def stream(self) -> None:
        """Print the run as plain lines until a key is pressed."""
        self._app.say(hand_over_terminal(self._app, self._outside.stream))

    def show_diff(self, task: TaskId) -> None:
        """Show what the task has changed in the pager."""
        self._app.say(hand_over_terminal(self._app, partial(self._outside.show_diff, task)))

    def open_shell(self, task: TaskId) -> None:
        """Open the person's shell in the task's worktree."""
        self._app.say(hand_over_terminal(self._app, partial(self._outside.open_shell, task)))

    def page(self, log: Path) -> None:
        """Open a log in the pager."""
        if log.exists():
            read = partial(self._outside.read_in_pager, log)
            self._app.say(hand_over_terminal(self._app, read))
        else:
            self._app.say("there is no output yet")

    def edit(self, task: TaskId) -> None:
        """Open a file that the task has changed in the editor, after asking which if there are several."""
        self._run(self._find_files, task)

    def _find_files(self, task: TaskId) -> None:
        try:
            files = self._outside.changed_files(task)
        except (PorchError, OSError) as error:
            self._app.call_later(self._app.say, str(error), task)
        else:
            self._app.call_later(self._choose_file, task, files)

    def _choose_file(self, task: TaskId, files: Sequence[str]) -> None:
        if not files:
            key = self._context.options.key("task.shell", "!")
            none = f"{task} has changed no file so far; {key} opens a shell in its worktree"
            self._app.say(none, task)
        elif len(files) == 1:
            self._open_editor(task, files)
        else:
            self._app.push_screen(
                which_file(task, files, self._context.charset), partial(self._open_editor, task)
            )

    def _open_editor(self, task: TaskId, files: Sequence[str] | None) -> None:
        if files:
            edit = partial(self._outside.open_editor, task, files)
            self._app.say(hand_over_terminal(self._app, edit))

    # --- copying and saving

    def ask_what_to_copy(self, task: TaskId) -> None:
        """Ask what to copy of a task, and copy it."""
        choices = [
            Choice("n", "its name", "name"),
            Choice("p", "the path of its worktree", "path"),
            Choice("c", "its command", "command"),
            Choice("e", f"the last {EXCERPT_LINES} lines of its output", "excerpt"),
        ]
        question = Question(f"Copy what of {task}?", "", choices, "nothing", self._context.charset)
        self._app.push_screen(question, partial(self._copy_fact, task))

    def copy_lines(self, extract: Extract) -> None:
        """Copy lines of a log."""
        self._run(self._copy_lines, extract)

    def save(self, log: Path) -> None:
        """Write a log as plain text into a file of the run."""
        self._run(self._save, log)

    def _copy_fact(self, task: TaskId, what: str | None) -> None:
        state = self._context.latest().state
        match what:
            case "path":
                worktree = state.plan.worktree_of(task, Path(state.root).name, state.run)
                self._run(self._copy, what, os.path.normpath(Path(state.root) / worktree))
            case "command":
                self._run(self._copy, what, shown(state.specs[task].command))
            case "excerpt":
                self._run(self._copy_ending, self._failure_log(task))
            case "name":
                self._run(self._copy, what, task)
            case _:
                pass

    def _failure_log(self, task: TaskId) -> Path | None:
        """Return the log that shows what went wrong: the validation's if that rejected the work."""
        session, entry = self._context.session, self._context.latest().state.entries.get(task)
        if entry is not None and entry.status in TAKEN_OUT:
            judging = session.deciding_validation(task)
            if judging is not None:
                return session.validation_log(*judging)
        return session.log(task)

    def _copy(self, what: str, text: str) -> None:
        self._app.call_later(self._report_copied, what, text, self._outside.copy(text))

    def _copy_lines(self, extract: Extract) -> None:
        try:
            self._copy(counted_lines(len(extract.starts)), text_of(extract))
        except OSError as error:
            self._app.call_later(self._app.say, f"{extract.path} cannot be read: {error.strerror}")

    def _copy_ending(self, log: Path | None) -> None:
        lines = last_lines(log, EXCERPT_LINES, has_blank=True) if log is not None else []
        text = "".join(f"{line}\n" for line in lines)
        if text:
            self._copy(counted_lines(text.count("\n")), text)
        else:
            self._app.call_later(self._app.say, "it has no output")

    def _save(self, log: Path) -> None:
        kept = self._outside.keep(f"{log.parent.name}.txt", whole(log) if log.exists() else ())
        saved = f"the log as text: {kept.path}" if kept.path else kept.trouble
        self._app.call_later(self._app.say, saved)

    def _report_copied(self, what: str, text: str, copied: Copied) -> None:
        is_by_terminal = not copied.by and len(text.encode("utf-8", "surrogateescape")) <= TERMINAL_BYTES
        if is_by_terminal:
            self._app.copy_to_clipboard(text)
        self._app.say(copy_report(what, copied, is_by_terminal=is_by_terminal))

    def _run(self, act: Callable[..., None], *args: object) -> None:
        self._app.run_worker(partial(act, *args), thread=True)


def copy_report(what: str, copied: Copied, *, is_by_terminal: bool) -> str:
    """Return what was copied, and where the text is as well."""
    path = copied.kept.path
    also = f"also in {path}" if path else copied.kept.trouble
    if copied.by:
        return f"{what} copied ({copied.by}), {also}"
    if is_by_terminal:
        return f"{what} handed to the terminal to be copied, {also}"
    if path is not None:
        return f"{what}: too much for the terminal to copy; it is in {path}"
    return f"{what} not copied: too much for the terminal, and {copied.kept.trouble}"
