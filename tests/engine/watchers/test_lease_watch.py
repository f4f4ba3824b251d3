"""The lease of a place that is out of reach is over when two clocks say so."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.evolve import evolve
from porch_tui.engine.watchers.lease_watch import LeaseWatch
from tests.builders import fold, opened, record, unvalidated

BOX = PlaceName("box")
PLAN = replace(unvalidated("a"), places=(PlaceSpec(BOX, Scheme.SSH, "box", lease_s=600.0),), on=(BOX,))
UP = fold(opened(PLAN), e.PlaceUp(BOX, BOX, "b1", Resources(2, 2)))
DAY_S = 86_400.0


def silent_since(ago_s: float) -> RunState:
    """Return the run with the place out of reach for so long."""
    return evolve(UP, record(e.PlaceSilent(BOX, None), at=time.time() - ago_s))


def watching(*states: RunState) -> tuple[LeaseWatch, list[e.AnyEvent]]:
    """Return a watch that sees one state after the other, and what it reports."""
    seen, reports = iter(states), list[e.AnyEvent]()
    return LeaseWatch(lambda *events: reports.extend(events), lambda: next(seen)), reports


def test_a_lease_that_ran_out_before_the_engine_began_is_over_at_once():
    state = silent_since(DAY_S)
    watch, reports = watching(state)

    watch.look()

    assert reports == [e.LeaseExpired(BOX, state.places[BOX].since)]


@pytest.mark.parametrize("state", [lambda: UP, lambda: silent_since(300.0), lambda: opened(PLAN)])
def test_a_place_that_is_up_or_was_never_reached_or_has_time_left_loses_nothing(
    state: Callable[[], RunState],
):
    watch, reports = watching(state())

    watch.look()

    assert reports == []


def test_a_clock_that_is_set_ends_no_lease(monkeypatch: pytest.MonkeyPatch):
    state = silent_since(10.0)
    watch, reports = watching(state, state)
    watch.look()
    tomorrow = time.time() + DAY_S
    monkeypatch.setattr(time, "time", lambda: tomorrow)

    watch.look()

    assert reports == []


def test_a_clock_that_is_set_back_ends_no_lease_either(monkeypatch: pytest.MonkeyPatch):
    state = silent_since(DAY_S)
    watch, reports = watching(state)
    before = time.time() - 2 * DAY_S
    monkeypatch.setattr(time, "time", lambda: before)

    watch.look()

    assert reports == []
