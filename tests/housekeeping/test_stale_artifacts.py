"""`porch doctor` reports what dead processes leave behind, with the command that removes it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from in_process import porch

from porch_tui.core.model import events as e
from porch_tui.git.discovery import discover
from porch_tui.git.refs import RunRefs
from porch_tui.git.worktree.creation import ensure_detached
from porch_tui.process import liveness
from porch_tui.process.supervisor import kernel
from project import Project, kill, until

needs_proc = pytest.mark.skipif(not kernel.IS_LINUX, reason="needs /proc")
OLD = (0.0, 0.0)
"""The times of a file that has not been touched lately."""


@pytest.fixture
def run(project: Project) -> Project:
    """A run at rest: one task landed, one failed with uncommitted work."""
    project.plan("tasks:\n  done: {run: 'echo > done'}\n  fails: {run: 'echo work > draft; exit 3'}\n")
    project.porch("run", "--headless", expect=1)
    return project


def findings(project: Project, what: str) -> list[dict[str, Any]]:
    """Return doctor's findings of a kind that need attention."""
    found = porch(project, "doctor", "--json")
    assert 0 == found.code
    return [one for one in found.json["findings"] if one["weight"] != "fine" and one["what"] == what]


def admin_of(project: Project, task: str) -> Path:
    """Return git's own folder for a task's worktree."""
    return Path(project.git("rev-parse", "--absolute-git-dir", cwd=project.root.parent / f"app-{task}"))


def test_a_run_at_rest_needs_no_attention(run: Project):
    needs = [
        one["what"] for one in porch(run, "doctor", "--json").json["findings"] if one["weight"] != "fine"
    ]

    assert set(needs) <= {"open files", "logout", "disk"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["index.lock", "HEAD.lock"])
def test_a_lock_in_a_worktree_where_nothing_runs(run: Project, name: str):
    (admin_of(run, "done") / name).touch()

    [lock] = findings(run, "lock")

    assert f"{name} locks {run.root.parent / 'app-done'}, where no task is active" in lock["text"]
    subprocess.run(lock["do"].partition(": ")[2], shell=True, check=True)
    assert not findings(run, "lock")


@pytest.mark.parametrize("name", ["config.lock", "packed-refs.lock", "refs/heads/feature/done.lock"])
def test_a_lock_of_the_whole_repository_is_reported_once_it_is_old(run: Project, name: str):
    lock = run.root / ".git" / name
    lock.touch()
    assert not findings(run, "lock")
    os.utime(lock, OLD)

    [found] = findings(run, "lock")

    assert "locks the whole repository" in found["text"]
    assert found["do"].endswith(f"rm {lock}")


@needs_proc
def test_a_lock_is_reported_with_the_process_that_has_it_open(run: Project):
    lock = run.root / ".git" / "config.lock"
    with lock.open("w") as file:
        os.utime(lock, OLD)
        with subprocess.Popen(["sleep", "1000"], stdin=file) as holder:
            [found] = findings(run, "lock")
            holder.kill()

    assert f"sleep ({holder.pid})" in found["text"]


def test_a_half_written_record_of_another_worktree(run: Project):
    admin = run.root / ".git" / "worktrees" / "half"
    admin.mkdir()
    for name in ("gitdir", "HEAD", "commondir"):
        (admin / name).touch()
    os.utime(admin, OLD)

    [found] = [one for one in findings(run, "worktree") if "half written" in one["text"]]

    subprocess.run(found["do"].partition(": ")[2], shell=True, check=True)
    assert not findings(run, "worktree")


def test_the_suggested_command_restores_a_worktree_whose_folder_is_gone(run: Project):
    worktree = run.root.parent / "app-fails"
    shutil.rmtree(worktree)

    [found] = findings(run, "worktree")

    assert "is gone" in found["text"]
    assert f"porch clean {run.rundir.run}" in found["do"]
    subprocess.run(found["do"].rpartition("restore it: ")[2], shell=True, check=True, cwd=run.root)
    assert "feature/fails" == run.git("branch", "--show-current", cwd=worktree)


