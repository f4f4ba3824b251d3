"""`porch places`: each place, its load, what runs there, and since when it was not heard of."""

from __future__ import annotations

from typing import Any

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.present.amounts import clock, moment
from porch_tui.present.cells import cells
from porch_tui.report.forms.palette import ASCII
from porch_tui.report.place_json import places_document
from porch_tui.report.places import NO_PLACES, places_json, places_text
from porch_tui.report.status import status_text
from tests.builders import fold, opened, plan, settled, unvalidated

BOX, MINI = PlaceName("box"), PlaceName("mini")


def two_places(*tasks: str) -> RunState:
    """Return the state of a run on `box` and `mini`, which are both up."""
    specs = tuple(PlaceSpec(name, Scheme.SSH, name) for name in (BOX, MINI))
    state = opened(replace(unvalidated(*tasks), places=specs, on=(BOX, MINI)))
    resources = Resources(2, 8, 32 << 30, 100 * 10**9, ("docker",))
    return settled(fold(state, *(e.PlaceUp(name, name, "b1", resources) for name in (BOX, MINI))))


def text(state: RunState, after_s: float = 0.0) -> str:
    """Return what `porch places` prints so long after the last event."""
    return places_text(state, engine_is_alive=True, now=state.changed_at + after_s, palette=ASCII)


def test_a_place_is_shown_with_its_load_what_it_has_and_what_runs_there() -> None:
    lines = text(two_places("a", "b")).splitlines()

    assert lines[0].endswith("2 up, 2/4 slots")
    assert lines[1].startswith("> box   up  1/2 slots  8 cores, ")
    assert lines[1].endswith("disk free, has docker")
    assert lines[2] == "    runs a"


def test_of_a_place_it_is_said_what_other_repositories_run_there() -> None:
    state = two_places("a")
    crowded = Resources(2, 8, others=3)

    output = text(fold(state, e.PlaceUp(MINI, MINI, "b1", crowded)))

    assert "    3 attempts of other repositories run there, beside its slots" in output.splitlines()


def test_a_job_is_shown_with_when_it_ends() -> None:
    hpc, job = PlaceName("hpc"), PlaceName("hpc/7")
    state = opened(replace(unvalidated("a"), places=(PlaceSpec(hpc, Scheme.BATCH, "slurm"),), on=(hpc,)))
    state = fold(state, e.PlaceUp(job, hpc, "b1", Resources(2, 2, ends_at=state.changed_at + 900)))

    assert f"2 cores, until {clock(state.opened_at + 900)}" in text(state)
    assert places_document(state)[0]["ends_at"] == moment(state.opened_at + 900)


def test_a_validation_takes_a_slot_of_its_place_and_is_among_what_runs_there() -> None:
    specs = tuple(PlaceSpec(name, Scheme.SSH, name) for name in (BOX, MINI))
    state = opened(replace(plan("a"), places=specs, on=(MINI,), validate_on=(BOX,)))
    state = settled(fold(state, *(e.PlaceUp(name, name, "b1", Resources(2, 8)) for name in (BOX, MINI))))

    lines = text(state).splitlines()

    assert lines[0].endswith("2 up, 2/4 slots")
    assert lines[1].startswith("> box   up  1/2 slots") and lines[2] == "    runs 1 validation"
    assert "runs a" in lines[4]


def test_a_silent_place_says_since_when_why_and_when_what_runs_there_ends() -> None:
    state = two_places("a", "b")
    heard = state.changed_at
    state = fold(state, e.PlaceSilent(MINI, heard, "no answer for 8 s"))
    output = text(state, after_s=240.0)

    assert "1 up, 1 silent" in output
    assert "! mini  silent 4m00s  1/? slots" in output
    end = clock(state.places[MINI].since + 3600)
    said = f"not heard of since {clock(heard)}: no answer for 8 s; what runs there ends on its own at {end}"
    assert said in " ".join(output.split())


def test_without_an_engine_places_are_what_they_were_when_one_ran() -> None:
    state = fold(two_places("a", "b"), e.PlaceSilent(MINI, 0.0, "no answer for 8 s"))

    lines = places_text(state, engine_is_alive=False, now=state.changed_at + 900, palette=ASCII).splitlines()

    assert lines[0].endswith("1 was up, 1 was silent, 1/2 slots; no engine")
    assert lines[1].startswith("> box   was up      1/2 slots")
    assert any(line.startswith("! mini  was silent  1/? slots") for line in lines)


def test_a_place_that_is_short_of_memory_says_so() -> None:
    state = fold(two_places("a", "b"), e.MemoryMeasured(32 << 30, MINI, "900 MiB of memory are free"))
    output = text(state)

    assert "mini  up  1/1 slots" in output
    assert "nothing starts there while anything runs: 900 MiB of memory are free" in output
    assert (
        places_json(state, engine_is_alive=True)["places"][1]["memory_short"] == "900 MiB of memory are free"
    )


