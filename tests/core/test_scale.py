"""What one event costs does not grow with the plan: counted in calls, not in seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.derived import known
from porch_tui.core.model.index import index
from porch_tui.core.model.place import PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.core.model.plan import Sha, TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.effects import wanted
from porch_tui.core.rules.ending import is_at_rest
from porch_tui.core.rules.evolve import evolve, evolve_all
from porch_tui.core.rules.settle import settle
from porch_tui.present.explain import needs, reason
from tests.builders import (
    BASE,
    board,
    fold,
    judge,
    opened,
    plan,
    record,
    scheduled,
    task,
    unvalidated,
    with_slots,
)

FEW, MANY = 100, 1000
LINEAR, SQUARE = MANY / FEW, (MANY / FEW) ** 2
ALIKE = 1.2
"""Places in sorted lists are found by halving: a call or two more."""


def calls(act: Callable[[], object]) -> int:
    """Return how many calls of Python and C functions this makes."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


def names(count: int) -> list[str]:
    """Return that many names of tasks."""
    return [f"t{n}" for n in range(count)]


def flat(count: int) -> list[TaskSpec]:
    """Return tasks with nothing between them."""
    return [task(name) for name in names(count)]


def chain(count: int) -> list[TaskSpec]:
    """Return tasks each of which comes after the one ahead."""
    return [task(name, after=names(count)[max(0, n - 1) : n]) for n, name in enumerate(names(count))]


def locked(count: int) -> list[TaskSpec]:
    """Return tasks that all wait for the first one's lock."""
    return [task(name, locks=("lock",)) for name in names(count)]


def spread(count: int) -> list[TaskSpec]:
    """Return tasks of which each holds one of a few locks and needs a little memory."""
    return [task(name, locks=(f"lock{n % 3}",), memory_bytes=1) for n, name in enumerate(names(count))]


def life(task: TaskId, tip: Sha) -> list[e.AnyEvent]:
    """Return all that happens to a task from its start to its landing on top of `tip`."""
    attempt, head = e.AttemptId(task, 1), Sha(f"head-{task}")
    onto, commit, tree = tip, Sha(f"commit-{task}"), Sha(f"tree-{task}")
    return [
        e.AttemptScheduled(attempt, BASE, 0),
        e.AttemptStarted(attempt, 1),
        e.AttemptSucceeded(attempt, head, e.Used()),
        e.EntryQueued(task, head),
        e.CandidateBuilt(task, head, onto, (), Sha(f"candidate-{task}"), tree),
        e.Landed(task, head, onto, commit, tree),
    ]


def ask(state: RunState) -> None:
    """Ask what the engine asks of every state."""
    settle(state)
    wanted(state)
    is_at_rest(state)


def of_events(specs: list[TaskSpec], done: int) -> int:
    """Return how many calls it takes to fold the life of one task, behind `done` that have landed before."""
    state = opened(unvalidated(*specs), slots=4)
    ask(state)
    for spec in specs[:done]:
        state = fold(state, *life(spec.id, state.target.tip))
    ask(state)
    events = [record(event, at=state.changed_at + 1) for event in life(specs[done].id, state.target.tip)]

    def live() -> None:
        now = state
        for each in events:
            now = evolve(now, each)
            ask(now)

    return calls(live)


@pytest.mark.parametrize("shape", [flat, chain, locked, spread])
def test_what_an_event_costs_does_not_grow_with_the_tasks_that_wait(shape: Callable[[int], list[TaskSpec]]):
    assert of_events(shape(MANY), done=1) < ALIKE * of_events(shape(FEW), done=1)


def test_what_an_event_costs_does_not_grow_with_the_tasks_that_have_landed():
    assert of_events(flat(MANY), done=MANY - 10) < ALIKE * of_events(flat(FEW), done=FEW - 10)


def busy(count: int) -> RunState:
    """Return a run on so many places, in which each but the last runs a task in its only slot."""
    places = [PlaceName(f"p{n}") for n in range(count)]
    specs = tuple(PlaceSpec(place, Scheme.SSH, place) for place in places)
    a_plan = replace(unvalidated(*flat(2 * count)), places=specs, on=tuple(places))
    ups = [e.PlaceUp(place, place, "b1", Resources(1, 1)) for place in places]
    runs = [
        event
        for n, place in enumerate(places[:-1])
        for event in (
            e.AttemptScheduled(e.AttemptId(TaskId(f"t{n}"), 1), BASE, 0, place=place),
            e.AttemptStarted(e.AttemptId(TaskId(f"t{n}"), 1), None),
        )
    ]
    state = with_slots(opened(a_plan), is_auto=True)
    return evolve_all(state, [record(event, at=state.changed_at + 1) for event in (*ups, *runs)])