def test_clean_forgets_a_worktree_that_is_gone_with_its_branch(run: Project):
    shutil.rmtree(run.root.parent / "app-fails")
    run.git("update-ref", "-d", "refs/heads/feature/fails")

    [found] = findings(run, "worktree")

    assert found["text"].endswith("app-fails and its branch feature/fails are gone")
    assert found["do"] == f"porch clean {run.rundir.run}"
    run.porch("clean", run.rundir.run)
    assert [] == findings(run, "worktree")


def test_the_suggested_command_removes_a_worktree_of_a_deleted_run_without_losing_work(run: Project):
    shutil.rmtree(run.rundir.path)

    by_path = {one["text"].partition(" ")[0]: one["do"] for one in findings(run, "worktree")}
    done, fails = (run.root.parent / f"app-{task}" for task in ("done", "fails"))
    for command in by_path.values():
        subprocess.run(command.partition("  (")[0], shell=True, check=False, cwd=run.root)

    assert {str(done), str(fails)} <= by_path.keys()
    assert (False, "work\n") == (done.exists(), (fails / "draft").read_text())


def lose(project: Project, oid: str) -> None:
    """Delete an object, as a gc at the wrong moment does."""
    (project.root / ".git" / "objects" / oid[:2] / oid[2:]).unlink()


def test_the_suggested_command_deletes_a_ref_to_a_missing_object(run: Project):
    ref = f"refs/porch/{run.rundir.run}/cand/99"
    oid = run.git("commit-tree", "main^{tree}", "-m", "lost")
    run.git("update-ref", ref, oid)
    lose(run, oid)
    gc = subprocess.run(["git", "gc", "-q"], cwd=run.root, capture_output=True, check=False)
    assert gc.returncode != 0

    [found] = findings(run, "refs")

    assert f"{ref} points to {oid}, which no longer exists" in found["text"]
    assert "a merge that porch makes again" in found["text"]
    subprocess.run(found["do"].partition("  (")[0], shell=True, check=True, cwd=run.root)
    assert [] == findings(run, "refs")
    run.git("gc", "--prune=now")


def test_clean_deletes_refs_to_missing_objects(run: Project):
    ref = f"refs/porch/{run.rundir.run}/head/fails"
    oid = run.git("commit-tree", "main^{tree}", "-m", "lost")
    run.git("update-ref", ref, oid)
    lose(run, oid)

    done = run.porch("clean", run.rundir.run)

    assert "removed: refs of 1 object that is gone" in done.stdout
    assert [] == findings(run, "refs")
    run.git("gc", "--prune=now")


def test_shelved_work_is_reported_with_the_command_that_restores_it(run: Project):
    porch(run, "clean", "--shelve", run.rundir.run)

    [found] = [one for one in porch(run, "doctor", "--json").json["findings"] if one["what"] == "set aside"]

    command = found["text"].partition(": ")[2]
    assert 0 == porch(run, *shlex.split(command)[1:]).code
    assert "work\n" == (run.root.parent / "app-fails" / "draft").read_text()


def test_a_copied_repository_leaves_the_worktrees_to_the_original(run: Project, tmp_path: Path):
    copy = tmp_path / "copy" / "app"
    shutil.copytree(run.root, copy, symlinks=True)
    copied = Project.__new__(Project)
    copied.root = copy

    cleaned = porch(copied, "clean", "--shelve", run.rundir.run)

    assert "worktree of another repository" in cleaned.out
    assert (True, True) == tuple((run.root.parent / f"app-{task}").exists() for task in ("done", "fails"))
    assert any(f"started in {run.root}" in one["text"] for one in findings(copied, f"run {run.rundir.run}"))
    assert any("worktree of another repository" in one["text"] for one in findings(copied, "worktree"))


