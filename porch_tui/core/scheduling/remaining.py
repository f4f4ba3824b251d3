"""How long a run still takes: what was expected of its tasks, simulated from where it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from porch_tui.core.forecast.simulation import Begun, Setting, Slots, simulate
from porch_tui.core.merge_queue.order import in_order
from porch_tui.core.model.copying import replace
from porch_tui.core.model.forecast import Predicted, TaskTimes, Work
from porch_tui.core.model.hypothesis import has_won
from porch_tui.core.model.plan import HypothesisName, TaskId
from porch_tui.core.model.state import Attempt, RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.scheduling.progress import is_decided, scores_of
from porch_tui.core.scheduling.slots import most_slots
from porch_tui.core.tasks.graph import DEFAULT_ESTIMATE_S

MOST_TASKS = 2000
"""Larger runs are not simulated again and again."""
OVERDUE = 0.25
"""What has taken longer than expected is assumed to take this share of its time once more."""


def remaining_s(state: RunState, predicted: Predicted, now: float) -> float | None:
    """Return how many seconds it takes until nothing more happens without a person.

    None if that cannot be said: the run is paused or over, or too large, or a person decides when one of its
    tasks ends, or a task is guessed and none of those has ended. `now` is seconds since the epoch.
    """
    if state.is_paused or state.closed_at is not None or len(state.tasks) > MOST_TASKS:
        return None
    over = frozenset(task for task in state.tasks if is_decided(state, task))
    if len(over) == len(state.tasks) or any(_ends_by_hand(state, task) for task in state.tasks):
        return None
    took = _took(state, predicted)
    known = {one.task for one in predicted.tasks if not one.is_guess}
    if not took and not known.union(over).issuperset(state.tasks):
        return None  # a guess may be off by a factor of ten, and runs of seconds would be called a minute
    running = {task: _active_s(one, now) for task, one in state.active_attempts.items()}
    done = (task for task, one in state.tasks.items() if one.status is TaskStatus.SUCCEEDED)
    fresh = [task for task in done if task not in state.entries and task not in over]
    ended = tuple(task for task in fresh if state.specs[task].of is not None and not has_won(state, task))
    queued = (*(entry.task for entry in in_order(state)), *(task for task in fresh if task not in ended))
    setting = Setting(
        plan=replace(state.plan, tasks=tuple(state.specs.values())),
        times=_expected(state, predicted, running, took),
        cores=state.machine.cores,
        memory_bytes=state.machine.memory_bytes,
        orders=tuple(order for orders in state.soft_orders.values() for order in orders),
        validation=_validation(state, predicted),
        jobs=state.validations.jobs,
        is_base_known=state.target.base_tree in state.validations.verdicts,
        costs=predicted.costs,
        judges=_judges(state, predicted),
    )
    begun = Begun(over, queued, running, _validated_s(state, queued, now), ended)
    begun = replace(begun, judged=_judged(state, setting.judges, now))
    slots = Slots(state.slots.count, most_slots(state) if state.slots.is_auto else 0)
    return simulate(setting, slots, begun).wall_s


def _ends_by_hand(state: RunState, task: TaskId) -> bool:
    """Say whether a task is still to end, and a person types into it until it does, for no known time."""
    spec, status = state.specs[task], state.tasks[task].status
    is_over = status in (TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED)
    return spec.is_interactive and spec.estimate_s is None and not is_over


def _active_s(attempt: Attempt, now: float) -> float:
    """Return for how long an attempt has been at work."""
    paused_s = attempt.paused_s + (now - attempt.paused_at if attempt.paused_at is not None else 0.0)
    return max(0.0, now - (attempt.started_at or now) - paused_s)


def _took(state: RunState, predicted: Predicted) -> list[float]:
    """Return what the guessed tasks took that have ended."""
    return [
        ended.used.wall_s - ended.used.paused_s
        for one in predicted.tasks
        if one.is_guess and one.task in state.tasks and one.task not in state.active_attempts
        if (ended := state.tasks[one.task].attempt) is not None and ended.used is not None
    ]


def _validation(state: RunState, predicted: Predicted) -> Work:
    """Return what validating once takes: as it did in this run, as far as it has."""
    known = state.validations
    tries = sum(one.tries for one in known.verdicts.values())
    took_s = known.used.wall_s - known.used.paused_s
    return predicted.validation.lasting(took_s / tries) if tries and took_s > 0 else predicted.validation


def _expected(
    state: RunState, predicted: Predicted, running: Mapping[TaskId, float], took: Sequence[float]
) -> dict[TaskId, TaskTimes]:
    """Return what each task is expected to take, by what is known now.

    Guesses become what the guessed tasks that have ended `took`, if there are any.
    """
    known = {one.task: one for one in predicted.tasks}
    times: dict[TaskId, TaskTimes] = {}
    for task in state.tasks:
        one = known.get(task)
        expected = one.times if one is not None else TaskTimes(run=Work(DEFAULT_ESTIMATE_S))
        if took and (one is None or one.is_guess):
            expected = expected.lasting(sorted(took)[len(took) // 2])
        since_s = running.get(task, 0.0)
        if since_s * (1 + OVERDUE) > expected.alone_s:
            expected = expected.lasting(since_s * (1 + OVERDUE))
        times[task] = expected
    return times


def _judges(state: RunState, predicted: Predicted) -> dict[HypothesisName, Work]:
    """Return what judging once takes: as it did in this run, as far as it has."""
    found = {}
    for one in state.plan.hypotheses:
        expected = predicted.judges.get(one.name, Work())
        ended = (each.used for each in state.hypotheses[one.name].judgements if each.ended_at is not None)
        took = sorted(used.wall_s - used.paused_s for used in ended if used.wall_s)  # else it never ran
        found[one.name] = expected.lasting(took[len(took) // 2]) if took else expected
    return found


def _judged(
    state: RunState, judges: Mapping[HypothesisName, Work], now: float
) -> dict[HypothesisName, float]:
    """Return how many judgements of open hypotheses are done, those under way in part."""
    found = {}
    for name, known in state.hypotheses.items():
        if known.decided_at is None and known.judgements:
            expected_s = max(judges[name].alone_s, 0.001)
            under_way = (min(1.0, (now - one.scheduled_at) / expected_s) for one in known.in_flight)
            scores = scores_of(state, name).values()
            found[name] = sum(one.passes for one in scores) + sum(under_way)
    return found


def _validated_s(state: RunState, queued: Sequence[TaskId], now: float) -> float:
    """Return for how long the present train has been validated, as far as it is."""
    ahead = set(queued)
    flights = state.validations.in_flight.values()
    begun = [one.scheduled_at for one in flights if one.tasks and ahead.issuperset(one.tasks)]
    return max(0.0, now - min(begun)) if begun else 0.0
