"""A follower returns every record once, in order, whatever the writer lives through."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from porch_tui.core.model.events import Record, SlotsChanged
from porch_tui.errors import JournalError
from porch_tui.journal.log import Follower, Journal, read
from porch_tui.journal.rundir import RunDir


def append(path: Path, *slots: int) -> None:
    """Append one SlotsChanged a number, in one go."""
    with closing(Journal.open(path) if path.exists() else Journal.create(path)) as journal:
        journal.append([SlotsChanged(number) for number in slots], "cmd-1")


def slots_of(records: list[Record]) -> list[int]:
    return [record.event.slots for record in records]


def test_each_look_returns_what_is_new(rundir: RunDir) -> None:
    follower = Follower(rundir.journal)
    assert follower.new_records() == [], "there is no journal yet"

    append(rundir.journal, 1, 2)
    assert slots_of(follower.new_records()) == [1, 2]
    assert follower.new_records() == []

    append(rundir.journal, 3)
    assert slots_of(follower.new_records()) == [3]


def test_an_empty_journal_has_nothing_new(rundir: RunDir) -> None:
    Journal.create(rundir.journal).close()

    assert Follower(rundir.journal).new_records() == []


def test_a_line_is_returned_when_its_last_byte_is_there(rundir: RunDir) -> None:
    append(rundir.journal, 1, 2)
    whole = rundir.journal.read_bytes()
    rundir.journal.write_bytes(b"")
    follower, returned = Follower(rundir.journal), []

    with rundir.journal.open("ab", buffering=0) as file:
        for position, byte in enumerate(whole, start=1):
            file.write(bytes([byte]))
            returned += follower.new_records()
            assert whole[:position].count(b"\n") == len(returned)

    assert slots_of(returned) == [1, 2]


def test_a_torn_tail_that_the_next_writer_cuts_is_never_noticed(rundir: RunDir) -> None:
    append(rundir.journal, 1)
    follower = Follower(rundir.journal)
    follower.new_records()
    with rundir.journal.open("ab") as file:
        file.write(b'{"seq": 2, "at": "2026-11-22T08:15:00.123Z", "cause": "a long one that ends nowhere')
    assert follower.new_records() == []

    append(rundir.journal, 2)

    assert slots_of(follower.new_records()) == [2]


@pytest.mark.parametrize("after", [(), (2,), (20,), (20, 30, 40), (2, 3)], ids=str)
def test_if_records_it_returned_are_cut_it_starts_again(rundir: RunDir, after: tuple[int, ...]) -> None:
    """A short write of several lines may show whole ones before it is cut back."""
    append(rundir.journal, 1)
    kept = rundir.journal.stat().st_size
    append(rundir.journal, 2, 3)
    follower = Follower(rundir.journal)
    assert slots_of(follower.new_records()) == [1, 2, 3]

    with rundir.journal.open("r+b") as file:
        file.truncate(kept)
    time.sleep(0.002)  # another millisecond, so that the retried records are not the very same bytes
    append(rundir.journal, *after)

    assert [1, *after] == slots_of(follower.new_records())
    append(rundir.journal, 99)
    assert slots_of(follower.new_records()) == [99]


def test_a_damaged_record_is_an_error_that_names_its_line_at_every_look(rundir: RunDir) -> None:
    append(rundir.journal, 1)
    follower = Follower(rundir.journal)
    follower.new_records()
    with rundir.journal.open("ab") as file:
        file.write(b"nonsense\n")

    for _ in range(2):
        with pytest.raises(JournalError, match=r"journal\.jsonl:2: cannot read"):
            follower.new_records()


WRITER = """
import sys
from pathlib import Path
from porch_tui.core.model.events import SlotsChanged
from porch_tui.journal.log import Journal

journal = Journal.create(Path(sys.argv[1]))
for batch in range(200):
    journal.append([SlotsChanged(3 * batch + n) for n in (1, 2, 3)], "cmd-1")
"""


def test_a_follower_beside_a_writer_misses_nothing_and_repeats_nothing(
    rundir: RunDir, start: Callable[..., object]
) -> None:
    writer = start(WRITER, rundir.journal)
    follower, returned = Follower(rundir.journal), []

    while writer.poll() is None:
        returned += follower.new_records()
    returned += follower.new_records()

    assert list(range(1, 601)) == slots_of(returned)
    assert returned == list(read(rundir.journal))
