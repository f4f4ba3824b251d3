"""What a run in the foreground prints as it goes, and what it leaves in its directory at the end."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence

from porch_tui.cli import forget_stdout
from porch_tui.core.events import Record
from porch_tui.core.state import RunState
from porch_tui.journal.codec import record_to_bytes
from porch_tui.report.progress import progress_line

Told = Callable[[Sequence[Record], RunState], None]


def to_whoever_listens(told: Told) -> Told:
    """Return a teller that goes on in silence once nobody reads any more (`porch run … | head`).

    A run is not over because its audience has left.
    """

    def tell(records: Sequence[Record], state: RunState) -> None:
        try:
            told(records, state)
        except BrokenPipeError:
            forget_stdout()

    return tell


def tell_lines(records: Sequence[Record], state: RunState) -> None:
    """Print a line per change, for people."""
    for record in records:
        line = progress_line(state, record)
        if line is not None:
            print(line, flush=True)


def tell_json(records: Sequence[Record], state: RunState) -> None:
    """Print each record as it stands in the journal, a line each."""
    for record in records:
        sys.stdout.buffer.write(record_to_bytes(record))
    sys.stdout.buffer.flush()


def print_json(document: object, is_line: bool = False) -> None:
    """Print one JSON document; paths that are not UTF-8 come as git knows them, escaped."""
    print(json.dumps(document, indent=None if is_line else 2), flush=True)
