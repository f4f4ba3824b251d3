"""The places of a run on the screen: load, what runs there, which are silent, giving up what is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.place import HERE, PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.tui.app.app import PorchApp
from porch_tui.tui.terminal.options import ScreenOptions
from tests.tui.board_harness import on_board
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import Recording, busy
from tests.tui.test_snapshots import Compare, app_on

__all__ = ["app_on"]

BIG, MINI, CLUSTER = PlaceName("ssh:big"), PlaceName("ssh:mini"), PlaceName("tls://head:8786")
HAS = Resources(2, 8, 32 << 30, 120 * 10**9, ("docker",))


def up(place: PlaceName, entry: PlaceName | None = None) -> e.PlaceUp:
    return e.PlaceUp(place, entry or place, "b1", HAS)


def two_hosts(folder: Path) -> Recording:
    """Return a run on this machine and two hosts, one of which has fallen silent with tasks on it."""
    places = (
        PlaceSpec(HERE, Scheme.HERE, slots=1),
        PlaceSpec(BIG, Scheme.SSH, "big"),
        PlaceSpec(MINI, Scheme.SSH, "mini"),
    )
    names = ("api", "cache", "docs", "errors", "forms")
    run = Recording(folder, names, slots=8, validate=False, places=places)
    run.say(up(BIG), up(MINI)).start(*names).wait(30)
    return run.say(e.PlaceSilent(MINI, run.now, "no answer for 8 s")).wait(240)


def cluster(folder: Path, workers: int) -> Recording:
    """Return a run on a cluster of so many workers, of which the last is silent."""
    run = Recording(folder, ("api",), places=(PlaceSpec(CLUSTER, Scheme.DASK, CLUSTER),), validate=False)
    names = [PlaceName(f"{CLUSTER}/w{number}") for number in range(workers)]
    run.say(*(up(name, CLUSTER) for name in names)).start("api").wait(30)
    return run.say(e.PlaceSilent(names[-1], run.now, "left")).wait(60)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=lambda size: "x".join(map(str, size)))
def test_places_are_listed_with_what_runs_there(
    snap_compare: Compare, app_on: Callable[..., PorchApp], tmp_path: Path, size: tuple[int, int]
) -> None:
    app = app_on(ScreenOptions(fps=0), two_hosts(tmp_path))

    assert snap_compare(app, press=["O", "G"], terminal_size=size)


@in_loop
async def test_the_board_says_where_a_task_runs_and_the_top_line_how_many_places_are_silent(
    tmp_path: Path,
) -> None:
    async with on_board(two_hosts(tmp_path), (160, 48)) as shown:
        rows = [row for row in shown.rows() if "run 4m" in row]

        assert len([row for row in rows if " on big " in row]) == 2
        assert len([row for row in rows if " on mini " in row]) == 2
        assert "1 place silent" in shown.rows()[0]


@in_loop
async def test_a_row_says_once_where_its_task_runs_and_then_what_it_printed_last(tmp_path: Path) -> None:
    run = two_hosts(tmp_path)
    for name in ("api", "cache", "docs", "errors", "forms"):
        run.log(name, "page 3 of 9\n")
    async with on_board(run, (160, 48)) as shown:
        rows = [row for row in shown.rows() if "run 4m" in row]

        assert len([row for row in rows if " on big page 3 of 9 " in row]) == 2
        assert len([row for row in rows if " on mini not heard of since " in row]) == 2
        assert not [row for row in rows if "on ssh:" in row]


@in_loop
async def test_a_silent_place_says_when_what_runs_there_ends(tmp_path: Path) -> None:
    async with on_board(two_hosts(tmp_path), (160, 48), ScreenOptions(fps=0, is_ascii=True)) as shown:
        await shown.press("O", "G")

        assert shown.shows("places: 2 up, 1 silent, 3/3 slots")
        assert shown.shows("silent 4m00s, 2/? slots, 8 cores")
        assert shown.shows("no answer for 8 s; what runs there ends on its own at ")
        assert shown.text().isascii()


@in_loop
async def test_places_of_a_run_without_an_engine_are_as_one_left_them(tmp_path: Path) -> None:
    run = two_hosts(tmp_path)
    async with on_board(run, (80, 24), has_engine=False) as shown:
        await shown.press("O")
        assert shown.shows("places: 1 up, 1 was up, 1 was silent, 3/3 slots; no engine")
        assert shown.shows("threads  up ") and shown.shows("ssh:big  was up ")
        assert shown.shows("ssh:mini was silent ")
        assert shown.shows("→ porch resume starts an engine, which connects to it")

        with run.engine():
            await shown.tick()
            assert shown.shows("places: 2 up, 1 silent, 3/3 slots")
            assert not shown.shows("no engine") and not shown.shows("was up")


@in_loop
async def test_a_place_that_no_engine_connects_to_is_not_connecting(tmp_path: Path) -> None:
    places = (PlaceSpec(HERE, Scheme.HERE), PlaceSpec(BIG, Scheme.SSH, "big"))
    run = Recording(tmp_path, ("api",), validate=False, places=places).wait(1)
    async with on_board(run, (80, 24), has_engine=False, start_engine=lambda: None) as shown:
        await shown.press("O", "G")
        assert shown.shows("ssh:big not connected ")
        assert shown.shows("→ press R to resume, which connects to it")


@pytest.mark.parametrize("size", [(80, 24), pytest.param((60, 15), marks=pytest.mark.slow)])
@in_loop
async def test_of_a_place_out_of_reach_it_is_said_what_to_do_next(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with on_board(two_hosts(tmp_path), size) as shown:
        await shown.press("O", "G")
        assert shown.shows("→ press F to begin ") and shown.rows()[-1].startswith(" F elsewhere ")
        assert shown.shows("; keys act on ")


@in_loop
async def test_a_place_that_was_never_reached_says_so_and_that_it_is_tried_again(tmp_path: Path) -> None:
    places = (PlaceSpec(HERE, Scheme.HERE), PlaceSpec(BIG, Scheme.SSH, "big"))
    run = Recording(tmp_path, ("api",), validate=False, places=places)
    run.say(e.PlaceSilent(BIG, run.now, "no route")).start("api").wait(30)
    async with on_board(run, (80, 24)) as shown:
        await shown.press("O", "G")
        assert shown.shows("ssh:big not reached ")
        assert shown.shows("→ porch doctor --on ssh:big says what is in the way")


@in_loop
async def test_keys_act_on_what_runs_at_the_place_under_the_cursor_and_on_nothing_else(
    tmp_path: Path,
) -> None:
    places = (PlaceSpec(HERE, Scheme.HERE), PlaceSpec(BIG, Scheme.SSH, "big"))
    run = Recording(tmp_path, ("api",), validate=False, places=places)
    run.say(up(BIG)).start("api").wait(30)
    async with on_board(run, (80, 24)) as shown:
        await shown.press("O")
        attempt = run.state.tasks[run.state.active[0]].attempt
        assert attempt is not None
        place = {HERE: "g", BIG: "G"}[attempt.place]
        await shown.press(place)
        assert "p pause   x stop" in shown.rows()[-1]
        assert "space open" not in shown.rows()[-1]

        await shown.press({"g": "G", "G": "g"}[place])
        assert "p pause" not in shown.rows()[-1] and shown.app.live.chosen is None


@in_loop
async def test_what_runs_on_a_silent_place_is_given_up_after_a_question(tmp_path: Path) -> None:
    async with on_board(two_hosts(tmp_path), (160, 48)) as shown:
        await shown.press("O", "G", "F")
        assert shown.shows("Give up ")
        assert shown.shows("is kept, but never merged")
        assert not shown.sent()

        await shown.press("y")
        (asked,) = shown.sent()

    assert isinstance(asked, c.RunElsewhere)
    assert asked.task in ("docs", "errors", "forms", "cache", "api")


@pytest.mark.slow
@in_loop
async def test_the_workers_of_a_large_cluster_are_folded_until_it_is_opened(tmp_path: Path) -> None:
    async with on_board(cluster(tmp_path, 3000), (120, 36)) as shown:
        await shown.press("O")
        assert shown.shows("! + tls://head:8786")
        assert shown.shows("2999 up, 1 silent")
        assert not shown.shows(" w0 ")

        await shown.press("space")
        assert shown.shows("  w0 ")
        await shown.press("G")
        assert shown.shows("  w2999 ")
        await shown.press("g", "space")
        assert not shown.shows("  w0 ")


@in_loop
async def test_a_run_on_this_machine_alone_has_no_panel_of_places(tmp_path: Path) -> None:
    async with on_board(busy(tmp_path)) as shown:
        await shown.press("O")

        assert shown.shows("this run has no places")
        assert shown.app.live is shown.board
