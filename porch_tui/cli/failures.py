"""The end of the output of what failed, for who does not want to ask for each log."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from porch_tui.core.model.plan import TaskId
from porch_tui.session.session import Session

LAST_LINES = 30
"""Of the output of each task that failed."""
LAST_BYTES = 1024 * 1024
"""The most of them."""


def print_failures(session: Session, most: int | None = None, lines: int = LAST_LINES) -> None:
    """Print the end of the output of each task that failed, or of the validation that rejected it.

    Of so many of them, and so many lines of each.
    """
    from porch_tui.cli.output.printing import has_colors, write, write_log
    from porch_tui.present.clean import clean

    for task, log in islice(_logs(session), most):
        if (text := _end_of(log, lines, has_colors=has_colors())).strip():
            write(f"--- {clean(task)}: the end of {clean(str(log))}\n")
            write_log(f"{text.rstrip()}\n\n")


def failure_logs(session: Session) -> dict[TaskId, str]:
    """Return the end of the output of each task that failed, as text without colors."""
    return {task: text for task, (_, text) in failures(session).items()}


def failures(session: Session, lines: int = LAST_LINES) -> dict[TaskId, tuple[Path, str]]:
    """Return the log of each task that failed and its last lines, as text without colors."""
    return {task: (log, _end_of(log, lines, has_colors=False)) for task, log in _logs(session)}


def _logs(session: Session) -> Iterator[tuple[TaskId, Path]]:
    """Yield the log that says why each task failed, in plan order."""
    from porch_tui.present.outcome import Outcome, outcome

    failures = {Outcome.FAILED, Outcome.CHECK_FAILED, Outcome.TIMED_OUT, Outcome.LOST, Outcome.REJECTED}
    for task in session.state.tasks:
        result = outcome(session.state, task)
        judged = session.deciding_validation(task) if result is Outcome.REJECTED else None
        log = session.validation_log(*judged) if judged else session.log(task)
        if log is not None and result in failures:
            yield task, log


def _end_of(log: Path, lines: int, *, has_colors: bool) -> str:
    from porch_tui.cli.output.terminal_filter import TerminalFilter
    from porch_tui.process import log_text, output

    shown, is_drawn = TerminalFilter(has_colors), log_text.has_terminal_text(log)
    end = log_text.last_lines(log, lines, LAST_BYTES) if is_drawn else output.tail(log, lines).content
    return shown.feed(end) + shown.end()
