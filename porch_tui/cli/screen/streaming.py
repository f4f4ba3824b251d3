"""Prints a run as plain lines until a key is pressed: what happens, and what the tasks write.

For selecting, scrolling back and screen readers: no line is ever drawn over another.
"""

from __future__ import annotations

from porch_tui.cli.output.printing import has_colors, write, write_log
from porch_tui.cli.output.terminal_filter import TerminalFilter
from porch_tui.cli.screen.keyboard import is_pressed, single_keys
from porch_tui.core.model.plan import TaskId
from porch_tui.process import output
from porch_tui.report.progress import progress_line
from porch_tui.session.session import Session

LOOK_S = 0.2
MOST_BYTES = 16 * 1024
"""Of one task's output at a time; of a task that writes faster, only the end is printed."""
EARLIER_BYTES = 2 * 1024
"""Of the output of a task that is running already."""
LEAVING = frozenset(b"sq\r\n\x1b\x03\x04")
"""The key that started it, and those that people press to end things."""


def stream(session: Session) -> None:
    """Print what happens and what is written, until one of the keys, or the end of standard input."""
    outputs = {task: Output(session, task, EARLIER_BYTES) for task in session.state.active}
    with single_keys():
        write(f"porch: run {session.rundir.run}, line by line; s returns to the screen\n")
        while not is_pressed(LEAVING, LOOK_S):
            for record in session.catch_up():
                if line := progress_line(session.state, record):
                    write(f"{line}\n")
            for task in session.state.active:
                outputs.setdefault(task, Output(session, task, MOST_BYTES))
            for one in outputs.values():
                one.print_new()


class Output:
    """The output of one task, line by line, with its name in front."""

    def __init__(self, session: Session, task: TaskId, earlier_bytes: int) -> None:
        self._session, self._task = session, task
        self._path = session.log(task) or session.next_log(task)
        self._transcripts = session.transcripts(task)
        self._at = max(0, output.size(self._path) - earlier_bytes)
        self._transcript = self._transcripts(is_whole=self._at == 0) if self._transcripts else None

    def print_new(self) -> None:
        """Print the lines that were finished since; of a new attempt from its first line."""
        path = self._session.log(self._task)
        if path is not None and path != self._path:
            self._path, self._at = path, 0
            self._transcript = self._transcripts() if self._transcripts else None
        size = output.size(self._path)
        start = max(self._at, size - MOST_BYTES)
        whole, newline, _ = output.read_range(self._path, start, size).rpartition(b"\n")
        if not newline:
            return
        if start > self._at:
            write(f"{self._task} | … {start - self._at:,} bytes left out, see porch logs\n")
        self._at = start + len(whole) + 1
        lines = whole.split(b"\n")
        if self._transcript:
            lines = self._transcript.feed(whole + b"\n").split(b"\n")[:-1]
        for line in lines:
            shown = TerminalFilter(has_colors())
            # of a progress bar only its last state
            text = shown.feed(line.rstrip(b"\r").rpartition(b"\r")[2]) + shown.end()
            write_log(f"{self._task} | {text}\n")
