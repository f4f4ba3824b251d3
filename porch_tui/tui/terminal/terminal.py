"""What porch does to textual and the terminal that textual has no public API for.

Private names of textual are used only here, behind functions that do nothing if such a name is gone;
tests/tui/terminal/test_terminal.py fails then.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TextIO, cast
from weakref import WeakKeyDictionary

from rich.console import Console
from rich.segment import Segment
from rich.terminal_theme import TerminalTheme
from textual.app import App, SuspendNotSupported
from textual.binding import Binding, BindingsMap
from textual.color import Color
from textual.events import ScreenResume
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Offset
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from porch_tui.errors import PorchError
from porch_tui.present.clean import UNSAFE
from porch_tui.tui.terminal.door import Door
from porch_tui.tui.terminal.modes import STDIN, modes_kept

_SURROGATE = "[\ud800-\udfff]"
# 1003 reports every move of the mouse, and every hover is a repaint (472 kB/s measured over a table);
# 1002 reports only motion with a button down.
FEWER_REPORTS = "\x1b[?1003l\x1b[?1002h"
ALL_REPORTS = "\x1b[?1003h"
_COLORS_OR_UNSAFE = f"(\x1b\\[[0-9;]*m|\n)|{UNSAFE.pattern}"
_NO_REPORTS = "\x1b[?1002l"


class SafeFilter(LineFilter):
    """The last line of defence: no widget writes a control character or a hyperlink.

    Textual counts these characters as no cells, so they are dropped here. `present.clean` shows them where
    foreign text comes in.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without unsafe characters."""
        safe: list[Segment] = []
        for segment in segments:
            text, style, control = segment
            has_link = style is not None and style.link is not None
            if control or not (has_link or UNSAFE.search(text)):
                safe.append(segment)
            else:
                # a lone surrogate is counted as one cell
                shown = UNSAFE.sub("", re.sub(_SURROGATE, "\ufffd", text))
                safe.append(
                    Segment(shown, style.update_link(None) if style is not None and has_link else style)
                )
        return safe


def install_safe_filter(app: App[Any]) -> None:
    """Put SafeFilter before textual's own filters. Call it in the app's `__init__`.

    Textual does not filter a widget with a `render_lines` of its own: that one calls `through_filters`.
    """
    safe = SafeFilter()
    filters = getattr(app, "_filters", None)
    if isinstance(filters, list):
        filters.insert(0, safe)
        return
    others = app.get_line_filters
    app.get_line_filters = lambda: [safe, *others()]  # type: ignore[method-assign]


def fit_few_colors(app: App[Any]) -> None:
    """In a terminal with 256 colors draw in the nearest of them. Call it in the app's `__init__`."""
    filters = getattr(app, "_filters", None)
    if app.console.color_system == "256" and isinstance(filters, list):
        from porch_tui.tui.terminal.few_colors import FewColors  # most terminals have more

        filters.append(FewColors())


def begin_with_theme(app: App[Any], name: str, on_dark: TerminalTheme, on_light: TerminalTheme) -> None:
    """Set theme and log colors of an app that does not run yet. Call it in the app's `__init__`.

    Setting them as usual has the whole stylesheet parsed two more times, before the first frame.
    """
    app.set_reactive(App.theme, name)
    app.set_reactive(App.ansi_theme_dark, on_dark)
    app.set_reactive(App.ansi_theme_light, on_light)
    theme = app.current_theme
    app.set_class(theme.dark, "-dark-mode", update=False)
    app.set_class(not theme.dark, "-light-mode", update=False)
    app.add_class(f"-theme-{theme.name}", update=False)
    app.stylesheet.set_variables(app.get_css_variables())
    for number, one in enumerate(filters := getattr(app, "_filters", [])):
        if isinstance(one, ANSIToTruecolor):
            filters[number] = ANSIToTruecolor(app.ansi_theme, enabled=not app.native_ansi_color)


def leave_out_toasts(app: App[Any]) -> None:
    """Have no screen mount Textual's toasts and tooltips: messages and help have places of their own here."""
    app._disable_notifications = app._disable_tooltips = True


