"""What an agent answers, found in what it has printed: a document by a schema, or its messages.

The output is foreign, as for `output`: whatever is in it, reading it never raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from porch_tui.agents.output import at, meets
from porch_tui.agents.preset import OutputFormat, Take


def answers_in(log: bytes, output: OutputFormat | None, places: Sequence[Take] = ()) -> list[Any]:
    """Return what may be the answer, the likeliest first.

    `places` are where documents by a schema are; then come its messages, the last one first; of a program
    whose output cannot be read, all of it.
    """
    if output is None or output.format == "text":
        return [log.decode("utf-8", "replace")]
    records = list(_records(log))
    documents = [value for record in records for value in _at(places, record) if value]
    return [*reversed(documents), *reversed(list(_messages(records, output.message)))]


def _records(log: bytes) -> Iterator[Any]:
    for line in log.split(b"\n"):
        if line.startswith(b"{"):
            with suppress(msgspec.DecodeError, RecursionError, UnicodeDecodeError):  # else it is no record
                yield msgspec.json.decode(line)


def _messages(records: Sequence[Any], takes: Sequence[Take]) -> Iterator[str]:
    """Yield the texts of all messages; pieces of one that follow each other as one."""
    pieces = ""
    for record in records:
        texts = [value for value in _at(takes, record) if isinstance(value, str)]
        if texts and any(take.is_piece for take in takes):
            pieces += "".join(texts)
            continue
        if pieces:
            yield pieces
            pieces = ""
        if texts:
            yield "\n".join(texts)
    if pieces:
        yield pieces


def _at(takes: Sequence[Take], record: Any) -> Iterator[Any]:
    for take in takes:
        if meets(take.when, record):
            yield from at(take.take, record)