def test_once_its_lease_is_over_nothing_runs_on_a_silent_place() -> None:
    state = two_places("a", "b")
    state = fold(state, e.PlaceSilent(MINI, state.changed_at, "no answer"))
    state = fold(state, e.LeaseExpired(MINI, state.places[MINI].since))

    assert "nothing runs there any more" in " ".join(text(state).split())
    assert "runs b" not in text(state)


def test_a_place_that_was_never_reached_says_why() -> None:
    specs = (PlaceSpec(BOX, Scheme.SSH, "box"),)
    state = opened(replace(unvalidated("a"), places=specs, on=(BOX,)))

    assert ". box  connecting  0/? slots\n    not reached yet\n" in text(state)
    denied = fold(state, e.PlaceSilent(BOX, None, "Permission denied (publickey)"))
    assert "not reached since" in text(denied)
    assert "Permission denied" in text(denied)


def test_a_place_that_the_present_engine_has_not_reached_yet_says_when_it_was_last_heard_of() -> None:
    state = two_places("a", "b")
    heard = clock(state.changed_at)
    state = fold(state, e.EngineTookOver(1, "here"))

    said = f"last heard of at {heard}; what runs there ends on its own at "
    assert said in " ".join(text(state, after_s=3.0).split())
    assert "not reached yet" not in text(state)


def test_a_run_on_this_machine_alone_has_no_places() -> None:
    state = opened(plan("a"))

    assert text(state) == f"{NO_PLACES}\n"
    assert places_json(state, engine_is_alive=True)["places"] == []
    assert "places" not in status_text(state, engine_is_alive=True, samples={}, now=state.changed_at)


def test_lines_fit_into_eighty_cells_whatever_a_place_says() -> None:
    state = fold(two_places("a"), e.PlaceSilent(BOX, None, "\x1b[2J" + "x" * 300 + "\n" + "語" * 80))

    assert max(map(cells, text(state).splitlines())) <= 80
    assert "\x1b" not in text(state)


def test_status_lists_places_and_of_many_only_those_that_are_not_up() -> None:
    state = two_places("a", "b")
    output = status_text(state, engine_is_alive=True, samples={}, now=state.changed_at, palette=ASCII)
    assert "\nplaces\n> box   up  1/2 slots  runs a\n" in output

    names = [PlaceName(f"m{number:03}") for number in range(200)]
    specs = tuple(PlaceSpec(name, Scheme.SSH, name) for name in names)
    many = opened(replace(unvalidated("a"), places=specs, on=tuple(names)))
    many = fold(many, *(e.PlaceUp(name, name, "b1", Resources(2, 8)) for name in names))
    many = fold(many, e.PlaceSilent(names[7], None, "gone to sleep"))
    output = status_text(many, engine_is_alive=True, samples={}, now=many.changed_at, palette=ASCII)
    assert "places: 199 up, 1 silent, 0/398 slots; porch places\n" in output
    assert "m007" in output
    assert "m008" not in output


BIG, W1, W2 = PlaceName("tls://h:1"), PlaceName("tls://h:1/w1"), PlaceName("tls://h:1/w2")


def cluster_of(*workers: PlaceName) -> RunState:
    """Return the state of a run on a cluster, whose workers have joined."""
    specs = (PlaceSpec(BIG, Scheme.DASK, "tls://h:1"),)
    state = opened(replace(unvalidated("a"), places=specs, on=(BIG,)))
    return settled(fold(state, *(e.PlaceUp(name, BIG, "b1", Resources(2, 8)) for name in workers)))


def test_a_worker_that_left_is_listed_only_as_long_as_something_may_run_there() -> None:
    state = cluster_of(W1, W2)
    busy, idle = (W1, W2) if state.tasks[TaskId("a")].attempts[-1].place == W1 else (W2, W1)
    gone = fold(state, e.PlaceGone(busy, "retired"), e.PlaceGone(idle, "retired"))

    assert "1 gone" in text(gone)
    assert f"- {busy}  gone" in text(gone)
    assert "retired; what runs there ends on its own at" in " ".join(text(gone).split())
    assert idle not in text(gone)
    document: Any = places_json(gone, engine_is_alive=True)["places"]
    assert {one["name"]: one["status"] for one in document} == {W1: "gone", W2: "gone"}


def test_a_cluster_without_workers_is_not_called_a_run_without_places() -> None:
    assert text(cluster_of()).splitlines()[1:] == [f"{BIG} has no worker now"]
    assert NO_PLACES not in text(cluster_of())
