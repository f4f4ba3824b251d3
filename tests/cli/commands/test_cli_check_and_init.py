"""A plan is looked at without changing anything; a first one is written without overwriting anything."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from in_process import porch

from project import Project

CHECK_KEYS = [
    "plan", "tasks", "pairs", "pairs_left_out", "pair_counts", "waves", "critical_path", "times",
    "verdict", "warnings", "advice", "lessons", "agents", "fences", "layout",
]  # fmt: skip
TWO = "tasks:\n  one: {run: 'true', estimate: 60}\n  two: {run: 'true', estimate: 60}\n"


def test_check_has_exactly_the_keys_of_the_contract(project: Project):
    project.plan(TWO)

    document = porch(project, "check", "--json").json

    assert CHECK_KEYS == list(document)
    assert ("porch.yaml", [["one", "two"]]) == (document["plan"], document["waves"])
    assert "parallel" == document["verdict"]["choice"]
    assert {"path": "../app-one", "branch": "feature/one"} == document["layout"][0]
    assert [] == document["warnings"]


def test_check_changes_nothing_that_a_person_sees(project: Project):
    project.plan(TWO)

    def picture() -> tuple[object, ...]:
        siblings = sorted(path.name for path in project.root.parent.iterdir())
        return siblings, project.git("for-each-ref"), project.git("status", "--porcelain", "--ignored")

    before = picture()
    printed = porch(project, "check")

    assert 0 == printed.code
    assert "Run it in parallel" in printed.out
    assert before == picture()
    assert not (project.root / ".git/porch/runs").exists()


def test_check_warns_of_what_would_refuse_the_run_now(project: Project):
    project.plan(TWO)
    project.git("branch", "feature/one")
    (project.root.parent / "app-two").mkdir()

    printed = porch(project, "check")
    warnings = porch(project, "check", "--json").json["warnings"]

    assert 0 == printed.code
    assert "porch run would be refused now" in printed.err
    assert "the branch feature/one exists" in warnings[0]["text"]
    assert "app-two" in warnings[0]["text"]


def test_a_wrong_plan_is_exit_2_with_all_its_mistakes(project: Project):
    project.plan("tasks:\n  one: {runn: 'true'}\n  two: {run: 'true', after: [three]}\n")

    printed = porch(project, "check")

    assert (2, "") == (printed.code, printed.out)
    assert "porch.yaml:2:" in printed.err
    assert "did you mean" in printed.err


def test_a_plan_that_asks_for_the_impossible_is_exit_2(project: Project):
    project.plan("worktree: '{task}'\n" + TWO)

    assert 2 == porch(project, "check").code


def test_no_plan_is_exit_2_and_names_init(project: Project):
    printed = porch(project, "check")

    assert 2 == printed.code
    assert "porch init" in printed.err


def test_what_init_writes_is_a_plan_that_runs_as_it_is(project: Project):
    assert 0 == porch(project, "init").code
    assert 0 == porch(project, "check").code

    project.porch("run", "--headless")

    assert {"landed"} == set(project.outcomes().values())


def test_init_leaves_out_what_this_machine_cannot_start(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    project.commit({"test_app.py": "", "uv.lock": ""})
    (tmp_path / "git").symlink_to(shutil.which("git") or "")
    monkeypatch.setenv("PATH", str(tmp_path))

    printed = porch(project, "init")

    assert "uv is not on PATH, so what would need it is a comment" in printed.err
    assert "# setup: uv sync" in (project.root / "porch.yaml").read_text()


def test_init_never_overwrites(project: Project):
    project.write("porch.yml", "mine\n")

    printed = porch(project, "init")

    assert 3 == printed.code
    assert "never overwrites" in printed.err
    assert ["mine\n", False] == [
        (project.root / "porch.yml").read_text(),
        (project.root / "porch.yaml").exists(),
    ]


def test_init_does_not_write_through_a_dangling_link(project: Project, tmp_path: Path):
    (project.root / "porch.yaml").symlink_to(tmp_path / "elsewhere")

    assert 3 == porch(project, "init").code
    assert not os.path.lexists(tmp_path / "elsewhere")


def test_init_prints_instead_even_over_a_plan(project: Project):
    project.write("porch.yaml", "mine\n")

    printed = porch(project, "init", "--print")

    assert (0, "mine\n") == (printed.code, (project.root / "porch.yaml").read_text())
    assert "tasks:" in printed.out


def test_schema_is_one_json_document(project: Project):
    assert "porch plan file" == json.loads(porch(project, "schema").out)["title"]


def test_check_quotes_the_lines_of_the_plan_and_of_the_scripts_it_runs(project: Project):
    project.commit({"gen.sh": "#!/bin/sh\nset -e\necho 1 > schema.json\n"})
    project.plan(
        "tasks:\n  one: {run: ./gen.sh}\n  two:\n    run: |\n      set -e\n      echo 2 >> schema.json\n"
    )

    (pair,) = porch(project, "check", "--json").json["pairs"]
    text = porch(project, "check").out

    assert (pair["relation"], pair["is_known"]) == ("conflicting", True)
    places = [(quote["file"], quote["line"], quote["quote"]) for quote in pair["evidence"][0]["quotes"]]
    assert places == [("gen.sh", 3, "echo 1 > schema.json"), ("porch.yaml", 6, "echo 2 >> schema.json")]
    assert "one + two (conflicting: overlap): both write schema.json (gen.sh:3, porch.yaml:6)" in " ".join(
        text.split()
    )
