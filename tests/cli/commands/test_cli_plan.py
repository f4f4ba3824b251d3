"""A plan is written from a list of tasks, for review: it overwrites nothing and runs nothing."""

from __future__ import annotations

import io
import sys

import pytest
from in_process import porch

from porch_tui.planfile.read import read_plan
from project import Project

LIST = (
    "# Tidy\n- [ ] Split `src/app.py`\n- [ ] Write docs (after the split)\n- [ ] Test in tests/test_app.py\n"
)
MINE = ("--agent", "mine {prompt}")


@pytest.fixture
def listed(project: Project) -> Project:
    """A project with a Python program, tests, and a list of tasks beside it."""
    project.commit({"src/app.py": "x = 1\n", "tests/test_one.py": "def test_one(): pass\n"})
    (project.root.parent / "tasks.md").write_text(LIST)
    return project


def test_a_list_becomes_a_plan_that_can_be_checked(listed: Project):
    before = listed.git("for-each-ref"), listed.git("stash", "list")

    written = porch(listed, "plan", "--from", "../tasks.md", *MINE)

    assert written.code == 0, written.err
    assert "wrote porch.yaml" in written.err and "porch check" in written.err
    plan = read_plan(listed.root / "porch.yaml").plan
    assert [(task.paths, task.after) for task in plan.tasks] == [
        (("src/app.py",), ()),
        ((), (plan.tasks[0].id,)),
        (("tests/test_app.py",), ()),
    ]
    assert plan.tasks[2].checks[0][2] == "pytest -q tests/test_app.py"
    assert plan.validate[0][2] == "pytest -q"
    assert porch(listed, "check").code == 0
    assert not (listed.root / ".git/porch/runs").exists()
    assert before == (listed.git("for-each-ref"), listed.git("stash", "list"))


def test_nothing_is_overwritten_without_force(listed: Project):
    listed.write("porch.yaml", "mine")
    listed.write("other.yaml", "mine too")

    refused = porch(listed, "plan", "--from", "../tasks.md", *MINE)
    named = porch(listed, "plan", "--from", "../tasks.md", *MINE, "-o", "other.yaml")

    assert (refused.code, named.code) == (2, 2)
    assert "--force" in refused.err and "--force" in named.err
    assert (listed.root / "porch.yaml").read_text() == "mine"
    assert (listed.root / "other.yaml").read_text() == "mine too"
    assert porch(listed, "plan", "--from", "../tasks.md", *MINE, "-o", "other.yaml", "--force").code == 0
    assert len(read_plan(listed.root / "other.yaml").plan.tasks) == 3


def test_a_plan_can_be_printed_and_a_list_come_from_standard_input(
    listed: Project, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LIST.encode())))

    printed = porch(listed, "plan", "Be tidy", "--from", "-", *MINE, "-o", "-")

    assert printed.code == 0
    assert "goal: Be tidy\n" in printed.out and "# stdin:2" in printed.out
    assert not (listed.root / "porch.yaml").exists()


def test_without_an_agent_nothing_is_written(listed: Project, monkeypatch: pytest.MonkeyPatch):
    (listed.root.parent / "bin").mkdir()
    git = listed.root.parent / "bin/git"
    git.symlink_to("/usr/bin/git")
    monkeypatch.setenv("PATH", str(git.parent))

    refused = porch(listed, "plan", "--from", "../tasks.md")
    unknown = porch(listed, "plan", "--from", "../tasks.md", "--agent", "unheard-of")

    assert (refused.code, unknown.code) == (2, 2)
    assert "--agent" in refused.err and "unheard-of" in unknown.err
    assert not (listed.root / "porch.yaml").exists()


def test_a_list_without_tasks_is_refused_with_its_place(listed: Project):
    (listed.root.parent / "prose.md").write_text("Only prose.\n")

    refused = porch(listed, "plan", "--from", "../prose.md", *MINE)

    assert refused.code == 2
    assert "prose.md:1:1: found no tasks" in refused.err


@pytest.mark.parametrize(
    "words", [("--rounds", "2"), ("--wrap", "bwrap"), ("--parts", "3"), ("--tasks", "3")]
)
def test_options_for_another_source_of_the_plan_are_refused(listed: Project, words: tuple[str, ...]):
    refused = porch(listed, "plan", "--from", "../tasks.md", *MINE, *words)

    assert refused.code == 2
    assert f"{words[0]} belongs to --" in refused.err
