"""What a forecast costs, and how it knows how long a worktree takes."""

from __future__ import annotations

import json

from project import Project

PLAN = "tasks:\n  a: {run: echo a > a.txt}\n  b: {run: echo b > b.txt}\n"


def test_neither_check_nor_run_creates_a_worktree_only_to_measure_it(project: Project):
    project.plan(PLAN)
    beside = {path.name for path in project.root.parent.iterdir()}

    project.porch("check")
    asked = {path.name for path in project.root.parent.iterdir()}
    project.porch("run", "--headless")

    assert beside == asked
    made = {path.name for path in project.root.parent.iterdir()} - beside
    assert {"app-a", "app-b"} == made - {f"{project.root.name}.porch"}


def test_the_next_forecast_knows_how_long_the_worktrees_of_a_run_took(project: Project):
    project.plan(PLAN)
    project.porch("run", "--headless")

    took_s = json.loads((project.root / ".git/porch/overhead.json").read_bytes())["worktree_s"]

    assert 0 < took_s < 60
