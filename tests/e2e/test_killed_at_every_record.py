"""kill -9 of the engine after every record of a run: the result is the same as without kills."""

from __future__ import annotations

import json
import subprocess

import psutil
import pytest

from porch_tui.core.model import events as e
from project import Project, kill

PLAN = """\
validate: test ! -e broken
tasks:
  a: {run: 'echo $PORCH_TASK.$PORCH_ATTEMPT >> ../starts; echo > a'}
  b: {run: 'echo $PORCH_TASK.$PORCH_ATTEMPT >> ../starts; sleep 0.3; echo > b'}
  bad: {run: 'echo $PORCH_TASK.$PORCH_ATTEMPT >> ../starts; exit 3'}
  breaks: {run: 'echo $PORCH_TASK.$PORCH_ATTEMPT >> ../starts; echo > broken'}
  behind: {run: 'echo $PORCH_TASK.$PORCH_ATTEMPT >> ../starts; echo > behind', after: [a]}
  first: {run: 'echo $PORCH_TASK.$PORCH_ATTEMPT >> ../starts; echo first > same'}
  second: {run: 'echo $PORCH_TASK.$PORCH_ATTEMPT >> ../starts; echo second > same', priority: 1}
  slow: {run: 'echo $PORCH_TASK.$PORCH_ATTEMPT >> ../starts; sleep 1; echo > slow'}
"""
MOST_ENGINES = 200
"""More than the run has records."""


def live_on(project: Project, words: tuple[str, ...], records: int) -> bool:
    """Let an engine run until it has written so many records, then kill it; False if the run ended."""
    last = project.records()[-1].seq if project.records() else 0
    process = project.begin(*words, "--headless", "--json")
    assert process.stdout is not None
    for line in process.stdout:
        said = json.loads(line)
        # taking over is no progress: an engine that gets no further would be killed forever
        if said.get("seq", 0) >= last + records + bool(last):
            kill(process)
            return True
    process.communicate()
    return False


def living(project: Project) -> list[psutil.Process]:
    """Return the processes of the run that are alive, by the variable each of them inherits."""
    here, found = str(project.root.parent), []
    for process in psutil.process_iter():
        try:
            is_ours = process.environ().get("PORCH_WORKTREE", "").startswith(here)
            if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.slow
@pytest.mark.parametrize("isolation", ["worktree", "clone"])
@pytest.mark.parametrize("records", [1, 11])
def test_killed_engines_reach_the_same_result_as_one_that_is_not_killed(
    project: Project, records: int, isolation: str
):
    project.plan(f"defaults: {{isolation: {isolation}}}\n{PLAN}")

    words = ("run", "--parallel")
    engines = 1
    while live_on(project, words, records):
        words, engines = ("resume",), engines + 1
        assert engines < MOST_ENGINES, "it comes to no end"

    assert engines > 3, "no engine was killed"
    outcomes = project.outcomes()
    landed = {task for task, how in outcomes.items() if how == "landed"}
    assert {"a", "b", "behind", "slow"} == landed - {"first", "second"}
    assert ("failed", "rejected") == (outcomes["bad"], outcomes["breaks"])
    assert {"landed", "conflict"} == {outcomes["first"], outcomes["second"]}, project.porch("status").stdout
    files = {"README.md", ".gitignore", "porch.yaml", "a", "b", "behind", "same", "slow"}
    assert files == set(project.git("ls-tree", "--name-only", "main").splitlines())
    assert 5 == len(project.landed()) == len(set(project.landed()))
    starts = (project.root.parent / "starts").read_text().split()
    assert [f"{task}.1" for task in sorted(outcomes)] == sorted(starts), (
        "a command was started twice, or never"
    )
    assert [] == living(project)
    locks = [path for path in (project.root / ".git").rglob("*.lock") if "porch" not in path.parts]
    assert [] == locks
    assert "" == project.git("status", "--porcelain")
    assert len(project.events(e.EngineTookOver)) == engines - 1
    subprocess.run(["git", "fsck", "--no-dangling"], cwd=project.root, check=True, capture_output=True)
