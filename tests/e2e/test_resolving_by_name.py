"""A version of a conflicted path lands under another name: every kind, from the conflict to the target."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from project import Project

pytestmark = pytest.mark.slow

PLAN = """\
tasks:
  a: {{run: {ours}}}
  b:
    run: until test -e ../app/landed-a; do sleep 0.05; done; {theirs}
"""
KINDS = {
    # name: (files, what a does, what b does, options, files then)
    "add/add": ({}, "echo a > x", "echo b > x", [["y", "x"]], {"x": "a", "y": "b"}),
    "rename/rename 2to1": (
        {"p": "1\n2\n3\n4\n", "q": "5\n6\n7\n8\n"}, "git mv p z", "git mv q z", [["sub/z", "z"]],
        {"z": "1\n2\n3\n4", "sub/z": "5\n6\n7\n8"},
    ),
    "rename/add": (
        {"p": "1\n2\n3\n4\n"}, "git mv p z", "echo b > z", [["z2", "z"]], {"z": "1\n2\n3\n4", "z2": "b"},
    ),
    "directory rename, as it was": (
        {"old/p": "1\n2\n", "old/q": "3\n4\n"}, "git mv old new", "echo b > old/c", [["old/c", "new/c"]],
        {"new/p": "1\n2", "new/q": "3\n4", "old/c": "b"},
    ),
    "directory rename of the task's": (
        {"old/p": "1\n2\n", "old/q": "3\n4\n"}, "echo a > old/c", "git mv old new", [["c", "new/c"]],
        {"new/p": "1\n2", "new/q": "3\n4", "c": "a"},
    ),
    "file/directory": (
        {}, "mkdir d; echo a > d/x", "echo b > d", [["d.txt", "d~task"]], {"d/x": "a", "d.txt": "b"},
    ),
    "directory/file": (
        {}, "echo a > d", "mkdir d; echo b > d/x", [["d.txt", "d~target"]], {"d/x": "b", "d.txt": "a"},
    ),
    "distinct types": (
        {"x": "1\n"}, "ln -sf nowhere x", "echo b > x", [["x.txt", "x~task"], ["link", "x"]],
        {"x.txt": "b", "link": "nowhere"},
    ),
}  # fmt: skip


def conflicted(project: Project, files: dict[str, str], ours: str, theirs: str) -> None:
    """Run two tasks that conflict; `b` needs attention."""
    project.commit(files)
    project.plan(PLAN.format(ours=json.dumps(f"{ours}; echo > landed-a"), theirs=theirs))
    project.porch("run", "--headless", "--parallel", expect=1)
    assert project.outcomes()["b"] == "conflict"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_lands_under_the_name_it_was_given(project: Project, kind: str):
    files, ours, theirs, wanted, then = KINDS[kind]
    conflicted(project, files, ours, theirs)

    project.porch("resolve", "b", *(word for pair in wanted for word in ("--as", *pair)))
    project.porch("resume", "--headless")

    names = set(project.git("ls-tree", "-r", "--name-only", "main").splitlines())
    assert {*then, "README.md", ".gitignore", "porch.yaml", "landed-a"} == names
    assert then == {name: project.git("cat-file", "blob", f"main:{name}") for name in then}


def test_the_path_from_which_git_moved_a_file_is_reported(project: Project):
    files, ours, theirs, *_ = KINDS["directory rename, as it was"]
    conflicted(project, files, ours, theirs)

    shown = project.porch("conflicts", "b").stdout
    document = json.loads(project.porch("conflicts", "--json").stdout)["conflicts"][0]["paths"][0]

    assert "without the renamed directory: --as old/c new/c" in shown
    assert "old/c" == document["origin"]


def test_an_impossible_name_is_refused_and_nothing_is_taken(project: Project):
    conflicted(project, {"d/x": "1\n"}, "echo a > x", "echo b > x")
    wrong = {
        "README.md": "is there already",
        "README.md/x": "README.md is a file",
        "d": "is a folder",
        "x": "is there already",
        "../x": "leads out of the repository",
        "/x": "leads out of the repository",
        "a//b": "no plain path",
        "sub/.GIT/x": "git's own",
    }

    output = {name: project.porch("resolve", "b", "--as", name, "x", expect=2).stderr for name in wrong}

    assert [] == [name for name, said in wrong.items() if said not in output[name]]
    assert "'y' is not in conflict" in project.porch("resolve", "b", "--as", "z", "y", expect=2).stderr
    assert not project.rundir.resolutions.exists()


def test_a_name_is_checked_again_when_it_is_applied(project: Project):
    conflicted(project, {}, "echo a > x", "echo b > x")
    project.porch("resolve", "b", "--as", "y", "x")
    project.commit({"y": "taken meanwhile\n"})

    project.porch("resume", "--headless", expect=1)

    assert "x cannot become y: y is there already" in project.porch("conflicts", "b").stdout
    project.porch("resolve", "b", "--as", "y2", "x")
    project.porch("resume", "--headless")
    assert "b" == project.git("show", "main:y2")


@pytest.mark.parametrize("words", [("--", "-dash"), ("./-dash",), ("--", "./-dash")])
def test_a_file_whose_name_begins_with_a_dash_can_be_named(tmp_path: Path, words: tuple[str, ...]):
    project = Project(tmp_path)
    project.commit({"-dash": "base\n"})
    project.plan("tasks: {x: {run: 'echo X > ./-dash'}, y: {run: 'echo Y > ./-dash'}}\n")
    project.porch("run", "--headless", "--parallel", expect=None)
    (conflicted_task,) = (one["id"] for one in project.status()["tasks"] if one["outcome"] == "conflict")

    project.porch("resolve", conflicted_task, "--take", "task", *words)

    project.porch("resume", "--headless")
    assert len(project.landed()) == 2
