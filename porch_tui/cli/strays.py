"""Processes that nobody of porch looks after, told by doctor and status; and the commands that end them.

What belongs to an attempt is known by `process.orphans`. What only works in a worktree may be a person's
shell or editor: it is told where it is in the way, and nobody but a person ends it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from porch_tui.cli.findings import Finding, advice
from porch_tui.core.model.state import RunState
from porch_tui.core.model.wording import listed
from porch_tui.git.worktree_list import Worktree
from porch_tui.journal.rundir import RunDir
from porch_tui.process.orphans import Orphan, orphans
from porch_tui.process.processes import Process, all_processes, ancestors
from porch_tui.session.session import Session


def process_findings(
    states: Mapping[RunDir, RunState | Finding], worktrees: Sequence[Worktree]
) -> Iterator[Finding]:
    """Tell of processes whose shim was killed, and of what works in worktrees (those given) without one."""
    processes = list(all_processes())
    known = ancestors()
    for rundir, state in states.items():
        left = orphans(rundir.path, processes)
        known |= {one.pid for one in left}
        if left:
            is_active = isinstance(state, RunState) and bool(state.active)
            yield advice(f"run {rundir.run}", _unsupervised(left), _how_to_end(rundir, left, is_active))
    for worktree in worktrees:
        there = [one for one in at_work_in(worktree.path, processes) if one.pid not in known]
        there = [one for one in there if one.mark is None]  # else a shim looks after it
        if there:
            text = f"at work in {worktree.path}, where no task runs: {named(there)}"
            yield advice("process", text, f"if it is nobody's: {_kill(one.pid for one in there)}")


def orphan_warning(session: Session) -> str:
    """Return what to say of a run's processes that nobody looks after; empty if there is none."""
    if session.is_engine_alive():
        return ""  # it ends them itself
    left = orphans(session.rundir.path)
    do = _how_to_end(session.rundir, left, bool(session.state.active))
    return f"{_unsupervised(left)}; {do}" if left else ""


def at_work_in(folder: Path, processes: Sequence[Process]) -> list[Process]:
    """Return the processes that are in a folder or below it."""
    place = folder.resolve()
    return [one for one in processes if one.is_in(place)]


def named(processes: Sequence[Process]) -> str:
    """Return a few processes by name and number."""
    return listed([f"{one.name} ({one.pid})" for one in processes])


def _unsupervised(left: Sequence[Orphan]) -> str:
    return f"nobody looks after {listed([f'{one} (known by {one.sign.value})' for one in left])}"


def _how_to_end(rundir: RunDir, left: Sequence[Orphan], is_active: bool) -> str:
    kill = _kill(one.pid for one in left)
    return f"porch resume {rundir.run} ends them; or: {kill}" if is_active else f"look, then: {kill}"


def _kill(pids: Iterator[int]) -> str:
    return shlex.join(["kill", *map(str, pids)])
