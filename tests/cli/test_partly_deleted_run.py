"""A run whose worktrees, branches and refs were partly deleted can still be looked at."""

from __future__ import annotations

import shutil

import pytest
from in_process import porch

from project import Project

PLAN = """\
tasks:
  ok: {run: 'echo > ok'}
  first: {run: 'echo first > same'}
  second: {run: 'sleep 0.3; echo second > same'}
  fails: {run: 'echo x > f; exit 1'}
"""


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A run with a conflict and a failure, most of whose worktrees, branches and refs were deleted."""
    project = Project(tmp_path_factory.mktemp("torn"))
    project.plan(PLAN)
    project.porch("run", "--headless", "--parallel", expect=1)
    for task in ("fails", "second"):
        shutil.rmtree(project.root.parent / f"app-{task}")
        project.git("update-ref", "-d", f"refs/heads/feature/{task}")
    for ref in project.git("for-each-ref", "--format=%(refname)", "refs/porch").splitlines():
        project.git("update-ref", "-d", ref)
    return project


@pytest.mark.parametrize(
    "words",
    [
        ["status"], ["status", "--json"], ["report"], ["report", "--format", "json"],
        ["report", "--format", "html"], ["report", "--format", "md"], ["report", "--format", "trace"],
        ["runs"], ["doctor"], ["conflicts"], ["logs", "fails"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_reading_commands_work(torn: Project, words: list[str]):
    result = porch(torn, *words)

    assert result.code == 0, result.err
    assert "Traceback" not in result.out + result.err


def test_outcomes_and_heads_are_those_of_the_journal(torn: Project):
    tasks = {task["id"]: task for task in porch(torn, "status", "--json").json["tasks"]}
    outcomes = {tasks[name]["outcome"] for name in ("first", "second")}

    assert ("landed", "failed") == (tasks["ok"]["outcome"], tasks["fails"]["outcome"])
    assert {"landed", "conflict"} == outcomes
    assert None is tasks["fails"]["head"]
