"""Runs are made privately, and found by what a person would type."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from porch_tui.core.model.commands import PauseRun
from porch_tui.core.model.events import RunPaused
from porch_tui.core.model.plan import RunId, Sha
from porch_tui.errors import JournalError
from porch_tui.journal import finding, inbox, rundir
from porch_tui.journal.lease import Lease
from porch_tui.journal.log import Journal
from porch_tui.journal.rundir import RunDir

MORNING = datetime(2026, 11, 22, 8, 15, tzinfo=UTC)


@pytest.fixture
def generous_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def begun(common_dir: Path, *ids: str) -> list[RunDir]:
    """Make runs that have a journal."""
    runs = [rundir.create(common_dir, RunId(run)) for run in ids]
    for run in runs:
        Journal.create(run.journal).close()
    return runs


@pytest.mark.usefixtures("generous_umask")
def test_everything_in_a_run_is_its_owners_alone(common_dir: Path) -> None:
    run = rundir.create(common_dir, RunId("20261122-081500-layers"))
    with Lease.take(run), closing(Journal.create(run.journal)) as journal:
        journal.append([RunPaused()], "cmd-1")
        inbox.drop(run, PauseRun("cmd-1"))

    found = {path: stat.S_IMODE(path.stat().st_mode) for path in common_dir.rglob("*")}

    assert {run.journal, run.lock, run.inbox, run.refused, run.attempts, run.validations} <= found.keys()
    assert {path: 0o700 if path.is_dir() else 0o600 for path in found} == found


def test_a_run_is_made_once(common_dir: Path) -> None:
    begun(common_dir, "20261122-081500-layers")

    with pytest.raises(JournalError, match="20261122-081500-layers exists already"):
        rundir.create(common_dir, RunId("20261122-081500-layers"))


def test_a_run_that_cannot_be_made_is_an_error_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="No such file"):
        rundir.create(tmp_path / "gone", RunId("20261122-081500-layers"))


def test_names_inside_a_run() -> None:
    run = RunDir(Path("/repo/.git/porch/runs/20261122-081500-layers"))

    assert run.run == "20261122-081500-layers"
    assert run.path / "attempts" / "parser.v1.2" == run.attempt("parser.v1.2")
    assert run.path / "validations" / "8383b6e12345.3" == run.validation(Sha("8383b6e12345" + "0" * 28), 3)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("refactor-layers", "20261122-081500-refactor-layers"),
        ("Größe v1..2.lock", "20261122-081500-gr-e-v1-2-lock"),
        ("../..", "20261122-081500-run"),
        ("x" * 100, "20261122-081500-" + "x" * 40),
    ],
)
def test_an_id_is_time_and_plan_and_fit_for_a_ref(name: str, expected: str) -> None:
    assert expected == rundir.run_id(name, MORNING, taken=())


def test_an_id_is_in_utc_wherever_the_clock_is() -> None:
    there = MORNING.astimezone(timezone(timedelta(hours=9)))

    assert rundir.run_id("layers", there, taken=()) == "20261122-081500-layers"


def test_an_id_that_is_taken_gets_a_number() -> None:
    taken: list[str] = []
    for _ in range(3):
        taken.append(rundir.run_id("layers", MORNING, taken))

    assert [f"20261122-081500-layers{end}" for end in ("", "-2", "-3")] == taken


def test_runs_are_listed_newest_first(common_dir: Path) -> None:
    oldest_first = ["20251122-081500-z", *(f"20261122-081500-a{end}" for end in ("", "-2", "-9", "-10"))]
    for run in begun(common_dir, *oldest_first[::-1]):
        run.number.unlink()  # as of a porch that went by the id alone
    (rundir.runs_of(common_dir) / "a file").touch()

    assert oldest_first[::-1] == [run.run for run in rundir.all_runs(common_dir)]


def test_where_nothing_ran_there_is_no_run(common_dir: Path) -> None:
    assert rundir.all_runs(common_dir) == []
    for name in (None, "2026"):
        with pytest.raises(JournalError, match=r"^no run yet; start one with porch run$"):
            finding.find(common_dir, name)


def test_without_a_name_the_living_run_is_meant_else_the_newest(common_dir: Path) -> None:
    old, middle, new = begun(common_dir, "20261120-000000-a", "20261121-000000-a", "20261122-000000-a")
    assert new == finding.find(common_dir, None)

    with Lease.take(old):
        assert old == finding.find(common_dir, None)
        with Lease.take(middle):
            assert middle == finding.find(common_dir, None)


def test_a_run_that_never_began_is_not_meant_unless_it_is_named_or_lives(common_dir: Path) -> None:
    (old,) = begun(common_dir, "20261120-000000-a")
    stillborn = rundir.create(common_dir, RunId("20261121-000000-a"))

    assert old == finding.find(common_dir, None)
    assert stillborn == finding.find(common_dir, "20261121")
    with Lease.take(stillborn):
        assert stillborn == finding.find(common_dir, None)


def test_the_beginning_of_an_id_is_enough_if_it_is_the_only_one(common_dir: Path) -> None:
    first, second, other = begun(common_dir, "20261122-081500-a", "20261122-081500-a-2", "20261123-000000-b")

    assert other == finding.find(common_dir, "20261123")
    assert second == finding.find(common_dir, "20261122-081500-a-2")
    assert first == finding.find(common_dir, "20261122-081500-a"), "a whole id means itself"
    with pytest.raises(JournalError, match=r"(?s)several runs.*20261122-081500-a-2\n.*20261122-081500-a$"):
        finding.find(common_dir, "20261122")
    with pytest.raises(JournalError, match="no run begins with '1999'"):
        finding.find(common_dir, "1999")


def test_the_room_is_light_and_knows_neither_screen_nor_git() -> None:
    rooms = ["codec", "durable", "inbox", "lease", "log", "rundir"]
    source = f"import sys; from porch_tui.journal import {', '.join(rooms)}; print(*sys.modules)"

    loaded = subprocess.check_output([sys.executable, "-c", source], text=True).split()

    assert set() == {"textual", "git", "rich", "asyncio", "yaml", "psutil"} & set(loaded)
    foreign = [name for name in loaded if name.startswith("porch_tui.") and name.count(".") == 1]
    assert {"porch_tui.core", "porch_tui.errors", "porch_tui.journal"} == set(foreign)


def test_the_newest_run_is_the_one_made_last_whatever_the_clock_said(tmp_path: Path) -> None:
    """One was made while the clock was ahead, and one by a porch that did not number runs."""
    unnumbered = rundir.create(tmp_path, RunId("20990101-000000-b"))
    unnumbered.number.unlink()
    made = [rundir.create(tmp_path, RunId(name)) for name in ("20970101-000000-p", "20261128-000000-p")]

    assert [*reversed(made), unnumbered] == rundir.all_runs(tmp_path)
