"""The screen on which a conflict is resolved: it lays out and draws; `ConflictController` decides."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import ClassVar, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.widget import Widget

from porch_tui.core.conflict.conflict import Choice
from porch_tui.core.conflict.offers import OfferSource
from porch_tui.core.model.commands import AnyCommand
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.wording import counted
from porch_tui.present.signs import Role
from porch_tui.tui.conflict.controller import ConflictController
from porch_tui.tui.conflict.editing import ManualEditing
from porch_tui.tui.conflict.hunk_editor import HunkEditor
from porch_tui.tui.conflict.lines import head_lines, history_lines, longest_result, result_lines
from porch_tui.tui.conflict.panes import (
    FRAMED,
    ConflictBody,
    ConflictFiles,
    ConflictHead,
    EditorHead,
    PathChoices,
    has_room_for_frames,
)
from porch_tui.tui.conflict.sheet import Sheet
from porch_tui.tui.conflict.sides import is_base_shown, side_lines, versions_of
from porch_tui.tui.conflict.viewpoint import Drawn, Viewpoint
from porch_tui.tui.drawing.cells import wrapped
from porch_tui.tui.drawing.styles import Line, Span
from porch_tui.tui.drawing.syntax import colors_of
from porch_tui.tui.keys.active_keys import active_keys
from porch_tui.tui.keys.bindings import CONFLICT
from porch_tui.tui.keys.key_bar import Key
from porch_tui.tui.model.view import View
from porch_tui.tui.terminal.terminal import hand_over_terminal
from porch_tui.tui.widgets.frame import Frame
from porch_tui.tui.widgets.live_screen import LiveScreen, ScreenContext
from porch_tui.tui.widgets.pane_heading import PaneHeading
from porch_tui.tui.widgets.prompt import Prompt
from porch_tui.tui.widgets.questions import Choice as Answer
from porch_tui.tui.widgets.questions import Question, yes_or_no
from porch_tui.tui.widgets.said_here import SaidHere

Result = TypeVar("Result")

_BACK = {Drawn.PLAIN: "conflict.plain", Drawn.HISTORY: "conflict.history"}
"""The keys that go back to the diffs."""
ALWAYS = ("run.help", "conflict.leave")
EDITING = ("editor.accept", "editor.give_up", "prompt.give_up")


class ConflictScreen(LiveScreen):
    """A conflict, hunk by hunk."""

    BINDINGS: ClassVar[list[BindingType]] = [*CONFLICT]
    AUTO_FOCUS = "ConflictBody"
    DEFAULT_CSS = """
    ConflictScreen { layers: base above; background: $background; }
    ConflictScreen ConflictBody { height: 1fr; }
    ConflictScreen #files { height: auto; }
    ConflictScreen #writing { display: none; height: 1fr; }
    ConflictScreen #choices { display: none; height: auto; max-height: 60%; }
    ConflictScreen.-whole #choices { display: block; }
    ConflictScreen PaneHeading { display: none; }
    ConflictScreen.-framed PaneHeading { display: block; }
    ConflictScreen.-framed Frame { padding: 0 1 1 1; }
    ConflictScreen.-framed ConflictHead { height: 1; }
    ConflictScreen.-writing ConflictBody { height: auto; max-height: 50%; }
    ConflictScreen.-writing #writing { display: block; }
    ConflictScreen.-nothing ConflictHead, ConflictScreen.-nothing Frame { display: none; }
    """
    has_task_actions = False

    def __init__(self, context: ScreenContext, task: TaskId | None) -> None:
        super().__init__(context, task)
        host, self.said_here = _ScreenHost(self), SaidHere(self)
        self.controller = ConflictController(task, context.outside.conflicts, context.session, host)
        self.editing = ManualEditing(self.controller)
        charset = context.charset
        self._head = ConflictHead(charset)
        self._files = ConflictFiles(charset)
        self._file_heading = PaneHeading(charset, is_focused=False)
        self._file_frame, self._choice_frame = Frame(charset, id="files"), Frame(charset, id="choices")
        self._body = ConflictBody(charset)
        self._choices = PathChoices(charset)
        self._drawn: tuple[Viewpoint | None, object, Size] = (None, None, Size(0, 0))
        """What was drawn last: the place, the editor or history over it, and the size of the window."""

    @property
    def viewpoint(self) -> Viewpoint | None:
        """Where the person is in the conflict; None while nothing can be chosen."""
        return self.controller.viewpoint

    def compose_body(self) -> ComposeResult:
        """Lay the parts out; the stylesheet says how."""
        yield self._head
        with self._file_frame:
            yield self._file_heading
            yield self._files
        yield self._body
        with self._choice_frame:
            yield self._choices
        with Frame(self.context.charset, id="writing", is_accented=True):
            yield EditorHead(self.context.charset)
        yield Prompt()

    # --- drawing

    def draw_body(self, view: View) -> None:
        """Follow the run, and draw."""
        self.controller.follow(view)
        self.show_conflict()

    def tick_body(self) -> None:
        """Notice choices made elsewhere."""
        self.controller.check_record()

    def show_conflict(self) -> None:
        """Draw the conflict, or why nothing can be chosen."""
        if not self.is_mounted:
            return
        view = self.viewpoint
        self.set_class(view is None, "-nothing")
        self.set_class(view is not None and has_room_for_frames(self.app.size), FRAMED)
        self.set_class(view is not None and view.hunk is None, "-whole")
        if view is None:
            self._drawn = (None, None, self.app.size)
            self._body.show(self._why_not_lines, None, is_new=True)
        else:
            self._show(view)
        self.draw_keys()

    def _show(self, view: Viewpoint) -> None:
        history = self.controller.history_of(view) if view.drawn is Drawn.HISTORY else None
        drawn, self._drawn = self._drawn, (view, (self.editing.edit, history), self.app.size)
        if drawn == self._drawn:
            return  # the run has changed, but nothing that is shown here
        before = drawn[0]
        is_other = before is None or (before.path, before.nth) != (view.path, view.nth)
        is_new = is_other or (before is not None and before.drawn is not view.drawn)
        names = self.controller.names(view)
        self._head.draw(view, names)
        self._files.draw(view)
        self._file_frame.display = len(view.paths) > 1
        self._file_heading.show(counted(len(view.paths), "file"), f"{view.file + 1} of {len(view.paths)}")
        has_result = view.hunk is not None and self.editing.edit is None
        result = partial(result_lines, view, names) if has_result else None
        sides = partial(side_lines, view, names)
        if history is not None:
            sides = partial(history_lines, history, names, self.context.now())
        title = head_lines(view, names, Sheet(self.app.size.width - 4, self.context.charset))[1]
        self._body.show(sides, result, is_new=is_new, longest_result=longest_result(view), title=title)
        if view.hunk is None:
            self._choices.draw(view, names)
        if is_other:
            self.focus_place()
        if before is None or before.path != view.path:
            self._color(view)

    @work(exclusive=True, group="colors")
    async def _color(self, view: Viewpoint) -> None:
        self._body.show_colors(await to_thread(colors_of, view.path.path, *versions_of(view)))

    def focus_place(self) -> None:
        """Focus the choices for a whole path, or the two sides of a hunk."""
        if self.editing.edit is None and self.viewpoint is not None:
            place: Widget = self._choices if self.viewpoint.hunk is None else self._body
            if not place.has_focus:
                place.focus()  # focusing it once more would redraw the whole screen

    def _why_not_lines(self, sheet: Sheet) -> list[Line]:
        return [(Span(f"  {text}", Role.ASK),) for text in wrapped(self.controller.why_not, sheet.cells - 4)]

    def draw_own_keys(self) -> None:
        """Show the keys that do something now."""
        bound = {one.id: one for one in active_keys(self, self.context.charset)}
        drawn = self.viewpoint.drawn if self.viewpoint is not None else Drawn.DIFF

        def keys(ids: Iterable[str]) -> tuple[Key, ...]:
            shown = (bound[id] for id in ids if id in bound)
            return tuple(
                Key(min(one.keys, key=len), "diff" if _BACK.get(drawn) == one.id else one.label, one.id)
                for one in shown
            )

        if self.editing.edit is not None or isinstance(self.focused, Prompt):
            self._keys.draw(keys(EDITING), ())
        else:
            self._keys.draw(keys(_shown_keys(self.viewpoint)), keys(ALWAYS))

    def on_resize(self) -> None:
        """Draw the sides beside each other, or one below the other."""
        self.show_conflict()

    # --- what the person does

    def action_do(self, name: str, *arguments: object) -> None:
        """Call a method of the controller with where the person is."""
        self._call(self.controller, name, *arguments)

    def action_edit(self, what: str) -> None:
        """Edit by hand: the hunk, the file, or with the mergetool; or preview the result."""
        self._call(self.editing, what)

    def action_go(self, move: str, *arguments: object) -> None:
        """Look at what a method of the viewpoint returns."""
        self.said_here.went_on()
        if (view := self.controller.current()) is not None:
            self.controller.go(getattr(view, move)(*arguments))

    def action_base(self) -> None:
        """Show or hide the base."""
        if (view := self.controller.current()) is not None:
            self.controller.go(view.with_base(is_shown=not is_base_shown(view, self.app.size.width)))

    def action_leave(self) -> None:
        """Go back by one step."""
        self.controller.leave()

    def action_place(self) -> None:
        """Have the keys scroll the other part."""
        if self.viewpoint is None or self.viewpoint.hunk is not None:
            self._body.switch()
        else:
            (self._choices if self._body.has_focus else self._body).focus()

    def _call(self, part: object, name: str, *arguments: object) -> None:
        """Call a method of a part with where the person is, unless nothing can be chosen there."""
        self.said_here.went_on()
        if (view := self.controller.current()) is not None:
            getattr(part, name)(view, *arguments)

    @on(ConflictFiles.Clicked)
    def _go_to_file(self, message: ConflictFiles.Clicked) -> None:
        if (view := self.controller.current()) is not None and message.file < len(view.paths):
            self.controller.go(view.in_file(message.file))

    @on(PathChoices.Picked)
    def _pick(self, message: PathChoices.Picked) -> None:
        self.action_do("pick", message.decision)

    @on(Prompt.Ended)
    def _end_name(self, message: Prompt.Ended) -> None:
        self.focus_place()
        if message.text:
            self.action_do("name", message.text)

    @on(HunkEditor.Ended)
    def _end_editing(self, message: HunkEditor.Ended) -> None:
        if message.text is not None:
            self.editing.save(message.text)
        else:
            self.editing.cancel(is_changed=message.is_changed)


def _shown_keys(view: Viewpoint | None) -> list[str]:
    """Return the ids of the keys worth showing, the more important first."""
    if view is None:
        return []
    is_hunk = view.hunk is not None
    wanted = {
        "conflict.complete": not view.left_count,
        "conflict.preview": not view.left_count,
        "conflict.offer": bool(view.offers),
        "conflict.refuse": any(one.word is OfferSource.PROPOSED for one in view.offers),
        "choices.pick": not is_hunk,
        "conflict.next": view.left_count > (1 if view.decision is None else 0),
        "conflict.edit": is_hunk,
        "conflict.undo": view.record.can_undo,
        "conflict.redo": view.record.can_redo,
        "conflict.next_file": len(view.paths) > 1,
        "conflict.whole": is_hunk,
        "conflict.history": True,
        "conflict.both": is_hunk
        and (view.decision or view.shown_offer) is not None,  # else the result has it
        "conflict.editor": True,
        "conflict.show_base": True,
        "conflict.plain": True,
        "conflict.whitespace": view.drawn not in _BACK,
        "conflict.tool": True,
        "conflict.place": is_hunk,
        "pane.right": is_hunk and view.drawn is not Drawn.HISTORY,
        "conflict.reset": view.decision is not None,
        "conflict.abort": view.record.can_undo,
    }
    return [id for id, is_wanted in wanted.items() if is_wanted]


class _ScreenHost:
    """The screen as the controller sees it, see `Host`."""

    def __init__(self, screen: ConflictScreen) -> None:
        self._screen = screen

    def show(self) -> None:
        self._screen.show_conflict()

    def say(self, text: str) -> None:
        self._screen.said_here.say(text)

    def ask(self, question: str, consequence: str, then: Callable[[], None]) -> None:
        asked = yes_or_no(question, consequence, self._screen.context.charset)
        self._screen.app.push_screen(asked, lambda is_yes: then() if is_yes else None)

    def ask_which(
        self, question: str, consequence: str, answers: Sequence[tuple[str, str, Choice]],
        then: Callable[[Choice], None],
    ) -> None:  # fmt: skip
        choices = [Answer(*one) for one in answers]
        asked = Question(question, consequence, choices, "cancel", self._screen.context.charset)
        self._screen.app.push_screen(asked, lambda choice: then(choice) if choice is not None else None)

    def ask_name(self, usual: str) -> None:
        self._screen.query_one(Prompt).ask("a name for it, as src/other.py", usual)

    def in_thread(self, compute: Callable[[], Result], then: Callable[[Result], None]) -> None:
        self._screen.run_worker(lambda: self._screen.call_later(then, compute()), thread=True)

    def open_editor(self, text: str) -> None:
        self._screen.add_class("-writing")
        editor = HunkEditor(text)
        self._screen.query_one("#writing", Frame).mount(editor)
        editor.focus()
        self.show()

    def close_editor(self) -> None:
        self._screen.remove_class("-writing")
        self._screen.query(HunkEditor).remove()
        self._screen.focus_place()
        self.show()

    def lend_terminal(self, act: Callable[[], object]) -> str:
        return hand_over_terminal(self._screen.app, act)

    def send(self, command: AnyCommand) -> None:
        self._screen.post_message(LiveScreen.CommandRequested(command))

    def close(self, text: str) -> None:
        task = self._screen.task_id
        self._screen.post_message(LiveScreen.Finished(text, *([task] if task is not None else [])))
