"""Forty tasks on three boxes, while hosts, ways in and the engine are killed and connections hang."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import boxes
import pytest

from project import kill, until
from tests.places.chaos import TASKS, Chaos

pytestmark = pytest.mark.slow
NAMES = ("one", "two", "three")
CUT_S = 15.0


class World(Chaos):
    """Three boxes as well."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.homes = {name: folder / name for name in NAMES}
        for home in self.homes.values():
            home.mkdir()

    def places(self, more: str = "") -> str:
        """Return the boxes for a plan."""
        entries = "".join(
            f"  {name}: {{run: {boxes.way_in_that_can_be_cut(home)}, slots: 2{more}}}\n"
            for name, home in self.homes.items()
        )
        return f"places:\n{entries}place: [one, two, three]\n"

    def until_nothing_runs(self) -> None:
        for home in self.homes.values():
            until(lambda home=home: boxes.working(home) == [], f"the end of all that runs in {home.name}")

    def locks(self) -> list[Path]:
        """Return the locks of git that are left anywhere; porch's own are files that stay."""
        found = list[Path]()
        for root in (self.project.root / ".git", *self.homes.values()):
            names = (path.relative_to(root) for path in root.rglob("*.lock"))
            found += [name for name in names if not any(part.startswith("porch") for part in name.parts)]
        return found

    def close(self) -> None:
        for home in self.homes.values():
            boxes.end(home)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_command_starts_once_and_every_log_is_whole_whatever_is_killed(world: World, seed: int):
    chance = random.Random(seed)
    world.plan_that_counts(world.places())
    engine = world.project.begin("run", "--headless")
    trouble = ["host", "host", "host", "way", "way", "cut", "engine"]
    chance.shuffle(trouble)
    cut: tuple[Path, float] | None = None
    for number, kind in enumerate(trouble):
        home = world.homes[NAMES[number % 3]]
        due = world.ends() + chance.randint(1, 4)
        until(lambda due=due: world.ends() >= min(due, TASKS), f"the moment for {kind}")
        if kind == "host":
            boxes.end_host(home)
        elif kind == "way":
            boxes.signal_way_in(home, signal.SIGKILL)
        elif kind == "cut":
            boxes.cut(home)
            cut = home, time.monotonic() + CUT_S
        else:
            kill(engine)
            engine = world.project.begin("resume", "--headless")
    assert cut is not None
    time.sleep(max(0.0, cut[1] - time.monotonic()))
    boxes.mend(cut[0])

    said, _ = engine.communicate(timeout=120)

    assert engine.returncode == 0, said
    world.all_ran_once()
    world.until_nothing_runs()
    assert world.locks() == []


def test_what_places_that_never_return_ran_is_run_again_once_their_leases_are_over(world: World):
    lease_s = 30
    world.plan_that_goes_on_while_cut(world.places(f", lease: {lease_s}s"))
    engine = world.project.begin("run", "--headless")
    until(lambda: world.ends() >= 6, "some to end")
    for name in ("one", "two"):
        boxes.cut(world.homes[name])
    boxes.end_host(world.homes["one"])  # one is killed, the other is out of reach

    said, _ = engine.communicate(timeout=180)

    assert engine.returncode == 0, said
    world.lost_ones_ran_again(most=4)
    for name in ("one", "two"):
        assert boxes.working(world.homes[name]) == []
