"""A damaged record is an error that names its file, or is as good as none; no one waits for it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from porch_tui.core.conflict.conflict import (
    Choice,
    Conflict,
    ConflictKind,
    ConflictRecord,
    Decision,
    Hunk,
    PathConflict,
    Settled,
    Stage,
)
from porch_tui.core.conflict.offers import Offer
from porch_tui.core.model.plan import RunId, TaskId
from porch_tui.core.model.telemetry import Sample
from porch_tui.errors import JournalError
from porch_tui.journal import resolution_memory as remembered
from porch_tui.journal import telemetry, verdicts
from porch_tui.journal.inbox import Problem, take
from porch_tui.journal.lease import Lease, holder
from porch_tui.journal.log import read
from porch_tui.journal.resolutions import (
    Proposed,
    read_proposal,
    read_resolution,
    record_out,
    write_proposal,
    write_resolution,
)
from porch_tui.journal.rundir import USAGE, RunDir
from porch_tui.process.assignment import cwd_of
from porch_tui.process.liveness import read_exit
from porch_tui.process.orphans import claim_of
from porch_tui.process.supervisor import kernel, spool

TASK = TaskId("auth")
RECORD = ConflictRecord(
    (
        (Settled("a", Hunk(b"b", b"m", b"t", 0), Decision(Choice.TEXT, b"said", "me", "")),),
        (Settled("b", (Stage(2, "100644", "0" * 40),), Decision(Choice.AS, name="c")),),
    ),
    2,
)
STAGES = (Stage(2, "100644", "2" * 40), Stage(3, "100755", "3" * 40))
CONFLICT = Conflict("0" * 40, (PathConflict("a", "a", ConflictKind.CONTENT, STAGES, "100644"),), "")
WRONG = (None, [], {}, 7, "x", True, [[[]]])


def placed(path: Path) -> Iterator[str]:
    """Put one thing after the other where a file should be that can be read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for content in (b"", b"{", b"\0\xff\xfe", b"[]", b"null", b"7", b"{}", b"[" * 100_000):
        path.write_bytes(content)
        yield repr(content[:9])
        path.unlink(missing_ok=True)
    path.mkdir()
    yield "a folder"
    if path.is_dir():
        path.rmdir()
    os.mkfifo(path)
    yield "a pipe"
    path.unlink(missing_ok=True)
    path.symlink_to(path)
    yield "a link to itself"
    path.unlink(missing_ok=True)


def changed(document: Any) -> Iterator[Any]:
    """Yield the document with each part of it, however deep, being of another type or gone."""
    if isinstance(document, dict | list):
        places = list(document) if isinstance(document, dict) else range(len(document))
        for place in places:
            for part in (*WRONG, *changed(document[place])):
                copy = document.copy()
                copy[place] = part
                yield copy
            copy = document.copy()
            del copy[place]
            yield copy


def is_named_or_nothing(path: Path, look: Callable[[], object]) -> bool:
    """Look, and say whether what was found is an answer, or an error that names the file."""
    try:
        look()
    except JournalError as error:
        return str(path) in str(error) or path.name in str(error)
    return True


def test_a_resolution_that_cannot_be_read_names_its_file(rundir: RunDir):
    for _ in placed(rundir.resolution(TASK)):
        with pytest.raises(JournalError, match=r"auth\.json"):
            read_resolution(rundir, TASK)


def test_a_resolution_with_any_field_of_another_type_is_read_or_names_its_file(rundir: RunDir):
    write_resolution(rundir, TASK, RECORD)
    path = rundir.resolution(TASK)
    for document in changed(json.loads(json.dumps(record_out(RECORD)))):
        path.write_text(json.dumps(document))
        assert is_named_or_nothing(path, lambda: read_resolution(rundir, TASK).decisions()), document


def test_a_proposal_that_cannot_be_read_is_none(rundir: RunDir):
    write_proposal(rundir, TASK, Proposed("c", "claude", RECORD))
    path = rundir.proposal(TASK)
    document = json.loads(path.read_text())
    for other in changed(document):
        path.write_text(json.dumps(other))
        proposed = read_proposal(rundir, TASK)
        assert proposed is None or isinstance(proposed.offers, dict)
    path.unlink()
    assert all(read_proposal(rundir, TASK) is None for _ in placed(path))


def test_verdicts_that_cannot_be_read_are_not_known_and_new_ones_break_nothing(common_dir: Path):
    finding = verdicts.Finding("t", "c", True, "run", 0.0, "log")
    for _ in placed(common_dir / "porch" / verdicts.FINDINGS.file):
        assert verdicts.find(common_dir, "t", "c") is None
        verdicts.remember(common_dir, finding)


