"""What a refusal advises is typed as it stands there, and works."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from advice import commands, follow, followed, needs
from in_process import porch

from porch_tui.git.operations import under_way
from project import PORCH, Project

ONE = "tasks:\n  a: {run: 'echo > a'}\n"


def said(project: Project, verb: str, *words: str) -> str:
    """Type a command that is refused, and return what it says."""
    printed = porch(project, verb, *words)
    assert printed.code in (2, 3, 4), f"{printed.code}: {printed.out}{printed.err}"
    return printed.err


def test_from_nothing_to_a_run_by_what_is_said(project: Project):
    beginnings = [line.split()[:2] for line in said(project, "status").splitlines() if line.startswith("  ")]
    assert [["porch", "init"], ["porch", "plan"], ["porch", "demo"]] == beginnings
    assert "  porch init " in project.porch("run", "--headless", expect=2).stderr

    assert "then: porch check" in followed(project, ["porch", "init"]).err
    assert "porch run starts it" in said(project, "status")
    followed(project, ["porch", "check"])
    followed(project, ["porch", "run"])

    [printed] = [one for one in commands(said(project, "init")) if len(one) > 2]
    assert "tasks:" in followed(project, printed).out
    assert ["porch runs"] == follow(project, said(project, "status", "nothing-like-it"))


def test_without_a_plan_the_composer_and_the_reader_advise_what_works(project: Project):
    project.write("empty.yaml", "")
    empty = project.porch("check", "empty.yaml", expect=2).stderr
    missing = project.porch("check", "missing.yaml", expect=2).stderr

    assert [["porch", "init"]] == commands(empty.replace("`", " ")) == commands(missing.replace("`", " "))
    followed(project, ["porch", "init"])


def test_logs_that_are_not_there_name_those_that_are(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > a'}\n  b: {run: 'true', after: [c]}\n  c: {run: 'exit 1'}\n")
    project.porch("run", "--headless", "--parallel", expect=1)

    assert ["porch status"] == follow(project, said(project, "logs", "b"))
    assert ["porch logs a --attempt 1"] == follow(project, said(project, "logs", "a", "--attempt", "7"))


@pytest.mark.slow
def test_a_run_that_is_closed_makes_room_for_another_as_said(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > a; test -e ../ok'}\n")
    project.porch("run", "--headless", expect=1)
    assert 0 == porch(project, "close").code
    (project.root.parent / "ok").touch()

    refusal = project.porch("resume", "--headless", expect=4).stderr
    assert "porch run starts another" in refusal
    in_the_way = project.porch("run", "--headless", expect=3).stderr
    [made_room] = follow(project, in_the_way, leave=("porch unshelve", "porch did", "porch run"))

    assert made_room.startswith("porch clean --shelve ")
    followed(project, ["porch", "run"])


def test_a_command_without_tasks_asks_for_names_or_all(project: Project):
    project.plan("tasks:\n  a: {run: 'exit 1'}\n")
    project.porch("run", "--headless", expect=1)

    assert "all that run with --all" in said(project, "stop")
    assert "porch undo TASK --revert" in said(project, "undo", "--revert")
    assert "porch status and porch logs" in project.porch("attach", expect=3).stderr
    followed(project, ["porch", "status"])
    followed(project, ["porch", "logs", "a"])


def test_what_was_left_uncommitted_is_shown_as_the_report_says(project: Project):
    project.plan("tasks:\n  a: {run: 'echo draft > draft; exit 1'}\n")
    project.porch("run", "--headless", expect=1)
    porch(project, "retry", "a")
    project.porch("resume", "--headless", expect=1)

    report = " ".join(porch(project, "report").out.split())
    shown = [command for command in commands(report) if command[:2] == ["git", "show"]]

    assert shown
    assert "draft" in followed(project, shown[0]).out


def test_damaged_choices_are_forgotten_as_said(project: Project):
    project.plan("tasks:\n  a: {run: 'echo a > same'}\n  b: {run: 'sleep 0.3; echo b > same'}\n")
    project.porch("run", "--headless", "--parallel", expect=1)
    [task] = needs(project)
    assert "porch resolve" in porch(project, "conflicts", task).out
    porch(project, "resolve", task, "--take", "nothing-such", "same")
    record = project.rundir.resolutions / f"{task}.json"
    record.parent.mkdir(exist_ok=True)
    record.write_text("{")

    advice = said(project, "resolve", task, "--take", "main", "same")
    assert [f"porch resolve {task} --abort"] == follow(project, advice)
    assert 0 == porch(project, "resolve", task, "--take", "main", "same").code


@pytest.mark.slow
def test_from_no_repository_to_one_with_a_commit_by_what_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "new"
    folder.mkdir()

    def printed(*words: str) -> str:
        done = subprocess.run([*PORCH, *words], cwd=folder, capture_output=True, text=True, check=False)
        return done.stderr if done.returncode else ""

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)

    assert "`git init`" in printed("run", "--headless")
    git("init", "-q", "-b", "main")
    assert "git add …; git commit" in printed("run", "--headless")
    (folder / "porch.yaml").write_text(ONE)
    git("add", "-A")
    git("-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "first")
    git("config", "user.useConfigOnly", "true")
    advice = printed("run", "--headless")
    assert 'git config --global user.name "…"; git config --global user.email "…"' in advice
    git("config", "--global", "user.name", "Ada")
    git("config", "--global", "user.email", "ada@example.org")

    assert "" == printed("run", "--headless")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a repository to another user")
def test_a_repository_of_another_user_is_trusted_as_said(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.delenv("SUDO_UID", raising=False)
    project.plan(ONE)
    subprocess.run(["chown", "-R", "65534:65534", str(project.root)], check=True)
    refusal = project.porch("check", expect=None)
    if refusal.returncode == 0:
        pytest.skip("this git trusts repositories of other users")

    [trusted] = [one for one in commands(refusal.stderr) if one[:2] == ["git", "config"]]
    subprocess.run(trusted, check=True)

    followed(project, ["porch", "check"])


def test_a_shallow_clone_gets_its_history_as_said(project: Project, tmp_path: Path):
    project.plan(ONE)
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", f"file://{project.root}", str(tmp_path / "shallow")], check=True
    )
    shallow = tmp_path / "shallow"
    for key, value in (("user.name", "Ada"), ("user.email", "ada@example.org")):
        subprocess.run(["git", "config", key, value], cwd=shallow, check=True)
    done = subprocess.run([*PORCH, "check"], cwd=shallow, capture_output=True, text=True, check=True)
    [deepened] = [one for one in commands(done.stderr.replace("`", " ")) if one[0] == "git"]

    subprocess.run(deepened, cwd=shallow, check=True, capture_output=True)

    done = subprocess.run([*PORCH, "check"], cwd=shallow, capture_output=True, text=True, check=True)
    assert "shallow" not in done.stderr


def begin_operation(project: Project, name: str) -> None:
    """Leave an operation of the person's under way in the main worktree."""
    project.commit({"same": "base\n"})
    project.git("checkout", "-q", "-b", "side")
    side = project.commit({"same": "side\n"})
    project.git("checkout", "-q", "main")
    project.commit({"same": "main\n"})
    last = project.commit({"same": "main too\n"})
    (project.root.parent / "patch").write_text(project.git("format-patch", "-1", "--stdout", "side") + "\n")
    words = {
        "merge": ["merge", "side"],
        "rebase": ["rebase", "main", "side"],
        "rebase by am": ["rebase", "--apply", "main", "side"],
        "am": ["am", "-3", "../patch"],
        "cherry-pick": ["cherry-pick", side],
        "revert": ["revert", "--no-edit", f"{last}~1"],
        "bisect": ["bisect", "start"],
    }[name]
    subprocess.run(["git", *words], cwd=project.root, capture_output=True, check=False)


@pytest.mark.parametrize("name", ["merge", "rebase", "rebase by am", "am", "cherry-pick", "revert", "bisect"])
@pytest.mark.parametrize("way", [0, 1], ids=["first way", "second way"])
def test_an_operation_under_way_ends_as_said(project: Project, name: str, way: int):
    begin_operation(project, name)
    printed = under_way(project.root / ".git")
    assert printed is not None
    ways = [one for one in printed.value.partition(":")[2].split("`") if one.startswith(("git ", "--"))]
    line = ways[way % len(ways)]
    words = (line if line.startswith("git") else f"{' '.join(ways[0].split()[:2])} {line}").split()
    if words[-1] == "--continue":
        project.write("same", f"resolved {name}\n")
        project.git("add", "same")

    subprocess.run(
        words, cwd=project.root, check=True, capture_output=True, env={**os.environ, "GIT_EDITOR": "true"}
    )

    again = under_way(project.root / ".git")
    assert again is None or (words[-1] == "--continue" and "rebase" in name), again
