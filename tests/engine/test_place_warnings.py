"""What a plan's author is warned of because tasks run on other machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.engine.place_warnings import place_warnings
from porch_tui.git.discovery import discover
from porch_tui.planfile.read import plan_from
from project import Project

ONE = "tasks: {a: {run: x}}\n"


def warned(project: Project, text: str) -> list[tuple[int, str]]:
    """Return the warnings, each with its line."""
    read = plan_from(text.encode(), "porch.yaml", "porch")
    found = place_warnings(read.plan, discover(project.root), project.git("rev-parse", "HEAD").strip())
    return [(warning.line, warning.text) for warning in read.warned(found)]


def test_submodules_and_contents_of_lfs_are_in_no_commit_that_goes_along(project: Project):
    (project.root / "art").mkdir()
    (project.root / "art/.gitattributes").write_text("*.png filter=lfs diff=lfs -text\n# *.x filter=lfs\n")
    project.git("add", "art")
    project.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},libs/core")
    project.git("commit", "-m", "submodule")

    (lfs, submodule) = warned(project, f"\nplace: [threads, ssh:big]\n{ONE}")

    assert submodule == (
        2,
        "submodules do not go along: libs/core is empty on ssh:big, unless 'setup' fetches them from an"
        " address that is reached from there",
    )
    assert lfs[1].startswith("contents of git-lfs do not go along: on ssh:big files such as art/*.png are")
    assert warned(project, ONE) == []


def test_validations_that_ask_for_the_history_find_no_tags_where_they_are_told_to_run(project: Project):
    text = f"place: ssh:big\nvalidate: git describe --tags\n{ONE}"

    assert warned(project, text) == []  # they run here
    ((line, said),) = warned(project, f"{text}validate_on: ssh:big\n")
    assert line == 2
    assert "validations on ssh:big find the commits, but no tags and no branches" in said


def test_a_secret_with_its_value_in_the_plan_is_sent_to_other_machines(project: Project):
    text = f"env:\n  LEVEL: '1'\n  API_KEY: abc\n{ONE}"

    ((line, said),) = warned(project, f"{text}place: ssh:big\n")
    assert line == 3
    assert said.startswith("API_KEY is sent to ssh:big with its value")
    assert warned(project, text) == []


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("run: HOME/bin/tool --fast", "task 'a' names HOME/bin/tool, which is on this machine"),
        ("run: [cat, ROOT/x.txt]", "task 'a' names ROOT/x.txt"),
        ("run: x, checks: [[test, -f, HOME/y]]", "task 'a' names HOME/y"),
        (
            "run: x, wrap: [podman, run, '-v', 'HOME/c:/c', i]",
            "task 'a' names HOME/c, which is on this machine",
        ),
    ],
)
def test_a_folder_of_this_machine_in_what_runs_elsewhere(project: Project, task: str, said: str):
    def filled(text: str) -> str:
        return text.replace("HOME", str(Path.home())).replace("ROOT", str(project.root))

    found = warned(project, filled(f"tasks:\n  a: {{{task}, place: [threads, ssh:big]}}\n"))

    assert [line for line, _ in found] == [2]
    assert found[0][1].startswith(filled(said))
    assert found[0][1].endswith("may run on ssh:big")
    assert warned(project, filled(f"tasks:\n  a: {{{task}}}\n")) == []


def test_paths_that_are_the_same_anywhere_and_placeholders_are_no_news(project: Project):
    text = "place: ssh:big\ntasks: {a: {run: /usr/bin/env x, wrap: [podman, -v, '{worktree}:/w', i]}}\n"

    assert warned(project, text) == []
