"""Records the journals in `recorded/` again, from real runs: `python -m tests.report.record_runs`.

They hold every kind of ending. What is of the machine they ran on is taken out.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from porch_tui.core.model import events as e
from project import Project, kill, until

HERE = Path(__file__).parent / "recorded"

ALL_ENDINGS = """\
validate: test ! -e broken
tasks:
  lands: {run: 'echo > lands'}
  behind: {run: 'echo > behind', after: [lands]}
  first: {run: 'echo first > same'}
  second: {run: 'sleep 1; echo second > same'}
  fails: {run: 'exit 3', retries: 1}
  waits: {run: 'true', after: [fails]}
  breaks: {run: 'sleep 0.5; echo > broken'}
  idle: {run: 'true'}
  looks: {kind: check, run: 'true'}
  looks-badly: {kind: check, run: 'exit 1'}
  stopped: {run: 'sleep 60'}
  frozen: {run: 'sleep 2; echo > frozen'}
  blocked: {run: 'sleep 1; echo more >> README.md'}
"""
STEERED = """\
tasks:
  a: {run: 'echo > a'}
  b: {run: 'until test -e ../go; do sleep 0.05; done; echo > b'}
  c: {run: 'sleep 0.2; echo > c', after: [a]}
  d: {run: 'until test -e ../go; do sleep 0.05; done; echo > d', after: [a]}
"""


def all_endings(project: Project) -> None:
    """One task of each ending; some are tried again, resolved, undone; then the run is closed."""
    project.plan(ALL_ENDINGS)
    project.write("README.md", "mine\n")
    engine = project.begin("run", "--headless", "--wait", "--parallel", "--slots", "13")
    until(lambda: len(project.events(e.AttemptStarted)) >= 11, "the tasks to start")
    project.porch("pause", "frozen")
    project.porch("stop", "stopped")
    _until_outcome(project, blocked="blocked", second="conflict", breaks="rejected", fails="failed")
    project.porch("resume-tasks", "frozen")
    _until_outcome(project, frozen="landed", stopped="stopped", behind="landed")
    project.porch("retry", "second")
    _until_outcome(project, second="landed")
    project.porch("withdraw", "blocked")
    project.git("checkout", "-q", "README.md")
    kill(engine)
    project.porch("requeue", "blocked")
    project.porch("resume", "--headless", expect=1)
    project.porch("undo", "blocked")
    project.porch("close")


def steered(project: Project) -> None:
    """A run without validation that is held, paused, killed and gone on with."""
    project.plan(STEERED)
    engine = project.begin("run", "--headless", "--wait", "--parallel", "--slots", "2")
    until(lambda: any(one.task == "a" for one in project.events(e.Landed)), "a to land")
    project.porch("pause")
    project.porch("slots", "3")
    until(lambda: any(one.task == "c" for one in project.events(e.Landed)) or True, "c")
    kill(engine)
    (project.root.parent / "go").touch()
    engine = project.begin("resume", "--headless", "--wait")
    until(lambda: project.events(e.EngineTookOver), "another engine")
    _until_outcome(project, a="landed", b="landed", c="landed", d="landed")
    kill(engine)


def _until_outcome(project: Project, **wanted: str) -> None:
    def is_so() -> bool:
        return wanted.items() <= project.outcomes().items()

    until(is_so, f"{wanted}")


RUNS: tuple[Callable[[Project], None], ...] = (all_endings, steered)


def scrubbed(journal: str, root: Path) -> str:
    """Return the journal without what is of this machine."""
    journal = journal.replace(str(root), "/home/ann/src/app")
    journal = re.sub(r'"host": "[^"]*"', '"host": "here"', journal)
    return re.sub(r'("pid": )\d+', r"\g<1>4242", journal)


def main(*words: Any) -> None:
    """Run them all."""
    for run in RUNS:
        with tempfile.TemporaryDirectory() as folder:
            project = Project(Path(folder))
            run(project)
            shown = scrubbed(project.rundir.journal.read_text(), project.root)
        (HERE / f"{run.__name__}.jsonl").write_text(shown, encoding="utf-8")


if __name__ == "__main__":
    main()
