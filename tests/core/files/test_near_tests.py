"""Which tests belong to what a task changes, by the names of the repository's files."""

from __future__ import annotations

import pytest

from builders import plan, task, unvalidated
from porch_tui.core.files.near_tests import NearTests, runs_tests
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Plan, from_shell

FLASK = (
    "src/flask/app.py", "src/flask/cli.py", "src/flask/json/tag.py", "src/flask/json/provider.py",
    "tests/test_cli.py", "tests/test_json.py", "tests/test_json_tag.py", "tests/test_basic.py",
    "tests/type_check/typing_route.py", "pyproject.toml", "docs/cli.rst",
)  # fmt: skip
SPLIT = (
    "shop/cart/models.py", "shop/user/models.py", "tests/cart/test_models.py", "tests/cart/test_views.py",
    "tests/user/test_models.py", "tests/test_end_to_end.py",
)  # fmt: skip


def near(tracked: tuple[str, ...], *patterns: str, of: Plan | None = None) -> str | None:
    return NearTests(of or unvalidated("a"), tracked).command_for(patterns)


def test_a_module_is_tested_by_the_file_that_is_named_after_it():
    assert "pytest -q tests/test_cli.py" == near(FLASK, "src/flask/cli.py")


def test_a_folder_is_tested_by_the_file_that_is_named_after_it():
    assert "pytest -q tests/test_json.py" == near(FLASK, "src/flask/json/**")


def test_a_folder_is_tested_by_the_folder_of_tests_that_is_named_after_it():
    assert "pytest -q tests/cart" == near(SPLIT, "shop/cart/**")


def test_tests_that_a_task_writes_are_run():
    assert "pytest -q tests/test_basic.py" == near(FLASK, "src/flask/app.py", "tests/test_basic.py")
    assert "pytest -q tests/user" == near(SPLIT, "tests/user/**")


def test_of_several_tests_with_one_name_the_nearest_is_run():
    assert "pytest -q tests/user/test_models.py" == near(SPLIT, "shop/user/models.py")


def test_of_several_that_are_equally_near_none_is_guessed():
    assert near(SPLIT, "lib/models.py") is None


@pytest.mark.parametrize("pattern", ["docs/cli.rst", "README.md", "**", "src/flask/wsgi.py", "src/**"])
def test_what_no_test_is_named_after_has_none(pattern: str):
    assert near(FLASK, pattern) is None


def test_pytest_is_run_as_the_plan_runs_it():
    own = replace(plan("a"), validate=(from_shell(".venv/bin/python -m pytest -x -q"),))

    assert ".venv/bin/python -m pytest -q tests/test_cli.py" == near(FLASK, "src/flask/cli.py", of=own)


@pytest.mark.parametrize("validate", ["python3 -m unittest", "python3 -m unittest discover -s tests"])
def test_tests_are_run_by_unittest_where_the_plan_does_so(validate: str):
    own = replace(plan("a"), validate=(from_shell(validate),))

    assert "python3 -m unittest tests/test_cli.py" == near(FLASK, "src/flask/cli.py", of=own)
    assert near(SPLIT, "shop/cart/**", of=own) is None, "a folder is no module"


def test_where_the_plan_tests_in_another_way_none_is_guessed():
    own = replace(plan("a"), validate=(from_shell("tox -e py311"),))

    assert near(FLASK, "src/flask/cli.py", of=own) is None


def test_a_longer_script_says_nothing_of_how_pytest_is_run():
    own = replace(plan("a"), validate=(from_shell("make build && ./run"),))

    assert "pytest -q tests/test_cli.py" == near(FLASK, "src/flask/cli.py", of=own)


def test_other_languages_have_commands_of_their_own():
    go = ("go.mod", "auth/auth.go", "auth/auth_test.go", "log/log.go")
    script = ("package.json", "src/auth.ts", "src/auth.spec.ts", "src/log.ts")

    assert "go test ./auth/..." == near(go, "auth/**")
    assert near(go, "log/**") is None
    assert "npm test -- src/auth.spec.ts" == near(script, "src/auth.ts")
    assert near(("Makefile", "tests/run.sh", "auth.c"), "auth.c") is None


def test_a_path_that_a_shell_would_take_apart_is_not_put_into_a_command():
    assert near(("a b.py", "tests/test_a b.py"), "a b.py") is None


@pytest.mark.parametrize("command", ["pytest -q tests", "make && npm run test", "go test ./..."])
def test_a_command_that_runs_tests_is_known(command: str):
    assert runs_tests(replace(task("a"), command=from_shell(command)))


@pytest.mark.parametrize("command", ["./refactor.sh", "npm ci", "make latest", "go build ./test"])
def test_other_commands_are_not_taken_for_tests(command: str):
    assert not runs_tests(replace(task("a"), command=from_shell(command)))
