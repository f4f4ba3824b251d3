"""The plan that a repository begins with runs as it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planfile.plan_reading import plan, warnings_of

from porch_tui.core.model.plan import shown
from porch_tui.planfile.starter_plan import starting_plan


@pytest.mark.parametrize(
    ("tracked", "validate", "setup"),
    [
        (["src/a.py", "tests/test_a.py"], "pytest -q", None),
        (["a_test.py", "tox.ini"], "pytest -q", None),
        (["test_a.py", "uv.lock"], "uv run pytest -q", "uv sync"),
        (["tox.ini", "setup.py"], "tox", None),
        (["package.json", "test/a.js", "package-lock.json"], "npm test", "npm ci"),
        (["package.json", "src/a.spec.ts"], "npm test", None),
        (["package.json", "index.js"], None, None),
        (["Cargo.toml", "Makefile"], "cargo test", None),
        (["go.mod"], "go test ./...", None),
        (["Makefile"], "make test", None),
        (["deep/Makefile", "README.md"], None, None),
        ([], None, None),
    ],
)
def test_the_tests_of_a_repository_are_guessed_from_its_files(
    tracked: list[str], validate: str | None, setup: str | None
):
    text = starting_plan("app", tracked)

    assert [] == warnings_of(text)
    assert [validate] == [shown(each) for each in plan(text).validate] or validate is None
    assert bool(validate) == bool(plan(text).validate)
    assert [setup] == [shown(each) for each in plan(text).setup] or setup is None


def test_commands_of_a_program_that_is_not_there_are_comments_that_say_so():
    text = starting_plan("app", ["test_a.py", "uv.lock"], is_on_path=lambda program: program != "uv")

    assert () == plan(text).setup == plan(text).validate and [] == warnings_of(text)
    said = [line.split("#") for line in text.splitlines() if line.endswith("# uv is not on PATH")]
    assert ["setup: uv sync", "validate: uv run pytest -q"] == [line[1].strip() for line in said]


@given(st.text(), st.lists(st.text()))
def test_any_repository_gets_a_plan_that_is_read_without_a_warning(name: str, tracked: list[str]):
    assert [] == warnings_of(starting_plan(name, tracked))


def test_its_tasks_run_and_write_what_they_say(tmp_path: Path):
    tasks = plan(starting_plan("app", ["porch-example/x"])).tasks
    for task in tasks:
        for command in (task.command, *task.checks):
            subprocess.run(command, cwd=tmp_path, check=True)

    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert sorted(path for task in tasks for path in task.paths) == written
    assert not (tmp_path / "porch-example").exists()
