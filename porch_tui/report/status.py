"""`porch status`: where a run is, as text for a person and as the document that scripts may rely on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from porch_tui.core.advice.lessons import Lesson
from porch_tui.core.merge_queue import ad_hoc_validation
from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.merge_queue.prediction import Prediction, predictions_of
from porch_tui.core.merge_queue.undo import reverted
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Kind, Sha, TaskId
from porch_tui.core.model.state import QueueEntry, RunState, TaskState
from porch_tui.core.model.status import ON_TRAIN, EntryStatus, TaskStatus
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.model.wording import counted, listed
from porch_tui.core.rules.ending import has_ended, would_continue
from porch_tui.core.rules.settle import is_frozen, settle
from porch_tui.core.scheduling.shared import branch_of, far_worktree, worktree_place
from porch_tui.present.amounts import agent_usage, duration, moment, short, size
from porch_tui.present.cells import GAP, WIDTH, cells, cut, left, right, squeezed, wrapped
from porch_tui.present.clean import clean
from porch_tui.present.explain import Need, ended_text, needs, reason, worktree_text
from porch_tui.present.fix_command import fix_command
from porch_tui.present.outcome import Outcome, QueueWord, all_is_well, in_words, outcome, queue_words, results
from porch_tui.present.place_text import room_text
from porch_tui.present.signs import Sign
from porch_tui.present.statuses import entry_status, look, status_of
from porch_tui.present.summary import agent_usage_of, agent_usage_of_run, wall_s
from porch_tui.report.forms.palette import PLAIN, Palette
from porch_tui.report.hypothesis_json import hypothesis_documents
from porch_tui.report.lessons_json import lessons_document
from porch_tui.report.place_json import places_document
from porch_tui.report.places import in_status
from porch_tui.report.usage_json import agent_document, budget_document, usage_document

Json = dict[str, object]
NAME_CELLS = 20
LESSONS_SHOWN = 5
NEEDS_SHOWN = 10
"""More needs than this are counted: the rows below have them too."""
AD_HOC_SIGNS: Mapping[ad_hoc_validation.Finding, Sign] = {
    ad_hoc_validation.Finding.PENDING: Sign.RUNS,
    ad_hoc_validation.Finding.PASSES: Sign.GOOD,
    ad_hoc_validation.Finding.FAILS: Sign.FAILED,
    ad_hoc_validation.Finding.CANNOT_TELL: Sign.ASKS,
    ad_hoc_validation.Finding.IMPOSSIBLE: Sign.ASKS,
}
# Scripts know these words and no others: what is held waits in the queue, and `reason` says for whom.
OUTCOMES = {Outcome.HELD: "waiting", Outcome.REVIEW: "waiting"}
QUEUE_WORDS = {QueueWord.HELD: "queued"}


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
    lessons: Sequence[Lesson] = (),
    plan_path: str = "porch.yaml",
) -> str:
    """Return the state of the run as lines of at most `width` cells.

    `now` is in seconds since the epoch. What needs a person comes first, one
    line a task and one an entry follow, and the command to type next ends it.
    `waiting` are the commands that no engine has heard yet; `engine_host` names
    the machine the engine is on, if that is another one. `lessons` is what the
    run has taught about its plan, the file at `plan_path`.
    """
    if not engine_is_alive:  # times are known until the last record or measurement only
        now = max([state.changed_at, *(min(sample.at, now) for sample in samples.values())])
    gone, wanted = reverted(state), needs(state)
    tasks = [
        _Row(
            status_of(state, task),
            task,
            _amounts(state, task, samples.get(task), now),
            _note(state, task, gone.get(task), predictions),
        )
        for task in state.tasks
    ]
    entries = [_entry_row(state, entry) for entry in _queue_in_order(state)]
    where = f" on {engine_host}" if engine_host else ""
    engine = f"the engine is alive{where}" if engine_is_alive else "no engine"
    lines = [*_heading(state, engine, samples, width), *_needs(wanted, palette, width)]
    lines += ["", "tasks", *_lines(tasks, palette, width)]
    if entries:
        lines += ["", "merge queue", *_lines(entries, palette, width)]
    if not has_ended(state):
        lines += in_status(state, now, palette, width, has_engine=engine_is_alive)
    by_hand = list(ad_hoc_validation.current(state))
    lines += ["", "validated by hand"] if by_hand else []
    for one in by_hand:
        sign = AD_HOC_SIGNS[ad_hoc_validation.finding(one)]
        text = clean(f"{one.task} {ad_hoc_validation.described(one)}")
        lines += [palette.painted(sign, line) for line in wrapped(text, width, f"{palette.glyph(sign)} ")]
    lines += _seen(state, palette, width)
    lines += _taught(state, lessons, plan_path, width)
    if waiting and state.closed_at is None:
        lines += ["", *wrapped(clean(f"waiting for an engine: {', '.join(waiting)}"), width)]
    step = next_step(state, wanted, engine_is_alive=engine_is_alive, waiting=waiting)
    lines += ["", *wrapped(clean(step), width, "next: ")]
    return "\n".join(lines) + "\n"


def _heading(state: RunState, engine: str, samples: Mapping[TaskId, Sample], width: int) -> list[str]:
    is_over = has_ended(state)
    parts = [f"{state.target.name} at {short(state.target.tip)}", in_words(results(state)), engine]
    if used := agent_usage(agent_usage_of_run(state, samples)):
        parts.append(used)
    if state.plan.places and not is_over:
        parts.append(room_text(state))
    elif state.slots.is_auto and not is_over:
        slots = state.slots
        count = f"held at {len(state.active)}" if slots.starts_blocked else counted(slots.count, "slot")
        parts.append(f"{count}: {slots.reason}" if slots.reason else count)
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
    ended += [
        f"{task}: its worktree stays: {known.worktree_kept}"
        for task, known in state.tasks.items()
        if known.worktree_kept
    ]
    if not (seen or ended) or state.closed_at is not None:
        return []
    lines = ["", "look"]
    for text in (*ended[-NEEDS_SHOWN:], *seen[-NEEDS_SHOWN:]):
        lines += wrapped(clean(text), width, f"{palette.glyph(Sign.ASKS)} ")
    return lines


def _taught(state: RunState, lessons: Sequence[Lesson], plan_path: str, width: int) -> list[str]:
    """Return what the run has taught about its plan, once nothing more happens on its own."""
    if not lessons or not has_ended(state):
        return []
    texts = [one.text for one in lessons[:LESSONS_SHOWN]]
    if len(lessons) > LESSONS_SHOWN:
        texts.append(f"and {len(lessons) - LESSONS_SHOWN} more: porch report")
    if any(one.edits for one in lessons):
        texts.append(f"As edits of the plan: {fix_command(plan_path)}")
    return ["", "learned", *(line for text in texts for line in wrapped(clean(text), width, "  "))]


def _needs(wanted: Sequence[Need], palette: Palette, width: int) -> list[str]:
    if not wanted:
        return []
    lines = ["", "needs you"]
    for need in wanted[:NEEDS_SHOWN]:
        why = wrapped(clean(need.text), width, f"{palette.glyph(Sign.ASKS)} ")
        lines += [palette.painted(Sign.ASKS, line) for line in why]
        lines += wrapped(clean(need.next), width, "    ")
    if len(wanted) > NEEDS_SHOWN:
        lines.append(f"  and {len(wanted) - NEEDS_SHOWN} more")
    return lines


def _amounts(state: RunState, task_id: TaskId, sample: Sample | None, now: float) -> tuple[str, ...]:
    """Return what the last attempt takes, or took, of time, processor and memory; and what agents used."""
    task = state.tasks[task_id]
    attempt = task.attempt
    if attempt is None:
        return "", "", "", ""
    sample = sample if task.is_active else None
    used, spent = attempt.used, wall_s(attempt)
    took = duration(now - attempt.scheduled_at if spent is None else spent)
    cpu = f"{sample.cpu_percent:.0f}%" if sample else f"cpu {duration(used.cpu_s)}" if used else ""
    cpu = cpu if used is None or used.is_measured else "cpu ?"
    memory = sample.rss_bytes if sample else used.peak_rss_bytes if used else 0
    return took, cpu, size(memory) if memory else "", agent_usage(agent_usage_of(task, sample))


def _note(
    state: RunState, task_id: TaskId, reverter: TaskId | None, predictions: Sequence[Prediction]
) -> str:
    """Return where a task's work is, or why not there yet, and the conflicts predicted for it."""
    attempt, entry = state.tasks[task_id].attempt, state.entries.get(task_id)
    number = f"attempt {attempt.id.number}" if attempt and attempt.id.number > 1 else ""
    end = f"at {short(entry.landed)}" if entry and entry.landed else reason(state, task_id)
    is_check = state.specs[task_id].kind is Kind.CHECK  # its worktree is another check's by now, perhaps
    end = ", ".join(filter(None, (end, "" if is_check else worktree_text(state.tasks[task_id]))))
    note = ", ".join(filter(None, (number, end, f"reverted by {reverter}" if reverter else "")))
    is_under_way = outcome(state, task_id) is None
    expected = predictions_of(state, task_id, predictions) if is_under_way else ()
    return "; ".join(filter(None, (note, *expected)))