def draw_first_frame(screen: Screen[Any], event: ScreenResume) -> None:
    """Draw a screen that comes up for the first time, once. Call it as the last thing in `on_screen_resume`.

    Textual would draw it, then again whatever its widgets had wanted to be drawn before that, and then the
    whole screen once more: three times the bytes.
    """
    resume = getattr(screen, "_on_screen_resume", None)
    if not callable(resume):
        return
    event.prevent_default()
    event.refresh_styles = False  # each widget has just got its own
    resume(event)
    for widget in screen.walk_children(Widget, with_self=True):
        widget._repaint_required = False
        widget._exchange_repaint_regions()


def through_filters(widget: Widget, strip: Strip) -> Strip:
    """Return a strip after the app's filters: safe, and in colors the terminal has."""
    background = widget.background_colors[1]
    for line_filter in widget.get_line_filters():
        strip = strip.apply_filter(line_filter, background)
    return strip


def bind(app: App[Any], bindings: Iterable[Binding]) -> None:
    """Bind keys that are known only now. Call it in the app's `__init__`, once.

    Textual's own `bind` takes no id.
    """
    table = getattr(app, "_bindings", None)
    if isinstance(table, BindingsMap):
        for key, bound in BindingsMap(bindings).key_to_bindings.items():
            table.key_to_bindings.setdefault(key, []).extend(bound)


def writer_backlog(app: App[Any]) -> int:
    """Return how many writes wait for the terminal; at 30 textual's event loop blocks.

    Skip a frame while any write waits: it would be late.
    """
    thread = getattr(getattr(app, "_driver", None), "_writer_thread", None)
    queue = getattr(thread, "_queue", None)
    return queue.qsize() if queue is not None else 0


def limit_mouse_reports(app: App[Any]) -> None:
    """Ask for mouse motion only while a button is down, also after every suspend. Call it on mount."""
    driver: Any = getattr(app, "_driver", None)
    enable = getattr(driver, "_enable_mouse_support", None)
    disable = getattr(driver, "_disable_mouse_support", None)
    if not callable(enable) or not callable(disable) or not getattr(driver, "_mouse", False):
        return

    def enable_less() -> None:
        enable()
        driver.write(FEWER_REPORTS)

    def disable_all() -> None:
        # Some terminals keep each mode separately, and textual does not reset this one.
        driver.write(_NO_REPORTS)
        disable()

    driver._enable_mouse_support = enable_less
    driver._disable_mouse_support = disable_all
    driver.write(FEWER_REPORTS)
    driver.flush()


def toggle_mouse(app: App[Any]) -> bool:
    """Turn mouse reports off or on; return whether they are on now."""
    driver: Any = getattr(app, "_driver", None)
    if not hasattr(driver, "_mouse") or not callable(getattr(driver, "_enable_mouse_support", None)):
        return False
    is_reported = not driver._mouse
    # the driver does nothing while it believes that it has no mouse
    driver._mouse = True
    if is_reported:
        driver._enable_mouse_support()
    else:
        driver._disable_mouse_support()
        driver._mouse = False
    driver.flush()
    return is_reported


def has_mouse(app: App[Any]) -> bool:
    """Return whether the terminal reports the mouse."""
    return bool(getattr(getattr(app, "_driver", None), "_mouse", False))


def write(app: App[Any], text: str) -> None:
    """Write a sequence to the terminal, at once, unless another program has it."""
    driver: Any = getattr(app, "_driver", None)
    if text and driver is not None and not app.is_headless and not door_of(app).is_lent:
        driver.write(text)
        driver.flush()


def place_cursor(app: App[Any], place: Offset | None) -> None:
    """Show the terminal's own cursor in a cell; None hides it, as it is else.

    A cell drawn as a cursor would take three times the bytes.
    """
    if place is None:
        write(app, "\x1b[?25l")
        return
    app.cursor_position = place  # where textual leaves it after each frame
    write(app, f"\x1b[{place.y + 1};{place.x + 1}H\x1b[?25h")


