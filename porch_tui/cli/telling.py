"""What a run in the foreground prints as it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from porch_tui.cli.output.printing import write_line
from porch_tui.cli.output.streams import put_out
from porch_tui.core.model.events import Record
from porch_tui.core.model.state import RunState
from porch_tui.journal.codec import record_to_bytes
from porch_tui.report.progress import progress_line

Told = Callable[[Sequence[Record], RunState], None]

MOST_JSON_BYTES = 64 << 20
"""Of records that wait for a reader: a program may take its time, and wants all of them."""


def tell_lines(records: Sequence[Record], state: RunState) -> None:
    """Print a line per change, for people."""
    for record in records:
        line = progress_line(state, record)
        if line is not None:
            write_line(line)


def tell_json(records: Sequence[Record], state: RunState) -> None:
    """Print each record as it stands in the journal, a line each."""
    for record in records:
        put_out(record_to_bytes(record), MOST_JSON_BYTES)
