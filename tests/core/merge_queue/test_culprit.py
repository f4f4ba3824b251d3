"""With whom a rejected entry fails: what is looked into, in which order, and when it may be."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.effects import BuildProbe, wanted
from porch_tui.core.rules.ending import is_at_rest
from porch_tui.core.rules.settle import settle
from tests.builders import board, build, ended, fold, judge, land, opened, plan, settled, start

BAD = TaskId("bad")


def rejected(*partners: str, others: tuple[str, ...] = ()) -> RunState:
    """Return a run in which `bad` was rejected on top of these partners; of `others` nothing has begun."""
    state = judge(opened(plan(*partners, "bad", *others)), "t0", True)
    for partner in partners:
        state = board(state, partner)
        entry = state.entries[TaskId(partner)]
        state = land(judge(state, str(entry.tree), True), partner)
    state = start(state, *others)
    state = board(state, "bad")
    return settled(judge(state, str(state.entries[BAD].tree), False, False))


def find_out(state: RunState, fails_upon: str | None, *, alone: bool = True) -> tuple[RunState, int]:
    """Have every probe built and judged: it fails from this partner's landing on. Return how many ran."""
    runs = 0
    while not is_at_rest(state):
        for effect in wanted(state):
            if isinstance(effect, BuildProbe):
                tree = Sha(f"t:{effect.on_top_of or ''}+bad")
                state = fold(state, e.ProbeBuilt(BAD, effect.head, effect.on_top_of, Sha("c:probe"), tree))
        state = settled(state)
        for flight in list(state.validations.in_flight.values()):
            runs += 1
            on_top_of = flight.tasks[0] if len(flight.tasks) > 1 else None
            passes = alone if on_top_of is None else fails_upon is None or on_top_of < fails_upon
            state = settled(ended(state, flight.tree, passes))
    return state, runs


def found(state: RunState) -> tuple[str, tuple[str, ...]]:
    """Return what is said of `bad`, and with whom."""
    return state.entries[BAD].reason, state.entries[BAD].partners


def test_an_entry_that_fails_alone_is_reported():
    state, _ = find_out(rejected("a", "b"), None, alone=False)

    assert ("fails alone: exit 1", ()) == found(state)


def test_with_one_partner_the_head_alone_tells():
    state, runs = find_out(rejected("a"), "a")

    assert ("passes alone, fails on top of a: exit 1", ("a",)) == found(state)
    assert 1 == runs


@pytest.mark.parametrize("culprit", list("abcdefgh"))
def test_among_many_the_one_on_top_of_whose_landing_it_began_to_fail_is_found_by_bisecting(culprit: str):
    state, runs = find_out(rejected(*"abcdefgh"), culprit)

    assert (f"passes alone, fails on top of {culprit}: exit 1", (culprit,)) == found(state)
    # the head alone once, and three cuts of eight; a failing probe is tried twice
    assert runs <= 1 + 3 * 2


def test_nothing_is_looked_into_while_a_task_runs_or_the_run_is_paused():
    busy, paused = rejected("a", others=("slow",)), fold(rejected("a"), e.RunPaused())

    assert [] == [one for state in (busy, paused) for one in wanted(state) if isinstance(one, BuildProbe)]


def test_a_probe_is_dropped_when_something_else_begins():
    state = rejected("a")
    state = settled(fold(state, e.ProbeBuilt(BAD, Sha("h:bad"), None, Sha("h:bad"), Sha("t:bad"))))
    assert [True] == [flight.is_probe for flight in state.validations.in_flight.values()]

    state = fold(state, e.EntryRequeued(BAD))

    assert [e.ValidationDropped(Sha("t:bad"), 1)] == settle(state)[:1]


def test_what_could_not_be_judged_is_not_looked_into():
    state = judge(opened(plan("a", "bad")), "t0", True)
    state = land(judge(board(state, "a"), "t0+a", True), "a")
    state = settled(judge(board(state, "bad"), "t0+a+bad", False, False, exit_code=None))

    assert is_at_rest(state)
    assert "cannot tell" in state.entries[BAD].reason


def test_a_finding_that_comes_twice_is_dropped():
    state, _ = find_out(rejected("a"), "a")

    assert state.entries[BAD].is_culprit_known
    assert build(state) == state and [] == settle(state)
