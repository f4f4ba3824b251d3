"""Every status has one sign, one word and one color role, on the screen and in the report."""

from __future__ import annotations

from enum import StrEnum

import pytest
from rich.cells import cell_len

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.events import FailureKind
from porch_tui.core.model.plan import Kind, LaneName, TaskId
from porch_tui.core.model.status import EntryStatus, TaskStatus
from porch_tui.present.outcome import OF_FAILURE, Outcome, QueueWord
from porch_tui.present.signs import Charset, Role, Sign
from porch_tui.present.status_label import task_label
from porch_tui.present.statuses import counted_words, look, status_of
from tests.builders import BASE, attempt, conflict, fold, opened, plan, queue, start, task

STATUSES = [status for enum in (TaskStatus, EntryStatus, QueueWord, Outcome) for status in enum]


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_a_sign_of_one_cell_a_word_and_a_role(status: StrEnum) -> None:
    for charset in Charset:
        shown = look(status, charset)

        assert cell_len(shown.glyph) == 1
        assert shown.glyph != "?"
        assert shown.word
        assert shown.sign.role in Role
    assert look(status, Charset.ASCII).glyph.isascii()


def test_every_way_to_fail_has_a_status() -> None:
    assert set(OF_FAILURE) == set(FailureKind)


def test_no_two_signs_share_a_glyph() -> None:
    for charset in Charset:
        assert len(Sign) == len({sign.glyph(charset) for sign in Sign})


@pytest.mark.parametrize(
    ("status", "glyph", "role"),
    [
        ("waiting", "·", Role.WAIT),
        ("running", "▸", Role.RUN),
        ("paused", "=", Role.HELD),
        ("landed", "✓", Role.GOOD),
        ("failed", "✗", Role.FAIL),
        ("conflict", "!", Role.ASK),
    ],
)
def test_a_status_looks_as_in_the_design(status: str, glyph: str, role: Role) -> None:
    shown = look(status)

    assert (glyph, role) == (shown.glyph, shown.sign.role)


def test_a_status_of_a_newer_porch_is_shown_by_its_word_and_safely() -> None:
    shown = look("re-queued\x1b")

    assert ("?", "re queued␛") == (shown.glyph, shown.word)


def test_what_waits_in_a_lane_is_not_shown_as_running() -> None:
    specs = [replace(task(name, kind=Kind.CHECK), is_shared=True, group="t") for name in ("a", "b", "c")]
    lane = LaneName("a.1")
    events = [e.AttemptScheduled(attempt(name), BASE, 0, lane=lane) for name in ("a", "b")]

    state = fold(opened(plan(*specs, validate=()), slots=1), *events)

    assert [TaskStatus.STARTING, TaskStatus.PENDING] == [status_of(state, TaskId(one)) for one in ("a", "b")]
    assert "waiting" == task_label(state, TaskId("b"), 0.0).word


def test_what_needs_a_person_is_counted_by_the_words_of_the_list() -> None:
    state = conflict(queue(opened(plan("a", "b", "c", "d")), "a"), "a")
    state = fold(start(state, "b", "c", "d"), *(e.AttemptWaits(attempt(name), "may I?") for name in "bc"))
    tasks = [TaskId(name) for name in "abc"]

    assert [("1 in conflict", ["a"]), ("2 wait for you", ["b", "c"])] == [
        *counted_words(state, Sign.ASKS, tasks)
    ]
    assert [("2 under way", ["b", "d"])] == [*counted_words(state, Sign.RUNS, [TaskId("b"), TaskId("d")])]
