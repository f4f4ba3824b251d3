"""Killed between any two steps, `porch clean --shelve` has lost nothing, and the next one completes it."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

import pytest
from in_process import porch
from killing import in_child, kill_at

from project import Project

CONTENT = {
    "committed": "c\n",
    "draft": "d\n",
    "README.md": "changed\n",
    "notes.log": "ignored\n",
    "deep/x.log": "x\n",
}
STRIDE = 7
"""Every seventh step, since each takes a second. All steps have been tried once."""


def leave_work(project: Project) -> str:
    """Have a run fail that leaves `CONTENT`; return its id."""
    words = "; ".join(f"mkdir -p deep; echo {text.strip()} > {name}" for name, text in CONTENT.items())
    project.plan(f"tasks:\n  a: {{run: '{words}; git add committed; git commit -qm c; exit 3'}}\n")
    project.porch("run", "--headless", expect=1)
    return project.rundir.run


def found(project: Project) -> dict[str, str]:
    """Return what is in the task's worktrees, wherever they are."""
    texts: dict[str, str] = {}
    for worktree in project.root.parent.glob("app-*"):
        files = [path for path in worktree.rglob("*") if path.is_file() and ".git" not in path.name]
        changed = {str(path.relative_to(worktree)): path.read_text() for path in files}
        texts |= {name: text for name, text in changed.items() if (name, text) != ("README.md", "An app.\n")}
    return texts


@pytest.mark.slow
def test_nothing_is_lost_wherever_it_is_killed(tmp_path: Path):
    step, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        project = Project(tmp_path / str(step))
        run = leave_work(project)

        clean = partial(porch, project, "clean", "--shelve", run)
        code = in_child(lambda at=step, act=clean: (kill_at(at), act()))
        clean()
        project.git("gc", "-q", "--prune=now")
        aside = [path.name for path in project.root.parent.iterdir()]
        porch(project, "unshelve", "a", "--run", run)

        assert (["app"], CONTENT) == (aside, {name: found(project).get(name) for name in CONTENT}), step
        step += STRIDE
    assert (0, True) == (code, step > 20)
