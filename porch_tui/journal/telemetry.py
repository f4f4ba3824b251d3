"""Samples of what attempts use, a line each beside the attempt's log. Not durable, not part of the facts.

The file stays small however long an attempt runs: from a size on it is thinned, the newest minutes excepted.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from porch_tui.core.model.telemetry import Sample, thinned
from porch_tui.journal.durable import PRIVATE_FILE, open_file, replace
from porch_tui.journal.rundir import USAGE

TAIL_BYTES = 4096
"""More than one line ever takes."""
FULL_BYTES = 256 << 10
"""About 25 minutes of one sample a second, and then at least ten until it is full again."""
NEWEST, OLDER = 300, 512
"""Samples that thinning leaves: the last five minutes, and enough older ones to draw a curve."""

_SAMPLE = msgspec.json.Decoder(Sample)  # made here, since threads must not be the first to use a type


def append(directory: Path, sample: Sample) -> None:
    """Add a sample to those of the attempt in `directory`, thinning them if they are many. Raises OSError."""
    line = msgspec.json.encode(sample) + b"\n"
    descriptor = os.open(
        directory / USAGE, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK, PRIVATE_FILE
    )
    try:
        os.write(descriptor, line)
        size_bytes = os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)
    if size_bytes > FULL_BYTES:
        kept = thinned(history(directory), NEWEST, OLDER)
        content = b"".join(msgspec.json.encode(each) + b"\n" for each in kept)
        replace(directory / USAGE, content, is_durable=False)  # a reader has the old file or the new one


def latest(directory: Path) -> Sample | None:
    """Return the newest whole sample; None if there is none."""
    return next(iter(tail(directory, 1)), None)


def history(directory: Path) -> list[Sample]:
    """Return all samples that were kept, oldest first: one a second of the last minutes, fewer before."""
    return tail(directory, FULL_BYTES)


def tail(directory: Path, count: int) -> list[Sample]:
    """Return the last `count` whole samples at most, oldest first."""
    try:
        with open_file(directory / USAGE) as file:  # not to wait for a pipe
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL_BYTES * count))
            lines = file.read().split(b"\n")[:-1]
    except OSError:
        return []
    samples = []
    for line in lines[-count:]:
        with suppress(msgspec.DecodeError):  # the first line of a tail is cut in two
            samples.append(_SAMPLE.decode(line))
    return samples
