"""The whole story of the run so far, to be read on the screen: what `porch report` prints."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import MouseScrollDown, MouseScrollUp
from textual.message import Message

from porch_tui.core.state import RunState
from porch_tui.tui.ansi import clean
from porch_tui.tui.inks import Line, Span, Tone
from porch_tui.tui.live_screen import LiveScreen, Setting
from porch_tui.tui.looks import Letters
from porch_tui.tui.rows import Rows
from porch_tui.tui.view import View

_WHEEL_LINES = 3


class ReportScreen(LiveScreen):
    """Told anew whenever the run has changed, the place kept."""

    class Narrated(Message):
        """The story is there."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._text = ReportText(setting.letters)
        self._told: RunState | None = None
        """Of which state the text speaks, or the one being told now will."""

    def compose_body(self) -> ComposeResult:
        """Give the text all the room."""
        yield self._text

    def draw_body(self, view: View) -> None:
        """Have the story told again if there is more to it."""
        if view.state is not self._told:
            self._told = view.state
            self._tell_story()

    @work(thread=True, exclusive=True)
    def _tell_story(self) -> None:
        # it reads every attempt's files: too long for a frame
        self.post_message(self.Narrated(self.setting.outside.report()))

    @on(Narrated)
    def _show(self, message: Narrated) -> None:
        self._text.show(message.text)


class ReportText(Rows, can_focus=True):
    """Lines to scroll through, cut at the edge."""

    DEFAULT_CSS = "ReportText { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_lines(1)", "down", show=False, id="report.down"),
        Binding("k,up", "scroll_lines(-1)", "up", show=False, id="report.up"),
        Binding("space,ctrl+d,pagedown", "scroll_pages(1)", "page down", show=False, id="report.page_down"),
        Binding("b,ctrl+u,pageup", "scroll_pages(-1)", "page up", show=False, id="report.page_up"),
        Binding("g,home", "first_line", "top", show=False, id="report.first"),
        Binding("G,end", "last_line", "end", show=False, id="report.last"),
    ]

    def __init__(self, letters: Letters) -> None:
        super().__init__(letters)
        self._told: tuple[str, ...] = ()
        self._top = 0

    def show(self, text: str) -> None:
        """Show this text from where the former one stood."""
        self._told = tuple(text.splitlines())
        self.action_scroll_lines(0)

    def action_scroll_lines(self, lines: int) -> None:
        """Move by so many lines, up if negative."""
        last = max(0, len(self._told) - self.size.height)
        self._top = min(max(0, self._top + lines), last)
        self.redraw()

    def action_scroll_pages(self, pages: int) -> None:
        """Move by pages, up if negative."""
        self.action_scroll_lines(pages * max(1, self.size.height - 1))

    def action_first_line(self) -> None:
        """Go to the beginning."""
        self.action_scroll_lines(-self._top)

    def action_last_line(self) -> None:
        """Go to the end."""
        self.action_scroll_lines(len(self._told))

    def compose_lines(self) -> list[Line]:
        """Return the lines in view."""
        shown = self._told[self._top : self._top + self.size.height]
        return [(Span(" "), _span(text)) for text in shown] or [(Span(" telling the story…", Tone.MUTED),)]

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.action_scroll_lines(-_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.action_scroll_lines(_WHEEL_LINES)


def _span(text: str) -> Span:
    is_heading = bool(text) and not text.startswith(" ")
    return Span(clean(text), Tone.STRONG if is_heading else Tone.TEXT)
