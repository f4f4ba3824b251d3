"""Inputs of the analysis from machine and repository: slots, overhead, durations of earlier runs."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from porch_tui.core.analysis.analysis import Machine
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Plan, TaskId
from porch_tui.engine.effects.verdict_cache import conditions
from porch_tui.errors import JournalError
from porch_tui.git.repository import Repository
from porch_tui.git.worktree.base_checkout import tracked_files
from porch_tui.git.worktree.creation import quickest_s
from porch_tui.journal import verdicts
from porch_tui.journal.durable import replace
from porch_tui.journal.log import read
from porch_tui.journal.rundir import all_runs
from porch_tui.process.machine import cores

AUTO_SLOTS_PER_CORE = 4
"""What an adapting number of slots is assumed to grow to: how much the tasks will wait is not known yet."""

WORKTREE_S, FILE_S = 0.01, 0.00012
"""Default for one worktree, and each file in it: git 2.39 on 2 cores and ext4 checked out 715 files in 73 to
90 ms."""

RUNS_READ = 20
"""How many earlier runs are searched for the duration of a task."""


def machine(repository: Repository, plan: Plan, slots: int | None) -> Machine:
    """Return what the forecast is based on; `slots` overrides the plan's."""
    used = _earlier_use(repository, plan)
    try:  # as measured by earlier runs
        worktree_s = float(json.loads(_overhead(repository).read_bytes())["worktree_s"])
    except (OSError, ValueError, KeyError, TypeError):
        worktree_s = WORKTREE_S + FILE_S * tracked_files(repository)
    known = verdicts.latest(repository.common_dir, conditions(plan, repository)) if plan.validate else None
    return Machine(
        slots=slots or plan.slots or max(1, min(len(plan.tasks), AUTO_SLOTS_PER_CORE * cores())),
        worktree_s=worktree_s,
        history={task: one.wall_s - one.paused_s for task, one in used.items()},
        cpu_s={task: one.cpu_s for task, one in used.items() if one.is_measured},
        cores=cores(),
        validation_s=(known.wall_s or None) if known is not None else None,
    )


def remember_worktrees(repository: Repository) -> None:
    """Record for the next forecast how long creating worktrees took in this process, if it made any."""
    seconds = quickest_s(repository)
    if seconds is not None:
        with suppress(OSError):  # optional
            replace(_overhead(repository), json.dumps({"worktree_s": round(seconds, 4)}).encode())


def _overhead(repository: Repository) -> Path:
    return repository.own_dir / "overhead.json"


def _earlier_use(repository: Repository, plan: Plan) -> dict[TaskId, e.Used]:
    """Return what each task used when it last succeeded in a run of this plan."""
    used: dict[TaskId, e.Used] = {}
    tasks = {spec.id for spec in plan.tasks}
    for rundir in all_runs(repository.common_dir)[:RUNS_READ]:
        if tasks <= used.keys():
            break
        with suppress(JournalError):  # a damaged old run is no reason to refuse a new one
            events = [record.event for record in read(rundir.journal)]
            if events and isinstance(opened := events[0], e.RunOpened) and opened.plan.name == plan.name:
                ends = (event for event in events if isinstance(event, e.AttemptSucceeded))
                found = {end.attempt.task: end.used for end in ends if end.attempt.task in tasks}
                used = found | used
    return used
