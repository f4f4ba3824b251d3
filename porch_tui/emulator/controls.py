"""What control characters and short escape sequences do."""

from __future__ import annotations

from porch_tui.emulator import modes
from porch_tui.emulator.style import BACKGROUND, PLAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from porch_tui.emulator.screen import Screen


def next_line(screen: Screen, style: int | None = None) -> None:
    """Go down; at the end of the scrolling region, scroll."""
    if screen.y == screen.bottom:
        style = screen.style & BACKGROUND if style is None else style
        screen.page.scroll_up(screen.top, screen.bottom, style)
    elif screen.y < screen.rows - 1:
        screen.y += 1


def _previous_line(screen: Screen) -> None:
    if screen.y == screen.top:
        screen.page.scroll_down(screen.top, screen.bottom, screen.style & BACKGROUND)
    else:
        screen.y = max(screen.y - 1, 0)


def _backspace(screen: Screen) -> None:
    if screen.x:
        screen.x -= 1
    elif screen.y and screen.lines[screen.y - 1].wraps:
        screen.go(screen.cols - 1, screen.y - 1)


def _tab(screen: Screen) -> None:
    if screen.x < screen.cols - 1:
        screen.x = next((x for x in range(screen.x + 1, screen.cols) if x in screen.tabs), screen.cols - 1)


def _begin_line(screen: Screen) -> None:
    screen.x = 0


def _shift_out(screen: Screen) -> None:
    screen.shift = 1


def _shift_in(screen: Screen) -> None:
    screen.shift = 0


def _begin_next_line(screen: Screen) -> None:
    screen.x = 0
    next_line(screen)


def _set_tab(screen: Screen) -> None:
    if screen.x < screen.cols:
        screen.tabs.add(screen.x)


def _reset(screen: Screen) -> None:
    screen.leave_alternate(restores_cursor=False)
    screen.page.clear_all(PLAIN)
    screen.reset()


def _fill(screen: Screen) -> None:
    """Show the test picture of the VT100: all E."""
    for line in screen.lines:
        line.erase(0, screen.cols, PLAIN)
        line.chars[:] = "E" * screen.cols
        line.used, line.is_uneven = screen.cols, False
    screen.top, screen.bottom = 0, screen.rows - 1
    screen.go(0, 0)


def _keypad_on(screen: Screen) -> None:
    screen.modes.add(modes.KEYPAD)


def _keypad_off(screen: Screen) -> None:
    screen.modes.discard(modes.KEYPAD)


def _select(which: int, *, is_drawing: bool) -> Callable[[Screen], None]:
    def select(screen: Screen) -> None:
        zero, one = screen.graphics
        screen.graphics = (zero, is_drawing) if which else (is_drawing, one)

    return select


CONTROLS: dict[str, Callable[[Screen], None]] = {
    "\b": _backspace,
    "\t": _tab,
    "\n": next_line,
    "\v": next_line,
    "\f": next_line,
    "\r": _begin_line,
    "\x0e": _shift_out,
    "\x0f": _shift_in,
}
ESCAPES: dict[str, Callable[[Screen], None]] = {
    "7": lambda screen: screen.save(),
    "8": lambda screen: screen.restore(),
    "D": next_line,
    "E": _begin_next_line,
    "M": _previous_line,
    "H": _set_tab,
    "c": _reset,
    "#8": _fill,
    "=": _keypad_on,
    ">": _keypad_off,
    "(0": _select(0, is_drawing=True),
    ")0": _select(1, is_drawing=True),
    "(B": _select(0, is_drawing=False),
    ")B": _select(1, is_drawing=False),
}


def set_mode(screen: Screen, mode: int, *, is_on: bool) -> None:
    """Switch a private mode (DECSET, DECRST)."""
    if mode in modes.ALTERNATES:
        if is_on:
            screen.enter_alternate(keeps_cursor=mode == modes.ALTERNATE_1049)
        else:
            screen.leave_alternate(restores_cursor=mode == modes.ALTERNATE_1049)
    elif mode == modes.SAVED_CURSOR:
        (screen.save if is_on else screen.restore)()
    elif mode == 3:  # 80 or 132 columns: clears, and the size stays
        screen.go(0, 0)
        screen.page.clear_all(screen.style & BACKGROUND)
    elif mode in modes.KNOWN:
        if mode in modes.MICE:
            screen.modes -= modes.MICE
        (screen.modes.add if is_on else screen.modes.discard)(mode)
        if mode == modes.ORIGIN:
            screen.go(0, screen.top if is_on else 0)
