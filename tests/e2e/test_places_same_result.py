"""A plan of many kinds of tasks on two boxes, and on this machine: both must come to the same."""

from __future__ import annotations

from pathlib import Path

import boxes
import pytest

from porch_tui.core.model import events as e
from project import Project
from tests.places.many_kinds import FAILED, PLAN, project_in


def ends(project: Project) -> dict[str, str]:
    """Return how each attempt has ended."""
    found: dict[str, str] = {}
    for kind in (e.AttemptSucceeded, e.AttemptFailed, e.AttemptReturned):
        for event in project.events(kind):
            failure = getattr(event, "failure", None)
            found[str(event.attempt)] = str(failure.kind) if failure else kind.__name__
    return found


@pytest.mark.slow
def test_a_plan_comes_to_the_same_on_two_boxes(tmp_path: Path):
    here, there = (project_in(tmp_path / name) for name in ("here", "there"))
    homes = [tmp_path / name for name in ("one", "two")]
    one, two = map(boxes.way_in, homes)
    for project in (here, there):
        project.plan(f"places: {{one: {{run: {one}, slots: 2}}, two: {{run: {two}, slots: 2}}}}\n{PLAN}")
    here.porch("run", "--headless", "--parallel", expect=1)
    try:
        there.porch("run", "--headless", "--on", "one,two", expect=1)
    finally:
        for home in homes:
            boxes.end(home)

    outcomes = here.outcomes()
    assert FAILED == {task: outcome for task, outcome in outcomes.items() if outcome != "landed"}
    assert outcomes == there.outcomes()
    assert ends(here) == ends(there)
    assert here.git("rev-parse", "main^{tree}") == there.git("rev-parse", "main^{tree}")
    assert {"one", "two"} == {event.place for event in there.events(e.AttemptScheduled)}
