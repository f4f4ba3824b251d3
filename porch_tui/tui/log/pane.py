"""A log on the screen that takes keys: it scrolls, searches, filters, wraps, shows times, marks lines.

The pane passes keys to a `LogModel` and redraws through a `LogView` what that has changed. It has no timer:
the screen calls `tick`. Copying, saving and paging are requested by messages. While the log comes from a
terminal that lives, that is drawn in its place, and may be stepped into.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.binding import BindingType
from textual.events import Blur, Click, MouseDown, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from porch_tui.present.clean import clean
from porch_tui.present.signs import Charset
from porch_tui.session.readable_log import Transcripts
from porch_tui.session.task_terminal import BUDGET_BYTES
from porch_tui.tui.keys.bindings import LOG
from porch_tui.tui.log.excerpts import Extract
from porch_tui.tui.log.line_times import LineTimes
from porch_tui.tui.log.links import Link
from porch_tui.tui.log.model import LogModel
from porch_tui.tui.log.named_files import NamedFiles
from porch_tui.tui.log.pattern import Pattern
from porch_tui.tui.log.pointing import Pointing
from porch_tui.tui.log.terminal import LogTerminal, is_plain
from porch_tui.tui.log.view import COMPONENTS, LogView
from porch_tui.tui.terminal.options import LEAVE_KEYS
from porch_tui.tui.widgets.frame import NO_EXTENT, Extent
from porch_tui.tui.widgets.live_screen import LiveScreen

_WHEEL_LINES = 3
_STATUS_ENDS = 4
"""Cells around the status: blanks and lines."""


class _Seen(Struct, frozen=True):
    """What is on the screen, to find out later what has changed."""

    looks: int
    top: int
    count: int
    is_last_open: bool
    trouble: str
    status: str


class LogPane(Widget, can_focus=True):
    """A log to read in. It has no border: textual draws those slowly."""

    # Textual's selection needs metadata on every segment, which costs more than parsing the line.
    ALLOW_SELECT: ClassVar[bool] = False
    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)
    DEFAULT_CSS = """
    LogPane { width: 1fr; height: 1fr; background: $background; color: $foreground; }
    LogPane > .log-pane--title { background: $panel; color: $foreground; }
    LogPane:focus > .log-pane--title { background: $primary; color: $text; text-style: bold; }
    LogPane > .log-pane--muted { color: $text-muted; }
    LogPane > .log-pane--here { background: $primary 12%; }
    LogPane > .log-pane--marked { background: $primary 18%; }
    LogPane:ansi > .log-pane--here { background: ansi_default; text-style: bold underline; }
    LogPane:ansi > .log-pane--marked { background: ansi_default; text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*LOG]

    class CopyRequested(Message):
        """Asks to copy some lines."""

        def __init__(self, extract: Extract) -> None:
            super().__init__()
            self.extract = extract

    class OpenRequested(Message):
        """Asks to open the first file that is there of those a line of the log points at."""

        def __init__(self, links: Sequence[Link]) -> None:
            super().__init__()
            self.links = links

    class SaveRequested(Message):
        """Asks to write the whole log into a file, as text."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    class PagerRequested(Message):
        """Asks to open the log in the pager."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    def __init__(
        self,
        *,
        jump_scroll: bool = False,
        charset: Charset = Charset.UNICODE,
        has_title: bool = True,
        is_ruled: bool = False,
        leave_keys: tuple[str, ...] = LEAVE_KEYS,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.charset = charset
        self._fitted = Size(0, 0)
        """The size that the log fits."""
        self.model = LogModel(
            background=self._in_thread,
            notify=lambda text: self.post_message(LiveScreen.Notify(text)),
            by_jumps=jump_scroll,
        )
        self._files = NamedFiles(self._in_thread)
        self._view = LogView(self, self.model, self._files, charset, has_title=has_title, is_ruled=is_ruled)
        self.model.height = self._view.height
        self._pointing = Pointing(self.model, self._view)
        self.terminal = LogTerminal(
            self, self.model, self._view, leave_keys, self._stepped, is_far=jump_scroll
        )

    # --- what the screen asks for

    def show(
        self,
        path: Path,
        title: str,
        times: Callable[[], LineTimes] | None = None,
        transcripts: Transcripts | None = None,
        worktree: Path | None = None,
    ) -> None:
        """Show the end of a log and follow it; the log that is shown already keeps its place.

        `times` returns when its lines were written; None if that is not known. `transcripts` make it
        readable, if it is made of an agent's records. What it names of a `worktree` is underlined.
        """
        self._view.title = clean(title)
        self._files.begin(worktree)
        self._view.forget_lines()
        self.terminal.open(path, times, transcripts)
        self.refresh()

    def tick(self, budget_bytes: int = BUDGET_BYTES) -> None:
        """Read what is new in the file, at most 4 MB, and redraw what that has changed.

        Of a terminal so many bytes are read.
        """
        was_shown = self.terminal.is_shown
        self.terminal.look(budget_bytes)
        if self.terminal.is_shown is not was_shown:
            self._keys_changed()
        if self.terminal.is_shown:
            return
        before = self._seen()
        has_more = self.model.tick()
        self._refresh_changes(before, has_more=has_more)
        if found := self._files.look():
            self._view.redraw_names(found)

    @property
    def extent(self) -> Extent:
        """Which of its lines are in view; of a terminal, all."""
        if self.terminal.is_shown:
            return NO_EXTENT
        return Extent(self.model.window.top, self.model.rows, self.model.line_count)

    @property
    def is_plain(self) -> bool:
        """Whether the end is followed, and nothing is searched for or marked."""
        return is_plain(self.model)

    def status(self) -> str:
        """Return counts, what is searched for, and whether the end is followed; or what a terminal says."""
        return self.terminal.status() if self.terminal.is_shown else self._view.status()

    def _stepped(self, message: str) -> None:
        """Show that the person has stepped in or left."""
        self.refresh()
        self._keys_changed()
        if message:
            self.post_message(LiveScreen.Notify(message))

    # --- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now; if not, other bindings of that key apply."""
        match action, *parameters[:1]:
            case "do", "next_match":
                return self.model.search.finder is not None
            case "do", "toggle_raw":
                return self.model.source.has_records
            case "do", "step_back":
                return self.model.has_steps_back
            case ("open_link",):
                return bool(self._pointing.links())
            case ("copy_marked",):
                return self.model.marked is not None
            case _:
                return True

    def action_do(self, name: str, *arguments: object) -> None:
        """Call a method of the model, and update the key bar."""
        self.action_go(name, *arguments)
        self._keys_changed()

    def action_go(self, name: str, *arguments: object) -> None:
        """Call a method of the model that only moves."""
        if not self.terminal.step_aside(name, *arguments):
            return
        before = self._seen()
        getattr(self.model, name)(*arguments)
        self._refresh_changes(before)
        self.terminal.come_back()

    def action_search(self) -> None:
        """Ask what to search for; hits are highlighted while it is typed."""
        before = self.model.search.sought

        def seek(pattern: Pattern | None) -> None:
            self.action_go("seek", pattern if pattern and pattern.text else None)

        def done(pattern: Pattern | None) -> None:
            seek(before if pattern is None else pattern)
            if pattern is not None:
                self.action_go("go_to_nearest")
            self._keys_changed()

        from porch_tui.tui.log.search_prompt import SearchPrompt

        self.app.push_screen(SearchPrompt("search", before, self.charset, seek), done)

    def action_filter(self) -> None:
        """Ask which lines to show."""
        from porch_tui.tui.log.search_prompt import SearchPrompt

        def done(pattern: Pattern | None) -> None:
            if pattern is not None:
                self.action_go("filter_by", pattern if pattern.text else None)
            self._keys_changed()

        filtered_by = self.model.search.filtered_by
        self.app.push_screen(SearchPrompt("show only lines with", filtered_by, self.charset), done)

    def action_copy_marked(self) -> None:
        """Copy what is marked."""
        before = self._seen()
        if (extract := self.model.take_marked()) is not None:
            self.post_message(self.CopyRequested(extract))
            self._refresh_changes(before)
            self._keys_changed()

    def action_open_link(self) -> None:
        """Open the file that the line gone to points at."""
        self.post_message(self.OpenRequested(self._pointing.links()))

    def action_save(self) -> None:
        """Write the whole log into a file."""
        if (path := self._readable()) is not None:
            self.post_message(self.SaveRequested(path))

    def action_page(self) -> None:
        """Open the log in the pager."""
        if (path := self._readable()) is not None:
            self.post_message(self.PagerRequested(path))

    def _readable(self) -> Path | None:
        """Return the file of what is shown."""
        if self.terminal.is_shown:
            return self.terminal.readable()
        return self.model.log.path if self.model.log is not None else None

    # --- what textual asks for

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the strips of a region. Textual asks for all of them on every frame; most are cached."""
        self._fit()
        shown = self.terminal if self.terminal.is_shown else self._view
        rows = shown.rows(crop.bottom)[crop.y :]
        if crop.column_span == (0, self.size.width):
            return rows
        return [strip.crop(*crop.column_span) for strip in rows]

    def notify_style_update(self) -> None:
        """Forget what was drawn in the previous styles."""
        super().notify_style_update()
        self._view.forget_styles()
        self.terminal.forget_styles()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        if not self.terminal.wheel(event, 64):
            self.action_go("scroll", -_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        if not self.terminal.wheel(event, 65):
            self.action_go("scroll", _WHEEL_LINES)

    @on(MouseDown)
    @on(MouseUp)
    @on(MouseMove)
    def _pass_on(self, event: MouseDown | MouseUp | MouseMove) -> None:
        """Leave the mouse to a task that the person is inside; else mark what it is drawn over."""
        if self.terminal.mouse(event) or self.terminal.is_shown or not self.can_focus:
            return
        match event:
            case MouseDown():
                self.capture_mouse(self._pointing.press(event))
            case MouseMove() if (marked := self._pointing.marked(event)) is not None:
                self.action_go("mark", marked)
            case MouseUp():
                self._pointing.release()
                self._keys_changed()

    def on_click(self, event: Click) -> None:
        """Go to the line, or remove the marks; two clicks open a link or mark a word, three a line."""
        model, place = self.model, self._pointing.clicked(event)
        if place is None or model.lines is None or self.terminal.is_shown or not self.can_focus:
            return
        if event.chain == 2 and (links := self._pointing.links_at(place)):
            self.post_message(self.OpenRequested(links))
        elif event.chain == 2 and (word := self._pointing.word_at(place)) is not None:
            self.action_do("mark", word)
        elif event.chain == 3:
            self.action_do("mark", self._pointing.line_of(place))
        elif model.marked is not None:
            self.action_do("step_back")
        else:
            self.action_do("show", model.lines.start(place.line))

    def on_blur(self, event: Blur) -> None:
        """Leave if something else on the screen has the focus now."""
        if self.app.app_focus:
            self.terminal.leave()

    def on_mount(self) -> None:
        """Follow whether the person's terminal has the focus."""
        self.watch(self.app, "app_focus", self.terminal.focus, init=False)

    def on_resize(self) -> None:
        """Keep the end in view if it is followed."""
        looks = self.model.looks
        self.terminal.fit()
        self._fit()
        if self.model.looks != looks or self.terminal.is_shown:
            self.refresh()

    def _fit(self) -> None:
        """Give the log as many rows as the pane has."""
        if self._fitted != self.size:
            self._fitted = self.size
            self.model.resize(max(1, self.size.height - self._view.title_rows) if self.size.area else 0)

    def on_unmount(self) -> None:
        """Close the file."""
        self.terminal.close()
        self.model.close()
        self.model.source.close()

    # --- what has changed

    def _seen(self) -> _Seen:
        model, lines = self.model, self.model.lines
        return _Seen(
            looks=model.looks,
            top=model.window.top,
            count=lines.line_count if lines else 0,
            is_last_open=bool(lines and lines.is_last_line_open),
            trouble=model.log.trouble if model.log else "",
            status=self.status(),
        )

    def _refresh_changes(self, before: _Seen, *, has_more: bool = False) -> None:
        now = self._seen()
        first = max(now.top, before.count - before.is_last_open)
        last = min(now.top + max(1, self.model.rows), now.count)
        is_in_view = has_more and first < last
        is_other = (before.looks, before.top, before.trouble) != (now.looks, now.top, now.trouble)
        if is_other or (is_in_view and self.model.is_wrapped):
            self.refresh()
            return
        if before.status != now.status and self._view.title_rows:
            cells = min(self.size.width, max(len(before.status), len(now.status)) + _STATUS_ENDS)
            self.refresh(Region(self.size.width - cells, 0, cells, 1))
        if is_in_view:
            y = self._view.title_rows + first - now.top
            self.refresh(Region(0, y, self.size.width, last - first))

    def _keys_changed(self) -> None:
        """Update the key bar."""
        if isinstance(self.screen, LiveScreen):
            self.screen.draw_keys()

    def _in_thread(self, act: Callable[[], None]) -> bool:
        if self.is_attached:
            self.run_worker(act, thread=True, group="log")
        return self.is_attached
