"""How long the queue takes to decide eight finished tasks, one of them bad, on four boxes of two slots.

    python tests/bench/queue_elsewhere.py [--bad NAMES]

A validation sleeps 5 s, so that boxes on this machine can stand for four machines. Theory is porch's own core
with W = 8 on a clock that only jumps, as in `queue_policies.py`. The bar is 1.15 of it, from the first end
of a task on.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).parents[2]))

import boxes
from queue_policies import NAMES, VALIDATION_S, k_ary

from porch_tui.core.model import events as e
from tests.project import Project, until

PLACES, SLOTS, BAR = ("p1", "p2", "p3", "p4"), 2, 1.15


def plan(folder: Path, bad: frozenset[str]) -> str:
    """Return the plan: tasks end together, so that all are in the queue at once."""
    wait = f"until test -e {folder / 'go'}; do sleep 0.05; done"
    places = "".join(f"  {one}: {{run: {boxes.way_in(folder / one)}, slots: {SLOTS}}}\n" for one in PLACES)
    tasks = "".join(
        f"  {one}: {{run: '{wait}; echo > {one}; {'echo > bad' if one in bad else 'true'}'}}\n"
        for one in NAMES
    )
    names = ", ".join(PLACES)
    return (
        f"places:\n{places}place: [{names}]\nvalidate_on: [{names}]\n"
        f"validate: 'sleep {VALIDATION_S:g}; test ! -e bad'\ntasks:\n{tasks}"
    )


def main() -> None:
    """Print what was measured, and what theory gives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bad", default="d", help="names of tasks, a to h, in one word (default: d)")
    bad = frozenset(parser.parse_args().bad)
    with tempfile.TemporaryDirectory(prefix="porch-bench-") as name:
        folder = Path(name)
        project = Project(folder)
        project.commit({"README.md": "x\n"})
        project.plan(plan(folder, bad))
        try:
            engine = project.begin("run", "--headless")
            until(lambda: len(project.events(e.AttemptStarted)) == len(NAMES), "all tasks to run")
            (folder / "go").touch()
            engine.wait()
        finally:
            for one in PLACES:
                boxes.end_host(folder / one)
        at = {
            kind: [record.at for record in project.records() if isinstance(record.event, kind)]
            for kind in (e.AttemptSucceeded, e.Landed, e.EntryRejected)
        }
        took = max(at[e.Landed] + at[e.EntryRejected]) - min(at[e.AttemptSucceeded])
        theory = k_ary(bad, len(PLACES) * SLOTS).decided_s
        load = os.getloadavg()[0]
        print(
            f"decided {took:.1f} s after the first task's end, theory {theory:.1f} s: {took / theory:.2f} x,"
            f" bar {BAR} (load {load:.1f}; {project.outcomes()})"
        )


if __name__ == "__main__":
    main()
