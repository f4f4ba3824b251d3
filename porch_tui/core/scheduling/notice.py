"""What a person should be told of a task while it runs: that it fell silent, or that it swells.

Nothing is ever ended by it. What is offered here is a fact, because the report tells of it as well; it comes
once, and once more when it is over.
"""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.telemetry import Sample

OVER = 1.1
"""Times what a task has declared: more is not what it said."""
LARGE, NO_LONGER = 0.5, 0.8
"""Of the machine's memory, for a task that declared none; of either limit, below which all is well again."""
MIB = 1 << 20


class Quiet(Struct, frozen=True):
    """For how long an attempt has given no sign of life."""

    for_s: float
    """Since its log last grew, or it last used some processor time; time paused does not count."""
    has_stirred: bool
    """It has given one since somebody watches; else nobody knows how long it was quiet before."""


def noticed(
    state: RunState, task: TaskId, sample: Sample, quiet: Quiet, memory_bytes: int
) -> e.AttemptNoticed | None:
    """Return what is to be told of a task that runs, if that is another thing than was told last.

    `memory_bytes` is what the machine has, 0 if it does not tell.
    """
    attempt = state.tasks[task].attempt
    if attempt is None or state.tasks[task].status is not TaskStatus.RUNNING:
        return None
    spec, told = state.specs[task], attempt.notice
    if is_about_the_wait(told):
        return None
    notice = _swollen(spec, sample, memory_bytes, is_told=bool(told) and not told.startswith(SILENT))
    notice = notice or _silent(spec, quiet, told)
    # the amounts in it change all the time, and are as they were when it was told
    is_same = notice[:_KIND] == told[:_KIND]
    return None if is_same else e.AttemptNoticed(attempt.id, notice)


SILENT, SWOLLEN = "silent: ", "swells: "
WAITS, RUNS_ELSEWHERE = "waits for", "still runs"
"""How notices begin that are about the wait for an attempt, whatever it uses."""
_KIND = len(SILENT)


def is_about_the_wait(notice: str) -> bool:
    """Say whether a notice stays true of an attempt that is paused, or is being stopped."""
    return notice.startswith((WAITS, RUNS_ELSEWHERE))


def _silent(spec: TaskSpec, quiet: Quiet, told: str) -> str:
    if spec.silence_s is None:
        return ""
    if quiet.for_s >= spec.silence_s:
        return f"{SILENT}no output and no processor time for {_spoken(spec.silence_s)}"
    return told if told.startswith(SILENT) and not quiet.has_stirred else ""


def _swollen(spec: TaskSpec, sample: Sample, memory_bytes: int, is_told: bool) -> str:
    share = NO_LONGER if is_told else 1.0
    held = f"{SWOLLEN}it holds {sample.rss_bytes // MIB} MiB"
    if spec.memory_bytes:
        is_over = sample.rss_bytes > share * OVER * spec.memory_bytes
        return f"{held}, and declared {spec.memory_bytes // MIB} MiB" if is_over else ""
    is_large = 0 < share * LARGE * memory_bytes < sample.rss_bytes
    return f"{held} of the machine's {memory_bytes // MIB} MiB" if is_large else ""


def _spoken(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min" if minutes and not rest else f"{seconds:g} s"
