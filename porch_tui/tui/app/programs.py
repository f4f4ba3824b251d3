"""What the screen leaves to programs outside of it: pager, editor, shell, plain lines, and the clipboard.

Files are read and written in threads. A text that no program takes is left to the terminal.
"""

from __future__ import annotations

import os
from asyncio import to_thread
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from porch_tui.core.model.commands import RetryTask
from porch_tui.core.model.plan import TaskId, shown
from porch_tui.core.model.status import TAKEN_OUT
from porch_tui.core.scheduling.shared import far_worktree, worktree_place
from porch_tui.errors import PorchError
from porch_tui.present.clean import clean
from porch_tui.present.command_texts import refused_text
from porch_tui.present.own_commands import OwnCommand
from porch_tui.tui.app.screens import show_on_top
from porch_tui.tui.log.excerpts import Extract, counted_lines, last_lines, text_of, whole
from porch_tui.tui.log.links import FileLink, Link, WebLink
from porch_tui.tui.model.actions import refusal
from porch_tui.tui.model.outside import Copied, Running
from porch_tui.tui.terminal.terminal import hand_over_terminal
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext

if TYPE_CHECKING:
    from porch_tui.tui.app.app import PorchApp

TERMINAL_BYTES = 64_000
"""More than this many a terminal drops without a word."""
EXCERPT_LINES = 40
NO_TASK = "No task can be chosen here: make the window at least 60x15"


