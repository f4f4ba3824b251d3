"""A change of size, as tmux makes it: rows that wrap are joined and cut for the new width.

With fewer rows, empty ones below the cursor go first, then the top ones go into the scrollback, from where
they come back when there are more rows again. The alternate screen is cut or filled up: its program draws it
again. The main screen behind it is laid out when it is shown again.
"""

from __future__ import annotations

from porch_tui.emulator.line import Line, packed, unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from porch_tui.emulator.history import History
    from porch_tui.emulator.line import Packed
    from porch_tui.emulator.page import Page

    Position = tuple[int, int]
    """Column and row."""


def fit(page: Page, cursor: Position, cols: int, rows: int) -> Position:
    """Give a page another size; return where the cursor is then."""
    x, y = cursor
    if rows != page.rows:
        y = _change_rows(page, y, rows)
    if cols != page.cols:
        if page.history is None:
            for line in page.lines:
                line.fit(cols)
        else:
            x, y = _change_cols(page, page.history, (x, y), cols)
        page.cols = cols
    return x, y


def _change_rows(page: Page, y: int, rows: int) -> int:
    """Change the number of rows; return where the row of the cursor is then."""
    fewer, page.rows = page.rows - rows, rows
    return _lower(page, y, fewer) if fewer > 0 else _higher(page, y, -fewer)


def _lower(page: Page, y: int, fewer: int) -> int:
    below = min(len(page.lines) - 1 - y, fewer)
    if below:
        del page.lines[-below:]
        page.lines[-1].wraps = False
    above = fewer - below
    if page.history is not None:
        for line in page.lines[:above]:
            page.history.append(packed(line))
    del page.lines[:above]
    return y - above


def _higher(page: Page, y: int, more: int) -> int:
    back = 0
    if page.history is not None:
        back = min(page.history.returnable, more)
        for _ in range(back):
            page.lines.insert(0, unpacked(page.history.pop(), page.cols))
            page.lines[0].fit(page.cols)
    page.lines += [Line(page.cols) for _ in range(more - back)]
    return y + back


def _change_cols(page: Page, history: History, cursor: Position, cols: int) -> Position:
    """Lay out screen and scrollback for another width; return where the cursor is then."""
    old = [*history.lines, *map(packed, page.lines)]
    place = _place(old, cursor[0], len(old) - page.rows + cursor[1])
    new = list(_laid_out(old, cols))
    new += [packed(Line(cols)) for _ in range(page.rows - len(new))]
    kept = len(new) - page.rows
    page.lines = []
    for row in new[kept:]:
        page.lines.append(unpacked(row, cols))
        page.lines[-1].fit(cols)
    history.replace(new[:kept])
    x, y = _found(new, *place)
    return (x, y - kept) if y >= kept else (0, 0)


def _laid_out(rows: list[Packed], cols: int) -> Iterator[Packed]:
    """Yield the rows that take the place of some, for so many columns."""
    begin = 0
    for end, (_, _, used, wraps) in enumerate(rows, 1):
        if wraps and end < len(rows):
            continue
        if end - begin == 1 and used <= cols:
            yield rows[begin]
        elif used == 0 and not wraps:  # an empty row that the text above ends at
            yield from _cut(rows[begin : end - 1], cols)
            yield rows[end - 1]
        else:
            yield from _cut(rows[begin:end], cols)
        begin = end


def _cut(rows: list[Packed], cols: int) -> Iterator[Packed]:
    """Yield rows that continue one another, joined and cut again."""
    chars: list[str] = []
    styles: list[int] = []
    is_uneven = False
    for row in rows:
        line = unpacked(row, row[2])
        chars += line.chars[: line.used]
        styles += line.styles[: line.used]
        is_uneven = is_uneven or line.is_uneven
    at = 0
    while at < len(chars) or at == 0:
        end = min(at + cols, len(chars))
        if cols > 1 and end < len(chars) and not chars[end]:
            end -= 1  # a wide character stays whole
        line = Line(0)
        line.chars, line.styles, line.is_uneven = chars[at:end], styles[at:end], is_uneven
        line.used, line.wraps = end - at, end < len(chars) or rows[-1][3]
        yield packed(line)
        at = max(end, at + 1)


def _place(rows: list[Packed], x: int, y: int) -> tuple[int | None, int]:
    """Return a position as the cell in a text (None: behind its end) and the number of the text.

    A text is what was written without a line break.
    """
    cell = text = 0
    for _, _, used, wraps in rows[:y]:
        cell, text = (cell + used, text) if wraps else (0, text + 1)
    return (None if x >= rows[y][2] else cell + x), text


def _found(rows: list[Packed], cell: int | None, text: int) -> Position:
    """Return the position of a cell of a text; the reverse of `_place`."""
    y = 0
    while text and y < len(rows) - 1:
        text -= not rows[y][3]
        y += 1
    while rows[y][3] and y < len(rows) - 1 and (cell is None or cell >= rows[y][2]):
        cell = None if cell is None else cell - rows[y][2]
        y += 1
    return (rows[y][2] if cell is None else cell), y
