"""The last words of whatever failed, for the normal screen once the other one is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from porch_tui.cli.output.escapes import TerminalFilter
from porch_tui.cli.output.printing import has_colours, write, write_log
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TAKEN_OUT
from porch_tui.present.clean import clean
from porch_tui.present.outcome import Outcome, outcome
from porch_tui.process import output
from porch_tui.session.session import Session

LINES = 30
FAILURES = {Outcome.FAILED, Outcome.CHECK_FAILED, Outcome.TIMED_OUT, Outcome.LOST, Outcome.REJECTED}


def print_failures(session: Session) -> None:
    """Print the end of the output of each task that failed, or of what rejected its work."""
    for task, log in _logs(session):
        words = output.tail(log, LINES).content
        if not words.strip():
            continue
        shown = TerminalFilter(has_colours())
        text = shown.feed(words) + shown.end()
        write(f"--- {clean(task)}: the end of {clean(str(log))}\n")
        write_log(f"{text.rstrip()}\n\n")


def _logs(session: Session) -> Iterator[tuple[TaskId, Path]]:
    state = session.state
    for task in state.tasks:
        if outcome(state, task) not in FAILURES:
            continue
        entry = state.entries.get(task)
        is_rejected = entry is not None and entry.status in TAKEN_OUT
        judged = session.deciding_validation(task) if is_rejected else None
        log = session.validation_log(*judged) if judged else session.log(task)
        if log is not None:
            yield task, log
