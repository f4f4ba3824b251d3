"""`porch status`: where a run stands, for a person: what needs them first, the next command last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from porch_tui.core.analysis.prediction import Prediction, foretold
from porch_tui.core.merge_queue import ad_hoc_validation
from porch_tui.core.merge_queue.reverting import reverted
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import AdHocValidation, QueueEntry, RunState
from porch_tui.core.model.status import ON_TRAIN
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.rules.going_on import has_ended
from porch_tui.present.amounts import duration, short, size
from porch_tui.present.cells import GAP, WIDTH, cells, cut, left, right, squeezed, wrapped
from porch_tui.present.clean import clean
from porch_tui.present.explain import Need, ended_text, needs
from porch_tui.present.outcome import outcome, queue_words
from porch_tui.present.results import in_words, results
from porch_tui.present.signs import Sign
from porch_tui.present.statuses import entry_status, look, status_of
from porch_tui.report.next_step import next_step
from porch_tui.report.palette import PLAIN, Palette
from porch_tui.report.wording import queue_in_order, slots_told, together_with, wall_s, why

NAME_CELLS = 20
NEEDS_SHOWN = 10
"""More needs than this are counted: the rows below tell them too."""


class _Row(Struct, frozen=True):
    """One line about a task or an entry."""

    status: str
    name: str
    amounts: tuple[str, ...]
    note: str
    """Takes what room is left."""


def status_text(
    state: RunState,
    *,
    engine_is_alive: bool,
    samples: Mapping[TaskId, Sample],
    now: float,
    palette: Palette = PLAIN,
    width: int = WIDTH,
    predictions: Sequence[Prediction] = (),
    waiting: Sequence[str] = (),
    engine_host: str = "",
) -> str:
    """Return where the run stands as lines of at most `width` cells.

    `now` is in seconds since the epoch. What needs a person comes first, one
    line a task and one an entry follow, and the command to type next ends it.
    `waiting` are the commands that no engine has heard yet; `engine_host` names
    the machine the engine is on, if that is another one.
    """
    if not engine_is_alive:  # nobody has written since how long what was under way has taken
        now = state.changed_at
    words = queue_words(state)
    wanted = needs(state)
    tasks = [
        _warned(_task_row(state, task, status_of(state, words, task), samples, now), state, predictions)
        for task in state.tasks
    ]
    gone = reverted(state)
    tasks = [
        replace(row, note=f"{row.note}, reverted by {gone[TaskId(row.name)]}") if row.name in gone else row
        for row in tasks
    ]
    entries = [_entry_row(state, entry, entry_status(state, words, entry)) for entry in queue_in_order(state)]
    where = f" on {engine_host}" if engine_host else ""
    engine = f"the engine is alive{where}" if engine_is_alive else "no engine"
    lines = [*_heading(state, engine, width), *_needs(wanted, palette, width)]
    lines += ["", "tasks", *_lines(tasks, palette, width)]
    if entries:
        lines += ["", "merge queue", *_lines(entries, palette, width)]
    tried = [
        line for trial in ad_hoc_validation.current(state) for line in _trial_lines(trial, palette, width)
    ]
    if tried:
        lines += ["", "validated by hand", *tried]
    lines += _seen(state, palette, width)
    if waiting and state.closed_at is None:
        lines += ["", *wrapped(clean(f"waiting for an engine: {', '.join(waiting)}"), width)]
    step = next_step(state, wanted, engine_is_alive=engine_is_alive, waiting=waiting)
    lines += ["", *wrapped(clean(step), width, "next: ")]
    return "\n".join(lines) + "\n"


def _heading(state: RunState, engine: str, width: int) -> list[str]:
    is_over = has_ended(state)
    parts = [f"{state.target.name} at {short(state.target.tip)}", in_words(results(state)), engine]
    if state.slots.is_auto and not is_over:
        parts.append(slots_told(state))
    if state.is_paused:
        parts.append("paused")
    if state.closed_at is not None:
        parts.append("closed")
    elif is_over:
        parts.append("at rest")
    return [*wrapped(clean(state.run), width), *wrapped(clean(", ".join(parts)), width)]


def _seen(state: RunState, palette: Palette, width: int) -> list[str]:
    """Return what a person should know of besides, the latest last."""
    seen = [f"{one.task}: {one.text}" if one.task else one.text for one in state.noticed]
    last = {task: known.attempt for task, known in state.tasks.items() if known.attempt is not None}
    ended = [f"{task}: {ended_text(one.left_running)}" for task, one in last.items() if one.left_running]
    if not (seen or ended) or state.closed_at is not None:
        return []
    lines = ["", "look"]
    for text in (*ended[-NEEDS_SHOWN:], *seen[-NEEDS_SHOWN:]):
        lines += wrapped(clean(text), width, f"{palette.glyph(Sign.ASKS)} ")
    return lines


def _needs(wanted: Sequence[Need], palette: Palette, width: int) -> list[str]:
    if not wanted:
        return []
    lines = ["", "needs you"]
    for need in wanted[:NEEDS_SHOWN]:
        told = wrapped(clean(f"{need.task}: {need.why}"), width, f"{palette.glyph(Sign.ASKS)} ")
        lines += [palette.painted(Sign.ASKS, line) for line in told]
        lines += wrapped(clean(need.next), width, "    ")
    if len(wanted) > NEEDS_SHOWN:
        lines.append(f"  and {len(wanted) - NEEDS_SHOWN} more")
    return lines


def _task_row(
    state: RunState, task_id: TaskId, status: str, samples: Mapping[TaskId, Sample], now: float
) -> _Row:
    task = state.tasks[task_id]
    attempt = task.attempt
    entry = state.entries.get(task_id)
    end = f"at {short(entry.landed)}" if entry and entry.landed else why(state, task_id)
    if attempt is None:
        return _Row(status, task_id, ("", "", ""), end)
    number = f"attempt {attempt.id.number}" if attempt.id.number > 1 else ""
    sample = samples.get(task_id) if task.is_active else None
    used = attempt.used
    spent = wall_s(attempt)
    took = duration(now - attempt.scheduled_at if spent is None else spent)
    cpu = f"{sample.cpu_percent:.0f}%" if sample else f"cpu {duration(used.cpu_s)}" if used else ""
    memory = sample.rss_bytes if sample else used.peak_rss_bytes if used else 0
    amounts = (took, cpu, size(memory) if memory else "")
    return _Row(status, task_id, amounts, ", ".join(filter(None, (number, end))))


def _warned(row: _Row, state: RunState, predictions: Sequence[Prediction]) -> _Row:
    """Return the row of a task with the conflicts it is to expect; a parked one has been told its own."""
    task_id = TaskId(row.name)
    if outcome(state, task_id) is not None:
        return row
    return replace(row, note="; ".join(filter(None, (row.note, *foretold(state, task_id, predictions)))))


def _entry_row(state: RunState, entry: QueueEntry, status: str) -> _Row:
    partners = together_with(state, entry)
    if entry.landed:
        note = f"at {short(entry.landed)}"
    elif partners and entry.status in ON_TRAIN:
        note = f"together with {', '.join(partners)}"
    else:
        note = why(state, entry.task)
    return _Row(status, entry.task, (), note)


def _trial_lines(trial: AdHocValidation, palette: Palette, width: int) -> list[str]:
    sign = SIGNS[ad_hoc_validation.finding(trial)]
    told = wrapped(clean(f"{trial.task} {ad_hoc_validation.told(trial)}"), width, f"{palette.glyph(sign)} ")
    return [palette.painted(sign, line) for line in told]


SIGNS: Mapping[ad_hoc_validation.Finding, Sign] = {
    ad_hoc_validation.Finding.PENDING: Sign.RUNS,
    ad_hoc_validation.Finding.PASSES: Sign.GOOD,
    ad_hoc_validation.Finding.FAILS: Sign.FAILED,
    ad_hoc_validation.Finding.CANNOT_TELL: Sign.ASKS,
    ad_hoc_validation.Finding.IMPOSSIBLE: Sign.ASKS,
}


def _lines(rows: Sequence[_Row], palette: Palette, width: int) -> list[str]:
    """Return one line a row: glyph, name, word, amounts, and as much of the note as fits."""
    if not rows:
        return ["  none"]
    names = [squeezed(clean(row.name), NAME_CELLS) for row in rows]
    name_cells = max(map(cells, names))
    looks = [look(row.status) for row in rows]
    word_cells = max(cells(one.word) for one in looks)
    amount_cells = [max(map(cells, column)) for column in zip(*(row.amounts for row in rows), strict=True)]
    lines = []
    for name, row, one in zip(names, rows, looks, strict=True):
        amounts = zip(row.amounts, amount_cells, strict=True)
        placed = [left(name, name_cells), left(one.word, word_cells)]
        placed += [right(amount, room) for amount, room in amounts if room]
        line = f"{palette.glyph(one.sign)} {GAP.join((*placed, clean(row.note)))}"
        lines.append(palette.painted(one.sign, cut(line.rstrip(), width)))
    return lines
