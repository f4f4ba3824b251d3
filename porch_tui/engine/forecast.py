"""Inputs of the analysis from machine and repository: slots, overhead, durations of earlier runs."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from porch_tui.core.analysis.analysis import Machine
from porch_tui.core.analysis.estimates import History
from porch_tui.core.analysis.processors import Work
from porch_tui.core.analysis.simulation import Costs, TaskTimes
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Plan, TaskId
from porch_tui.core.rules.settle import MOST_VALIDATE_JOBS
from porch_tui.core.scheduling.slots import first_slots, largest_slots, to_be_had
from porch_tui.engine.effects.verdict_cache import conditions
from porch_tui.errors import JournalError
from porch_tui.git.repository import Repository
from porch_tui.git.worktree.base_checkout import tracked_files
from porch_tui.git.worktree.creation import quickest_s
from porch_tui.journal import verdicts
from porch_tui.journal.durable import replace
from porch_tui.journal.log import read
from porch_tui.journal.rundir import all_runs
from porch_tui.process.machine import cores, free_memory

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
    fixed = slots or plan.slots
    tasks = {
        task: TaskTimes(run=Work(one.cpu_s, max(0.0, one.wall_s - one.paused_s - one.cpu_s)))
        for task, one in used.items()
    }
    return Machine(
        slots=fixed or first_slots(len(plan.tasks), cores()),
        cores=cores(),
        most_slots=0 if fixed else largest_slots(len(plan.tasks), cores()),
        memory_bytes=to_be_had(*free_memory()),
        costs=Costs(worktree_s=worktree_s),
        history=History(
            tasks=tasks,
            setup=Work() if used else None,
            validation=None
            if known is None or not known.wall_s
            else Work(known.cpu_s, max(0.0, known.wall_s - known.cpu_s)),
        ),
        jobs=min(cores(), MOST_VALIDATE_JOBS),
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
