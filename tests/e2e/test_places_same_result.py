"""A plan of many kinds of tasks here, on two boxes and on two hosts over ssh: all must come to the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boxes
import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until
from tests.places.many_kinds import FAILED, PLAN, project_in
from tests.places.network import two_hosts

pytestmark = pytest.mark.slow
HOSTS = "big: {at: ssh:big, slots: 2}, mini: {at: ssh:mini, slots: 2}"


class Homes:
    """A plan that knows all places, and the project that has run it here."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.boxes = folder, [folder / name for name in ("one", "two")]
        one, two = map(boxes.way_in, self.boxes)
        self._plan = (
            f"places: {{one: {{run: {one}, slots: 2}}, two: {{run: {two}, slots: 2}}, {HOSTS}}}\n{PLAN}"
        )
        self.here = self.project("here")
        self.here.porch("run", "--headless", "--parallel", expect=1)

    def project(self, name: str) -> Project:
        made = project_in(self.folder / name)
        made.plan(self._plan)
        return made


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    made = Homes(tmp_path_factory.mktemp("same"))
    yield made
    for home in made.boxes:
        boxes.end(home)


def ends(project: Project) -> dict[str, str]:
    """Return how each attempt has ended."""
    found: dict[str, str] = {}
    for kind in (e.AttemptSucceeded, e.AttemptFailed, e.AttemptReturned):
        for event in project.events(kind):
            failure = getattr(event, "failure", None)
            found[str(event.attempt)] = str(failure.kind) if failure else kind.__name__
    return found


def assert_is_same(here: Project, there: Project, places: set[str]) -> None:
    outcomes = here.outcomes()
    assert FAILED == {task: outcome for task, outcome in outcomes.items() if outcome != "landed"}
    assert outcomes == there.outcomes()
    assert ends(here) == ends(there)
    assert here.git("rev-parse", "main^{tree}") == there.git("rev-parse", "main^{tree}")
    assert places == {event.place for event in there.events(e.AttemptScheduled)}


def test_a_plan_comes_to_the_same_on_two_boxes(homes: Homes):
    there = homes.project("boxes")

    there.porch("run", "--headless", "--on", "one,two", expect=1)

    assert_is_same(homes.here, there, {"one", "two"})


def test_a_plan_comes_to_the_same_over_ssh_although_the_engine_is_killed_once(homes: Homes, tmp_path: Path):
    there = homes.project("ssh")
    with two_hosts(tmp_path / "net") as network:
        engine = there.begin("run", "--headless", "--on", "big,mini", env=network.env)
        until(lambda: len(there.events(e.AttemptSucceeded)) >= 2, "some to end while others run")
        kill(engine)
        there.porch("resume", "--headless", expect=1, env=network.env)

    assert len(there.events(e.EngineTookOver)) == 1
    assert not there.events(e.AttemptLost)
    assert_is_same(homes.here, there, {"big", "mini"})
