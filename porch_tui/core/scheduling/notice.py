"""Notices about a running task: it has been silent for long, or uses much more memory than expected.

They never end a task. A notice is an event, because the report mentions it as well: one when it begins to
apply, and one when it no longer does.
"""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.telemetry import Sample

OVER_DECLARED = 1.1
"""Times the declared memory, from which a task uses too much."""
LARGE_SHARE = 0.5
"""Of the machine's memory, from which a task that declares none uses much."""
RELIEF_FACTOR = 0.8
"""Of either limit, below which the notice no longer applies."""
MIB = 1 << 20


class Quiet(Struct, frozen=True):
    """For how long an attempt has shown no sign of life."""

    for_s: float
    """Since its log last grew, or it last used some processor time; time paused does not count."""
    is_known: bool
    """It has shown one since this engine watches it; before that, its silence is not known."""


def noticed(
    state: RunState, task: TaskId, sample: Sample, quiet: Quiet, memory_bytes: int
) -> e.AttemptNoticed | None:
    """Return the notice that applies to a running task, if it differs from the last one.

    `memory_bytes` is the machine's memory; 0 if it is not known.
    """
    attempt = state.tasks[task].attempt
    if attempt is None or state.tasks[task].status is not TaskStatus.RUNNING:
        return None
    spec, current = state.specs[task], attempt.notice
    if is_about_the_wait(current):
        return None
    notice = _swollen(spec, sample, memory_bytes, is_raised=bool(current) and not current.startswith(SILENT))
    notice = notice or _silent(spec, quiet, current)
    # the amounts in it change all the time, and stay as they were when it was raised
    is_same = notice[:_KIND] == current[:_KIND]
    return None if is_same else e.AttemptNoticed(attempt.id, notice)


SILENT, SWOLLEN = "silent: ", "swells: "
WAITS, RUNS_ELSEWHERE = "waits for", "still runs"
"""How notices begin that are about the wait for an attempt, whatever it uses."""
_KIND = len(SILENT)


def is_about_the_wait(notice: str) -> bool:
    """Say whether a notice stays true of an attempt that is paused, or is being stopped."""
    return notice.startswith((WAITS, RUNS_ELSEWHERE))


def _silent(spec: TaskSpec, quiet: Quiet, current: str) -> str:
    if spec.silence_s is None:
        return ""
    if quiet.for_s >= spec.silence_s:
        return f"{SILENT}no output and no processor time for {_duration(spec.silence_s)}"
    return current if current.startswith(SILENT) and not quiet.is_known else ""


def _swollen(spec: TaskSpec, sample: Sample, memory_bytes: int, is_raised: bool) -> str:
    share = RELIEF_FACTOR if is_raised else 1.0
    held = f"{SWOLLEN}it holds {sample.rss_bytes // MIB} MiB"
    if spec.memory_bytes:
        is_over = sample.rss_bytes > share * OVER_DECLARED * spec.memory_bytes
        return f"{held}, and declared {spec.memory_bytes // MIB} MiB" if is_over else ""
    is_large = 0 < share * LARGE_SHARE * memory_bytes < sample.rss_bytes
    return f"{held} of the machine's {memory_bytes // MIB} MiB" if is_large else ""


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min" if minutes and not rest else f"{seconds:g} s"
