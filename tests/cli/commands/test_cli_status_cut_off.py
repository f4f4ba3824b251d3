"""porch status of runs as a death leaves them: a journal that ends early, or in the middle of a line."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

import pytest
from in_process import porch

from porch_tui.journal import rundir
from porch_tui.journal.lease import Lease
from porch_tui.journal.rundir import RunDir
from project import Project

RECORDED = Path(__file__).parents[2] / "report" / "recorded" / "steered.jsonl"
LINES = RECORDED.read_bytes().splitlines(keepends=True)
AFTER_SUCCESS = 6
"""So many records end with the first AttemptSucceeded."""


def begun(project: Project, lines: bytes) -> RunDir:
    """Put a journal into a run directory of its own."""
    run = json.loads(LINES[0])["run"]
    made = rundir.create(project.root / ".git", run)
    made.journal.write_bytes(lines)
    return made


@pytest.fixture
def cut(project: Project) -> RunDir:
    """A run whose engine died after its first task had succeeded."""
    return begun(project, b"".join(LINES[:AFTER_SUCCESS]))


def test_a_task_that_succeeded_and_was_not_queued_waits_for_resume(cut: RunDir, project: Project):
    printed, document = porch(project, "status").out, porch(project, "status", "--json").json

    assert "nothing to land" not in printed
    assert "done, waits for the merge queue" in printed
    assert "at rest" not in printed
    assert printed.splitlines()[-1].startswith("next: porch resume (")
    assert (None, False) == (document["tasks"][0]["outcome"], document["ended"])
    assert document["next"].startswith("porch resume (")
    assert "interrupted" in porch(project, "runs").out


@pytest.mark.parametrize("tail", [1, 40, -1])
def test_a_torn_last_line_counts_for_nothing(project: Project, tail: int):
    begun(project, b"".join(LINES[: AFTER_SUCCESS + 1]) + LINES[AFTER_SUCCESS + 1][:tail])
    printed = porch(project, "status", "--json")
    begun_whole = json.loads(LINES[AFTER_SUCCESS])

    assert (0, "") == (printed.code, printed.err)
    assert "EntryQueued" == begun_whole["type"]
    assert ["queued", "merging"].count(printed.json["queue"][0]["status"]) == 1
    assert printed.json["next"].startswith("porch resume (")


def test_an_engine_on_another_host_is_alive_and_named(cut: RunDir, project: Project):
    with Lease.take(cut):
        holder = {"pid": 7, "host": "box", "started": "2026-11-22T08:15:00Z"}
        cut.lock.write_text(json.dumps(holder))
        printed, document = porch(project, "status").out, porch(project, "status", "--json").json

    assert "the engine is alive on box" in printed
    assert "next: porch attach" in printed
    assert "alive" == document["engine"]


def test_an_engine_of_this_host_is_not_named(cut: RunDir, project: Project):
    with Lease.take(cut):
        assert "the engine is alive\n" in porch(project, "status").out


def test_running_tasks_stand_still_without_an_engine(cut: RunDir, project: Project):
    [row] = [line for line in porch(project, "status").out.splitlines() if line.startswith("▸ b")]

    assert row.split()[3].endswith("s"), f"not all the time since counts: {row}"


def test_a_queued_command_is_shown_with_porch_resume_as_the_next_step(project: Project):
    begun(project, b"".join(LINES))
    porch(project, "slots", "2")

    printed, document = porch(project, "status").out, porch(project, "status", "--json").json

    assert "waiting for an engine: slots 2" in printed
    assert ["slots 2"] == document["waiting_commands"]
    assert document["next"].startswith("porch resume (")


def test_a_lease_that_is_only_looked_at_is_no_engine(cut: RunDir, project: Project):
    cut.lock.touch()
    with cut.lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        assert "gone" == porch(project, "status", "--json").json["engine"]


@pytest.mark.parametrize("form", ["text", "md", "html", "json"])
def test_the_report_of_a_killed_run_says_so_first(cut: RunDir, project: Project, form: str):
    printed = porch(project, "report", "--format", form)
    said = " ".join(printed.out.split())

    assert 0 == printed.code
    assert said.index("This run is not finished") < said.index("0 of 4 tasks landed")
