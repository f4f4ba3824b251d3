"""Forty tasks on three workers of a cluster, while workers, the scheduler and the engine are killed.

The quick suite has ten on two, in which one of each is killed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Lab

from project import kill, until
from tests.e2e import boxes
from tests.places.chaos import TASKS, Chaos

WORKERS = ("w1", "w2", "w3")
FEW = WORKERS[:2], 10
"""Workers and tasks of the quick suite."""


class World(Chaos):
    """A cluster as well, whose workers have a home each, so that what each has started can be found."""

    def __init__(self, folder: Path, lab: Lab, workers: tuple[str, ...], tasks: int) -> None:
        super().__init__(folder, tasks)
        self.lab, self.homes = lab, {name: folder / name for name in workers}
        for name, home in self.homes.items():
            home.mkdir()
            lab.worker(name, env={"HOME": str(home)})
        lab.until_joined(*workers)
        self.environ = {"PORCH_TLS": str(lab.client.ca_file.parent)}

    def places(self, lease: str) -> str:
        """Return the cluster for a plan."""
        return f"places: {{big: {{at: '{self.lab.address}', lease: {lease}}}}}\nplace: big\n"

    def working_at(self, *workers: str) -> bool:
        """Say whether something runs beside each of these workers."""
        return all(boxes.working(self.homes[name]) for name in workers)

    def close(self) -> None:
        for home in self.homes.values():
            boxes.end(home)


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """A cluster; its parameter has its workers, and how many tasks there are."""
    with Lab.started(tmp_path / "lab") as lab:
        made = World(tmp_path, lab, *getattr(request, "param", (WORKERS, TASKS)))
        yield made
        made.close()


@pytest.mark.parametrize(
    ("world", "killed", "seed"),
    [
        pytest.param(FEW, ("w1",), 1, id="few"),
        *(
            pytest.param((WORKERS, TASKS), WORKERS, seed, id=str(seed), marks=pytest.mark.slow)
            for seed in (1, 2, 3)
        ),
    ],
    indirect=["world"],
)
def test_every_command_starts_once_and_every_log_is_whole_whatever_is_killed(
    world: World, killed: tuple[str, ...], seed: int
):
    chance, lab = random.Random(seed), world.lab
    world.plan_that_counts(world.places("10m"))
    engine = world.project.begin("run", "--headless", env=world.environ)
    trouble = [*killed, "scheduler", "engine"]
    chance.shuffle(trouble)
    for kind in trouble:
        due = min(world.ends() + chance.randint(1, 4), world.tasks)
        until(lambda due=due: world.ends() >= due, f"the moment for {kind}", deadline_s=240)
        if kind == "engine":
            kill(engine)
            engine = world.project.begin("resume", "--headless", env=world.environ)
            continue
        if kind == "scheduler":
            lab.until_joined(*world.homes)  # one that is about to join would join the next one
        lab.kill(kind)
        lab.restart(kind)
        if kind == "scheduler":  # which takes all workers along
            for worker in world.homes:
                lab.restart(worker)

    said, errors = engine.communicate(timeout=240)

    assert engine.returncode == 0, f"{said}\n{errors}"
    world.all_ran_once()
    for home in world.homes.values():
        until(lambda home=home: boxes.working(home) == [], f"the end of all that runs in {home.name}")


@pytest.mark.slow
def test_what_workers_that_never_return_ran_is_run_again_once_their_leases_are_over(world: World):
    world.plan_that_goes_on_while_cut(world.places("20s"))
    engine = world.project.begin("run", "--headless", env=world.environ)
    until(lambda: world.ends() >= 6 and world.working_at("w1", "w2"), "all to work, and some to end")
    for name in ("w1", "w2"):
        (world.homes[name] / "cut").touch()
        world.lab.kill(name)
    boxes.end_host(world.homes["w1"])  # one is killed with its host, the other is out of reach

    said, errors = engine.communicate(timeout=240)

    assert engine.returncode == 0, f"{said}\n{errors}"
    world.lost_ones_ran_again(most=4)
    for name in ("w1", "w2"):
        assert boxes.working(world.homes[name]) == []
