"""What a task's terminal has shown, as lines to read: in a file, so that it is read as any log is.

The text before it comes first, then every row that has left its screen, then the screen itself. Rows that
wrap are one line; colours stay. It is a picture of the moment it was made. Only the text that follows once
the terminal is over is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from porch_tui.emulator.line import Line, unpacked
from porch_tui.emulator.screen import Screen
from porch_tui.emulator.spans import painted, spans, trimmed
from porch_tui.emulator.style import PLAIN
from porch_tui.journal.rundir import OUTPUT
from porch_tui.process import output
from porch_tui.session.own_file import OwnFile
from porch_tui.session.task_terminal import Phase, TaskTerminal

BEFORE_BYTES = 1024 * 1024
"""Of more text before the terminal, the end is shown."""
LEFT_OUT = "… earlier output is left out here; porch logs has all of it"


class TerminalText:
    """The file of one terminal, as far as that was read."""

    def __init__(self, terminal: TaskTerminal) -> None:
        """Write it. Raises OSError if there is no room for it."""
        assert terminal.begin is not None
        assert terminal.screen is not None
        self._log = terminal.directory / OUTPUT
        self._read_bytes = terminal.end
        """Where the text that follows goes on; None while the terminal is not over."""
        self._own = OwnFile(self._log)
        self.path = self._own.path
        start = max(0, terminal.begin - BEFORE_BYTES)
        before = output.read_range(self._log, start, terminal.begin)
        if before and not before.endswith(b"\n"):
            before += b"\n"
        lines = [LEFT_OUT] if terminal.is_late or start else []
        with self.path.open("wb") as file:
            file.write(before)
            file.writelines(f"{line}\n".encode() for line in (*lines, *coloured_lines(terminal.screen)))
        self.advance()

    def advance(self) -> None:
        """Add what has followed the terminal. Raises OSError."""
        if self._read_bytes is None:
            return
        with self.path.open("ab") as file:
            for content, end in output.pieces(self._log, self._read_bytes):
                file.write(content)
                self._read_bytes = end

    def close(self) -> None:
        """Delete the file."""
        self._own.close()


@contextmanager
def as_lines(log: Path) -> Iterator[Path]:
    """Have a log as lines to read: a text of the terminal that it comes from, else the log itself.

    It takes as long as the end of the terminal's output takes to be read. Raises OSError.
    """
    terminal = TaskTerminal(log.parent)
    terminal.look()
    while terminal.is_behind and terminal.look():
        pass
    if terminal.phase is Phase.NONE or terminal.screen is None:
        yield log
        return
    text = TerminalText(terminal)
    try:
        yield text.path
    finally:
        text.close()


def coloured_lines(screen: Screen) -> list[str]:
    """Return scrollback and screen as lines with sequences for colours, without empty ones at the end."""
    rows = ((line.wraps, line) for line in screen.main.lines)
    lines = _without_end([*_joined(chain(_scrollback(screen), rows))])
    if screen.is_alternate:  # a picture, not text that wraps
        lines += _without_end([_painted(line) for line in screen.lines])
    return lines


def _scrollback(screen: Screen) -> Iterator[tuple[bool, Line | str]]:
    for packed in screen.history.lines:
        text, runs, _, wraps = packed
        yield wraps, unpacked(packed, 0) if runs else text


def _joined(rows: Iterable[tuple[bool, Line | str]]) -> Iterator[str]:
    """Yield lines: rows that wrap, with what they continue in."""
    parts: list[str] = []
    for wraps, row in rows:
        parts.append(row if isinstance(row, str) else _painted(row, is_whole=wraps))
        if not wraps:
            yield "".join(parts)
            parts = []
    if parts:
        yield "".join(parts)


def _painted(line: Line, *, is_whole: bool = False) -> str:
    row = spans(line)
    if not is_whole:
        row = trimmed(row)
    if all(span.style == PLAIN for span in row):
        return "".join(span.text for span in row)
    return painted(row)


def _without_end(lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines.pop()
    return lines
