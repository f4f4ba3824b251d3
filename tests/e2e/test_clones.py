"""`isolation: clone`: a task has its own stash, settings and hooks, and its work lands like any other."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

pytestmark = pytest.mark.slow

BOTH = """\
echo {me} > {me}.txt; git stash -u; touch ../{me}.put; until test -e ../{other}.put; do sleep 0.05; done
git stash pop; git config user.name {me}; git add -A; git commit -qm {me}
"""


def test_two_tasks_stash_and_set_names_without_affecting_each_other(project: Project):
    tasks = {me: {"run": BOTH.format(me=me, other=other)} for me, other in ("ab", "ba")}
    project.plan(json.dumps({"defaults": {"isolation": "clone"}, "tasks": tasks}))

    project.porch("run", "--headless", "--parallel", "--slots", "2")

    assert {"a", "b"} == set(project.landed())
    assert ["a", "b"] == [project.git("show", f"main:{task}.txt") for task in "ab"]
    assert ["a", "b"] == [project.git("log", "-1", "--format=%an", f"feature/{task}") for task in "ab"]
    assert ("Ada", "") == (project.git("config", "user.name"), project.git("stash", "list"))
    assert [] == project.events(e.Noticed)


def test_commits_and_stashes_beside_the_branch_are_kept_and_reported_and_the_clone_can_be_removed(
    project: Project,
):
    project.plan(
        "tasks:\n  a:\n    isolation: clone\n    run: |\n"
        "      echo away > away; git stash -u\n"
        "      git switch -qc other; echo other > other; git add -A; git commit -qm other\n"
        "      git switch -q feature/a; echo made > made\n"
    )
    project.porch("run", "--headless")

    (notice,) = project.events(e.Noticed)
    prefix = f"refs/porch/{project.rundir.run}/clone/a/1"
    assert f"kept under {prefix}/" in notice.text
    assert "heads/other" in notice.text
    assert notice.text in " ".join(project.porch("report").stdout.split())
    project.porch("close")
    cleaned = project.porch("clean").stdout
    assert "removed: worktree ../app-a" in cleaned
    assert not Path(f"{project.root}-a").exists()
    assert "other" == project.git("show", f"{prefix}/heads/other:other")
    (stash,) = project.git("for-each-ref", "--format=%(refname)", f"{prefix}/stash").splitlines()
    assert "away" == project.git("show", f"{stash}^3:away")


def test_clean_keeps_a_clone_with_commits_that_exist_nowhere_else(project: Project):
    project.plan("tasks:\n  a: {isolation: clone, run: 'echo made > made'}\n")
    project.porch("run", "--headless")
    project.porch("close")
    there = Path(f"{project.root}-a")
    project.git("switch", "-qc", "mine", cwd=there)
    project.git("commit", "-q", "--allow-empty", "-m", "mine", cwd=there)

    output = project.porch("clean").stdout
    assert "kept: worktree ../app-a" in output
    assert "only in this clone: heads/mine" in output
    assert there.is_dir()


def test_a_failed_attempt_leaves_commits_and_files_in_the_repository(project: Project):
    run = "echo done > done; git add -A; git commit -qm done; echo more > more; exit 3"
    project.plan(f"tasks:\n  a: {{isolation: clone, run: '{run}'}}\n")
    project.porch("run", "--headless", expect=1)
    (failed,) = project.events(e.AttemptFailed)
    shutil.rmtree(f"{project.root}-a")

    assert ("done", "more") == (
        project.git("show", "feature/a:done"),
        project.git("show", f"{failed.leftover_ref}:more"),
    )


def test_a_retry_starts_from_the_tip_in_the_same_clone_and_keep_continues_in_it(project: Project):
    run = "ls > seen.log; echo $PORCH_ATTEMPT >> tries; git add -A; git commit -qm try; test -e go.log"
    project.plan(f"tasks:\n  a: {{isolation: clone, run: '{run}'}}\n")
    project.porch("run", "--headless", expect=1)
    there = Path(f"{project.root}-a")
    project.commit({"landed": "since\n"})

    project.porch("retry", "a")
    project.porch("resume", "--headless", expect=1)
    assert "landed" in (there / "seen.log").read_text().split()
    assert ("2", "2") == (project.git("show", "feature/a:tries"), (there / "tries").read_text().strip())
    pinned = project.git("for-each-ref", "--format=%(refname)", f"refs/porch/{project.rundir.run}/attempt")
    assert "1" == project.git("show", f"{pinned.splitlines()[0]}:tries")

    (there / "go.log").touch()
    project.porch("retry", "--keep", "a")
    project.porch("resume", "--headless")
    assert (["a"], "2\n3") == (project.landed(), project.git("show", "main:tries"))


def test_killing_the_engine_while_a_clone_is_in_use_loses_nothing(project: Project):
    project.plan(
        "tasks:\n  a:\n    isolation: clone\n    run: |\n"
        "      echo one >> ../starts; echo x > x; git add -A; git commit -qm x; touch ../app-a.ready\n"
        "      until test -e ../app-a.go; do sleep 0.05; done; echo y > y; git stash -u; git stash pop\n"
    )
    engine = project.begin("run", "--headless")
    until(Path(f"{project.root}-a.ready").exists, "the task")
    kill(engine)
    Path(f"{project.root}-a.go").touch()

    project.porch("resume", "--headless")

    assert (["a"], "one\n") == (project.landed(), (project.root.parent / "starts").read_text())
    assert ("x", "y") == (project.git("show", "main:x"), project.git("show", "main:y"))


def test_commits_a_person_makes_in_the_clone_before_it_lands_are_noticed_and_requeued(project: Project):
    project.commit({"shared": "old\n"})
    project.plan("validate: test -e shared\ntasks:\n  a: {isolation: clone, run: 'echo new > shared'}\n")
    project.write("shared", "mine\n")
    project.porch("run", "--headless", expect=1)
    there = Path(f"{project.root}-a")
    (there / "more").write_text("more\n")
    project.git("add", "-A", cwd=there)
    project.git("commit", "-q", "-m", "more", cwd=there)
    project.write("shared", "old\n")

    project.porch("resume", "--headless", expect=1)
    assert "porch requeue a" == project.status()["needs_you"][0]["next"]
    project.porch("requeue", "a")
    project.porch("resume", "--headless")

    assert (["a"], "more") == (project.landed(), project.git("show", "main:more"))


def test_conflicts_of_a_clone_are_predicted_while_its_task_runs(project: Project):
    project.commit({"shared": "old\n"})
    project.plan(
        "tasks:\n"
        "  a: {isolation: clone, run: 'echo a > shared; git commit -qam a; touch ../a.on; sleep 60'}\n"
        "  b: {run: 'echo b > shared; touch ../b.on; sleep 60'}\n"
    )
    project.porch("run", "--detach", "--parallel", "--slots", "2")
    try:
        until(lambda: project.status()["predictions"], "the prediction")
        (predicted,) = project.status()["predictions"]
        assert ({"a", "b"}, ["shared"]) == ({predicted["a"], predicted["b"]}, predicted["paths"])
    finally:
        project.porch("stop", "--all")


def test_files_of_copy_reach_a_clone_too(project: Project):
    project.commit({".gitignore": "*.log\n.env\n"})
    project.write(".env", "SECRET\n").chmod(0o600)
    project.plan("copy: [.env]\ntasks:\n  a: {isolation: clone, run: 'cat .env > got.txt'}\n")
    project.porch("run", "--headless")

    assert "SECRET" == project.git("show", "main:got.txt")
    assert 0o600 == (Path(f"{project.root}-a") / ".env").stat().st_mode & 0o777


def test_a_check_runs_in_a_clone_and_nothing_of_it_lands(project: Project):
    project.plan("tasks:\n  a: {kind: check, isolation: clone, run: 'git stash list; echo x > x'}\n")
    project.porch("run", "--headless")

    assert ([], True) == (project.landed(), Path(f"{project.root}-a/.git").is_dir())


def test_porch_says_where_clones_are_and_works_inside_one(project: Project):
    project.plan("tasks:\n  a: {isolation: clone, run: 'echo x > x'}\n  b: {run: 'echo y > y'}\n")
    assert "feature/a (a clone)" in project.porch("check").stdout
    project.porch("run", "--headless")

    assert project.status() == json.loads(project.porch("status", "--json", "-C", "../app-a").stdout)


def test_doctor_says_how_to_remove_a_clone_of_a_deleted_run(project: Project):
    project.plan("tasks:\n  a: {isolation: clone, run: 'echo x > x'}\n")
    project.porch("run", "--headless")
    (project.root.parent / "app-a/.git/index.lock").touch()
    assert f"rm {project.root}-a/.git/index.lock" in project.porch("doctor").stdout
    shutil.rmtree(project.rundir.path)

    document = json.loads(project.porch("doctor", "--json").stdout)["findings"]
    (do,) = [one["do"] for one in document if one["text"].startswith(f"{project.root}-a is a clone of a run")]
    subprocess.run(do.partition("then: ")[2], shell=True, cwd=project.root, check=True)

    assert f"{project.root}-a" not in project.git("worktree", "list")
    assert not Path(f"{project.root}-a").exists()


def test_a_clone_is_shelved_and_restored_with_everything_in_it(project: Project):
    run = "echo done > done; git add -A; git commit -qm done; git switch -qc other; echo o > o; git add o; "
    run += "git commit -qm o; git switch -q feature/a; echo more > more; exit 3"
    project.plan(f"tasks:\n  a: {{isolation: clone, run: '{run}'}}\n")
    project.porch("run", "--headless", expect=1)
    project.porch("close")
    there = Path(f"{project.root}-a")
    (there / "since").write_text("since\n")
    project.git("commit", "-q", "--allow-empty", "-m", "since", cwd=there)
    head = project.git("rev-parse", "HEAD", cwd=there)

    project.porch("clean", "--shelve", project.rundir.run)
    assert not there.exists()
    project.git("reflog", "expire", "--expire=now", "--all")
    project.git("gc", "-q", "--prune=now")
    project.porch("unshelve", "a")

    assert (head, True) == (project.git("rev-parse", "feature/a", cwd=there), (there / ".git").is_dir())
    assert ("more\n", "since\n") == ((there / "more").read_text(), (there / "since").read_text())
    assert "?? more\n?? since" == project.git("status", "--porcelain", cwd=there)
    assert "o" == project.git("show", f"refs/porch/{project.rundir.run}/clone/a/1/heads/other:o")
