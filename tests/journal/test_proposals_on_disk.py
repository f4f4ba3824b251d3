"""A proposal is beside the record, comes back whole, and is spoilt without being lost."""

from __future__ import annotations

from pathlib import Path

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
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.journal.resolutions import Proposed, fingerprint, read_proposal, refuse, void, write_proposal
from porch_tui.journal.rundir import RunDir

A = TaskId("a")
ONE = Hunk(b"a", b"\xff", b"c")
STAGES = (Stage(2, "100644", "2"), Stage(3, "100644", "3"))
FILE = PathConflict(
    "caf\udce9", "caf\udce9", ConflictKind.CONTENT, STAGES, "100644", (b"top\n", ONE, b"end\n")
)
CONFLICT = Conflict("0" * 40, (FILE,), "")
SAID = Settled(FILE.path, ONE, Decision(Choice.TEXT, b"\xfe", author="claude"))
PROPOSED = Proposed(fingerprint(CONFLICT), "claude", ConflictRecord().with_step((SAID,)), "not taken: x")


def test_it_comes_back_whole(tmp_path: Path):
    write_proposal(RunDir(tmp_path), A, PROPOSED)

    assert PROPOSED == read_proposal(RunDir(tmp_path), A)


def test_what_is_not_there_or_makes_no_sense_is_no_proposal(tmp_path: Path):
    assert None is read_proposal(RunDir(tmp_path), A)
    write_proposal(RunDir(tmp_path), A, PROPOSED)
    RunDir(tmp_path).proposal("a").write_text('{"conflict": "x"}')

    assert None is read_proposal(RunDir(tmp_path), A)


def test_one_that_failed_can_still_be_looked_at_and_one_refused_cannot(tmp_path: Path):
    run = RunDir(tmp_path)
    void(run, A, "nothing is there yet")
    write_proposal(run, A, PROPOSED)

    void(run, A, "it failed")

    assert replace(PROPOSED, note="it failed", is_void=True) == read_proposal(run, A)
    refuse(run, A, CONFLICT, "claude")
    refused = read_proposal(run, A)
    assert refused is not None
    assert ({}, True, PROPOSED.conflict) == (refused.offers, refused.is_void, refused.conflict)


def test_a_conflict_is_the_same_wherever_its_hunks_stand_and_another_with_other_hunks():
    moved = replace(FILE, segments=(b"other\n", ONE, b"end\n"), stages=(Stage(2, "100644", "9"), STAGES[1]))
    other = replace(FILE, segments=(b"top\n", replace(ONE, main=b"x"), b"end\n"))

    assert fingerprint(CONFLICT) == fingerprint(replace(CONFLICT, paths=(moved,)))
    assert fingerprint(CONFLICT) != fingerprint(replace(CONFLICT, paths=(other,)))
