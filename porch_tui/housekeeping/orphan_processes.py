"""Orphan processes: those of attempts whose shim is gone, and those that merely run in a worktree.

`process.orphans` recognizes what belongs to an attempt. A process that only runs in a worktree may be a
person's shell or editor: it is reported where it is in the way, and porch never ends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from porch_tui.core.model.state import RunState
from porch_tui.git.worktree_list import Worktree
from porch_tui.housekeeping.findings import Finding, advice
from porch_tui.housekeeping.orphan_warning import how_to_end, kill_command, unsupervised
from porch_tui.housekeeping.survey import Survey, names_of
from porch_tui.process.orphans import orphans
from porch_tui.process.processes import ancestors


def orphan_processes(survey: Survey, idle: Sequence[Worktree]) -> Iterator[Finding]:
    """Report the processes of dead shims, and those in `idle` worktrees, where no task is active."""
    known = ancestors()
    for rundir, state in survey.states.items():
        found = orphans(rundir.path, survey.processes)
        known |= {one.pid for one in found}
        if found:
            is_active = isinstance(state, RunState) and bool(state.active)
            yield advice(f"run {rundir.run}", unsupervised(found), how_to_end(rundir, found, is_active))
    for worktree in idle:
        # one with a mark has a living shim
        found_there = survey.processes_in(worktree.path)
        if there := [one for one in found_there if one.pid not in known and one.mark is None]:
            text = f"running in {worktree.path}, where no task is active: {names_of(there)}"
            yield advice("process", text, f"if it is not needed: {kill_command([one.pid for one in there])}")
