"""What was expected of a run when it began, and what it took."""

from __future__ import annotations

from collections.abc import Mapping

from porch_tui.core.model.forecast import Predicted
from porch_tui.core.model.plan import TaskId
from porch_tui.present.amounts import between, duration
from porch_tui.present.summary import Actual, Summary, actual_times
from porch_tui.report.forms.page import Align, Block, Cell, Column, Paragraph, Section, table

Json = dict[str, object]
TASKS_SHOWN = 40
"""More than these are in the JSON only."""


def forecast_section(summary: Summary) -> tuple[Section, ...]:
    """Return the forecast beside what came; nothing for runs that kept none."""
    predicted = summary.started_with.predicted
    if predicted is None:
        return ()
    actual = actual_times(summary)
    return (Section("Forecast", (Paragraph(_whole(predicted, actual)), _tasks(predicted, actual))),)


def forecast_document(summary: Summary) -> Json | None:
    """Return the same for JSON; None for runs that kept none."""
    predicted = summary.started_with.predicted
    if predicted is None:
        return None
    actual = actual_times(summary)
    return {
        "verdict": predicted.verdict,
        "wall_s": round(predicted.wall_s, 3),
        "range_s": [round(end_s, 3) for end_s in predicted.range_s],
        "serial_s": round(predicted.serial_s, 3),
        "parallel_s": round(predicted.parallel_s, 3),
        "took_s": _took_s(predicted, actual),
        "tasks": [
            {
                "task": one.task,
                "starts_s": one.start_s,
                "done_s": one.done_s,
                "estimate_s": round(one.times.alone_s, 3),
                "is_guess": one.is_guess,
                "started_s": None if (found := actual.get(one.task)) is None else round(found.start_s, 3),
                "was_done_s": None if found is None or found.done_s is None else round(found.done_s, 3),
            }
            for one in predicted.tasks
        ],
    }


def _took_s(predicted: Predicted, actual: Mapping[TaskId, Actual]) -> float | None:
    """Return when the last task was done; None unless all were."""
    done = [actual[one.task].done_s if one.task in actual else None for one in predicted.tasks]
    known = [each for each in done if each is not None]
    return round(max(known), 3) if known and len(known) == len(done) else None


def _whole(predicted: Predicted, actual: Mapping[TaskId, Actual]) -> str:
    expected = f"Expected {between(predicted.range_s) or duration(predicted.wall_s)}"
    took_s = _took_s(predicted, actual)
    if took_s is None:
        return f"{expected}; not every task came to a good end, so there is nothing to compare."
    is_one = predicted.wall_s > 0 and not between(predicted.range_s)
    off = f" ({took_s / predicted.wall_s - 1:+.0%})" if is_one else ""
    return f"{expected}, took {duration(took_s)}{off}."


def _tasks(predicted: Predicted, actual: Mapping[TaskId, Actual]) -> Block:
    titles = ("expected start", "start", "expected done", "done")
    columns = [Column("task"), *(Column(title, Align.RIGHT) for title in titles)]
    rows: list[tuple[str | Cell, ...]] = []
    for one in predicted.tasks[:TASKS_SHOWN]:
        found = actual.get(one.task)
        came = (found.start_s, found.done_s) if found is not None else (None, None)
        times = (one.start_s, came[0], one.done_s, came[1])
        rows.append((Cell(one.task, task=one.task), *map(duration, times)))
    return table(columns, rows, "The plan had no tasks.")