def test_what_an_event_costs_does_not_grow_with_the_places_of_a_run():
    def of_places(count: int) -> int:
        state, last = busy(count), PlaceName(f"p{count - 1}")
        ask(state)
        state = fold(state, e.AttemptNoticed(e.AttemptId(TaskId("t0"), 1), "silent"))  # who is behind it
        ask(state)
        task = TaskId(f"t{count - 1}")
        life_there = [replace(life(task, BASE)[0], place=last), *life(task, BASE)[1:]]
        troubles = [
            e.PlaceSilent(last, None),
            e.PlaceUp(last, last, "b1", Resources(1, 1)),
            e.DiskMeasured("full", last),
            e.DiskMeasured("", last),
        ]
        events = [record(event, at=state.changed_at + 1) for event in (*troubles, *life_there)]

        def live() -> None:
            now = state
            for each in events:
                now = evolve(now, each)
                ask(now)

        return calls(live)

    assert of_places(MANY) < ALIKE * of_places(FEW)


def attempts(state: RunState) -> list[e.Record]:
    """Return the records of all attempts of a run, one task after the other."""
    events = (event for task in state.tasks for event in life(task, state.target.tip)[:3])
    return [record(event, at=state.changed_at + n) for n, event in enumerate(events, start=1)]


def test_a_journal_is_folded_without_a_state_for_each_attempt():
    state = opened(plan(*names(FEW)))
    story = attempts(state)

    def one_by_one() -> RunState:
        now = state
        for each in story:
            now = evolve(now, each)
        return now

    assert evolve_all(state, story) == one_by_one()
    assert calls(lambda: evolve_all(state, story)) < 0.7 * calls(one_by_one)


def test_a_state_that_was_asked_hands_its_answers_on_through_many_records():
    state = opened(plan(*names(FEW)))
    index(state)

    after = evolve_all(state, attempts(state))

    assert known(index, after) == index.__wrapped__(after)


def test_what_is_said_of_a_run_takes_a_look_at_each_entry():
    """Not one at all the others for each, as when the line is put in order for every row."""

    def standing(count: int) -> RunState:
        return board(fold(opened(plan(*names(count)), validate_jobs=2)), *names(count))

    few, many = standing(FEW // 2), standing(MANY // 2)

    def say(state: RunState) -> None:
        needs(state)
        for one in state.tasks:
            reason(state, one)

    assert calls(lambda: say(many)) < 1.5 * LINEAR * calls(lambda: say(few))


@pytest.mark.parametrize("shape", [flat, chain, locked])
def test_choosing_the_next_attempt_costs_a_look_at_each_task(shape: Callable[[int], list[TaskSpec]]):
    def opening(count: int) -> RunState:
        return fold(opened(plan(*shape(count)), slots=4), scheduled("t0"))

    few, many = opening(FEW), opening(MANY)

    assert calls(lambda: settle(many)) < 1.5 * LINEAR * calls(lambda: settle(few))


def test_soft_orders_cost_a_look_at_each_of_them():
    def opening(count: int) -> RunState:
        soft = list(zip(names(count)[1:], names(count), strict=False))
        return fold(opened(plan(*flat(count)), slots=4, soft=soft), scheduled("t0"))

    few, many = opening(FEW), opening(MANY)

    assert calls(lambda: settle(many)) < 1.5 * LINEAR * calls(lambda: settle(few))


def test_a_long_train_costs_a_look_at_each_entry():
    def standing(count: int) -> RunState:
        state = judge(opened(plan(*names(count)), validate_jobs=2), "t0", True)
        return board(state, *names(count))

    few, many = standing(FEW // 2), standing(MANY // 2)

    for step in (settle, wanted):
        assert calls(lambda step=step: step(many)) < 1.5 * LINEAR * calls(lambda step=step: step(few))
    assert SQUARE > 1.5 * LINEAR
