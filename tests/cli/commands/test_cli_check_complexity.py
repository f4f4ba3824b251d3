"""`porch check` guesses how complex tasks are by the files of the repository, and their times by that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from porch_tui.core.model.events import RunOpened
from project import Project

PLAN = """
tasks:
  hub: {run: "true", paths: [hub.py]}
  leaf: {run: "true", paths: [leaf.py]}
  said: {run: "true", paths: [hub.py], estimate: 7s, after: [hub]}
  new: {run: "true", paths: [new.py]}
"""


def test_guesses_go_by_complexity_and_estimates_do_not(project: Project):
    users = {f"user{number}.py": "import hub\n" for number in range(25)}
    project.commit({"hub.py": "#" * 120_000, "leaf.py": "", **users})
    project.plan(PLAN)

    document = json.loads(project.porch("check", "--json").stdout)
    tasks = {task["id"]: task for task in document["tasks"]}

    assert "high" == tasks["hub"]["complexity"]["level"]
    assert ["1 file of 120 kB", "imported by 25 other files"] == tasks["hub"]["complexity"]["reasons"]
    assert tasks["hub"]["estimate_s"] > tasks["new"]["estimate_s"] > tasks["leaf"]["estimate_s"]
    assert ("plan", 7.0) == (tasks["said"]["estimate_from"], tasks["said"]["estimate_s"])
    assert tasks["new"]["complexity"] is None


@pytest.mark.slow
def test_languages_that_are_not_read_are_named(project: Project, tmp_path: Path):
    project.commit({"a.go": "package a\n", "b.py": ""})
    project.plan(PLAN)
    (tmp_path / "stubs").mkdir()
    (tmp_path / "stubs/tree_sitter_go.py").write_text("raise ImportError('built for another system')\n")
    hidden = {"PYTHONPATH": str(tmp_path / "stubs")}
    note = "1 file of Go not read for imports; to have them read: pip install 'porch-tui[languages]'"

    assert note in project.porch("check", env=hidden).stderr
    warnings = json.loads(project.porch("check", "--json", env=hidden).stdout)["warnings"]
    assert {"line": 0, "text": note} in warnings
    assert note.partition(";")[0] in project.porch("doctor", env=hidden).stdout


def test_a_run_expects_what_check_has_said(project: Project):
    project.commit({"hub.py": "#" * 500_000, "leaf.py": ""})
    project.plan(PLAN)
    checked = json.loads(project.porch("check", "--json").stdout)["tasks"]

    project.porch("run", "--headless")

    (opened,) = project.events(RunOpened)
    assert {task["id"]: task["estimate_s"] for task in checked} == dict(opened.estimates)
    assert len(set(dict(opened.estimates).values())) > 2