def test_a_clock_that_was_set_back_is_reported(run: Project, monkeypatch: pytest.MonkeyPatch):
    before = time.time() - 3600
    monkeypatch.setattr("porch_tui.housekeeping.repository_checks.time.time", lambda: before)

    [found] = findings(run, f"run {run.rundir.run}")

    assert "ahead of the clock" in found["text"]


@pytest.fixture
def visitor(run: Project) -> Iterator[subprocess.Popen[bytes]]:
    """A person's process in a worktree."""
    with subprocess.Popen(["sleep", "1000"], cwd=run.root.parent / "app-done") as process:
        yield process
        process.kill()


def test_a_process_in_a_worktree_is_reported_and_keeps_the_worktree(
    run: Project, visitor: subprocess.Popen[bytes]
):
    [found] = findings(run, "process")
    cleaned = porch(run, "clean")

    assert f"sleep ({visitor.pid})" in found["text"]
    assert found["do"].endswith(f"kill {visitor.pid}")
    assert "kept: worktree ../app-done" in cleaned.out
    assert f"processes run in it: sleep ({visitor.pid})" in cleaned.out
    assert (None, True) == (visitor.poll(), (run.root.parent / "app-done").exists())


@pytest.mark.slow
@needs_proc
def test_processes_of_a_killed_shim_are_reported_and_the_next_engine_ends_them(project: Project):
    project.plan("tasks:\n  a: {run: 'env -i sleep 1000 & sleep 1000'}\n")
    engine = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the task to start")
    shim = liveness.find(project.rundir.attempt("a.1"))
    assert isinstance(shim, liveness.Running)
    until(lambda: 3 <= len(kernel.below(shim.shim_pid)), "both to sleep")
    kill(engine)
    os.kill(shim.shim_pid, 9)
    attempt = project.rundir.attempt("a.1")
    until(lambda: isinstance(liveness.find(attempt), liveness.Lost), "the shim to be gone")

    status, found = porch(project, "status"), findings(project, f"run {project.rundir.run}")
    project.porch("resume", "--headless", expect=1)

    assert "unsupervised" in status.err
    assert f"porch resume {project.rundir.run} ends them" in status.err
    assert any("recognized by its output" in one["text"] for one in found)
    [failed] = project.events(e.AttemptFailed)
    assert "ended what was found running without it: " in failed.failure.text
    assert "unsupervised" not in porch(project, "status").err


def test_a_lock_that_a_task_left_does_not_lose_its_work(project: Project):
    project.plan("tasks:\n  a: {run: 'echo > made; touch \"$(git rev-parse --git-dir)/index.lock\"'}\n")

    project.porch("run", "--headless")

    assert ["a"] == project.landed()
    assert RunRefs(project.rundir.run).head("a.1") in project.git("for-each-ref")


def test_the_worktree_of_a_resolver_whose_conflict_is_settled_is_shelved(run: Project):
    repository, name = discover(run.root), run.rundir.run
    path = run.root.parent / "app.porch" / name / "resolve-done"
    ensure_detached(repository, path, run.git("rev-parse", "main"), f"porch {name} resolver")
    (path / "proposed").write_text("proposed\n")

    [found] = findings(run, "worktree")
    cleaned = porch(run, "clean")

    assert (f"porch clean {name}", True) == (found["do"], "its conflict is settled" in found["text"])
    assert not path.exists()
    ref = RunRefs(name).shelf("resolve-done")
    assert f"worktree add --detach {path} {ref}/work" in cleaned.out
    assert "proposed" == run.git("show", f"{ref}/work:proposed")


def test_submodules_and_case_insensitive_names_are_reported(run: Project):
    run.commit({".gitmodules": ""})
    run.git("config", "core.ignoreCase", "true")

    [found] = findings(run, "submodules")

    assert found["do"].startswith("setup: git submodule update --init")
    assert "file names" in {one["what"] for one in porch(run, "doctor", "--json").json["findings"]}
