"""What validations found in earlier runs of the repository, so that nothing is proven twice.

One file, `<common git dir>/porch/verdicts.jsonl`, a line per finding, the newest
last. It is a convenience: what cannot be read is not known, what cannot be
written is found out again. What makes two validations the same is said by those
who ask.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from porch_tui.journal.durable import PRIVATE_FILE, replace

FILE = "verdicts.jsonl"
MOST = 4000
"""Lines; about a megabyte."""
KEPT = 2000
"""How many of the newest stay when there are more than that."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one validation, or a second one that failed again, found."""

    tree: str
    conditions: str
    """Digest of the commands and of all they depend on besides the tree."""
    has_passed: bool
    run: str
    at: float
    """Seconds since the epoch."""
    log: str
    """Path of its output, as long as the run is kept."""
    text: str = ""
    exit_code: int | None = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0


def find(common_dir: Path, tree: str, conditions: str) -> Finding | None:
    """Return the newest finding about a tree under these conditions; None if there is none."""
    return next(
        (one for one in _newest_first(common_dir) if (one.tree, one.conditions) == (tree, conditions)), None
    )


def latest(common_dir: Path, conditions: str) -> Finding | None:
    """Return the newest finding about any tree under these conditions; None if there is none."""
    return next((one for one in _newest_first(common_dir) if one.conditions == conditions), None)


def remember(common_dir: Path, finding: Finding) -> None:
    """Add a finding; the oldest are forgotten when there are too many. Never raises for the disk's sake."""
    path = _path(common_dir)
    with suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            os.write(descriptor, msgspec.json.encode(finding) + b"\n")
        finally:
            os.close(descriptor)
        lines = _lines(common_dir)
        if len(lines) > MOST:
            replace(path, b"\n".join(lines[-KEPT:]) + b"\n")


def _path(common_dir: Path) -> Path:
    return common_dir / "porch" / FILE


def _lines(common_dir: Path) -> list[bytes]:
    try:
        return _path(common_dir).read_bytes().splitlines()
    except OSError:
        return []


def _newest_first(common_dir: Path) -> list[Finding]:
    found = []
    for line in reversed(_lines(common_dir)):
        with suppress(msgspec.DecodeError):  # torn, or written by another porch
            found.append(msgspec.json.decode(line, type=Finding))
    return found