def draw_now(widget: Widget) -> None:
    """Draw what is to be refreshed of a widget now, not with the next frame: a person waits for an echo."""
    screen: Any = widget.screen
    dirty, draw = getattr(screen, "_dirty_widgets", None), getattr(screen, "_on_timer_update", None)
    if isinstance(dirty, set) and callable(draw):
        dirty.add(widget)
        draw()


def draw_frame(app: App[Any]) -> None:
    """Draw what has changed now, not up to 33 ms later with the next frame; not if the terminal is behind."""
    screen: Any = app.screen
    draw = getattr(screen, "_on_timer_update", None)
    wanted = ("_dirty_widgets", "_layout_required", "_repaint_required", "_scroll_required")
    if callable(draw) and any(getattr(screen, name, None) for name in wanted) and not writer_backlog(app):
        draw()


_DOORS: WeakKeyDictionary[App[Any], Door] = WeakKeyDictionary()


def door_of(app: App[Any]) -> Door:
    """Return the door of an app."""
    return _DOORS.setdefault(app, Door())


def read_through_door(app: App[Any]) -> None:
    """Have what the terminal sends pass the app's door. Call it in the app's `__init__`, before all else.

    Textual has no other place where the bytes are still what the terminal sent. And its input thread would
    die at the first byte that is not UTF-8: a paste in another encoding, noise on a line.
    """
    module: Any = sys.modules[app.driver_class.__module__]
    parser: Any = getattr(sys.modules.get("textual._xterm_parser"), "XTermParser", None)
    if parser is None or not hasattr(module, "XTermParser") or not hasattr(module, "getincrementaldecoder"):
        return
    door = door_of(app)

    class ParserBehindDoor(parser):  # type: ignore[misc]
        def feed(self, data: str) -> Iterator[Any]:
            for text in door.through(data) if data else [""]:
                if text or not data:
                    yield from super().feed(text)

    module.XTermParser = ParserBehindDoor
    # no byte is lost in a surrogate; the door gives textual U+FFFD for it
    module.getincrementaldecoder = lambda name: partial(getincrementaldecoder(name), "surrogateescape")

    class DriverWithDoor(app.driver_class):  # type: ignore[name-defined,misc]
        def start_application_mode(self) -> None:
            super().start_application_mode()
            door.terminal_is_back()

        def stop_application_mode(self) -> None:
            if text := door.terminal_is_lent():
                self.write(text)
            super().stop_application_mode()

    app.driver_class = DriverWithDoor


