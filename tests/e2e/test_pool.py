"""`pool: N`: `porch clean` keeps worktrees for the next run; nothing of one task reaches another."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from project import Project

PLAN = """\
pool: {pool}
pool_keep: [node_modules]
setup: mkdir -p node_modules; echo {name} >> node_modules/setups
validate: test -e README.md
tasks:
  {name}1: {{run: 'ls -A > {name}1.txt; echo x > cache.log'}}
  {name}2: {{run: 'echo {name}2 > {name}2.txt'}}
"""


def run(project: Project, name: str, pool: int) -> None:
    project.plan(PLAN.format(name=name, pool=pool))
    project.porch("run", "--headless", "--parallel")


def in_pool(project: Project) -> list[Path]:
    return sorted(project.root.parent.glob("app.porch/pool/*"))


@pytest.mark.slow
def test_worktrees_are_reused_from_run_to_run_until_the_plan_has_no_pool(project: Project):
    """Three, because `b1` may be validated before `b2` has its worktree."""
    project.commit({".gitignore": "*.log\nnode_modules\n"})
    run(project, "a", pool=3)
    project.porch("close")
    output = project.porch("clean").stdout
    assert "3 worktrees kept warm for the next run in ../app.porch/pool" in output
    assert 3 == len(in_pool(project))
    assert [] == list(project.root.parent.glob("app-*"))
    moved = list(project.rundir.path.glob("ignored/a1/cache.log"))
    assert 1 == len(moved)  # ignored, and no tool can recreate it: moved out of the next task's way
    assert "3 worktrees kept warm" in project.porch("doctor").stdout

    run(project, "b", pool=3)
    assert [] == in_pool(project)
    seen = project.git("show", "main:b1.txt").split()
    tracked = {".gitignore", "README.md", "a1.txt", "a2.txt", "b1.txt", "porch.yaml"}
    assert tracked | {".git", "node_modules"} == set(seen)
    setups = [(Path(f"{project.root}-{task}") / "node_modules/setups").read_text() for task in ("b1", "b2")]
    assert ["a\nb\n", "a\nb\n"] == sorted(setups)  # node_modules stayed, and setup ran on top of it

    run(project, "c", pool=0)
    project.porch("close")
    project.porch("clean")
    assert not (project.root.parent / "app.porch").exists()


@pytest.mark.slow
def test_setup_runs_again_in_a_recreated_worktree(project: Project):
    """And only there: a retry in the same worktree needs no setup."""
    setups = project.root.parent / "setups"
    project.plan(f"setup: echo x >> {setups}\ntasks:\n  a: {{run: 'exit 1'}}\n")
    project.porch("run", "--headless", expect=1)
    for expected, is_gone in ((1, False), (2, True)):
        if is_gone:
            shutil.rmtree(f"{project.root}-a")
            project.git("worktree", "remove", "-f", "-f", f"{project.root}-a")
        project.porch("retry", "a")
        project.porch("resume", "--headless", expect=1)
        assert expected == len(setups.read_text().split())
