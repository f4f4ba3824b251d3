"""Samples of what attempts use, a line each beside the attempt's log. Not durable, not part of the facts."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from porch_tui.core.telemetry import Sample
from porch_tui.journal.durable import PRIVATE_FILE
from porch_tui.journal.rundir import USAGE

TAIL_BYTES = 4096
"""More than one line ever takes."""


def append(directory: Path, sample: Sample) -> None:
    """Add a sample to those of the attempt in `directory`. Raises OSError."""
    line = msgspec.json.encode(sample) + b"\n"
    descriptor = os.open(directory / USAGE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


def latest(directory: Path) -> Sample | None:
    """Return the newest whole sample; None if there is none."""
    found = tail(directory, 1)
    return found[-1] if found else None


def tail(directory: Path, count: int) -> list[Sample]:
    """Return the last `count` whole samples at most, oldest first."""
    try:
        with (directory / USAGE).open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL_BYTES * count))
            lines = file.read().split(b"\n")[:-1]
    except OSError:
        return []
    return [sample for line in lines[-count:] if (sample := _decoded(line)) is not None]


def _decoded(line: bytes) -> Sample | None:
    try:
        return msgspec.json.decode(line, type=Sample)
    except msgspec.DecodeError:
        return None  # the first line of a tail is cut in two
