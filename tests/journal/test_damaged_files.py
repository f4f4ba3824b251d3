"""A damaged record is an error that names its file, or is as good as none; nobody waits for it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from porch_tui.core.conflict import Choice, ConflictRecord, Decision, Hunk, Settled, Stage
from porch_tui.core.plan import TaskId
from porch_tui.errors import JournalError
from porch_tui.journal import verdicts
from porch_tui.journal.inbox import Problem, take
from porch_tui.journal.log import read
from porch_tui.journal.proposals import Proposed, read_proposal, write_proposal
from porch_tui.journal.resolutions import read_resolution, record_out, write_resolution
from porch_tui.journal.rundir import RunDir
from porch_tui.process.liveness import read_exit

TASK = TaskId("auth")
RECORD = ConflictRecord(
    (
        (Settled("a", Hunk(b"b", b"m", b"t", 0), Decision(Choice.TEXT, b"said", "me", "")),),
        (Settled("b", (Stage(2, "100644", "0" * 40),), Decision(Choice.AS, name="c")),),
    ),
    2,
)
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
    for _ in placed(common_dir / "porch" / verdicts.FILE):
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
