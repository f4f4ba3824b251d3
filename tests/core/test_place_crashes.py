"""Seeded runs on places that vanish, come back late, on another boot or as another machine, and run full.

Meanwhile engines die.

Rules: tests/core/fake_places.py and tests/core/place_invariants.py, besides those of every run: no attempt is
on two places at once, nothing lands twice, nothing is lost for ever, and every run ends.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, PlaceState, PlaceStatus
from porch_tui.core.model.plan import TaskSpec
from porch_tui.core.model.state import RunState, TaskState
from porch_tui.core.model.transitions import TASK
from porch_tui.core.rules import admit as admission
from porch_tui.core.rules import admit_place, effects, evolve, settle
from porch_tui.core.scheduling import placing, starting, validating
from porch_tui.core.scheduling import taken as taking
from tests.core import simulation
from tests.core.test_crashes import SEEDS, Plant, no_fence, pieces
from tests.core.test_crashes import tell as tell_of

tell = partial(tell_of, has_places=True)

QUICK = range(30)
UNTIL_VISITED = range(1_000, 3_000)
UNTIL_CAUGHT = range(3_095, 6_000)
MANY = range(10_000, 10_000 + int(os.environ.get(SEEDS, "20000")))


@pytest.mark.parametrize("seeds", pieces(QUICK, 30), ids=str)
def test_seeded_runs_on_places_keep_every_rule(seeds: range):
    tale = tell(seeds)

    assert tale.crashes > len(seeds)
    assert tale.lost > len(seeds) / 10


@pytest.mark.slow
@pytest.mark.parametrize("seeds", pieces(MANY, 250), ids=str)
def test_thousands_of_seeded_runs_on_places_keep_every_rule(seeds: range):
    tell(seeds)


def test_a_seed_on_places_is_the_same_run_every_time():
    once, again = simulation.simulate(5, has_places=True), simulation.simulate(5, has_places=True)

    assert once.journal == again.journal


@pytest.mark.slow
def test_seeded_runs_on_places_lose_attempts_of_every_status():
    unvisited = {("task", e.AttemptLost, status) for status in TASK[e.AttemptLost]}
    for seed in UNTIL_VISITED:
        unvisited -= set(tell([seed]).cells)
        if not unvisited:
            return
    assert set() == unvisited


# --- deliberate bugs: each must be caught -------------------------------------


def no_margin(patch: pytest.MonkeyPatch) -> None:
    """What a host may need to notice that a lease is over, and to kill, is not waited for."""
    patch.setattr(simulation.leases, "over_at", lambda known: known.since + known.lease_s)


def leases_are_forgotten_by_the_next_engine(patch: pytest.MonkeyPatch) -> None:
    """After a crash a lease counts from when the place was last seen to change."""
    taken_over = evolve.taken_over

    def as_before(state: RunState, at: float) -> RunState:
        after = taken_over(state, at)
        places = {name: replace(now, since=state.places[name].since) for name, now in after.places.items()}
        return replace(after, places=places)

    patch.setattr(evolve, "taken_over", as_before)


def the_place_is_not_journalled(patch: pytest.MonkeyPatch) -> None:
    """Where an attempt runs is what a new engine would choose."""
    placed = evolve.placed

    def chosen_again(
        places: dict[PlaceName, PlaceState], task: TaskState, event: e.AttemptEvent
    ) -> TaskState:
        task = placed(places, task, event)
        last = task.attempts[-1]
        if not last.place:
            return task
        return replace(task, attempts=(*task.attempts[:-1], replace(last, place=min(places))))

    patch.setattr(evolve, "placed", chosen_again)


def late_work_is_merged(patch: pytest.MonkeyPatch) -> None:
    """The success of an attempt that counts as lost is taken for one of the present attempt."""
    patch.setattr(admission, "lost", lambda state, attempt: None)
    no_fence(patch)


def silence_is_death(patch: pytest.MonkeyPatch) -> None:
    """What runs on a place is lost as soon as that is out of reach."""
    patch.setattr(simulation.leases, "over_at", lambda known: known.since)


def boots_are_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    """A place that comes back is taken for what it was."""
    patch.setattr(admit_place, "after_return", lambda state, event: [event])


def another_machine_is_taken_for_a_reboot(patch: pytest.MonkeyPatch) -> None:
    """What runs on a place is lost as soon as its name leads to another machine."""
    patch.setattr(admit_place, "may_run_on_another_machine", lambda state, event: False)


def lost_work_is_not_kept(patch: pytest.MonkeyPatch) -> None:
    """What a lost attempt has left is known, and nothing is done about it."""
    patch.setattr(effects, "_of_lost", lambda state, task: iter(()))


def worktrees_are_everywhere(patch: pytest.MonkeyPatch) -> None:
    """An attempt that keeps its worktree starts wherever there is room."""
    patch.setattr(placing, "wanted_place", lambda state, spec: None)
    patch.setattr(starting, "keeps_worktree", lambda state, task: state.tasks[task].keep_worktree)


def slots_of_a_place_are_not_counted(patch: pytest.MonkeyPatch) -> None:
    """What runs on a place already takes none of its slots."""
    patch.setattr(placing.Taken, "at", lambda held, place: taking.NOTHING)


def silent_places_get_tasks(patch: pytest.MonkeyPatch) -> None:
    """A place that was up once is taken for one that is."""
    capacity_of = placing._capacity_of
    patch.setattr(placing, "_capacity_of", lambda known: capacity_of(replace(known, status=PlaceStatus.UP)))


def tools_are_not_looked_for(patch: pytest.MonkeyPatch) -> None:
    """A task starts where what it needs is missing."""

    def any_of(state: RunState, spec: TaskSpec, held: taking.Taken) -> Iterator[placing.Vacancy]:
        return candidates(state, replace(spec, needs=()), held)

    candidates = placing._candidates
    patch.setattr(placing, "_candidates", any_of)
    patch.setattr(placing, "_has_tools", lambda spec, capacity: True)


def validations_wait_for_silent_places(patch: pytest.MonkeyPatch) -> None:
    """A validation on a place that is out of reach is not run again."""
    rules = [rule for rule in settle.RULES if rule is not validating.drop_unreachable]
    patch.setattr(settle, "RULES", tuple(rules))


BUGS: dict[Plant, tuple[int, ...]] = {
    validations_wait_for_silent_places: (3095, 3096, 3106),
    no_margin: (3099, 3532, 3858),
    leases_are_forgotten_by_the_next_engine: (3099, 3149, 3167),
    the_place_is_not_journalled: (3096, 3097, 3099),
    late_work_is_merged: (3115, 3116, 3133),
    silence_is_death: (3099, 3102, 3103),
    boots_are_not_looked_at: (3143, 3197, 3206),
    another_machine_is_taken_for_a_reboot: (3099, 3103, 3143),
    lost_work_is_not_kept: (3102, 3111, 3116),
    worktrees_are_everywhere: (3111, 3115, 3157),
    slots_of_a_place_are_not_counted: (3095, 3099, 3101),
    silent_places_get_tasks: (3095, 3096, 3099),
    tools_are_not_looked_for: (3099, 3100, 3111),
}
"""With seeds whose stories show each. A change of what is random makes other stories of them: should none of
the three show its bug any more, take those that the search prints."""


@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_stories_that_are_known_to_show_a_bug_show_it(plant: Plant, monkeypatch: pytest.MonkeyPatch):
    plant(monkeypatch)

    with pytest.raises(AssertionError, match=r"^seed"):
        tell(BUGS[plant])


@pytest.mark.slow
@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_the_search_for_a_bug_on_places_finds_it(plant: Plant, monkeypatch: pytest.MonkeyPatch):
    plant(monkeypatch)

    with pytest.raises(AssertionError, match=r"^seed") as found:
        tell(UNTIL_CAUGHT)
    print(plant.__name__, found.value)
