"""What control sequences (CSI) do: moving, erasing, inserting, scrolling, modes.

Those that only ask are in `queries.py`.
"""

from __future__ import annotations

from functools import lru_cache

from porch_tui.emulator import modes
from porch_tui.emulator.controls import set_mode
from porch_tui.emulator.style import BACKGROUND, MOST_PARAMETERS, PLAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from porch_tui.emulator.screen import Screen

    Numbers = tuple[int, ...]
    """The parameters, at least two; what was left out is 0."""

_LARGEST = 2**31 - 1
_MOST_KEYBOARDS = 16


@lru_cache(1024)
def numbers(parameters: str) -> Numbers | None:
    """Return parameters as numbers; None if they make no sense, and the sequence is to be ignored."""
    parts = parameters.split(";")
    if ":" in parameters or len(parts) > MOST_PARAMETERS or any(len(part) > 10 for part in parts):
        return None
    values = tuple(int(part or 0) for part in parts)
    return None if max(values) > _LARGEST else (*values, 0) if len(values) == 1 else values


def _erased(screen: Screen) -> int:
    return screen.style & BACKGROUND


def _move_to(screen: Screen, values: Numbers) -> None:
    _go_to_row(screen, values)
    screen.x = min((values[1] or 1), screen.cols) - 1


def _go_to_row(screen: Screen, values: Numbers) -> None:
    y = (values[0] or 1) - 1
    if modes.ORIGIN in screen.modes:
        y = min(screen.top + y, screen.bottom)
    screen.y = min(y, screen.rows - 1)
    screen.x = min(screen.x, screen.cols)


def _go_to_column(screen: Screen, values: Numbers) -> None:
    screen.x = min(values[0] or 1, screen.cols) - 1


def _up(screen: Screen, values: Numbers) -> None:
    edge = screen.top if screen.y >= screen.top else 0
    screen.go(screen.x, max(screen.y - (values[0] or 1), edge))


def _down(screen: Screen, values: Numbers) -> None:
    edge = screen.bottom if screen.y <= screen.bottom else screen.rows - 1
    screen.go(screen.x, min(screen.y + (values[0] or 1), edge))


def _right(screen: Screen, values: Numbers) -> None:
    screen.x = min(screen.x + (values[0] or 1), screen.cols - 1)


def _left(screen: Screen, values: Numbers) -> None:
    screen.x = max(screen.x - (values[0] or 1), 0)


def _begin_line_below(screen: Screen, values: Numbers) -> None:
    screen.x = 0
    _down(screen, values)


def _begin_line_above(screen: Screen, values: Numbers) -> None:
    screen.x = 0
    _up(screen, values)


def _tab_back(screen: Screen, values: Numbers) -> None:
    x = min(screen.x, screen.cols - 1)
    for _ in range(min(values[0] or 1, screen.cols)):
        x = next((stop for stop in range(x - 1, 0, -1) if stop in screen.tabs), 0)
    screen.x = x


def _clear_tabs(screen: Screen, values: Numbers) -> None:
    if values[0] == 3:
        screen.tabs.clear()
    elif values[0] == 0:
        screen.tabs.discard(screen.x)


def _erase_line(screen: Screen, values: Numbers) -> None:
    x, y, cols = screen.x, screen.y, screen.cols
    if values[0] == 2 or (values[0] == 0 and x == 0) or (values[0] == 1 and x >= cols - 1):
        screen.page.clear_line(y, _erased(screen))
    elif values[0] == 0 and x < cols:
        screen.lines[y].erase(x, cols, _erased(screen))
    elif values[0] == 1:
        screen.lines[y].erase(0, x + 1, _erased(screen))


def _erase_screen(screen: Screen, values: Numbers) -> None:
    x, y, page, style = screen.x, screen.y, screen.page, _erased(screen)
    if values[0] == 3:
        screen.history.clear()
    elif values[0] == 2 or (values[0] == 0 and x == y == 0 and page.history is not None):
        page.clear_all(style)
    elif values[0] == 0:
        if x == 0:
            page.clear(y, 1, style)
        elif x < screen.cols:
            screen.lines[y].erase(x, screen.cols, style)
        page.clear(y + 1, screen.rows - y - 1, style)
    elif values[0] == 1:
        page.clear(0, y, style)
        if x >= screen.cols - 1:
            page.clear(y, 1, style)
        else:
            screen.lines[y].erase(0, x + 1, style)


def _erase_characters(screen: Screen, values: Numbers) -> None:
    count = min(values[0] or 1, screen.cols - screen.x)
    if count == screen.cols:
        screen.page.clear(screen.y, 1, _erased(screen))
    elif count > 0:
        screen.lines[screen.y].erase(screen.x, screen.x + count, _erased(screen))


def _insert_characters(screen: Screen, values: Numbers) -> None:
    count = min(values[0] or 1, screen.cols - screen.x)
    if count > 0:
        screen.lines[screen.y].insert(screen.x, count, _erased(screen))


