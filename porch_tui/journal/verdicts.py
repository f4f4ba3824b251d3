"""What validations found in earlier runs of the repository, so that nothing is proven twice.

One file, `<common git dir>/porch/verdicts.jsonl`, kept as `notes` says. What makes two
validations the same is decided by the caller.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.events import StepUsed
from porch_tui.journal.notes import Notes


class Finding(Struct, frozen=True):
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
    steps: tuple[StepUsed, ...] = ()
    """What its setup, if it had to run, and its commands took."""


FINDINGS = Notes("verdicts.jsonl", Finding, most=4000, kept=2000)
"""At most about a megabyte."""


def find(common_dir: Path, tree: str, conditions: str) -> Finding | None:
    """Return the newest finding about a tree under these conditions; None if there is none."""
    known = FINDINGS.newest_first(common_dir)
    return next((one for one in known if (one.tree, one.conditions) == (tree, conditions)), None)


def under(common_dir: Path, conditions: str) -> list[Finding]:
    """Return all findings about any tree under these conditions, the newest first."""
    return [one for one in FINDINGS.newest_first(common_dir) if one.conditions == conditions]


def remember(common_dir: Path, finding: Finding) -> None:
    """Add a finding; the oldest are forgotten when there are too many. Never raises for the disk's sake."""
    FINDINGS.add(common_dir, finding)