def _entry_row(state: RunState, entry: QueueEntry) -> _Row:
    partners = _together_with(state, entry)
    if entry.landed:
        note = f"at {short(entry.landed)}"
    elif partners and entry.status in ON_TRAIN:
        note = f"together with {', '.join(partners)}"
    else:
        note = reason(state, entry.task)
    return _Row(entry_status(state, entry), entry.task, (), note)


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
        # without the glyph, which takes one cell and is no reason to load tables of widths
        rest = cut(GAP.join((*placed, clean(row.note))).rstrip(), width - 2)
        lines.append(palette.painted(one.sign, f"{palette.glyph(one.sign)} {rest}"))
    return lines


def status_document(
    state: RunState,
    *,
    engine_is_alive: bool,
    samples: Mapping[TaskId, Sample],
    heads: Mapping[TaskId, Sha],
    plan_path: str,
    predictions: Sequence[Prediction] = (),
    waiting: Sequence[str] = (),
    lessons: Sequence[Lesson] = (),
) -> Json:
    """Return the state of the run, with exactly the keys of the contract.

    `heads` are the commits of the tasks' branches now; the one a task
    has ended with takes precedence. Nothing known is null, no attempt yet is
    attempt 0, and there is a pid only while its attempt is alive. Text is as it
    came, so it is for a JSON encoder that escapes, not for a terminal.
    `waiting` are the commands that no engine has heard yet, `lessons` what the run has taught about its plan.
    """
    words, gone, wanted = queue_words(state), reverted(state), needs(state)
    return {
        "run": state.run,
        "plan": plan_path,
        "target": state.target.name,
        "base": state.target.base,
        "tip": state.target.tip,
        "engine": "alive" if engine_is_alive else "gone",
        "ended": has_ended(state),
        "paused": state.is_paused,
        "agents": usage_document(agent_usage_of_run(state, samples)),
        "budget": budget_document(state, None, samples),
        "tasks": [
            _task(state, task, samples.get(task), heads.get(task), gone.get(task)) for task in state.tasks
        ],
        "places": places_document(state),
        "queue": [
            {
                "task": entry.task,
                "status": QUEUE_WORDS.get(words[entry.task], words[entry.task].value),
                "conflicts": list(entry.conflicts),
                "with": list(_together_with(state, entry)),
                "reason": reason(state, entry.task),
            }
            for entry in _queue_in_order(state)
        ],
        "hypotheses": hypothesis_documents(state),
        "predictions": [{"a": one.a, "b": one.b, "paths": list(one.paths)} for one in predictions],
        "needs_you": _needs_document(state, wanted),
        "noticed": [{"text": one.text, "task": one.task} for one in state.noticed],
        "waiting_commands": list(waiting),
        "lessons": lessons_document(lessons) if has_ended(state) else [],
        "next": next_step(state, wanted, engine_is_alive=engine_is_alive, waiting=waiting),
    }


