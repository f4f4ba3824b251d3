"""Repeated `git gc --prune=now` during runs: everything lands, and the repository is whole."""

from __future__ import annotations

import re
import subprocess
import threading
from pathlib import Path

import pytest

from project import Project

pytestmark = pytest.mark.slow

OBJECT = re.compile(r"\b[0-9a-f]{40}\b")
TASKS = 12
PAUSE_S = 0.5


def _trouble(words: list[str], cwd: Path) -> list[str]:
    """Return the complaint of a person's git command, unless it succeeds a moment later.

    A landing holds its refs locked; git waits 0.1 s for a lock, and does without then. And fsck looks at
    objects first and at refs afterwards: beside plain `git commit`s too it misses those made in between.
    """
    first = _git(words, cwd)
    if first.returncode == 0 or "Unable to create" in first.stderr:
        return []
    again = _git(words, cwd)
    missed = set(OBJECT.findall(first.stderr + first.stdout))
    if words[0] == "fsck" and missed and not missed & set(OBJECT.findall(again.stderr + again.stdout)):
        return []
    return [f"{words}: {first.stderr}{first.stdout}; then: {again.stderr}{again.stdout}"]


def _git(words: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *words], cwd=cwd, capture_output=True, text=True, check=False)


def test_two_runs_land_completely_beside_gc(project: Project):
    """What the person does meanwhile succeeds too: gc itself, fetch and fsck."""
    for run in "ab":
        tasks = "".join(f"  {run}{n}: {{run: 'sleep 0.{n}; echo {n} > {run}{n}'}}\n" for n in range(TASKS))
        names = 'worktree: "../{repo}-{task}-{run}"\nbranch: "f/{task}-{run}"\n'
        project.write(f"{run}.yaml", f'{names}validate: "sleep 0.2"\ntasks:\n{tasks}')
    project.commit({})
    other = project.root.parent / "other"
    project.git("clone", "-q", str(project.root), str(other))
    is_over, broken = threading.Event(), list[str]()

    def upkeep() -> None:
        while not is_over.wait(PAUSE_S):
            for words, cwd in (
                (["gc", "-q", "--prune=now"], project.root),
                (["fsck", "--no-dangling"], project.root),
                (["fetch", "-q", "origin", "+refs/*:refs/copied/*"], other),
            ):
                broken.extend(_trouble(words, cwd))

    beside = threading.Thread(target=upkeep)
    beside.start()
    try:
        running = [project.begin("run", f"{run}.yaml", "--headless", "--parallel") for run in "ab"]
        output = [one.communicate(timeout=240) for one in running]
    finally:
        is_over.set()
        beside.join()

    assert [one.returncode for one in running] == [0, 0], output
    assert len(project.landed()) == 2 * TASKS
    assert not [text for text in (*output[0], *output[1]) if "Traceback" in text]
    assert broken == []
    assert project.git("fsck", "--no-dangling") == ""
    project.git("gc", "-q", "--prune=now")
