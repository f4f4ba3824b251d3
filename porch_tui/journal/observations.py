"""What runs of the repository have shown of their tasks, kept for the next `porch check`.

One file, `<common git dir>/porch/observed.jsonl`, kept as `notes` says. What it teaches about a plan is
derived each time (`core.advice.lessons`), so it may be deleted at any time.
"""

from __future__ import annotations

from pathlib import Path

from porch_tui.core.advice.lessons import Observed
from porch_tui.core.model.plan import RunId
from porch_tui.journal.notes import Notes

OBSERVATIONS = Notes("observed.jsonl", Observed, most=60, kept=30)
"""At most a few megabytes: a note names at most `cli.observing.MOST_PATHS` paths."""


def of_plan(common_dir: Path, plan: str) -> tuple[Observed, ...]:
    """Return what the runs of a plan, by its name, have shown; the newest run first, each run once."""
    runs: dict[RunId, Observed] = {}
    for one in OBSERVATIONS.newest_first(common_dir):
        if one.plan == plan:
            runs.setdefault(one.run, one)
    return tuple(sorted(runs.values(), key=lambda one: one.at, reverse=True))


def of_run(common_dir: Path, run: RunId) -> Observed | None:
    """Return what was last observed of a run; None if nothing was."""
    return next((one for one in OBSERVATIONS.newest_first(common_dir) if one.run == run), None)


def remember(common_dir: Path, observed: Observed) -> None:
    """Keep what a run has shown, in place of what it had shown before. Never raises for the disk's sake."""
    if of_run(common_dir, observed.run) != observed:
        OBSERVATIONS.add(common_dir, observed)
