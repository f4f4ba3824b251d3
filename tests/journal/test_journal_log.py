"""A journal takes whole appends or nothing, and always reads back what it took."""

from __future__ import annotations

import itertools
import os
import stat
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from porch_tui.core.model.events import (
    AttemptId,
    AttemptStarted,
    RunClosed,
    RunPaused,
    RunResumed,
    SlotsChanged,
)
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import JournalError
from porch_tui.journal.log import Journal, read
from porch_tui.journal.rundir import RunDir


def written(path: Path, *slots: int) -> bytes:
    """Write a journal of one SlotsChanged a record; return its bytes."""
    with closing(Journal.create(path)) as journal:
        for number in slots:
            journal.append([SlotsChanged(number)], "cmd-1")
    return path.read_bytes()


def ticking(*seconds: float) -> Callable[[], float]:
    return iter(seconds).__next__


def test_what_was_appended_is_read_back(rundir: RunDir) -> None:
    with closing(Journal.create(rundir.journal)) as journal:
        first = journal.append([RunPaused(), SlotsChanged(2)], "cmd-1")
        second = journal.append([RunResumed()], "cmd-2")

    assert first + second == list(read(rundir.journal))
    assert [(r.seq, r.cause) for r in first + second] == [(1, "cmd-1"), (2, "cmd-1"), (3, "cmd-2")]


def test_an_opened_journal_continues_with_number_and_clock(rundir: RunDir) -> None:
    with closing(Journal.create(rundir.journal)) as journal:
        journal.append([RunPaused()], "cmd-1", now=lambda: 100.0)

    with closing(Journal.open(rundir.journal)) as journal:
        (record,) = journal.append([RunClosed()], "cmd-2", now=lambda: 40.0)

    assert record.seq == 2
    assert 100.0 <= record.at < 160.0


def test_time_in_a_journal_never_goes_backwards(rundir: RunDir) -> None:
    now = ticking(10.0, 12.3456, 5.0, 12.4)
    with closing(Journal.create(rundir.journal)) as journal:
        for _ in range(4):
            journal.append([RunPaused()], "cmd-1", now)

    times = [record.at for record in read(rundir.journal)]
    assert times[:2] == [10.0, 12.346]
    assert times == sorted(times) and times[3] >= 12.4


def test_what_takes_a_while_does_so_although_the_clock_is_set_back(rundir: RunDir) -> None:
    now = ticking(1000.0, 10.0)
    with closing(Journal.create(rundir.journal)) as journal:
        (first,) = journal.append([RunPaused()], "cmd-1", now)
        began = time.monotonic()
        while time.monotonic() < began + 0.05:
            pass
        (second,) = journal.append([RunPaused()], "cmd-2", now)

    assert second.at - first.at >= 0.049  # both are rounded


def test_appending_nothing_writes_nothing(rundir: RunDir) -> None:
    with closing(Journal.create(rundir.journal)) as journal:
        assert journal.append([], "settle") == []

    assert rundir.journal.read_bytes() == b""


def test_a_journal_is_private_and_never_begun_twice(rundir: RunDir) -> None:
    before = written(rundir.journal, 1)

    with pytest.raises(JournalError, match="cannot begin the journal"):
        Journal.create(rundir.journal)

    assert before == rundir.journal.read_bytes()
    assert stat.S_IMODE(rundir.journal.stat().st_mode) == 0o600


@pytest.mark.parametrize("begin", [read, Journal.open])
def test_a_journal_that_is_not_there_is_an_error(rundir: RunDir, begin: Callable[[Path], object]) -> None:
    with pytest.raises(JournalError, match="No such file"):
        begin(rundir.journal)


def test_a_closed_journal_takes_nothing_and_may_be_closed_again(rundir: RunDir) -> None:
    journal = Journal.create(rundir.journal)
    journal.close()
    journal.close()

    with pytest.raises(JournalError, match="cannot write to the journal"):
        journal.append([RunPaused()], "cmd-1")


def test_a_last_line_torn_at_any_byte_is_overlooked_by_readers_and_cut_by_the_next_writer(
    rundir: RunDir,
) -> None:
    path = rundir.journal
    whole = written(path, 1, 2, 3)
    kept = whole[: whole.rindex(b"\n", 0, -1) + 1]

    for size in range(len(kept), len(whole)):
        path.write_bytes(whole[:size])
        assert [record.event.slots for record in read(path)] == [1, 2]
        assert whole[:size] == path.read_bytes(), "a reader wrote"

        with closing(Journal.open(path)) as journal:
            assert kept == path.read_bytes()
            journal.append([SlotsChanged(4)], "cmd-1")
        assert [record.event.slots for record in read(path)] == [1, 2, 4]


