"""Room on the disk before a start: how much is needed, what waits, and when it continues."""

from __future__ import annotations

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.ending import is_at_rest
from porch_tui.core.scheduling.disk import Space, measured, reserve
from porch_tui.present.explain import reason
from tests.builders import attempt, fold, opened, plan, scheduled, settled, with_validations

MIB, GIB, TIB = 1 << 20, 1 << 30, 1 << 40
DISK = Space("/work", 10 * GIB, 5 * GIB, start_bytes=100 * MIB, free_files=1000, start_files=10)
WAITING = opened(plan("a", "b"), slots=2)


@pytest.mark.parametrize(
    ("total_bytes", "left_bytes"),
    [
        (24 * MIB, 2.4 * MIB),
        (1 * GIB, 0.1 * GIB),
        (3 * GIB, 200 * MIB),
        (20 * GIB, 1 * GIB),
        (2 * TIB, 2 * GIB),
    ],
)
def test_what_is_left_alone_fits_small_disks_and_large_ones(total_bytes: int, left_bytes: float):
    assert int(left_bytes) == reserve(total_bytes)


def test_a_large_disk_of_which_four_percent_are_free_stops_no_task():
    assert measured(WAITING, [replace(DISK, total_bytes=2 * TIB, free_bytes=80 * GIB)]) is None


def test_a_start_needs_twice_what_is_checked_out_beside_what_is_left_alone():
    need = 512 * MIB + 200 * MIB

    assert measured(WAITING, [replace(DISK, free_bytes=need)]) is None
    short = measured(WAITING, [replace(DISK, free_bytes=need - 1)])
    assert short == e.DiskMeasured("712 MiB are free in /work, and a start needs 712 MiB")


def test_those_that_start_already_are_reckoned_with():
    starting = fold(WAITING, scheduled("a"))

    assert measured(starting, [replace(DISK, free_bytes=(512 + 400) * MIB - 1)]) is not None


def test_files_run_out_as_well():
    assert measured(WAITING, [replace(DISK, free_files=19)]) is not None
    assert measured(WAITING, [replace(DISK, free_files=None)]) is None


def test_one_short_disk_is_enough():
    assert measured(WAITING, [DISK, Space("/git", 10 * GIB, 1 * MIB)]) is not None


def test_nothing_starts_the_run_is_not_over_and_the_reason_is_reported():
    state = settled(fold(WAITING, e.DiskMeasured("9 MiB are free")))

    assert TaskStatus.PENDING is state.tasks[TaskId("a")].status
    assert "waits for disk: 9 MiB are free" == reason(state, TaskId("a"))
    unvalidated = replace(with_validations(state, in_flight={}), plan=replace(state.plan, validate=()))
    assert not is_at_rest(unvalidated)


def test_tasks_start_again_when_there_is_some_more_room_than_needed():
    short = fold(WAITING, e.DiskMeasured("9 MiB are free"))
    need = 712 * MIB

    assert measured(short, [replace(DISK, free_bytes=need)]) is None
    relief = measured(short, [replace(DISK, free_bytes=need * 12 // 10 + 1)])
    assert relief == e.DiskMeasured("")
    assert TaskStatus.STARTING is settled(fold(short, *admit(short, relief))).tasks[TaskId("a")].status


def test_nothing_is_reported_while_no_task_waits():
    begun = fold(WAITING, scheduled("a"), scheduled("b", slot=1))

    assert measured(begun, [replace(DISK, free_bytes=0)]) is None


def test_a_retry_after_which_nothing_else_happens_has_the_disk_measured_again():
    """While nothing waited it was not: it may have been short when it was measured last."""
    short = fold(WAITING, scheduled("a"), scheduled("b", slot=1), e.DiskMeasured("9 MiB are free"))
    short = fold(
        short, *(stop(attempt(name)) for name in "ab" for stop in (e.StopRequested, e.AttemptStopped))
    )
    assert measured(short, [DISK]) is None

    again = settled(fold(short, e.TaskRetried(TaskId("a"), False)))

    assert again.active == ()
    relief = measured(again, [DISK])
    assert relief == e.DiskMeasured("")
    assert settled(fold(again, *admit(again, relief))).active == ("a",)