def _delete_characters(screen: Screen, values: Numbers) -> None:
    count = min(values[0] or 1, screen.cols - screen.x)
    if count > 0:
        screen.lines[screen.y].delete(screen.x, count, _erased(screen))


def _insert_lines(screen: Screen, values: Numbers) -> None:
    bottom, is_region = _region_end(screen)
    screen.page.insert_lines(screen.y, values[0] or 1, bottom, _erased(screen), is_region=is_region)


def _delete_lines(screen: Screen, values: Numbers) -> None:
    screen.page.delete_lines(screen.y, values[0] or 1, _region_end(screen)[0], _erased(screen))


def _region_end(screen: Screen) -> tuple[int, bool]:
    """Return the last row that moves, and whether the cursor is in the scrolling region."""
    is_region = screen.top <= screen.y <= screen.bottom
    return screen.bottom if is_region else screen.rows - 1, is_region


def _scroll_up(screen: Screen, values: Numbers) -> None:
    for _ in range(min(values[0] or 1, screen.bottom - screen.top + 1)):
        screen.page.scroll_up(screen.top, screen.bottom, _erased(screen))


def _scroll_down(screen: Screen, values: Numbers) -> None:
    for _ in range(min(values[0] or 1, screen.bottom - screen.top + 1)):
        screen.page.scroll_down(screen.top, screen.bottom, _erased(screen))


def _set_margins(screen: Screen, values: Numbers) -> None:
    top, bottom = (values[0] or 1) - 1, min(values[1] or screen.rows, screen.rows) - 1
    if top < bottom:
        screen.top, screen.bottom = top, bottom
        screen.go(0, 0)


def _repeat(screen: Screen, values: Numbers) -> None:
    if screen.last and screen.x < screen.cols:
        screen.write(screen.last * min(values[0] or 1, screen.cols - screen.x))


def _set_insert(screen: Screen, values: Numbers) -> None:
    screen.inserts = screen.inserts or 4 in values


def _reset_insert(screen: Screen, values: Numbers) -> None:
    screen.inserts = screen.inserts and 4 not in values


def _set_modes(screen: Screen, values: Numbers) -> None:
    for mode in values:
        set_mode(screen, mode, is_on=True)


def _reset_modes(screen: Screen, values: Numbers) -> None:
    for mode in values:
        set_mode(screen, mode, is_on=False)


def _reset_softly(screen: Screen, values: Numbers) -> None:
    screen.style, screen.inserts, screen.saved = PLAIN, False, None
    screen.top, screen.bottom = 0, screen.rows - 1
    screen.graphics, screen.shift = (False, False), 0
    screen.modes -= {modes.ARROWS, modes.KEYPAD, modes.ORIGIN}
    screen.modes |= modes.AT_FIRST


def _change_window(screen: Screen, values: Numbers) -> None:
    if values[1] in {0, 2}:
        if values[0] == 22:
            screen.titles.push()
        elif values[0] == 23:
            screen.titles.pop()


def _push_keyboard(screen: Screen, values: Numbers) -> None:
    screen.keyboard = [*screen.keyboard, values[0] & 31][-_MOST_KEYBOARDS:]


def _pop_keyboard(screen: Screen, values: Numbers) -> None:
    del screen.keyboard[-min(values[0] or 1, len(screen.keyboard)) :]
    screen.keyboard = screen.keyboard or [0]


def _set_keyboard(screen: Screen, values: Numbers) -> None:
    now, flags = screen.keyboard[-1], values[0] & 31
    screen.keyboard[-1] = {2: now | flags, 3: now & ~flags}.get(values[1], flags)


CONTROL_SEQUENCES: dict[str, Callable[[Screen, Numbers], None]] = {
    "@": _insert_characters,
    "A": _up,
    "B": _down,
    "C": _right,
    "D": _left,
    "E": _begin_line_below,
    "F": _begin_line_above,
    "G": _go_to_column,
    "H": _move_to,
    "J": _erase_screen,
    "K": _erase_line,
    "L": _insert_lines,
    "M": _delete_lines,
    "P": _delete_characters,
    "S": _scroll_up,
    "T": _scroll_down,
    "X": _erase_characters,
    "Z": _tab_back,
    "`": _go_to_column,
    "a": _right,
    "b": _repeat,
    "d": _go_to_row,
    "e": _down,
    "f": _move_to,
    "g": _clear_tabs,
    "h": _set_insert,
    "l": _reset_insert,
    "r": _set_margins,
    "s": lambda screen, _: screen.save(),
    "u": lambda screen, _: screen.restore(),
    "t": _change_window,
    "?h": _set_modes,
    "?l": _reset_modes,
    "!p": _reset_softly,
    ">u": _push_keyboard,
    "<u": _pop_keyboard,
    "=u": _set_keyboard,
}
"""By mark, middle and final character."""