def wait_document(state: RunState, *, engine_is_alive: bool, waiting: Sequence[str] = ()) -> Json:
    """Return what matters to a program that waits: short, whatever the tasks are.

    `outcomes` has the ids of the tasks by outcome, of those that have none yet by status.
    """
    outcomes: dict[str, list[TaskId]] = {}
    for task_id, task in state.tasks.items():
        outcomes.setdefault(outcome(state, task_id) or task.status.value, []).append(task_id)
    wanted = needs(state)
    return {
        "run": state.run,
        "engine": "alive" if engine_is_alive else "gone",
        "ended": has_ended(state),
        "paused": state.is_paused,
        "outcomes": outcomes,
        "needs_you": _needs_document(state, wanted),
        "noticed": [{"text": one.text, "task": one.task} for one in state.noticed],
        "waiting_commands": list(waiting),
        "next": next_step(state, wanted, engine_is_alive=engine_is_alive, waiting=waiting),
    }


def _needs_document(state: RunState, wanted: Sequence[Need]) -> list[Json]:
    return [
        {
            "task": need.task,
            "outcome": outcome(state, need.task) if need.task else None,
            "why": need.why,
            "next": need.next,
        }
        for need in wanted
    ]


def _task(
    state: RunState, task_id: TaskId, sample: Sample | None, head: Sha | None, reverter: TaskId | None
) -> Json:
    task = state.tasks[task_id]
    attempt = task.attempt
    entry = state.entries.get(task_id)
    how = outcome(state, task_id)
    used = attempt.used if attempt else None
    live = sample if task.is_active else None
    measured = live or (used if used and used.is_measured else None)
    return {
        "id": task_id,
        "kind": state.specs[task_id].kind.value,
        "group": state.specs[task_id].group,
        "item": state.specs[task_id].item,
        "of": state.specs[task_id].of,
        "status": task.status.value,
        "attempt": attempt.id.number if attempt else 0,
        "place": (attempt.place or None) if attempt else None,
        "outcome": OUTCOMES.get(how, how.value) if how else None,
        "waits": _call(task),
        "reason": f"reverted by {reverter}" if reverter else reason(state, task_id),
        "branch": branch_of(state, task_id),
        "worktree": _worktree(state, task_id),
        "worktree_removed_at": moment(task.worktree_removed_at),
        "worktree_kept": task.worktree_kept,
        "head": task.head or head,
        "landed": entry.landed if entry else None,
        "started_at": moment(attempt.started_at) if attempt else None,
        "ended_at": moment(attempt.ended_at) if attempt else None,
        "added_at": moment(task.added_at),
        "cpu_s": measured.cpu_s if measured else None,
        "peak_rss_bytes": measured.peak_rss_bytes if measured else None,
        "agent": agent_document(agent_usage_of(task, live), used.agent if used else None),
        "budget": budget_document(state, task_id, {task_id: live} if live else {}),
        "ended_processes": dict(attempt.left_running) if attempt else {},
        "pid": attempt.pid if attempt and task.is_active else None,
    }


