"""What hooks say of their task is private, short, and read whatever is in the file."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from porch_tui.process.supervisor.calls import CALLS, LONGEST_TEXT, NewCalls, append


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "output.log").write_bytes(b"x" * 42)
    return tmp_path


def taken(calls: NewCalls) -> list[tuple[int, int, str, str]]:
    return [(one.at, one.time_ns, one.kind, one.text) for one in calls.take()]


def test_what_is_said_is_read_once_with_its_place_in_the_output(directory: Path):
    calls = NewCalls(str(directory))
    assert [] == taken(calls)

    append(str(directory), "waiting", "may I?", 7)
    assert [(42, 7, "waiting", "may I?")] == taken(calls)
    assert [] == taken(calls)
    assert 0o600 == stat.S_IMODE((directory / CALLS).stat().st_mode)


def test_a_line_that_is_not_written_to_its_end_is_waited_for(directory: Path):
    append(str(directory), "note", "one", 1)
    whole = (directory / CALLS).read_bytes()
    calls, file = NewCalls(str(directory)), directory / CALLS

    file.write_bytes(whole + whole[:20])
    assert 1 == len(taken(calls))
    file.write_bytes(whole + whole)
    assert 1 == len(taken(calls))


def test_a_long_text_is_cut_and_bytes_that_are_no_text_are_taken(directory: Path):
    append(str(directory), "note", "\udcff\x1b[2J" + "x" * 10_000, 1)

    [(_, _, _, text)] = taken(NewCalls(str(directory)))
    assert text == "\udcff\x1b[2J" + "x" * (LONGEST_TEXT - 5)


BROKEN = [
    "", "x", "[]", "1", "{}", '{"at": -1, "time_ns": 1, "kind": "note", "text": ""}', "[" * 60_000,
    '{"at": true, "time_ns": 1, "kind": "note", "text": ""}',
    '{"at": 1, "time_ns": 1, "kind": "what", "text": ""}',
    '{"at": 1, "time_ns": 1, "kind": ["note"], "text": ""}',
    '{"at": 1, "time_ns": 1, "kind": "note", "text": 1}',
    '{"at": 1e999, "time_ns": 1, "kind": "note", "text": ""}',
]  # fmt: skip


@pytest.mark.parametrize("line", BROKEN, ids=lambda line: line[:50])
def test_what_is_no_call_is_left_out(directory: Path, line: str):
    good = json.dumps({"at": 1, "time_ns": 2, "kind": "done", "text": "yes"})
    (directory / CALLS).write_text(f"{line}\n{good}\n")

    calls = NewCalls(str(directory))
    assert [(1, 2, "done", "yes")] == [*taken(calls), *taken(calls)]


def test_a_line_without_end_is_passed_over(directory: Path):
    (directory / CALLS).write_bytes(b"x" * 300_000 + b"\n")
    append(str(directory), "note", "last", 1)
    calls = NewCalls(str(directory))

    assert ["last"] == [one[3] for _ in range(8) for one in taken(calls)]


@pytest.mark.slow
def test_a_file_that_grows_for_ever_is_begun_again(directory: Path):
    calls = NewCalls(str(directory))
    (directory / CALLS).write_bytes(b"x\n" * 600_000)
    while calls.take() or calls._read < 1_200_000:
        pass
    append(str(directory), "note", "after", 1)

    assert (directory / CALLS).stat().st_size < 1000
    assert ["after"] == [one[3] for one in taken(calls)]
