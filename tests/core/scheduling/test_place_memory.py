"""A place that is short of memory gets no new attempts while anything runs there."""

from __future__ import annotations

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.scheduling.slots import short_at
from tests.builders import fold, opened, settled, unvalidated

BOX, MEMORY = PlaceName("box"), 10 << 30
LITTLE, SOME, MUCH = MEMORY // 20, MEMORY // 8, MEMORY // 4


def on_box(*tasks: str, slots: int = 2) -> RunState:
    spec = PlaceSpec(BOX, Scheme.SSH, "box")
    state = opened(replace(unvalidated(*tasks), places=(spec,), on=(BOX,)))
    return settled(fold(state, e.PlaceUp(BOX, BOX, "b1", Resources(slots, 8, MEMORY))))


def active(state: RunState) -> set[str]:
    return {task for task, known in state.tasks.items() if known.status is not TaskStatus.PENDING}


def measured(state: RunState, available_bytes: int) -> RunState:
    event = short_at(state, BOX, MEMORY, available_bytes)
    return state if event is None else settled(fold(state, event))


def ended(state: RunState, task: str) -> RunState:
    attempt = state.tasks[task].attempt
    return settled(
        fold(
            state,
            e.AttemptStarted(attempt.id, 1),
            e.AttemptFailed(attempt.id, e.Failure(e.FailureKind.EXIT, "x")),
        )
    )


def test_nothing_starts_there_while_anything_runs_until_there_is_clearly_more():
    state = measured(on_box("a", "b", "c", "d"), LITTLE)
    assert state.places[BOX].memory_short == "512 MiB of memory are free"

    state = ended(state, "a")
    assert active(state) == {"a", "b"}
    state = measured(state, SOME)  # more than the reserve, but not much more
    assert active(state) == {"a", "b"}
    state = measured(state, MUCH)
    assert (state.places[BOX].memory_short, active(state)) == ("", {"a", "b", "c"})


def test_one_runs_whatever_the_memory():
    state = measured(on_box("a", "b", slots=1), LITTLE)

    assert active(ended(state, "a")) == {"a", "b"}


def test_what_changes_nothing_is_not_said():
    state = on_box("a", "b", "c")

    assert short_at(state, BOX, MEMORY, MUCH) is None
    assert short_at(state, BOX, 0, 0) is None, "it is not known"
    assert short_at(state, PlaceName("other"), MEMORY, LITTLE) is None
    short = measured(state, LITTLE)
    assert short_at(short, BOX, MEMORY, LITTLE // 2) is None
    assert short_at(on_box("a"), BOX, MEMORY, LITTLE) is None, "no task waits"
    silent = fold(state, e.PlaceSilent(BOX, None))
    assert short_at(silent, BOX, MEMORY, LITTLE) is None
