"""What runs have shown is kept for the next check, and may be damaged or deleted at any time."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.advice.lessons import Clash, Observed
from porch_tui.core.model.plan import RunId, TaskId
from porch_tui.journal import observations
from porch_tui.journal.observations import OBSERVATIONS


@pytest.fixture
def common_dir(tmp_path: Path) -> Path:
    (tmp_path / "porch").mkdir()
    return tmp_path


def observed(run: str, at: float = 0.0, plan: str = "plan", path: str = "x.py") -> Observed:
    a, b = TaskId("a"), TaskId("b")
    return Observed(RunId(run), plan, at, {a: 1.0}, {a: (path,)}, (Clash(b, (a,), (path,)),))


def test_the_runs_of_a_plan_come_the_newest_first_and_each_once(common_dir: Path):
    for one in (observed("2", 2), observed("1", 1), observed("1", 1, path="y"), observed("3", 3, "other")):
        observations.remember(common_dir, one)

    assert (observed("2", 2), observed("1", 1, path="y")) == observations.of_plan(common_dir, "plan")
    assert observed("1", 1, path="y") == observations.of_run(common_dir, RunId("1"))


def test_what_is_known_already_is_not_written_again(common_dir: Path):
    for _ in range(3):
        observations.remember(common_dir, observed("1"))

    assert 1 == len(OBSERVATIONS.newest_first(common_dir))


def test_a_line_that_a_killed_engine_left_half_is_passed_over(common_dir: Path):
    observations.remember(common_dir, observed("1"))
    file = common_dir / "porch" / OBSERVATIONS.file
    file.write_bytes(file.read_bytes() + file.read_bytes()[:20])
    observations.remember(common_dir, observed("2"))

    assert observations.of_run(common_dir, RunId("1")) == observed("1")


def test_a_path_that_is_not_utf_8_is_kept(common_dir: Path):
    observations.remember(common_dir, observed("1", path="a\udce9"))

    assert observed("1", path="a\udce9") == observations.of_run(common_dir, RunId("1"))


def test_without_the_file_nothing_is_known(common_dir: Path):
    assert () == observations.of_plan(common_dir, "plan")
    assert observations.of_run(common_dir, RunId("1")) is None
