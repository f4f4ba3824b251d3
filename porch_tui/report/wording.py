"""The one word for where a task stands, and what it used: read off the state for every page of this room."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from msgspec import Struct

from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.model.events import Used
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import AdHocValidation, Attempt, QueueEntry, RunState
from porch_tui.core.model.status import EntryStatus
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.model.wording import counted
from porch_tui.present.explain import reason


def why(state: RunState, task_id: TaskId) -> str:
    """Return why the task is where it is, in one line; empty when its word says all."""
    entry = state.entries.get(task_id)
    # asking the core about what has landed would derive the whole queue, to say nothing
    return "" if entry is not None and entry.status is EntryStatus.LANDED else reason(state, task_id)


def slots_told(state: RunState) -> str:
    """Return how many attempts run at once, and why if that is nobody's choice."""
    why = f": {state.slots.reason}" if state.slots.reason else ""
    if state.slots.starts_blocked:
        return f"held at {len(state.active)}{why}"
    return f"{counted(state.slots.count, 'slot')}{why}"


def queue_in_order(state: RunState) -> tuple[QueueEntry, ...]:
    """Return the entries worth showing: landed ones, then the train, then what is parked.

    What had nothing to land stands in no line.
    """
    landed = [state.entries[task] for task in state.target.landed if task in state.entries]
    coming = in_order(state)
    listed = {entry.task for entry in (*landed, *coming)}
    rest = [
        entry
        for entry in sorted(state.entries.values(), key=lambda entry: entry.place)
        if entry.task not in listed and entry.status is not EntryStatus.NOTHING_TO_LAND
    ]
    return (*landed, *coming, *rest)


def together_with(state: RunState, entry: QueueEntry) -> tuple[TaskId, ...]:
    """Return the tasks an entry is in conflict, fails or is being validated with."""
    if entry.partners:
        return entry.partners
    flights = (flight.tasks for flight in state.validations.in_flight.values() if entry.task in flight.tasks)
    return tuple(task for task in next(flights, ()) if task != entry.task)


def trial_log(state: RunState, trial: AdHocValidation, logs: Mapping[Sha, str]) -> str | None:
    """Return where the output of what judged a trial is; None if its tree was validated again since."""
    if trial.tree is None or trial.verdict is None:
        return None
    return logs.get(trial.tree) if state.validations.begun.get(trial.tree) == trial.number else None


def repository_name(root: str) -> str:
    """Return the name of the repository's folder: what `{repo}` stands for."""
    return PurePosixPath(root).name


def wall_s(attempt: Attempt) -> float | None:
    """Return the attempt's wall time as it was reported, or as the journal saw it; None while it runs."""
    if attempt.used and attempt.used.wall_s:
        return attempt.used.wall_s
    return None if attempt.ended_at is None else attempt.ended_at - attempt.scheduled_at


class Usage(Struct, frozen=True):
    """What is known of a task's use of the machine, over all its attempts; None: nothing is known."""

    wall_s: float | None
    paused_s: float
    cpu_s: float | None
    peak_rss_bytes: int | None
    read_bytes: int = 0
    """From disks; 0: nothing, or nobody counts."""
    written_bytes: int = 0


def usage(state: RunState, task_id: TaskId, sample: Sample | None) -> Usage:
    """Return what the task used: ended attempts as recorded, a live one as sampled."""
    task = state.tasks[task_id]
    walls = [wall for attempt in task.attempts if (wall := wall_s(attempt)) is not None]
    told = [attempt.used for attempt in task.attempts if attempt.used not in (None, Used())]
    used = [one for one in told if one is not None]
    live = [sample] if sample is not None and task.is_active else []
    seen: list[Used | Sample] = [*used, *live]
    cpu = [one.cpu_s for one in seen]
    peak = [one.peak_rss_bytes for one in seen]
    return Usage(
        sum(walls) if walls else None,
        sum(one.paused_s for one in used),
        sum(cpu) if cpu else None,
        max(peak) if peak else None,
        sum(one.read_bytes for one in seen),
        sum(one.written_bytes for one in seen),
    )
