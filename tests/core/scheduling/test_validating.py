"""Where validations run in a run with places, and what becomes of one whose place is out of reach."""

from __future__ import annotations

from porch_tui.core.merge_queue.width import width
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import HERE, PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.core.model.plan import Sha
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.effects import ValidateCandidate, wanted
from tests.builders import board, fold, judge, opened, plan, settled, with_slots

BOX, MINI = PlaceName("box"), PlaceName("mini")
EIGHT = [f"t{n}" for n in range(8)]


def up(name: PlaceName, slots: int, cores: int = 8, boot: str = "b1") -> e.PlaceUp:
    """Return that a place is up."""
    return e.PlaceUp(name, name, boot, Resources(slots, cores))


def finished(*on: PlaceName, jobs: int = 1) -> RunState:
    """Return a run whose base passes, with eight tasks in the queue and two places that are up."""
    specs = tuple(PlaceSpec(name, Scheme.SSH, name) for name in (BOX, MINI))
    a_plan = replace(plan(*EIGHT), places=specs, on=(BOX, MINI), validate_on=on or None)
    state = judge(with_slots(opened(a_plan, validate_jobs=jobs), is_auto=True), "t0", True)
    return fold(board(state, *EIGHT), up(BOX, 4), up(MINI, 2))


def where(state: RunState) -> list[PlaceName]:
    """Return where validations are under way."""
    return sorted(flight.place for flight in state.validations.in_flight.values())


def test_without_a_word_about_it_validations_run_on_the_engines_machine():
    assert where(settled(finished())) == [HERE]


def test_the_queue_is_as_wide_as_the_places_that_validate():
    state = finished(HERE, BOX, MINI, jobs=2)

    assert width(state) == 2 + 4 + 2
    assert where(settled(state)) == [HERE, HERE, BOX, BOX, BOX, BOX, MINI, MINI]
    assert width(fold(state, e.PlaceSilent(BOX, None))) == 2 + 2


def test_more_slots_than_cores_make_no_queue_wider():
    assert width(fold(finished(BOX), up(BOX, 9, cores=3))) == 3


def test_a_validation_takes_a_slot_of_its_place():
    state = finished(BOX)
    busy = fold(state, e.TasksAdded(tuple(replace(state.plan.tasks[0], id=f"m{n}") for n in range(3))))

    after = settled(busy)

    on_box = [one for one in after.active_attempts.values() if one.place == BOX]
    assert len(where(after)) + len(on_box) <= 4 and where(after)


def full(*on: PlaceName) -> RunState:
    """Return a run with a finished task, whose only place that is not here has its one slot taken."""
    spec = PlaceSpec(BOX, Scheme.SSH, BOX)
    a_plan = replace(plan("a", "b"), places=(spec,), on=(BOX,), validate_on=on)
    state = fold(judge(opened(a_plan), "t0", True), up(BOX, 1))
    running = e.AttemptScheduled(e.AttemptId(state.plan.tasks[1].id, 1), Sha("c0"), 0, place=BOX)
    return board(fold(state, running), "a")


def test_where_no_place_that_validates_has_a_free_slot_the_queue_waits_for_one():
    waiting = settled(full(BOX))

    assert where(waiting) == []
    failed = e.Failure(e.FailureKind.EXIT, "exit 1", 1)
    ended = fold(waiting, e.AttemptFailed(e.AttemptId(waiting.plan.tasks[1].id, 1), failed))
    assert where(settled(ended)) == [BOX]


def test_where_the_engines_machine_validates_too_full_places_hold_nothing_up():
    assert where(settled(full(HERE, BOX))) == [HERE]


def test_a_validation_on_a_place_that_falls_silent_runs_again_elsewhere():
    state = settled(finished(BOX, MINI))
    on_box = [flight for flight in state.validations.in_flight.values() if flight.place == BOX]

    after = settled(fold(state, e.PlaceSilent(BOX, None)))

    assert where(after) == [MINI, MINI]
    assert after.validations.verdicts.keys() == state.validations.verdicts.keys()
    late = e.ValidationPassed(on_box[-1].tree, on_box[-1].number)
    back = settled(fold(after, up(BOX, 4)))
    assert admit(back, late) == []


def test_a_validation_of_an_earlier_boot_is_not_waited_for():
    state = settled(finished(BOX))
    number = max(flight.number for flight in state.validations.in_flight.values())

    after = settled(fold(state, up(BOX, 4, boot="b2")))

    assert {flight.boot for flight in after.validations.in_flight.values()} == {"b2"}
    assert {flight.number for flight in after.validations.in_flight.values()} == {number + 1}


def test_the_place_of_a_validation_is_part_of_what_is_wanted():
    found = [one for one in wanted(settled(finished(MINI))) if isinstance(one, ValidateCandidate)]

    assert {(one.place, one.boot) for one in found} == {(MINI, "b1")}


def test_where_all_places_that_validate_are_gone_the_engines_machine_does():
    gone = fold(finished(BOX), e.PlaceGone(BOX, "it was taken away"))

    assert where(settled(gone)) == [HERE]


def test_a_state_that_is_known_is_validated_nowhere():
    state = judge(finished(BOX, MINI), "t0+t0+t1+t2+t3+t4+t5+t6+t7", True)

    assert Sha("t0") in state.validations.verdicts
    assert where(settled(state)) == []
