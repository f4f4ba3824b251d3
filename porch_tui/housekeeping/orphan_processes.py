"""Orphan processes: those of attempts whose shim is gone, and those that merely run in a worktree.

`process.orphans` recognizes what belongs to an attempt. A process that only runs in a worktree may be a
person's shell or editor: it is reported where it is in the way, and porch never ends it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.git.worktree_list import Worktree
from porch_tui.housekeeping.findings import Finding, advice
from porch_tui.housekeeping.survey import Survey, names_of
from porch_tui.journal.rundir import RunDir
from porch_tui.process.orphans import Orphan, orphans
from porch_tui.process.processes import ancestors
from porch_tui.session.session import Session


def orphan_processes(survey: Survey, idle: Sequence[Worktree]) -> Iterator[Finding]:
    """Report the processes of dead shims, and those in `idle` worktrees, where no task is active."""
    known = ancestors()
    for rundir, state in survey.states.items():
        found = orphans(rundir.path, survey.processes)
        known |= {one.pid for one in found}
        if found:
            is_active = isinstance(state, RunState) and bool(state.active)
            yield advice(f"run {rundir.run}", _unsupervised(found), _how_to_end(rundir, found, is_active))
    for worktree in idle:
        # one with a mark has a living shim
        found_there = survey.processes_in(worktree.path)
        if there := [one for one in found_there if one.pid not in known and one.mark is None]:
            text = f"running in {worktree.path}, where no task is active: {names_of(there)}"
            yield advice("process", text, f"if it is not needed: {_kill([one.pid for one in there])}")


def orphan_warning(session: Session) -> str:
    """Return a warning about a run's orphan processes; empty if there are none."""
    if session.is_engine_alive():
        return ""  # it ends them itself
    found = orphans(session.rundir.path)
    do = _how_to_end(session.rundir, found, bool(session.state.active))
    return f"{_unsupervised(found)}; {do}" if found else ""


def _unsupervised(found: Sequence[Orphan]) -> str:
    return f"unsupervised: {listed([f'{one} (recognized by {one.sign.value})' for one in found])}"


def _how_to_end(rundir: RunDir, found: Sequence[Orphan], is_active: bool) -> str:
    kill = _kill([one.pid for one in found])
    return f"porch resume {rundir.run} ends them; or: {kill}" if is_active else f"check them, then: {kill}"


def _kill(pids: Sequence[int]) -> str:
    return shlex.join(["kill", *map(str, pids)])
