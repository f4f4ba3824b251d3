"""What a task changes, on the screen: files, lines in the colors of their language, comments, decision."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.events import Resize

from porch_tui.core.model.commands import RetryTask
from porch_tui.core.model.copying import replace
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.wording import counted
from porch_tui.errors import PorchError
from porch_tui.present.command_texts import done_text, refused_text
from porch_tui.present.signs import Charset, Role
from porch_tui.tui.diff.colors import colored
from porch_tui.tui.diff.files import DiffFiles
from porch_tui.tui.diff.pane import DiffPane
from porch_tui.tui.diff.patch import Patch, context_in, parse
from porch_tui.tui.drawing.cells import wrapped
from porch_tui.tui.drawing.rows import Rows
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.keys.bindings import DIFF
from porch_tui.tui.model.actions import refusal
from porch_tui.tui.model.comments import Comment, as_words, with_comment
from porch_tui.tui.model.outside import LEAST_CONTEXT, ShownDiff
from porch_tui.tui.model.view import View
from porch_tui.tui.terminal.terminal import hand_over_terminal
from porch_tui.tui.widgets.frame import Frame
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext
from porch_tui.tui.widgets.pane_heading import PaneHeading
from porch_tui.tui.widgets.prompt import Prompt
from porch_tui.tui.widgets.questions import yes_or_no
from porch_tui.tui.widgets.said_here import SaidHere

WIDE_CELLS = 100
"""From here on the files are beside the lines."""


class DiffScreen(LiveScreen):
    """Shows what one task changes; it stays as it was read until the person reads it again."""

    BINDINGS: ClassVar[list[BindingType]] = [*DIFF]
    DEFAULT_CSS = """
    DiffScreen { layers: base above; background: $background; }
    DiffScreen #diff { height: 1fr; width: 1fr; layout: vertical; border-top: solid $rule; }
    DiffScreen.-ascii #diff { border-top: ascii $rule; }
    DiffScreen #files { height: auto; max-height: 4; }
    DiffScreen #lines { width: 1fr; height: 1fr; }
    DiffScreen PaneHeading { display: none; }
    DiffScreen.-wide #diff { layout: horizontal; border-top: none; }
    DiffScreen.-wide #files { width: 30%; min-width: 36; max-width: 60; height: 1fr; max-height: 100%; }
    DiffScreen.-wide Frame { padding: 0 1 1 1; }
    DiffScreen.-wide PaneHeading { display: block; }
    DiffScreen.-wide DiffFiles { height: 1fr; }
    """

    def __init__(self, context: ScreenContext, task: TaskId | None) -> None:
        super().__init__(context, task)
        self._head = DiffHead(context.charset)
        self._files = DiffFiles(context.charset)
        self._pane = DiffPane(context.charset)
        self._file_frame = Frame(context.charset, id="files")
        self._line_frame = Frame(context.charset, id="lines")
        self._file_heading = PaneHeading(context.charset, is_focused=False)
        self._line_heading = PaneHeading(context.charset, is_focused=True)
        self._prompt = Prompt()
        self._said_here = SaidHere(self)
        self._diff: ShownDiff | None = None
        self._patch = Patch()
        self._comments: tuple[Comment, ...] = ()
        self._about: Comment | None = None
        """What is being commented on; None: what is asked for is what else to say."""

    def compose_body(self) -> ComposeResult:
        """The files above the lines, or beside them."""
        yield self._head
        with Container(id="diff"):
            with self._file_frame:
                yield self._file_heading
                yield self._files
            with self._line_frame:
                yield self._line_heading
                yield self._pane
        yield self._prompt

    def on_mount(self) -> None:
        """Read what there is to show."""
        super().on_mount()
        self._pane.focus()
        self._read()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width >= WIDE_CELLS, "-wide")

    def draw_body(self, view: View) -> None:
        """Show whether it waits for a review, and whether it has changed since it was read."""
        self._draw_head()

    # --- reading

    @work(exclusive=True)
    async def _read(self) -> None:
        task = self.task_id
        if task is None:
            self._pane.say("no task was chosen")
            return
        reviewing = self.context.outside.reviewing
        try:
            diff = await to_thread(reviewing.diff, task)
            patch = await to_thread(parse, diff.patch)
            if (context := context_in(patch, self._pane.size.height)) > LEAST_CONTEXT:
                diff = await to_thread(reviewing.diff, task, context)
                patch = await to_thread(parse, diff.patch)
            self._comments = await to_thread(reviewing.comments, task)
        except (PorchError, OSError) as error:
            self._pane.say(str(error))
            return
        self._diff, self._patch = diff, patch
        if patch.lines:
            self._pane.show(patch, self._comments)
        else:
            self._pane.say("it changes nothing")
        self._moved()
        self._draw_head()
        self._pane.show_colors(await to_thread(colored, patch))

    def action_reload(self) -> None:
        """Read it again: it may have changed."""
        self._read()

    def action_page(self) -> None:
        """Show it in the pager."""
        task = self.task_id
        if task is not None:
            reviewing = self.context.outside.reviewing
            self.post_message(self.Notify(hand_over_terminal(self.app, lambda: reviewing.page(task))))

    # --- what is said about it

    def action_comment(self) -> None:
        """Ask what to say about the line under the cursor."""
        comment = self._pane.comment
        if comment is None:
            self._said_here.say("no comment can be made on this line; go to one of a file")
            return
        self._about = comment
        self._prompt.ask(f"{comment.place}: what to say (empty removes it)", comment.text)

    def action_send_back(self) -> None:
        """Ask what else to say, then retry the task with that and the comments."""
        if self.task_id is None:
            return
        why = refusal(self.view.state, RetryTask("", self.task_id, say="…"))
        if why is not None:
            self.post_message(self.Notify(refused_text(RetryTask("", self.task_id), why), self.task_id))
            return
        self._about = None
        count = f" with {counted(len(self._comments), 'comment')}" if self._comments else ""
        self._prompt.ask(f"enter sends it back{count}; what else to say")

    @on(Prompt.Ended)
    def _prompted(self, message: Prompt.Ended) -> None:
        self._pane.focus()
        if message.text is None:
            return
        if self._about is None:
            self._send_back(message.text)
        else:
            self._keep(with_comment(self._comments, replace(self._about, text=message.text)))

    @work(exclusive=True, group="comments")
    async def _keep(self, comments: Sequence[Comment]) -> None:
        await self._keep_now(comments)

    async def _keep_now(self, comments: Sequence[Comment]) -> None:
        self._comments = tuple(comments)
        self._pane.show_comments(self._comments)
        self._draw_head()
        if self.task_id is not None:
            try:
                await to_thread(self.context.outside.reviewing.keep_comments, self.task_id, comments)
            except PorchError as error:
                self.post_message(self.Notify(str(error)))

    @work(exclusive=True, group="comments")
    async def _send_back(self, more: str) -> None:
        words, task = as_words(self._comments, more), self.task_id
        if task is None:
            return
        if not words:
            comment = self.context.options.key("diff.comment", "enter")
            self.post_message(self.Notify(f"nothing to send: comment on a line ({comment}), or say it here"))
            return
        command = RetryTask(self.context.session.new_command_id(), task, say=words)
        self.post_message(self.CommandRequested(command))
        await self._keep_now(())  # before the screen goes, which ends what it has begun
        self.post_message(self.Finished(f"{task} is sent back; its agent goes on with what you said", task))

    # --- the decision

    @work(exclusive=True, group="decision")
    async def action_approve(self) -> None:
        """Approve what is shown, after a question if comments would not be sent."""
        task, diff = self.task_id, self._diff
        if task is None or diff is None:
            return
        try:
            command = await to_thread(self.context.outside.reviewing.approval, task, diff)
        except (PorchError, OSError) as error:
            self.post_message(self.Notify(str(error)))
            return
        why = refusal(self.view.state, command)
        if why is not None:
            self.post_message(self.Notify(refused_text(command, why), task))
            return

        def send(is_yes: bool | None) -> None:
            if is_yes:
                self.post_message(self.CommandRequested(command))
                self.post_message(self.Finished(f"{task}: {done_text(command, self.view.state)}", task))

        if self._comments:
            asked = f"Approve {task} although you have commented on it?"
            kept = f"{counted(len(self._comments), 'comment')} would not be sent to its agent."
            self.app.push_screen(yes_or_no(asked, kept, self.context.charset), send)
        else:
            send(is_yes=True)

    # --- drawing

    @on(DiffPane.Moved)
    def _moved(self) -> None:
        """Show where the cursor is."""
        self._said_here.went_on()
        at, files = self._patch.file_at(self._pane.line or 0), self._patch.files
        self._files.show(self._patch, at)
        self._file_heading.show(counted(len(files), "file"), f"{at + 1} of {len(files)}" if files else "")
        extent = self._pane.extent
        self._line_frame.show(extent)
        rows = f"{extent.top + 1} to {min(extent.top + extent.rows, extent.of)} of {extent.of}"
        self._line_heading.show(files[at].path if files else "", rows if extent.of > extent.rows else "")

    @on(DiffFiles.Chosen)
    def _chosen(self, message: DiffFiles.Chosen) -> None:
        self._pane.go_to_line(message.file.start)
        self._pane.focus()

    def _draw_head(self) -> None:
        task, diff = self.task_id, self._diff
        if task is None or diff is None:
            return
        state = self.view.state
        files = self._patch.files
        parts = [
            counted(len(files), "file"),
            f"+{sum(file.added for file in files)} -{sum(file.removed for file in files)}",
            counted(len(self._comments), "comment") if self._comments else "",
            "waits for your review" if awaits_review(state, task) else "",
            "more than can be shown: o has all of it" if diff.is_cut or self._patch.is_cut else "",
        ]
        is_old = state.tasks[task].head != diff.result
        reload = self.context.options.key("diff.reload", "f5")
        changed = f"it has another result by now: {reload} reads it" if is_old else ""
        self._head.show(diff.about, "  ".join(filter(None, parts)), [*diff.hints, *filter(None, [changed])])


class DiffHead(Rows):
    """What is compared, how much differs, and what else a reviewer should know."""

    DEFAULT_CSS = "DiffHead { height: auto; max-height: 6; }"

    def __init__(self, charset: Charset) -> None:
        super().__init__(charset)
        self._about, self._counts = "", ""
        self._hints: tuple[str, ...] = ()

    def show(self, about: str, counts: str, hints: Sequence[str]) -> None:
        """Show these."""
        before = len(self.lines_for(self.size.width or 80))
        self._about, self._counts, self._hints = about, counts, tuple(hints)
        if len(self.lines_for(self.size.width or 80)) != before:
            self.refresh(layout=True)
        self.redraw()

    def lines_for(self, width: int) -> list[Line]:
        """Return them as lines."""
        lines: list[Line] = [(Span(f" {text}", Role.STRONG),) for text in wrapped(self._about, width - 2)]
        lines += [(Span(f" {text}", Role.MUTED),) for text in wrapped(self._counts, width - 2)]
        for hint in self._hints:
            lines += [(Span(f" ! {text}", Role.ASK),) for text in wrapped(hint, width - 4)]
        return lines