def _call(task: TaskState) -> Json | None:
    """Return what a task waits for a person with; None if it does not."""
    if task.attempt is None or task.waits is None:
        return None
    return {"text": task.waits, "since": moment(task.attempt.waits_since)}


def _worktree(state: RunState, task_id: TaskId) -> str | None:
    far = far_worktree(state, task_id)
    return worktree_place(state, task_id, PurePosixPath(state.root).name) if far is None else far.path or None


def next_step(
    state: RunState,
    wanted: Sequence[Need],
    *,
    engine_is_alive: bool,
    waiting: Sequence[str] = (),
) -> str:
    """Return the command that is most worth typing now.

    `wanted` is `needs(state)`; `waiting` are commands in the inbox, as a person types them behind
    `porch`. `porch resume` is named whenever it would do something, and never where it would not.
    """
    if state.closed_at is not None:
        return "porch report (the run is closed; porch clean removes its worktrees)"
    all_done = "porch report (everything is done; porch clean removes the worktrees)"
    if engine_is_alive:
        if wanted:
            return wanted[0].next
        if paused := _paused_alone(state):
            return f"porch resume-tasks {' '.join(paused)}"
        is_any_frozen = any(is_frozen(state, tree) for tree in state.validations.in_flight)
        if state.is_paused and (is_any_frozen or settle(replace(state, is_paused=False))):
            return "porch resume-tasks"
        return all_done if all_is_well(state) else "porch attach"
    if waiting:
        return f"porch resume (no engine is alive; waiting for one: {listed(waiting)})"
    if paused := _paused_alone(state):
        return f"porch resume-tasks {' '.join(paused)}, then porch resume (no engine is alive)"
    if would_continue(state):
        then = f", then {wanted[0].next}" if wanted else ""
        return f"porch resume (no engine is alive, and there is work left){then}"
    if wanted:
        return f"{wanted[0].next}, then porch resume (no engine is alive)"
    return all_done if all_is_well(state) else "porch report"


def _paused_alone(state: RunState) -> list[TaskId]:
    """Return the tasks a person has paused, if nothing else is at work or due."""
    paused = [
        task
        for task in state.active
        if state.tasks[task].status is TaskStatus.PAUSED
        and (attempt := state.tasks[task].attempt) is not None
        and not attempt.auto_pause_reason
    ]
    return paused if len(paused) == len(state.active) and not settle(state) else []


def _queue_in_order(state: RunState) -> tuple[QueueEntry, ...]:
    """Return the entries worth showing: landed ones, then the train, then the rest.

    What had nothing to land is left out.
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


def _together_with(state: RunState, entry: QueueEntry) -> tuple[TaskId, ...]:
    """Return the tasks an entry is in conflict, fails or is being validated with."""
    if entry.partners:
        return entry.partners
    flights = (flight.tasks for flight in state.validations.in_flight.values() if entry.task in flight.tasks)
    return tuple(task for task in next(flights, ()) if task != entry.task)