class _OutlivingStream:
    """The terminal for textual's writer thread; writes after its end are dropped."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()

    def fileno(self) -> int:
        return self._stream.fileno()


def outlive_terminal(app: App[Any]) -> None:
    """Let the app end when its terminal has gone. Call it in the app's `__init__`.

    Textual's writer thread dies at the first write to a closed terminal. Its queue fills up then, and the
    event loop waits for ever: an SSH connection that drops under load leaves a process that SIGHUP does not
    end.
    """

    class OutlivingDriver(app.driver_class):  # type: ignore[name-defined,misc]
        def start_application_mode(self) -> None:
            stream = getattr(self, "_file", None)
            if stream is not None and not isinstance(stream, _OutlivingStream):
                self._file = _OutlivingStream(stream)
            super().start_application_mode()

    app.driver_class = OutlivingDriver


def restore_on_signals(app: App[Any]) -> None:
    """Make SIGTERM, SIGHUP and SIGQUIT exit the app and restore the terminal. Call it on mount.

    `app.return_code` is then 143, 129 or 131, as in a shell. Textual alone leaves the alternate screen and
    mouse reports on, and runs no `finally`. Outside the main thread nothing changes.
    """
    loop = asyncio.get_running_loop()

    def quit(number: int, frame: object) -> None:
        if not loop.is_running():
            raise SystemExit(128 + number)
        loop.call_soon_threadsafe(app.exit, None, 128 + number)

    with suppress(NotImplementedError, RuntimeError, ValueError):
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, app.exit, None, 128 + number)
        # not with the loop: it would handle the signal later, although `ignore_interrupts` ignored it
        signal.signal(signal.SIGQUIT, quit)


def stop_between_callbacks(app: App[Any]) -> None:
    """Make SIGTSTP and SIGCONT take effect between two callbacks of the loop. Call it on mount.

    Textual leaves the screen in the signal handler itself. If the signal arrives while a frame goes to the
    writer thread, the handler waits for ever for a lock that its own thread has. And textual takes every
    SIGCONT for the end of a stop of its own: after a SIGSTOP, which cannot be handled, it would read the
    terminal with two threads and leave it raw at the end. Outside the main thread nothing changes.
    """
    driver: Any = getattr(app, "_driver", None)
    stop, resume = (getattr(driver, f"_{name}_application", None) for name in ("sigtstp", "sigcont"))
    known = hasattr(driver, "_must_signal_resume") and hasattr(driver, "_auto_restart")
    if not callable(stop) or not callable(resume) or not known:
        return
    loop = asyncio.get_running_loop()

    def take_terminal_again() -> None:
        if not driver._must_signal_resume:
            driver.suspend_application_mode()
            driver._must_signal_resume = True
        resume()
        app.refresh(layout=True)

    def stopped(number: int, frame: object) -> None:
        if driver._auto_restart:
            loop.call_soon_threadsafe(stop)
        else:
            stop()  # another program has the terminal: nothing is written, and the loop is blocked

    def continued(number: int, frame: object) -> None:
        if driver._must_signal_resume:
            take_terminal_again()  # the loop is inside `stop`
        elif driver._auto_restart:
            loop.call_soon_threadsafe(take_terminal_again)

    with suppress(ValueError):
        signal.signal(signal.SIGTSTP, stopped)
        signal.signal(signal.SIGCONT, continued)


@contextmanager
def ignore_interrupts() -> Iterator[None]:
    """Leave ctrl+c and ctrl+\\ to the program that has the terminal; they reach all processes there.

    A handler, unlike SIG_IGN, is not inherited through exec: that program has the default.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _ColorsOnly:
    """Standard error for a traceback: of its control characters only colors and line ends pass."""

    def write(self, text: str) -> int:
        if sys.__stderr__ is not None:
            sys.__stderr__.write(re.sub(_COLORS_OR_UNSAFE, lambda found: found[1] or "", text))
        return len(text)

    def flush(self) -> None:
        if sys.__stderr__ is not None:
            sys.__stderr__.flush()

    def isatty(self) -> bool:
        return sys.__stderr__ is not None and sys.__stderr__.isatty()


def print_faults_safely(app: App[Any]) -> None:
    """Print tracebacks of the app without control characters of foreign text."""
    app.error_console = Console(file=cast(TextIO, _ColorsOnly()), markup=False, highlight=False)


@contextmanager
def no_color_set(*, is_colorless: bool) -> Iterator[None]:
    """Set NO_COLOR for textual, which takes an empty one for set."""
    before = os.environ.pop("NO_COLOR", None)
    if is_colorless:
        os.environ["NO_COLOR"] = "1"
    try:
        yield
    finally:
        os.environ.pop("NO_COLOR", None)
        if before is not None:
            os.environ["NO_COLOR"] = before


def hand_over_terminal(app: App[Any], act: Callable[[], object]) -> str:
    """Give the terminal to what `act` runs, wait for its end, and return a message, or an empty text.

    The message is why it was refused, or the text that `act` returns. `act` must block: textual never comes
    back from a suspension with an await in it. ctrl+c reaches only the program.
    """
    try:
        with app.suspend(), ignore_interrupts(), modes_kept(STDIN):
            # an error that left this block would leave the screen suspended: textual does not use `finally`
            try:
                result = act()
            except PorchError as error:
                return str(error)
    except SuspendNotSupported:
        return "this terminal cannot be given to another program"
    return result if isinstance(result, str) else ""