class Programs:
    """Hands the terminal to a program, or a text to the clipboard, and says what came of it."""

    def __init__(self, app: PorchApp, context: ScreenContext) -> None:
        self._app, self._context, self._outside = app, context, context.outside
        self._starting: set[tuple[int, TaskId | None]] = set()
        self._running: list[tuple[int, TaskId | None, Running]] = []
        """Commands of the person's own that run, each with its number and task."""

    def away(self, what: str, task: TaskId | None) -> None:
        """Leave something to a program, mostly about a task."""
        match what:
            case "stream":
                self._lend_terminal(self._outside.stream)
            case _ if what.startswith("own."):
                self._run_own(int(what.partition(".")[2]), task)
            case _ if task is None:
                self._app.say(NO_TASK)
            case "shell":
                self._lend_terminal(partial(self._outside.open_shell, task))
            case "reword":
                self._reword(task)
            case "editor":
                self._app.run_worker(self._edit(task))
            case "copy":
                self._ask_what_to_copy(task)

    def page(self, log: Path) -> None:
        """Open a log in the pager."""
        if log.exists():
            self._lend_terminal(partial(self._outside.read_in_pager, log))
        else:
            self._app.say("there is no output yet")

    def _lend_terminal(self, act: Callable[[], object]) -> None:
        self._app.say(hand_over_terminal(self._app, act))

    def _reword(self, task: TaskId) -> None:
        """Have the person edit what the task is asked, or runs, then retry it."""
        asked = RetryTask(self._context.session.new_command_id(), task)
        why = refusal(self._context.latest().state, asked)
        if why is not None:
            self._app.say(refused_text(asked, why), task)
            return
        edited: list[RetryTask] = []

        def act() -> str:
            command, remark = self._outside.reword(asked)
            edited.append(command)
            return remark

        self._lend_terminal(act)
        for command in edited:
            self._app.live.post_message(LiveScreen.CommandRequested(command))

    async def _edit(self, task: TaskId) -> None:
        """Open a file that the task has changed in the editor, after asking which if there are several."""
        try:
            files = await to_thread(self._outside.changed_files, task)
        except (PorchError, OSError) as error:
            self._app.say(str(error), task)
            return
        if not files:
            key = self._context.options.key("task.shell", "!")
            self._app.say(f"{task} has changed no file so far; {key} opens a shell in its worktree", task)
        elif len(files) == 1:
            self._open_editor(task, files)
        else:
            from porch_tui.tui.widgets.questions import which_file

            question = which_file(task, files, self._context.charset)
            self._app.push_screen(question, partial(self._open_editor, task))

    def _open_editor(self, task: TaskId, files: Sequence[str] | None) -> None:
        if files:
            self._lend_terminal(partial(self._outside.open_editor, task, files))

    async def open_link(self, links: Sequence[Link], task: TaskId | None) -> None:
        """Open the first file of a task's worktree that a line of its log points at.

        A web address is copied: nothing that stands in a log is run or visited.
        """
        files = [link for link in links if isinstance(link, FileLink)]
        addresses = [link.url for link in links if isinstance(link, WebLink)]
        try:
            for link in files if task is not None else ():
                assert task is not None
                if found := await to_thread(self._outside.file_in_worktree, task, link.path):
                    self._lend_terminal(partial(self._outside.open_editor, task, (found,), link.line))
                    return
        except PorchError as error:
            self._app.say(str(error), *filter(None, [task]))
            return
        if addresses:
            await self._copy(addresses[0], addresses[0])
        elif files:
            self._app.say(f"{clean(files[0].path)} is no file in the worktree of {task}")

    # --- commands of the person's own

    def tick(self) -> None:
        """Say how a command ended whose screen is closed."""
        for one in [one for one in self._running if one[2].code() is not None]:
            self._running.remove(one)
            number, task, running = one
            from porch_tui.tui.app.own_command import OwnCommandScreen, outcome

            live = self._app.live
            if not isinstance(live, OwnCommandScreen) or live.running is not running:
                label, of = self._context.options.commands[number].label, f" of {task}" if task else ""
                self._app.say(f"{label}{of}: {outcome(running)}; its output: {running.output}")

    def _run_own(self, number: int, task: TaskId | None) -> None:
        """Start a command, or show the one that runs, and its output."""
        own = self._context.options.commands[number]
        if own.is_of_task and task is None:
            self._app.say(NO_TASK)
            return
        about = task if own.is_of_task else None
        if own.takes_terminal:
            self._lend_terminal(partial(self._outside.run_on_terminal, own, about))
            return
        at_work = next((one for one in self._running if one[:2] == (number, about)), None)
        if at_work is not None:
            self._show_own(task, at_work[2])
        elif (number, about) not in self._starting:
            self._starting.add((number, about))
            self._app.run_worker(self._start_own(number, own, about, task))

    async def _start_own(
        self, number: int, own: OwnCommand, about: TaskId | None, chosen: TaskId | None
    ) -> None:
        try:
            running = await to_thread(self._outside.start, own, about)
        except (PorchError, OSError) as error:
            self._app.say(str(error), *([about] if about else []))
            return
        finally:
            self._starting.discard((number, about))
        self._running.append((number, about, running))
        self._show_own(chosen, running)

    def _show_own(self, task: TaskId | None, running: Running) -> None:
        from porch_tui.tui.app.own_command import OwnCommandScreen

        show_on_top(self._app, self._app.live, OwnCommandScreen(self._context, task, running))

    # --- copying and saving

    def _ask_what_to_copy(self, task: TaskId) -> None:
        from porch_tui.tui.widgets.questions import Choice, Question

        choices = [
            Choice("n", "its name", "name"),
            Choice("p", "the path of its worktree", "path"),
            Choice("c", "its command", "command"),
            Choice("e", f"the last {EXCERPT_LINES} lines of its output", "excerpt"),
        ]
        question = Question(f"Copy what of {task}?", "", choices, "nothing", self._context.charset)

        def copy(what: str | None) -> None:
            self._app.run_worker(self._copy_fact(task, what))

        self._app.push_screen(question, copy)

    async def copy_lines(self, extract: Extract) -> None:
        """Copy lines of a log."""
        try:
            text = await to_thread(text_of, extract)
        except OSError as error:
            self._app.say(f"{extract.path} cannot be read: {error.strerror}")
        else:
            await self._copy(extract.label, text)

    async def save(self, log: Path) -> None:
        """Write a log as plain text into a file of the run."""
        pieces = whole(log) if log.exists() else ()
        kept = await to_thread(self._outside.keep, f"{log.parent.name}.txt", pieces)
        self._app.say(f"the log as text: {kept.path}" if kept.path else kept.trouble)

    async def _copy_fact(self, task: TaskId, what: str | None) -> None:
        state = self._context.latest().state
        match what:
            case "name":
                await self._copy(what, task)
            case "path":
                far = far_worktree(state, task)
                worktree = far.path if far else worktree_place(state, task, Path(state.root).name)
                await self._copy(what, os.path.normpath(Path(state.root) / worktree))
            case "command":
                await self._copy(what, shown(state.specs[task].command))
            case "excerpt":
                lines = await self._excerpt(task)
                if lines:
                    await self._copy(counted_lines(len(lines)), "".join(f"{line}\n" for line in lines))
                else:
                    self._app.say("it has no output")

    async def _excerpt(self, task: TaskId) -> list[str]:
        """Return the last lines of the output that shows what went wrong."""
        log, session = self._failure_log(task), self._context.session
        if log is None:
            return []
        transcripts = session.transcripts(task) if log == session.log(task) else None

        def read() -> list[str]:
            from porch_tui.session.terminal_text import as_lines  # rarely needed, and with an emulator

            with suppress(OSError), as_lines(log) as path:
                is_text = path != log
                return last_lines(path, EXCERPT_LINES, None if is_text else transcripts, has_blank=True)
            return []

        return await to_thread(read)

    def _failure_log(self, task: TaskId) -> Path | None:
        """Return the log that shows what went wrong: the validation's if that rejected the work."""
        session, entry = self._context.session, self._context.latest().state.entries.get(task)
        if entry is not None and entry.status in TAKEN_OUT:
            judging = session.deciding_validation(task)
            if judging is not None:
                return session.validation_log(*judging)
        return session.log(task)

    async def _copy(self, what: str, text: str) -> None:
        copied = await to_thread(self._outside.copy, text)
        is_by_terminal = not copied.by and len(text.encode("utf-8", "surrogateescape")) <= TERMINAL_BYTES
        if is_by_terminal:
            self._app.copy_to_clipboard(text)
        self._app.say(copy_report(what, copied, is_by_terminal=is_by_terminal))


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
