"""A person's mistake is reported once, in their words, with the right exit code, and nothing changes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from project import PORCH, Project

GOOD = "tasks:\n  a: {run: 'echo > a'}\n"
PLAN, MACHINE = 2, 3

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)

BAD_PLANS = {
    "bad YAML": ("tasks:\n  a: {run: 'x'\n", "porch.yaml:3:1"),
    "an unknown key": ("tasks:\n  a: {rum: x}\n", "did you mean 'run'"),
    "a cycle": ("tasks:\n  a: {run: x, after: [b]}\n  b: {run: x, after: [a]}\n", "a -> b -> a"),
    "a duplicate id": ("tasks:\n  a: {run: x}\n  a: {run: y}\n", "porch.yaml:3:3"),
    "a path in an id": ("tasks:\n  ../../etc: {run: x}\n", "../../etc"),
    "an id git cannot hold": ("tasks:\n  a.lock: {run: x}\n", "a.lock"),
    "a worktree inside the repository": (f"worktree: 'wt/{{task}}'\n{GOOD}", "porch.yaml:1"),
    "a bomb of aliases": (BOMB + GOOD, "porch.yaml"),
    "ten megabytes": (GOOD + "#" * 10_000_000, "4 MiB"),
    "no tasks": ("name: x\n", "tasks"),
    "an unknown target": (f"# a plan\ntarget: nowhere\n{GOOD}", "porch.yaml:2:9: target: found 'nowhere'"),
    "an unknown base": (f"name: x\nbase: nowhere\n{GOOD}", "porch.yaml:2:7: base: found 'nowhere'"),
    "a target that is a tag": (
        f"target: v1\n{GOOD}",
        "porch.yaml:1:9: target: found 'v1', which is no local",
    ),
    "a target on a remote": (f"target: origin/dev\n{GOOD}", "git branch dev origin/dev"),
    "a base that is a tree": (
        f"base: 'main^{{tree}}'\n{GOOD}",
        "porch.yaml:1:7: base: found 'main^{tree}', which is a tree",
    ),
    "a base that is a branch and a tag": (
        f"base: both\n{GOOD}",
        "porch.yaml:1:7: base: found 'both', which may mean",
    ),
    "a base without shared history": (
        f"base: alien\n{GOOD}",
        "porch.yaml:1:7: base: found 'alien', which shares no",
    ),
    "a copy of what is not there": (
        f"copy:\n- .env\n{GOOD}",
        "porch.yaml:2:3: copy[0]: '.env' should go into",
    ),
    "a copy of what is tracked": (
        f"copy: [README.md]\n{GOOD}",
        "porch.yaml:1:8: copy[0]: 'README.md' would over",
    ),
    "a place that is none": (f"place: moon\n{GOOD}", "porch.yaml:1:8: place: found 'moon'; expected a place"),
}


def everything(project: Project) -> object:
    """Return all that a refused run must not change."""
    files = sorted(str(path) for path in project.root.parent.rglob("*") if "/.git/" not in str(path))
    return (
        files,
        project.git("for-each-ref"),
        project.git("worktree", "list"),
        project.git("status", "--porcelain"),
    )


def refused(project: Project, *words: str, code: int, env: dict[str, str] | None = None) -> str:
    """Run porch, see that it refuses and changes nothing, and return its message."""
    before = everything(project)
    done = project.porch(*words, expect=code, env=env)
    assert everything(project) == before
    assert "Traceback" not in done.stderr
    assert not (project.root / ".git/porch/runs").exists()
    return done.stderr


@pytest.mark.parametrize(("plan", "expected"), BAD_PLANS.values(), ids=BAD_PLANS)
def test_a_bad_plan_is_refused_with_its_place(project: Project, plan: str, expected: str):
    project.plan(plan)
    for name in ("refs/tags/v1", "refs/tags/both", "refs/remotes/origin/dev"):
        project.git("update-ref", name, "HEAD")
    project.git("branch", "both", "HEAD~1")
    tree = project.git("rev-parse", "HEAD^{tree}")
    project.git("branch", "alien", project.git("commit-tree", "-m", "alone", tree))

    assert expected in refused(project, "run", "--headless", code=PLAN)


def test_check_names_the_place_too(project: Project):
    project.plan(f"# a plan\ntarget: nowhere\n{GOOD}")

    assert "porch.yaml:2:9: target" in refused(project, "check", code=PLAN)


def test_all_mistakes_of_a_plan_are_reported_at_once(project: Project):
    project.plan("slots: none\ntasks:\n  a: {rum: x}\n  b: {run: x, after: [zzz]}\n")

    message = refused(project, "run", "--headless", code=PLAN)

    assert [line for line in (":1:", ":3:", ":4:") if line not in message] == []


def test_no_plan_says_how_to_get_one(project: Project):
    assert "porch init" in refused(project, "run", "--headless", code=PLAN)


def test_a_detached_head_needs_a_target(project: Project):
    project.plan(GOOD)
    project.git("checkout", "-q", "--detach")

    assert "target:" in refused(project, "run", "--headless", code=MACHINE)


def test_an_existing_branch_is_in_the_way(project: Project):
    project.plan(GOOD)
    project.git("branch", "feature/a")

    assert "feature/a" in refused(project, "run", "--headless", code=MACHINE)


def test_an_existing_folder_is_in_the_way(project: Project):
    project.plan(GOOD)
    (project.root.parent / "app-a").mkdir()

    assert "app-a" in refused(project, "run", "--headless", code=MACHINE)


def test_a_git_that_is_too_old_is_named(project: Project, tmp_path: Path):
    project.plan(GOOD)
    old = tmp_path / "old-git"
    old.mkdir()
    (old / "git").write_text("#!/bin/sh\necho git version 2.30.2\n")
    (old / "git").chmod(0o755)

    message = refused(
        project, "run", "--headless", code=MACHINE, env={"PATH": f"{old}{os.pathsep}{os.environ['PATH']}"}
    )

    assert "2.30.2" in message
    assert "2.38" in message


def test_without_an_identity_in_git_the_message_says_how_to_set_one(project: Project):
    project.plan(GOOD)
    project.git("config", "--unset", "user.email")
    project.git("config", "user.useConfigOnly", "true")

    assert "user.email" in refused(project, "run", "--headless", code=MACHINE)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
def test_too_little_space_is_reported_with_numbers(project: Project, tmp_path: Path):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let root mount")
    try:
        project.commit({"large": "x" * 3_000_000})
        project.plan(f"worktree: {small}/{{task}}\n{GOOD}")

        assert "MiB" in refused(project, "run", "--headless", code=MACHINE)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def outside(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PORCH, *words], cwd=folder, capture_output=True, text=True, check=False)


def test_a_folder_without_a_repository_is_refused(tmp_path: Path):
    done = outside(tmp_path, "run", "--headless")

    assert (done.returncode, "git init" in done.stderr) == (MACHINE, True)


def test_a_bare_repository_is_refused(tmp_path: Path):
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path)], check=True)

    done = outside(tmp_path, "run", "--headless")

    assert (done.returncode, "bare" in done.stderr) == (MACHINE, True)


def test_a_repository_without_commits_is_refused(tmp_path: Path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "porch.yaml").write_text(GOOD)

    done = outside(tmp_path, "run", "--headless")

    assert (done.returncode, "first commit" in done.stderr) == (MACHINE, True)


def test_an_unknown_command_is_refused(tmp_path: Path):
    done = outside(tmp_path, "rnu")

    assert (done.returncode, "rnu" in done.stderr) == (PLAN, True)
