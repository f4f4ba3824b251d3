"""What the analysis is told about machine and repository: slots, overhead, what earlier runs took."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from porch_tui.core import events as e
from porch_tui.core.analysis import Machine
from porch_tui.core.plan import Plan, TaskId
from porch_tui.errors import JournalError
from porch_tui.git.repository import Repository
from porch_tui.git.worktrees import measure_overhead
from porch_tui.journal.log import read
from porch_tui.journal.rundir import all_runs
from porch_tui.process.machine import cores

AUTO_SLOTS_PER_CORE = 4
"""What an adapting number of slots is taken to grow to, for a forecast: nobody knows yet how much of their
time the tasks will wait."""

RUNS_READ = 20
"""How many earlier runs are looked into for how long a task took."""


def machine(repository: Repository, plan: Plan, commit: str, slots: int | None) -> Machine:
    """Return what the forecast rests on; `slots` overrides the plan's."""
    used = earlier_use(repository, plan)
    return Machine(
        slots=slots or plan.slots or auto_slots(len(plan.tasks)),
        worktree_s=worktree_seconds(repository, commit),
        history={task: one.wall_s - one.paused_s for task, one in used.items()},
        cpu_s={task: one.cpu_s for task, one in used.items()},
        cores=cores(),
    )


def auto_slots(tasks: int) -> int:
    """Return how many attempts are forecast to run at once when nobody says how many."""
    return max(1, min(tasks, AUTO_SLOTS_PER_CORE * cores()))


def worktree_seconds(repository: Repository, commit: str) -> float:
    """Return how long making one worktree takes here: measured once, then remembered."""
    remembered = repository.own_dir / "overhead.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        return float(json.loads(remembered.read_bytes())["worktree_s"])
    measured = measure_overhead(repository, commit)
    with suppress(OSError):  # remembering is a courtesy
        _write(remembered, {"worktree_s": round(measured, 4)})
    return measured


def earlier_use(repository: Repository, plan: Plan) -> dict[TaskId, e.Used]:
    """Return what each task used when it last succeeded in a run of this plan."""
    used: dict[TaskId, e.Used] = {}
    tasks = {spec.id for spec in plan.tasks}
    for rundir in all_runs(repository.common_dir)[:RUNS_READ]:
        if tasks <= used.keys():
            break
        with suppress(JournalError):  # a damaged old run is no reason to refuse a new one
            records = list(read(rundir.journal))
            opened = records[0].event if records else None
            if isinstance(opened, e.RunOpened) and opened.plan.name == plan.name:
                used = {task: one for task, one in _used(records).items() if task in tasks} | used
    return used


def _used(records: Sequence[e.Record]) -> dict[TaskId, e.Used]:
    return {
        record.event.attempt.task: record.event.used
        for record in records
        if isinstance(record.event, e.AttemptSucceeded)
    }


def _write(path: Path, content: dict[str, float]) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_text(json.dumps(content))