def test_a_tail_of_zeros_is_a_torn_tail(rundir: RunDir) -> None:
    """So some file systems leave a file that was being written when the power went."""
    whole = written(rundir.journal, 1, 2)
    rundir.journal.write_bytes(whole + bytes(5000))

    Journal.open(rundir.journal).close()

    assert whole == rundir.journal.read_bytes()


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([0, 2], "journal.jsonl:2: expected record 2 of the run, found record 3"),
        ([0, 1, 1], "journal.jsonl:3: expected record 3 of the run, found record 2"),
        ([1], "journal.jsonl:1: expected record 1 of the run, found record 2"),
        ([0, 2, 1], "journal.jsonl:2: expected record 2"),
    ],
    ids=["gap", "repeated", "headless", "swapped"],
)
def test_records_out_of_order_are_refused(rundir: RunDir, order: list[int], expected: str) -> None:
    lines = written(rundir.journal, 1, 2, 3).splitlines(keepends=True)
    rundir.journal.write_bytes(b"".join(lines[number] for number in order))

    for begin in (lambda path: list(read(path)), Journal.open):
        with pytest.raises(JournalError, match=expected):
            begin(rundir.journal)


def test_damage_before_the_last_line_is_refused_and_nothing_is_cut(rundir: RunDir) -> None:
    damaged = written(rundir.journal, 1, 2, 3).replace(b'"seq": 2', b'"seq" 2')
    rundir.journal.write_bytes(damaged)

    with pytest.raises(JournalError, match=r"journal\.jsonl:2: cannot read"):
        Journal.open(rundir.journal)

    assert damaged == rundir.journal.read_bytes()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from porch_tui.core.model.events import SlotsChanged
from porch_tui.errors import JournalError
from porch_tui.journal.log import Journal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path, room = Path(sys.argv[1]), int(sys.argv[2])
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
journal = Journal.open(path)
before = path.read_bytes()
resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + room, hard))
for _ in range(2):
    try:
        journal.append([SlotsChanged(10), SlotsChanged(11)], "cmd-2")
    except JournalError as error:
        assert path.read_bytes() == before, "not cut back"
        print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
print([record.seq for record in journal.append([SlotsChanged(12)], "cmd-3")])
"""


@pytest.mark.parametrize("room", [0, 1, 100, 150], ids="{} bytes left".format)
def test_an_append_that_finds_no_room_is_cut_back_and_the_next_one_works(
    rundir: RunDir, start: Callable[..., object], room: int
) -> None:
    """RLIMIT_FSIZE stands for the full disk: a short write, or EFBIG when no byte fits."""
    written(rundir.journal, 1, 2)

    output = start(FULL_DISK, rundir.journal, room).communicate(timeout=60)[0].splitlines()

    assert len(output) == 3
    assert all("cannot write to the journal" in line and "try again" in line for line in output[:2])
    assert output[2] == "[3]"
    assert [record.event.slots for record in read(rundir.journal)] == [1, 2, 12]


WRITER = """
import sys
from pathlib import Path
from porch_tui.core.model.events import SlotsChanged
from porch_tui.journal.log import Journal

journal = Journal.open(Path(sys.argv[1]))
for batch in range(int(sys.argv[2])):
    journal.append([SlotsChanged(3 * batch + n) for n in (1, 2, 3)], "cmd-1")
"""


def test_a_reader_beside_a_writer_sees_a_growing_beginning_of_the_journal(
    rundir: RunDir, start: Callable[..., object]
) -> None:
    Journal.create(rundir.journal).close()
    writer = start(WRITER, rundir.journal, 200)

    seen = [0]
    while writer.poll() is None:
        slots = [record.event.slots for record in read(rundir.journal)]
        assert list(range(1, len(slots) + 1)) == slots
        seen.append(len(slots))

    assert all(earlier <= later for earlier, later in itertools.pairwise(seen))
    assert writer.returncode == 0
    assert len(list(read(rundir.journal))) == 600


def test_what_is_found_out_again_waits_for_the_disk_with_the_next_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with closing(Journal.create(tmp_path / "journal.jsonl")) as journal:
        synced: list[int] = []
        monkeypatch.setattr(os, "fsync", synced.append)

        journal.append([AttemptStarted(AttemptId(TaskId("a"), 1), 1)], "AttemptStarted")
        assert [] == synced
        journal.append([RunPaused()], "cmd-1")
        assert 1 == len(synced)
