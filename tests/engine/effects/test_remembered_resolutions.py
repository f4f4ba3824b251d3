"""A person's decision is offered when the same texts conflict again, and used only on request."""

from __future__ import annotations

import json

import pytest

from project import Project

pytestmark = pytest.mark.slow

LINES = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"
PLAN = """\
worktree: "../{repo}-{run}-{task}"
branch: "{run}/{task}"
tasks:
  a: {run: "sed -i.log s/one/ONE-a/ same; sed -i.log s/nine/NINE-a/ same"}
  b:
    run: |
      until grep -q ONE-a ../app/same; do sleep 0.05; done
      sed -i.log s/one/ONE-b/ same; sed -i.log s/nine/NINE-b/ same
"""


def conflicted(project: Project, plan: str = PLAN) -> None:
    """Run two tasks that conflict in two hunks of `same`; `b` needs attention."""
    project.commit({"same": LINES})
    project.plan(plan)
    project.porch("run", "--headless", "--parallel", expect=1)
    assert project.outcomes()["b"] == "conflict"


def run_again(project: Project) -> str:
    """Reset the target to where the run started, run the plan again, and return the first run's id."""
    first = project.rundir.run
    project.git("reset", "-q", "--hard", project.records()[0].event.base)
    project.porch("run", "--headless", "--parallel", expect=1)
    return str(first)


def resolve(project: Project, task: str) -> None:
    """Resolve a task's conflict, one hunk by a choice and one by hand, and land it."""
    editor = project.write("../editor", "#!/bin/sh\nsed -i.bak -e '/^<<<<<<</,/^>>>>>>>/c\\\nmine' \"$1\"\n")
    editor.chmod(0o755)
    project.porch("resolve", task, "--take", "both", "same:1")
    project.porch("resolve", task, "--edit", "same", env={"GIT_EDITOR": str(editor)})


def test_another_run_offers_the_resolution_and_takes_all_of_it_with_one_word(project: Project):
    conflicted(project)
    resolve(project, "b")
    project.porch("resume", "--headless")
    landed = project.git("rev-parse", "main^{tree}")

    first = run_again(project)
    shown = project.porch("conflicts", "b").stdout
    document = json.loads(project.porch("conflicts", "--json").stdout)["conflicts"][0]["paths"][0]["hunks"]

    assert f"remembered from {first}: both" in shown
    assert f"remembered from {first}: written by hand\n      + mine" in shown
    assert [("both", None), ("text", "mine\n")] == [
        (hunk["remembered"]["choice"], hunk["remembered"]["text"]) for hunk in document
    ]
    assert [None, None] == [hunk["choice"] for hunk in document]
    project.porch("resolve", "b", "--take", "remembered")
    project.porch("resume", "--headless")
    assert landed == project.git("rev-parse", "main^{tree}")


def test_one_hunk_is_taken_by_its_number_and_an_unknown_one_is_refused(project: Project):
    conflicted(project)
    assert "nothing that is open" in project.porch("resolve", "b", "--take", "remembered", expect=2).stderr
    assert "nothing is remembered" in (
        project.porch("resolve", "b", "--take", "remembered", "same:1", expect=2).stderr
    )
    assert "needs a PATH" in project.porch("resolve", "b", "--take", "main", expect=2).stderr
    resolve(project, "b")
    project.porch("resume", "--headless")

    run_again(project)
    output = project.porch("resolve", "b", "--take", "remembered", "same:2").stdout

    assert "1 of 2 hunks not decided" in output
    assert "--take remembered" in output


def test_in_the_same_run_the_resolution_is_applied_and_reported(project: Project):
    conflicted(project)
    project.porch("resolve", "b", "--take", "task", "same")
    project.commit({"same": (project.root / "same").read_text().replace("ONE-a", "uno")})
    project.porch("resume", "--headless", expect=1)

    shown = project.porch("conflicts", "b").stdout

    assert "hunk 1 of 2: not decided" in shown
    assert "hunk 2 of 2: task, as resolved before: it still fits" in shown


def test_a_resolution_that_failed_its_validation_is_not_offered_again(project: Project):
    conflicted(project, "validate: '! grep -q ONE-b same'\n" + PLAN)
    project.porch("resolve", "b", "--take", "task", "same")
    project.porch("resume", "--headless", expect=1)
    assert project.outcomes()["b"] == "rejected"

    run_again(project)

    assert "remembered" not in project.porch("conflicts", "b").stdout


def test_a_resolution_that_was_undone_is_not_offered_again(project: Project):
    conflicted(project)
    project.porch("resolve", "b", "--take", "task", "same")
    project.porch("resume", "--headless")
    project.porch("undo")

    run_again(project)

    assert "remembered" not in project.porch("conflicts", "b").stdout
