"""`porch status --json`: where a run stands, as the document that scripts may rely on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from porch_tui.core.analysis.prediction import Prediction
from porch_tui.core.merge_queue.reverting import reverted
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import QueueEntry, RunState
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.rules.going_on import has_ended
from porch_tui.present.amounts import moment
from porch_tui.present.explain import needs
from porch_tui.present.outcome import Outcome, QueueWord, outcome, queue_words
from porch_tui.report.next_step import next_step
from porch_tui.report.wording import queue_in_order, repository_name, together_with, why

Json = dict[str, object]

# Scripts know these words and no others: what is held waits in the queue, and `reason` says for whom.
_OUTCOMES = {Outcome.HELD: "waiting"}
_WORDS = {QueueWord.HELD: "queued"}


def status_document(
    state: RunState,
    *,
    engine_is_alive: bool,
    samples: Mapping[TaskId, Sample],
    heads: Mapping[TaskId, Sha],
    plan_path: str,
    predictions: Sequence[Prediction] = (),
    waiting: Sequence[str] = (),
) -> Json:
    """Return where the run stands, with exactly the keys of the contract.

    `heads` are the commits the tasks' branches stand at now; the one a task
    has ended with goes before. Nothing known is null, no attempt yet is
    attempt 0, and a pid is told only while its attempt is alive. Text is as it
    came, so it is for a JSON encoder that escapes, not for a terminal.
    `waiting` are the commands that no engine has heard yet.
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
        "tasks": [
            _task(state, task, samples.get(task), heads.get(task), gone.get(task)) for task in state.tasks
        ],
        "queue": [_entry(state, entry, words[entry.task]) for entry in queue_in_order(state)],
        "predictions": [{"a": one.a, "b": one.b, "paths": list(one.paths)} for one in predictions],
        "needs_you": [{"task": need.task, "why": need.why, "next": need.next} for need in wanted],
        "noticed": [{"text": one.text, "task": one.task} for one in state.noticed],
        "waiting_commands": list(waiting),
        "next": next_step(state, wanted, engine_is_alive=engine_is_alive, waiting=waiting),
    }


def _task(
    state: RunState, task_id: TaskId, sample: Sample | None, head: Sha | None, reverter: TaskId | None
) -> Json:
    task = state.tasks[task_id]
    attempt = task.attempt
    entry = state.entries.get(task_id)
    how = outcome(state, task_id)
    used = attempt.used if attempt else None
    live = sample if task.is_active else None
    return {
        "id": task_id,
        "kind": state.specs[task_id].kind.value,
        "status": task.status.value,
        "attempt": attempt.id.number if attempt else 0,
        "outcome": _OUTCOMES.get(how, how.value) if how else None,
        "reason": f"reverted by {reverter}" if reverter else why(state, task_id),
        "branch": state.plan.branch_of(task_id, state.run),
        "worktree": state.plan.worktree_of(task_id, repository_name(state.root), state.run),
        "head": task.head or head,
        "landed": entry.landed if entry else None,
        "started_at": moment(attempt.started_at) if attempt else None,
        "ended_at": moment(attempt.ended_at) if attempt else None,
        "cpu_s": live.cpu_s if live else used.cpu_s if used else None,
        "peak_rss_bytes": live.peak_rss_bytes if live else used.peak_rss_bytes if used else None,
        "ended_processes": dict(attempt.left_running) if attempt else {},
        "pid": attempt.pid if attempt and task.is_active else None,
    }


def _entry(state: RunState, entry: QueueEntry, word: QueueWord) -> Json:
    return {
        "task": entry.task,
        "status": _WORDS.get(word, word.value),
        "conflicts": list(entry.conflicts),
        "with": list(together_with(state, entry)),
        "reason": why(state, entry.task),
    }
