"""porch validate: a task's work is validated alone or on top of others' work, and nothing lands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until
from tests.at_rest import at_rest

PLAN = """\
validate: "! (test -e a && test -e b)"
tasks:
  a: {run: 'echo a > a'}
  b: {run: 'echo b > b'}
  c: {run: 'echo c > a'}
  fails: {run: 'exit 3'}
"""


def run_of_four(project: Project) -> None:
    """Land `a`; `b` fails with it and `c` conflicts with it."""
    project.plan(PLAN)
    project.porch("run", "--headless", "--slots", "1", expect=1)
    assert {"a": "landed", "b": "rejected", "c": "conflict", "fails": "failed"} == project.outcomes()


@pytest.fixture
def four() -> Project:
    """A run at rest: `a` has landed, `b` fails with it, `c` conflicts with it."""
    return at_rest(run_of_four)


def validated(project: Project, *words: str, expect: int) -> dict[str, object]:
    """Return what `porch validate --json` prints."""
    found: dict[str, object] = json.loads(project.porch("validate", *words, "--json", expect=expect).stdout)
    return found


@pytest.mark.slow
def test_without_an_engine_porch_validate_is_a_one_shot_engine_and_moves_nothing(four: Project):
    before = four.git("for-each-ref", "refs/heads"), four.git("status", "--porcelain")

    assert "passes" == validated(four, "b", expect=0)["result"]
    found = validated(four, "b", "--on-top-of", "a", expect=1)
    clash = validated(four, "c", "--on-top-of", "a", expect=1)

    assert ("fails", "fails on top of a: exit 1") == (found["result"], found["text"])
    assert ("impossible", ["a"], None) == (clash["result"], clash["conflicts"], clash["log"])
    assert before == (four.git("for-each-ref", "refs/heads"), four.git("status", "--porcelain"))
    assert {"a": "landed", "b": "rejected", "c": "conflict", "fails": "failed"} == four.outcomes()


@pytest.mark.slow
def test_a_repeated_request_runs_it_again_and_names_its_log(four: Project):
    first, second = (validated(four, "c", "--on-top-of", "b", expect=1) for _ in range(2))

    assert ("", "") == (first["known"], second["known"])
    assert first["log"] != second["log"]
    assert Path(str(second["log"])).is_file()


@pytest.mark.slow
def test_the_result_is_in_status_and_report(four: Project):
    four.porch("validate", "c", "--on-top-of", "b", expect=1)

    assert "c fails on top of b: exit 1" in four.porch("status").stdout
    assert "c fails on top of b: exit 1; output in" in four.porch("report").stdout.replace("\n  ", " ")
    (found,) = json.loads(four.porch("report", "--format", "json").stdout)["integration"]["trials"]
    assert ("c", "fails") == (found["task"], found["result"])


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["fails"], 4, "it has no head yet"),
        (["b", "--on-top-of", "b"], 4, "it cannot be validated on top of itself"),
        (["b", "--on-top-of", "fails"], 4, "it has no head yet"),
        (["b", "--on-top-of", "fail"], 2, "did you mean 'fails'?"),
    ],
)
def test_an_impossible_validation_is_refused_and_leaves_nothing_behind(
    four: Project, words: list[str], code: int, why: str
):
    assert why in four.porch("validate", *words, expect=code).stderr
    assert [] == list(four.rundir.inbox.glob("*.json"))


@pytest.mark.slow
def test_a_rejected_task_names_the_command_that_prints_why(project: Project):
    project.plan("validate: 'echo this is why; test ! -e b'\ntasks:\n  b: {run: 'echo b > b'}\n")
    project.porch("run", "--headless", expect=1)

    (need,) = project.status()["needs_you"]

    assert "porch logs b --validation; porch retry b" == need["next"]
    assert "this is why\n" == project.porch("logs", "b", "--validation").stdout


def test_a_living_engine_validates_while_a_task_runs(project: Project):
    project.plan(f"{PLAN}  long: {{run: 'sleep 600', priority: -1}}\n")
    project.porch("run", "--detach", "--slots", "1")
    until(lambda: "conflict" in project.outcomes().values(), "c to conflict with a")

    assert "passes alone" in project.porch("validate", "c").stdout

    project.porch("stop", "long")


@pytest.mark.slow
def test_the_next_engine_completes_an_ad_hoc_validation_after_a_kill(project: Project):
    gate = project.root.parent / "gate"
    project.plan(
        f"validate: 'test ! -e b || while ! test -e {gate}; do sleep 0.05; done'\n"
        "tasks:\n  a: {run: 'echo a > a'}\n  b: {run: 'echo b > b; exit 0'}\n  c: {run: 'echo c > a'}\n"
    )
    gate.touch()
    project.porch("run", "--headless", "--slots", "1", expect=1)
    gate.unlink()
    process = project.begin("validate", "c", "--on-top-of", "b")
    until(lambda: project.events(e.AdHocValidationBuilt), "the trial to begin")

    kill(process)
    gate.touch()
    project.porch("resume", "--headless", expect=1)

    assert "c passes on top of b" in project.porch("status").stdout
