"""Which run a person means: by its id, else the one with a live engine, else the newest."""

from __future__ import annotations

from pathlib import Path

from porch_tui.errors import JournalError, NoRunError
from porch_tui.journal import lease
from porch_tui.journal.rundir import RunDir, all_runs


def find(common_dir: Path, name: str | None) -> RunDir:
    """Return the run a person means: by its id or the beginning of it.

    None means the newest with a live engine, else the newest. NoRunError if
    there is none, JournalError if no id begins like that, or several do.
    """
    runs = all_runs(common_dir)
    if not runs:
        raise NoRunError("no run yet; start one with porch run")
    if name is None:
        # A folder without a journal never became a run: its engine fell before the first fact.
        begun = [rundir for rundir in runs if rundir.journal.exists()] or runs
        return next((rundir for rundir in runs if lease.holder(rundir)), begun[0])
    matches = [rundir for rundir in runs if rundir.run.startswith(name)]
    # `…-layers` is also how `…-layers-2` begins; the whole id means itself.
    matches = [rundir for rundir in matches if rundir.run == name] or matches
    if not matches:
        raise JournalError(f"no run begins with {name!r}; porch runs lists them")
    if len(matches) > 1:
        listed = "\n".join(f"  {rundir.run}" for rundir in matches)
        raise JournalError(f"{name!r} may mean several runs; say more of the id:\n{listed}")
    return matches[0]
