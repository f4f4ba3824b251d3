"""What a rejected task needs of a person: other work, or only another look at the same."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.core.model.plan import TaskId
from porch_tui.present.explain import needs
from tests.builders import board, fold, judge, land, opened, plan, settled, task, unvalidated


@pytest.mark.parametrize(("exit_code", "command"), [(1, "retry"), (125, "requeue"), (None, "requeue")])
def test_a_task_that_could_not_be_judged_is_to_be_requeued_not_worked_on(exit_code: int | None, command: str):
    """125 is the command's own word for it; None is a time-out or a signal, twice."""
    state = board(judge(opened(plan("a")), "t0", True), "a")

    state = settled(judge(state, "t0+a", False, False, exit_code=exit_code))

    assert [f"porch logs a --validation; porch {command} a"] == [need.next for need in needs(state)]


def test_a_task_that_fails_on_top_of_another_is_validated_by_hand_or_retried_on_top_of_it():
    state = judge(opened(plan("a", "b")), "t0", True)
    state = land(judge(board(state, "a"), "t0+a", True), "a")
    state = settled(judge(board(state, "b"), "t0+a+b", False, False))

    (need,) = needs(state)

    assert need.next == (
        "porch logs b --validation; porch validate b --on-top-of a, or porch retry b, which builds on that"
    )


def test_what_was_withdrawn_or_broken_by_the_machine_is_as_good_as_before():
    state = board(opened(plan("a", "b")), "a", "b")

    state = fold(state, e.EntryWithdrawn(TaskId("a")), e.EntryFaulted(TaskId("b"), "the disk is full"))

    assert ["porch requeue a", "porch requeue b"] == [need.next for need in needs(state)]


def test_a_task_that_no_place_can_run_needs_a_person_once_all_places_are_known():
    box = PlaceSpec(PlaceName("box"), Scheme.SSH, "box")
    of_plan = unvalidated(
        replace(task("a"), needs=("docker",)), replace(task("b"), needs=("docker",), after=("a",))
    )
    state = settled(opened(replace(of_plan, places=(box,), on=(box.name,))))

    def up(*tools: str) -> e.PlaceUp:
        return e.PlaceUp(box.name, box.name, "b1", Resources(2, 2, tools=tools))

    assert needs(state) == ()
    (need,) = needs(settled(fold(state, up())))
    assert (need.task, need.why) == ("a", "no place can run it: there is no docker on box")
    assert need.next == "mend that there, then porch resume; porch stop a gives it up"
    assert needs(settled(fold(state, up("docker")))) == ()


def test_a_place_that_was_never_reached_needs_a_person_while_a_task_could_run_there():
    box, mini = (PlaceSpec(PlaceName(name), Scheme.SSH, name) for name in ("box", "mini"))
    state = opened(replace(unvalidated("a"), places=(box, mini), on=(box.name,)))
    never = fold(state, e.PlaceSilent(box.name, None, "no route to host"))

    (need,) = needs(settled(never))
    assert need.text == "box cannot be reached: no route to host"
    assert need.next == "porch doctor --on box"
    assert needs(settled(fold(state, e.PlaceSilent(mini.name, None, "no route to host")))) == ()
    up = fold(never, e.PlaceUp(box.name, box.name, "b1", Resources(1, 1)))
    assert needs(settled(fold(up, e.PlaceSilent(box.name, up.changed_at, "connection reset")))) == ()
