"""What a person chose is on disk after every choice, byte for byte, and refused when it makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.conflict.conflict import Choice, ConflictRecord, Decision, Hunk, Settled, Stage
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import JournalError
from porch_tui.journal.resolutions import forget_resolution, read_resolution, write_resolution
from porch_tui.journal.rundir import RunDir

A = TaskId("a")
STAGES = (Stage(2, "100644", "2" * 40), Stage(3, "160000", "3" * 40))
WRITTEN = Settled("x", STAGES, Decision(Choice.TEXT, b"\xe9\n"))
RECORD = (
    ConflictRecord()
    .with_step((Settled("caf\udce9", Hunk(b"\xff\r\n", b"m", b"", nth=3), Decision(Choice.BOTH)),))
    .with_step((WRITTEN, Settled("y", (), Decision(Choice.BOTH))))
    .undone()
)


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir(tmp_path)


def test_a_record_comes_back_byte_for_byte_with_what_was_undone(run: RunDir):
    write_resolution(run, A, RECORD)

    assert RECORD == read_resolution(run, A)


def test_nothing_was_decided_where_nothing_was_written(run: RunDir):
    assert ConflictRecord() == read_resolution(run, A)


def test_a_forgotten_record_is_gone(run: RunDir):
    write_resolution(run, A, RECORD)
    forget_resolution(run, A)
    forget_resolution(run, A)

    assert ConflictRecord() == read_resolution(run, A)


def test_only_its_owner_may_read_it(run: RunDir):
    write_resolution(run, A, RECORD)

    modes = [path.stat().st_mode & 0o777 for path in (run.resolutions, run.resolution("a"))]
    assert [0o700, 0o600] == modes


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 2}', '{"version": 1, "done": 1, "steps": [[{"path": "x"}]]}']
)
def test_a_record_that_makes_no_sense_is_refused_with_what_to_do(run: RunDir, text: str):
    run.resolutions.mkdir()
    run.resolution("a").write_text(text)

    with pytest.raises(JournalError, match="porch resolve a --abort"):
        read_resolution(run, A)


def test_a_name_and_an_author_come_back_too(run: RunDir):
    named = Settled("x", STAGES, Decision(Choice.AS, author="claude", name="caf\udce9"))
    record = ConflictRecord().with_step((named,))
    write_resolution(run, A, record)

    assert record == read_resolution(run, A)


def test_a_record_of_the_first_porch_is_still_understood(run: RunDir):
    run.resolutions.mkdir()
    run.resolution("a").write_text(
        '{"version": 1, "done": 1, "steps": [[{"path": "x", "hunk": {"base": "b", "main": "m", "task": "t",'
        ' "nth": 0}, "choice": "text", "text": ""}, {"path": "y", "stages": [[2, "100644", "2"]],'
        ' "choice": "main"}]]}'
    )
    hunk, whole = Hunk(b"b", b"m", b"t"), (Stage(2, "100644", "2"),)

    assert {("x", hunk): Decision(Choice.TEXT), ("y", whole): Decision(Choice.MAIN)} == (
        read_resolution(run, A).decisions()
    )


def test_who_chose_is_kept_and_what_carries_a_name_keeps_it(run: RunDir):
    mine = ConflictRecord().with_step((WRITTEN,)).signed("Ann")
    both = mine.with_step((Settled("y", (), Decision(Choice.BOTH)),)).signed("Ben")

    write_resolution(run, A, both)

    assert both == read_resolution(run, A)
    assert ["Ann", "Ben"] == [one.by for step in both.steps for one in step]
    assert {"x": "Ann", "y": "Ben"} == {one.path: one.by for one in both.settled().values()}
