"""How far a run is and whom it needs, in few words; and when the person is called."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.present.calls import JOIN_S, Calls
from porch_tui.present.explain import Need, needs
from porch_tui.present.needed import CALL_CHARACTERS, need_key, needed, needed_line, progress, title
from porch_tui.present.notify import Notify, notification
from porch_tui.present.outcome import Results
from porch_tui.present.signs import Charset
from tests.builders import attempt, board, conflict, failure, fold, opened, plan, queue, start
from tests.tui.hostile import HOSTILE, MARK

A = attempt("a")


def need(task: str | None = "a", why: str = "failed", *, is_waiting: bool = False) -> Need:
    return Need(None if task is None else TaskId(task), why, "porch logs", is_waiting)


def test_who_waits_and_who_needs_the_person_are_counted_apart():
    assert "1 waits for you · 2 need you" == needed([need(is_waiting=True), need("b"), need(None)])
    assert "2 wait for you" == needed([need(is_waiting=True), need("b", is_waiting=True)])
    assert "1 waits for you, 1 needs you" == needed([need(is_waiting=True), need("b")], Charset.ASCII)
    assert "" == needed([])


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (Results(changes=7, landed=3, idle=0, checks=0, passed=0), "landed 3/7"),
        (Results(changes=7, landed=3, idle=1, checks=0, passed=0), "done 4/7"),
        (Results(changes=0, landed=0, idle=0, checks=2, passed=1), "passed 1/2"),
        (Results(changes=2, landed=1, idle=0, checks=2, passed=1), "done 2/4"),
        (Results(changes=0, landed=0, idle=0, checks=0, passed=0, hypotheses=2, answered=1), "done 1/2"),
    ],
)
def test_what_is_done_has_the_word_that_fits(counts: Results, text: str):
    found = progress(counts)

    assert text == f"{found.word} {found.figures}"


def test_the_title_is_short():
    counts = Results(changes=7, landed=3, idle=0, checks=0, passed=0)

    assert ("porch 3/7", "porch 3/7 !1") == (title(counts, []), title(counts, [need()]))


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("how", list(Notify))
def test_nothing_that_steers_a_terminal_is_in_a_call(hostile: str, how: Notify):
    line = needed_line([need("a", hostile * 20)])
    asked = notification(how, hostile, is_in_tmux=False)

    assert MARK in line and len(line) <= CALL_CHARACTERS and line.isprintable()
    inner = asked.removeprefix("\x1b]9;porch: ").removeprefix("\x1b]777;notify;porch;").removesuffix("\x07")
    assert inner.isprintable() and (how in {Notify.OSC9, Notify.OSC777}) is bool(asked)


def test_inside_tmux_a_notification_is_handed_through():
    assert "\x1bPtmux;\x1b\x1b]9;porch: a\x07\x1b\\" == notification(Notify.OSC9, "a", is_in_tmux=True)


def failed(*tasks: str) -> tuple[Need, ...]:
    return tuple(need(task) for task in tasks)


def test_needs_of_a_moment_are_called_together_and_once():
    state, calls = opened(plan("a", "b", "c")), Calls(())

    assert () == calls.due(state, failed("a"), 0.0)
    assert () == calls.due(state, failed("a", "b"), JOIN_S / 2)
    assert failed("a", "b") == calls.due(state, failed("a", "b"), JOIN_S)
    assert () == calls.due(state, failed("a", "b"), 100.0)
    assert not calls.is_waiting


@pytest.mark.parametrize("now", [0.0, 0.1, 1234.567, 9e5 / 7])
def test_the_last_time_nothing_is_waited_for(now: float):
    state, calls = opened(plan("a")), Calls(())

    assert failed("a") == calls.due(state, failed("a"), now, is_last=True)


def test_what_was_known_is_no_call_and_what_comes_again_is_one():
    state = opened(plan("a"))
    calls = Calls([need_key(state, need())])

    assert () == calls.due(state, failed("a"), 10.0) and not calls.is_waiting
    calls.due(state, (), 20.0)
    calls.due(state, failed("a"), 30.0)
    assert failed("a") == calls.due(state, failed("a"), 40.0)


def test_what_the_person_looks_at_or_what_has_gone_is_no_call():
    state, calls = opened(plan("a", "b")), Calls(())

    calls.due(state, failed("a", "b"), 0.0, TaskId("a"))
    assert failed("b") == calls.due(state, failed("a", "b"), 10.0)
    calls.due(state, failed("a", "b"), 20.0)
    calls.due(state, (), 20.1)
    assert () == calls.due(state, (), 30.0)


def in_conflict(state: RunState) -> RunState:
    return conflict(queue(state, "a"), "a")


@pytest.mark.parametrize(
    ("act", "is_by_person"),
    [
        (lambda state: fold(start(state, "a"), e.StopRequested(A), e.AttemptStopped(A)), True),
        (lambda state: fold(start(state, "a"), e.StopRequested(A), e.AttemptFailed(A, failure())), True),
        (lambda state: fold(state, e.TaskCancelled(TaskId("a"))), True),
        (lambda state: fold(board(state, "a"), e.EntryWithdrawn(TaskId("a"))), True),
        (lambda state: fold(board(state, "a"), e.EntryValidationStopped(TaskId("a"))), True),
        (lambda state: fold(board(state, "a"), e.EntryHeld(TaskId("a"))), True),
        (
            lambda state: fold(conflict(queue(state, "a"), "a"), e.ResolutionGiven(TaskId("a"), "a.json")),
            True,
        ),
        (lambda state: fold(start(state, "a"), e.AttemptFailed(A, failure())), False),
        (lambda state: fold(state, e.TaskCancelled(TaskId("a"), "2 of t failed")), False),
        (lambda state: fold(board(state, "a"), e.EntryHeld(TaskId("a"), "it wrote outside")), False),
        (in_conflict, False),
        (lambda state: fold(start(state, "a"), e.AttemptWaits(A, "may I?")), False),
    ],
)
def test_what_a_person_has_done_themselves_is_a_need_and_no_call(
    act: Callable[[RunState], RunState], *, is_by_person: bool
):
    calls, state = Calls(()), act(opened(plan("a")))
    (found,) = needs(state)

    calls.due(state, (found,), 0.0)
    due = calls.due(state, (found,), 10.0)

    assert (() if is_by_person else (found,)) == due


def test_a_need_is_the_same_however_it_is_worded_and_another_after_a_requeue():
    state = fold(board(opened(plan("a")), "a"), e.EntryFaulted(TaskId("a"), "the disk is full"))
    (before,) = needs(state)
    again = fold(state, e.EntryRequeued(TaskId("a")), e.EntryFaulted(TaskId("a"), "the disk is full"))

    assert need_key(state, before) == need_key(state, need("a", "worded differently"))
    assert need_key(state, before) != need_key(again, before)
