"""What tasks of earlier runs of the repository took, for forecasts.

One file, `<common git dir>/porch/durations.jsonl`, kept as `notes` says.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.events import StepUsed
from porch_tui.core.model.plan import CommandLine
from porch_tui.journal.notes import Notes


class Took(Struct, frozen=True):
    """What one attempt took that succeeded, or the judge of a hypothesis."""

    run: str
    plan: str
    task: str
    """Or the name of the hypothesis."""
    command: str
    """As `digest` has it."""
    steps: tuple[StepUsed, ...]
    landed: bool = True
    """Whether it had something to land; a check never has."""


TOOK = Notes("durations.jsonl", Took, most=40_000, kept=20_000)
"""Two runs of the largest plan; some megabytes."""


def digest(command: CommandLine) -> str:
    """Return what stands for a command."""
    return hashlib.sha256(json.dumps(command).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def known(common_dir: Path) -> list[Took]:
    """Return what is known, the newest first."""
    return TOOK.newest_first(common_dir)


def remember(common_dir: Path, run: str, found: list[Took]) -> None:
    """Record what attempts of a run took, those apart that are recorded. Never raises for the disk's sake."""
    have = {one.task for one in known(common_dir) if one.run == run} if found else set()
    TOOK.add_all(common_dir, [one for one in found if one.task not in have])
