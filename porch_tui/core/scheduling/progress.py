"""What a task, or a hypothesis, has come to: whether others may start after it, or need not wait for it."""

from __future__ import annotations

from porch_tui.core.judging.scores import OPEN, Conclusion, Finding, Score, conclusion, scores, wanted_times
from porch_tui.core.model.derived import once
from porch_tui.core.model.hypothesis import has_won, is_to_land, theories
from porch_tui.core.model.index import awaits_review, may_retry_automatically
from porch_tui.core.model.plan import Hypothesis, HypothesisName, Kind, Sha, TaskId, Want
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import DONE, ON_TRAIN, EntryStatus, TaskStatus


def is_satisfied(state: RunState, task_id: TaskId) -> bool:
    """Say whether tasks after this one may start: it landed, or had nothing to land."""
    entry = state.entries.get(task_id)
    if entry is not None:
        return entry.status in DONE
    succeeded = state.tasks[task_id].status is TaskStatus.SUCCEEDED
    return succeeded and state.specs[task_id].kind is Kind.CHECK


def is_decided(state: RunState, task_id: TaskId) -> bool:
    """Say whether nothing more happens to this task without a person."""
    task, spec = state.tasks[task_id], state.specs[task_id]
    entry = state.entries.get(task_id)
    if entry is not None:
        return entry.status not in ON_TRAIN | {EntryStatus.RESOLVING, EntryStatus.UNDOING}
    match task.status:
        case TaskStatus.PENDING:
            return is_hopeless(state, task_id)
        case TaskStatus.SUCCEEDED if spec.of is not None and not has_won(state, task_id):
            return concluded(state, spec.of).finding is not Finding.OPEN
        case TaskStatus.SUCCEEDED:
            is_over = spec.of is not None and not is_to_land(state, task_id)
            return is_over or is_satisfied(state, task_id) or awaits_review(state, task_id)
        case TaskStatus.FAILED:
            return not may_retry_automatically(state, task_id)
        case _:
            return task.status is TaskStatus.CANCELLED


def failed_as_expected(state: RunState, task_id: TaskId) -> bool:
    """Say whether the task's last attempt failed in a way that its plan expects."""
    attempt = state.tasks[task_id].attempt
    failure = attempt.failure if attempt is not None else None
    return bool(state.specs[task_id].expected_failure) and failure is not None and failure.is_of_work


def is_hopeless(state: RunState, task_id: TaskId) -> bool:
    """Say whether a pending task comes after one, directly or not, that will not land without a person."""
    seen: set[TaskId] = set()
    ahead, hypotheses = [*state.specs[task_id].after], [*state.specs[task_id].after_hypotheses]
    while ahead or hypotheses:  # not by recursion: a chain of a thousand tasks is a fair plan
        if hypotheses:
            if is_unanswerable(state, hypotheses.pop()):
                return True
            continue
        earlier = ahead.pop()
        if earlier in seen:
            continue
        seen.add(earlier)
        if state.tasks[earlier].status is TaskStatus.PENDING:
            ahead += state.specs[earlier].after
            hypotheses += state.specs[earlier].after_hypotheses
        elif is_decided(state, earlier) and not is_satisfied(state, earlier):
            return True
    return False


def is_answered(state: RunState, name: HypothesisName) -> bool:
    """Say whether tasks after this hypothesis may start: its winner landed, or need not and is known."""
    known = state.hypotheses[name]
    if known.decided_at is None:
        return False
    if not hypotheses(state)[name].lands:
        return True
    return known.winner is not None and is_satisfied(state, known.winner)


def is_unanswerable(state: RunState, name: HypothesisName) -> bool:
    """Say whether tasks after this hypothesis will not start without a person."""
    if concluded(state, name).finding is Finding.OPEN or is_answered(state, name):
        return False
    winner = state.hypotheses[name].winner
    return winner is None or is_decided(state, winner)


@once("plan")
def hypotheses(state: RunState) -> dict[HypothesisName, Hypothesis]:
    """Return the hypotheses of the plan by name."""
    return {one.name: one for one in state.plan.hypotheses}


def scores_of(state: RunState, name: HypothesisName) -> dict[TaskId | None, Score]:
    """Return what is known of the base (None) and of each theory that has succeeded."""
    succeeded = [task for task in theories(state)[name] if state.tasks[task].status is TaskStatus.SUCCEEDED]
    heads: dict[TaskId | None, str | None] = {task: state.tasks[task].head for task in succeeded}
    return scores(state.hypotheses[name].judgements, {None: base_of(state, name), **heads})


def base_of(state: RunState, name: HypothesisName) -> Sha | None:
    """Return the commit from which all theories start; None as long as none has started."""
    attempts = (state.tasks[task].attempt for task in theories(state)[name])
    return next((attempt.base for attempt in attempts if attempt is not None), None)


def concluded(state: RunState, name: HypothesisName) -> Conclusion:
    """Return what a hypothesis has come to; once it was decided, what was decided."""
    known = _conclusions(state)
    if name not in known:  # one may depend on another
        known[name] = _concluded(state, hypotheses(state)[name])
    return known[name]


@once("tasks", "entries", "hypotheses", "specs")
def _conclusions(state: RunState) -> dict[HypothesisName, Conclusion]:
    """Return where conclusions are kept that were asked for."""
    return {}


def _concluded(state: RunState, hypothesis: Hypothesis) -> Conclusion:
    known, name = state.hypotheses[hypothesis.name], hypothesis.name
    if known.decided_at is not None:
        finding = Finding.WINNER if known.winner else Finding.NONE_BETTER
        return Conclusion(finding, known.why, known.winner)
    found = scores_of(state, name)
    base = found.pop(None)
    results = list(found.values())
    is_over = all(is_finished(state, task) for task in theories(state)[name])
    wanted = wanted_times(hypothesis, (base, *results)) if results else {}
    is_judged = is_over and not wanted
    if hypothesis.want is Want.PASS and None not in wanted:
        early = conclusion(hypothesis, base, results)
        return early if is_judged or early.finding in (Finding.WINNER, Finding.NO_BASE) else OPEN
    return conclusion(hypothesis, base, results) if is_judged else OPEN


def is_finished(state: RunState, theory: TaskId) -> bool:
    """Say whether a theory has come to an end of its own, without being judged."""
    match state.tasks[theory].status:
        case TaskStatus.PENDING:
            return is_hopeless(state, theory)
        case TaskStatus.FAILED:
            return not may_retry_automatically(state, theory)
        case status:
            return status in (TaskStatus.SUCCEEDED, TaskStatus.CANCELLED)
