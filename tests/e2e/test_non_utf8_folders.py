"""porch works in a folder whose name is not UTF-8."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from project import Project

PLAN = """\
goal: Work anywhere
copy: [kept.log]
setup: 'echo ready > setup.log'
validate: 'test -e README.md && test -n "$PORCH_WORKTREE" && test "$PWD" = "$PORCH_WORKTREE"'
tasks:
  a: {run: 'echo > a', checks: 'test -e a'}
  b: {run: 'echo b > same'}
  c: {run: 'sleep 0.3; echo c > same'}
  d: {run: 'echo > d; exit 3'}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = Path(os.fsdecode(os.fsencode(tmp_path_factory.mktemp("odd")) + b"/caf\xe9"))
    try:
        project = Project(folder)
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    project.write("kept.log", "kept\n")
    project.plan(PLAN)
    project.porch("run", "--headless", "--parallel", expect=1)
    return project


def test_work_is_validated_and_lands(project: Project):
    outcomes = project.outcomes()

    assert (outcomes["a"], outcomes["d"]) == ("landed", "failed")
    assert sorted([outcomes["b"], outcomes["c"]]) == ["conflict", "landed"]
    assert "it could not be run" not in project.porch("report").stdout


def test_verdicts_are_remembered_for_the_next_run(project: Project):
    noted = (project.root / ".git/porch/verdicts.jsonl").read_text().splitlines()

    assert noted and all(os.fsencode(json.loads(line)["log"]).count(b"caf\xe9") for line in noted)


@pytest.mark.parametrize(
    "command",
    ["status", "status --json", "report", "report --format json", "report --format html", "runs", "check",
     "check --json", "doctor --json", "logs a", "conflicts", "clean --dry-run", "clean --json --dry-run",
     "report --format md -o report.log", "validate d"],
)  # fmt: skip
def test_every_command_works_there(project: Project, command: str):
    done = project.porch(*command.split(), expect=None)

    assert done.returncode in (0, 4), done.stderr
    assert "Traceback" not in done.stderr
    if "json" in command:
        json.loads(done.stdout)


def test_no_output_has_half_a_character(project: Project):
    output = project.porch("runs").stdout + project.porch("doctor").stdout

    assert "caf\\xe9" in output