def test_a_journal_that_is_no_file_names_itself(rundir: RunDir):
    for what in placed(rundir.journal):
        assert is_named_or_nothing(rundir.journal, lambda: list(read(rundir.journal))), what


def test_what_is_no_command_is_refused_by_name(rundir: RunDir):
    for what in placed(rundir.inbox / "0123-cmd-1.json"):
        assert all(isinstance(problem, Problem) for _, problem in take(rundir)), what
        for refused in rundir.refused.iterdir():
            refused.rename(rundir.path / f"seen-{os.urandom(4).hex()}")


def test_an_end_that_cannot_be_read_is_none_or_names_its_file(tmp_path: Path):
    path = tmp_path / "exit.json"
    for what in placed(path):
        assert is_named_or_nothing(path, lambda: read_exit(tmp_path)), what
    for wrong in WRONG:
        path.write_text(json.dumps({"steps": wrong, "cause": "exit"}))
        with pytest.raises(JournalError, match=r"exit\.json"):
            read_exit(tmp_path)


def test_samples_that_cannot_be_read_are_none(tmp_path: Path):
    for what in placed(tmp_path / USAGE):
        assert telemetry.latest(tmp_path) is None, what
        assert [] == telemetry.history(tmp_path), what


def test_a_sample_is_not_held_up_by_what_lies_in_the_place_of_the_file(tmp_path: Path):
    for _ in placed(tmp_path / USAGE):
        with suppress(OSError):
            telemetry.append(tmp_path, Sample(0.0, 0.0, 0.0, 0, 0, 1))


def test_samples_with_any_field_of_another_type_are_left_out(tmp_path: Path):
    telemetry.append(tmp_path, Sample(0.0, 0.0, 0.0, 0, 0, 1))
    path = tmp_path / USAGE
    for other in changed(json.loads(path.read_text())):
        path.write_text(json.dumps(other) + "\n")
        assert all(isinstance(one, Sample) for one in telemetry.history(tmp_path)), other


def test_resolutions_of_earlier_runs_that_cannot_be_read_are_not_known(common_dir: Path):
    path = common_dir / "porch" / remembered.RESOLUTIONS.file
    for _ in placed(path):
        assert {} == dict(remembered.recall(common_dir, CONFLICT))
        remembered.forget(common_dir, RunId("run"), TASK)


def test_resolutions_of_earlier_runs_with_any_field_of_another_type_are_read_or_not_known(common_dir: Path):
    path = common_dir / "porch" / remembered.RESOLUTIONS.file
    path.parent.mkdir(parents=True, exist_ok=True)
    step = (Settled("a", CONFLICT.paths[0].stages, Decision(Choice.TEXT, b"said", "me", "")),)
    remembered.remember(common_dir, RunId("run"), TASK, CONFLICT, ConflictRecord((step,), 1))
    for other in changed(json.loads(path.read_text())):
        path.write_text(json.dumps(other) + "\n")
        assert all(isinstance(one, Offer) for one in remembered.recall(common_dir, CONFLICT).values()), other


def test_a_lease_that_is_no_file_names_itself_and_no_one_waits_for_it(rundir: RunDir):
    def look() -> None:
        holder(rundir)
        Lease.take(rundir).release()

    for what in placed(rundir.lock):
        assert is_named_or_nothing(rundir.lock, look), what


def test_a_lease_whose_file_cannot_be_read_has_a_holder_without_a_name(rundir: RunDir):
    with Lease.take(rundir):
        introduction = json.loads(rundir.lock.read_text())
        for other in (*WRONG, *changed(introduction)):
            rundir.lock.write_text(json.dumps(other))
            assert str(holder(rundir)), other
        for content in (b"\xff\xfe", b"[" * 100_000, b'{"pid": 1e400}'):
            rundir.lock.write_bytes(content)
            assert "just starting" == str(holder(rundir)), content


def test_orders_of_an_attempt_that_cannot_be_read_are_named_or_tell_nothing(tmp_path: Path):
    path = tmp_path / "spec.json"
    (tmp_path / "lock").write_text(json.dumps({"pid": 1, "born": 1}))
    run = {"pid": 1, "ticks": 1, "boot": kernel.boot_id() if kernel.IS_LINUX else ""}
    (tmp_path / "run.json").write_text(json.dumps(run))
    for what in placed(path):
        with pytest.raises(JournalError, match=r"spec\.json"):
            cwd_of(tmp_path)
        assert 0 == claim_of(tmp_path).session, what
    for wrong in WRONG:
        path.write_text(json.dumps({"env": wrong, "cwd": wrong}))
        assert is_named_or_nothing(path, lambda: cwd_of(tmp_path)), wrong
        assert 0 == claim_of(tmp_path).session, wrong


def test_a_lock_of_an_attempt_that_is_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "lock")

    assert not spool.is_locked(str(tmp_path))
