"""A conflict is resolved without a screen: choice by choice, across kills, to a green target."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import PORCH, Project, kill, until
from tests.at_rest import at_rest

TWO = """\
tasks:
  a: {run: "sed -i.log s/one/ONE-a/ same; sed -i.log s/nine/NINE-a/ same"}
  b: {run: "sleep 0.4; sed -i.log s/one/ONE-b/ same; sed -i.log s/nine/NINE-b/ same"}
"""
LINES = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"
FIRST_FIVE = {"mul", "div", "rename", "useadd", "whisper"}


def collide(project: Project) -> None:
    """Run two tasks that conflict in two hunks."""
    project.commit({"same": LINES})
    project.plan(TWO)
    project.porch("run", "--headless", expect=1)


def in_conflict(project: Project) -> str:
    """Return the task in conflict."""
    return next(task for task, outcome in project.outcomes().items() if outcome == "conflict")


@pytest.fixture
def collided() -> Project:
    """A run at rest, with a task in conflict."""
    return at_rest(collide)


def test_choices_by_flags_land(collided: Project):
    project, task = collided, in_conflict(collided)

    half = project.porch("resolve", task, "--take", "task", "same:1")
    whole = project.porch("resolve", task, "--take", "both-reversed", "same:2")
    project.porch("resume", "--headless")

    assert "1 of 2 hunks not decided" in half.stdout
    assert "porch resume" in whole.stderr
    other = "b" if task == "a" else "a"
    assert (project.root / "same").read_text().splitlines() == [
        f"ONE-{task}", *LINES.splitlines()[1:-1], f"NINE-{task}", f"NINE-{other}",
    ]  # fmt: skip
    assert "Porch-Resolved: same" in project.git("log", "-1", "--format=%B")
    assert len(project.git("log", "-1", "--format=%P").split()) == 2


@pytest.mark.slow
def test_an_editor_gets_markers_and_those_it_leaves_stay_open(collided: Project):
    project, task = collided, in_conflict(collided)
    editor = project.write("../editor", "#!/bin/sh\nsed -i.bak -e '1,/^>>>>>>>/c\\\nmine' \"$1\"\n")
    editor.chmod(0o755)

    result = project.porch("resolve", task, "--edit", "same", env={"GIT_EDITOR": str(editor)})

    assert "same: 1 of 2 hunks not decided" in result.stdout
    project.porch("resolve", task, "--take", "main", "same:2")
    project.porch("resume", "--headless")
    assert (project.root / "same").read_text().splitlines()[0] == "mine"


@pytest.mark.slow
def test_a_file_that_one_side_deleted_can_be_edited_or_chosen_whole(project: Project):
    project.commit({"same.yaml": "a: 1\n"})
    project.plan("tasks:\n  a: {run: 'rm same.yaml'}\n  b: {run: 'sleep 0.5; echo b > same.yaml'}\n")
    project.porch("run", "--headless", expect=1)
    task = next(task for task, outcome in project.outcomes().items() if outcome == "conflict")
    assert "modify/delete" in project.porch("conflicts", task).stdout
    editor = project.write("../editor", "#!/bin/sh\necho 'a: [' > \"$1\"\n")
    editor.chmod(0o755)

    result = project.porch("resolve", task, "--edit", "same.yaml", env={"GIT_EDITOR": str(editor)})
    project.porch("resume", "--headless")

    assert "warning: same.yaml: does not parse" in result.stderr
    assert project.git("show", "main:same.yaml") == "a: ["


def test_an_editor_that_fails_changes_nothing(collided: Project):
    project, task = collided, in_conflict(collided)

    result = project.porch("resolve", task, "--edit", "same", env={"GIT_EDITOR": "false"})

    assert "unchanged; conflict still open" in result.stderr
    assert "2 of 2 hunks not decided" in result.stdout


@pytest.mark.slow
def test_a_mergetool_decides_a_whole_file(collided: Project):
    project, task = collided, in_conflict(collided)
    project.git("config", "merge.tool", "mine")
    project.git("config", "mergetool.mine.cmd", 'echo by-tool > "$MERGED"')
    project.git("config", "mergetool.mine.trustExitCode", "true")

    project.porch("resolve", task, "--tool")
    project.porch("resume", "--headless")

    assert (project.root / "same").read_text() == "by-tool\n"
    assert "resolve" not in project.git("worktree", "list")


@pytest.mark.slow
def test_choices_are_undone_redone_and_forgotten(collided: Project):
    project, task = collided, in_conflict(collided)
    project.porch("resolve", task, "--take", "task", "same:1", "--take", "task", "same:2")

    assert "1 of 2" in project.porch("resolve", task, "--undo").stdout
    assert "2 of 2" in project.porch("resolve", task, "--undo").stdout
    project.porch("resolve", task, "--undo", expect=4)
    assert "1 of 2" in project.porch("resolve", task, "--redo").stdout
    project.porch("resolve", task, "--abort")
    project.porch("resolve", task, "--redo", expect=4)


@pytest.mark.slow
def test_a_resolution_undone_before_an_engine_receives_it_is_refused_and_kept(collided: Project):
    project, task = collided, in_conflict(collided)
    project.porch("resolve", task, "--take", "task", "same")
    project.porch("resolve", task, "--undo")

    project.porch("resume", "--headless", expect=1)

    assert "2 of 2 hunks not decided" in project.events(e.ResolutionRefused)[0].why
    assert project.outcomes()[task] == "conflict"
    project.porch("resolve", task, "--redo")
    project.porch("resume", "--headless")
    assert project.outcomes()[task] == "landed"


@pytest.mark.slow
def test_a_living_engine_lands_a_resolution(project: Project):
    project.commit({"same": LINES})
    project.plan(TWO)
    engine = project.begin("run", "--headless", "--wait")
    task = until(lambda: project.events(e.CandidateConflicted), "a conflict")[0].task

    project.porch("resolve", task, "--take", "task", "same")

    until(lambda: task in project.landed(), "the resolution to land")
    kill(engine)


def test_a_resolution_is_found_again_on_another_tip(collided: Project):
    """A landing moves the hunk, and its choice moves with it."""
    project, task = collided, in_conflict(collided)
    project.porch("resolve", task, "--take", "task", "same")
    project.commit({"same": (project.root / "same").read_text().replace("five", "4.5\nfive")})

    project.porch("resume", "--headless")

    lines = (project.root / "same").read_text().splitlines()
    assert (f"ONE-{task}", "4.5", f"NINE-{task}") == (lines[0], lines[4], lines[-1])


@pytest.mark.slow
def test_another_conflict_on_a_new_tip_keeps_the_choices(collided: Project):
    project, task = collided, in_conflict(collided)
    project.porch("resolve", task, "--take", "task", "same")
    project.commit({"same": (project.root / "same").read_text().replace("ONE", "uno")})

    project.porch("resume", "--headless", expect=1)

    assert "1 of 2 hunks not decided" in project.porch("conflicts", task).stdout
    project.porch("resolve", task, "--take", "main", "same:1")
    project.porch("resume", "--headless")
    assert (project.root / "same").read_text().splitlines()[8] == f"NINE-{task}"


@pytest.mark.slow
def test_a_resolution_that_breaks_the_validation_does_not_land(project: Project):
    project.commit({"same": LINES})
    project.plan("validate: '! grep -q ONE-b same'\n" + TWO.replace("sleep 0.4; ", "sleep 1; "))
    project.porch("run", "--headless", expect=1)
    assert project.outcomes()["b"] == "conflict"

    project.porch("resolve", "b", "--take", "task", "same")
    project.porch("resume", "--headless", expect=1)

    assert project.outcomes()["b"] == "rejected"
    assert project.landed() == ["a"]


@pytest.mark.slow
def test_kill_9_between_choices_loses_none(collided: Project):
    project, task = collided, in_conflict(collided)
    project.porch("resolve", task, "--take", "task", "same:1")
    # killed while the editor is open, and while an engine runs
    editor = project.write("../editor", f"#!/bin/sh\ntouch {project.root}/../open\nsleep 600\n")
    editor.chmod(0o755)
    resolving = subprocess.Popen(
        [*PORCH, "resolve", task, "--edit", "same"], cwd=project.root, stdin=subprocess.DEVNULL,
        env={**os.environ, "GIT_EDITOR": f"exec {editor}"}, start_new_session=True,
    )  # fmt: skip
    until((project.root.parent / "open").exists, "the editor")
    os.killpg(resolving.pid, 9)
    resolving.wait()

    assert "1 of 2 hunks not decided" in project.porch("resolve", task).stdout
    project.porch("resolve", task, "--take", "main", "same:2")
    engine = project.begin("resume", "--headless")
    until(lambda: project.events(e.ResolutionGiven), "the engine to hear it")
    kill(engine)
    project.porch("resume", "--headless", expect=None)

    lines = (project.root / "same").read_text().splitlines()
    assert (lines[0], project.outcomes()[task]) == (f"ONE-{task}", "landed")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["unknown"], 2, "has no task"),
        (["{other}"], 4, "is not in conflict"),
        (["{task}", "--take", "main", "sane"], 2, "did you mean 'same'"),
        (["{task}", "--take", "main", "same:3"], 2, "it has hunks 1 to 2"),
        (["{task}", "--take", "ours", "same"], 2, "choose for same one of: main, task"),
        (["{task}", "--undo"], 4, "there is nothing to undo"),
    ],
)
def test_a_mistake_is_reported_with_what_exists(
    in_conflict_once: tuple[Project, str], words: list[str], code: int, said: str
):
    project, task = in_conflict_once
    named = [word.format(task=task, other="b" if task == "a" else "a") for word in words]

    assert said in project.porch("resolve", *named, expect=code).stderr


@pytest.fixture(scope="module")
def in_conflict_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """A run with a task in conflict, read only."""
    project = Project(tmp_path_factory.mktemp("in_conflict"))
    collide(project)
    return project, in_conflict(project)


def test_conflicts_are_printed_for_programs(in_conflict_once: tuple[Project, str]):
    project, task = in_conflict_once
    document = json.loads(project.porch("conflicts", "--json").stdout)["conflicts"][0]

    assert (document["task"], document["is_complete"], [path["path"] for path in document["paths"]]) == (
        task, False, ["same"],
    )  # fmt: skip
    assert [(hunk["base"], hunk["task"]) for hunk in document["paths"][0]["hunks"]] == [
        ("one\n", f"ONE-{task}\n"), ("nine\n", f"NINE-{task}\n"),
    ]  # fmt: skip


@pytest.mark.slow
def test_the_tour_s_five_tasks_all_land_green_with_a_person_s_help(tmp_path: Path):
    """Unattended three of five land; with the conflict resolved and the broken task retried, all five."""

    def porch(*words: str, expect: int | None = 0, editor: str = "false") -> str:
        done = subprocess.run(
            [*PORCH, *words], cwd=root if root.exists() else tmp_path, capture_output=True, text=True,
            check=False, timeout=120, stdin=subprocess.DEVNULL, env={**os.environ, "GIT_EDITOR": editor},
        )  # fmt: skip
        assert expect in (None, done.returncode), done.stdout + done.stderr
        return done.stdout

    def landed() -> set[str]:
        form = "--format=%(trailers:key=Porch-Task,valueonly)"
        words = ["git", "log", "--first-parent", form, "main"]
        return set(subprocess.run(words, cwd=root, capture_output=True, text=True, check=True).stdout.split())

    root = tmp_path / "calculator"
    porch("demo", "--headless", str(tmp_path))
    left = FIRST_FIVE - landed()
    assert len(left) == 2
    (conflicted,) = left & {"mul", "div"}
    (broken,) = left & {"rename", "useadd"}
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho \'OPERATIONS = ["sub", "div", "mul"]\' > "$1"\n')
    editor.chmod(0o755)

    porch("resolve", conflicted, "--take", "both", "app/calc.py")
    porch("resolve", conflicted, "--edit", "app/registry.py", editor=str(editor))
    porch("retry", broken)
    porch("resume", "--headless", expect=0)  # that `fetch` fails is expected
    assert "5 of 5 tasks landed, 1 failed as expected" in porch("status")

    assert landed() == FIRST_FIVE
    subprocess.run([sys.executable, "-m", "unittest", "-q"], cwd=root, check=True, capture_output=True)
