"""Forty tasks on three boxes, while hosts, ways in and the engine are killed and connections hang."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import boxes
import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

pytestmark = pytest.mark.slow
NAMES = ("one", "two", "three")
TASKS, LINES, CUT_S = 40, 12, 15.0
WHOLE = "".join(f"line {number}\n" for number in range(LINES))


class World:
    """Three boxes, a project, and what tasks have written outside of their worktrees."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.project = folder, Project(folder)
        self.ran = folder / "ran"
        self.ran.mkdir()
        self.homes = {name: folder / name for name in NAMES}
        for home in self.homes.values():
            home.mkdir()

    def plan(self, script: str, more: str = "") -> None:
        """Write a plan whose tasks run a script with `{task}` in it."""
        places = "".join(
            f"  {name}: {{run: {boxes.way_in_that_can_be_cut(home)}, slots: 2{more}}}\n"
            for name, home in self.homes.items()
        )
        tasks = "".join(
            f"  t{number}:\n    run: |\n      {script.replace('{task}', f't{number}')}\n"
            for number in range(TASKS)
        )
        self.project.plan(f"places:\n{places}place: [one, two, three]\ntasks:\n{tasks}")

    def ends(self) -> int:
        return len(self.project.events(e.AttemptSucceeded))

    def starts(self) -> dict[str, list[str]]:
        """Return the lines that each task has written when it started."""
        return {path.name: path.read_text().splitlines() for path in self.ran.iterdir()}

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
    world.plan(
        f"echo ran >> {world.ran}/{{task}}; n=0; while [ $n -lt {LINES} ]; "
        "do echo line $n; n=$((n+1)); sleep 0.1; done; echo {task} > made-{task}"
    )
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
    assert set(world.project.outcomes().values()) == {"landed"}
    assert Counter(map(len, world.starts().values())) == {1: TASKS}
    landed = Counter(event.task for event in world.project.events(e.Landed))
    assert set(landed.values()) == {1} and len(landed) == TASKS
    assert not world.project.events(e.AttemptLost)
    for task in world.starts():
        assert (world.project.rundir.attempt(f"{task}.1") / "output.log").read_text() == WHOLE
        assert world.project.git("show", f"main:made-{task}") == task
    world.until_nothing_runs()
    assert world.locks() == []


def test_what_places_that_never_return_ran_is_run_again_once_their_leases_are_over(world: World):
    lease_s = 30
    world.plan(
        f"echo $(date +%s.%N) $$ >> {world.ran}/{{task}}; n=0; "
        f"while [ $n -lt {LINES} ] || test -e $HOME/cut; "
        f"do touch {world.folder}/{{task}}.$$; n=$((n+1)); sleep 0.1; done; echo {{task}} > made-{{task}}",
        f", lease: {lease_s}s",
    )
    engine = world.project.begin("run", "--headless")
    until(lambda: world.ends() >= 6, "some to end")
    for name in ("one", "two"):
        boxes.cut(world.homes[name])
    boxes.end_host(world.homes["one"])  # one is killed, the other is out of reach

    said, _ = engine.communicate(timeout=180)

    assert engine.returncode == 0, said
    assert set(world.project.outcomes().values()) == {"landed"}
    again = {task: lines for task, lines in world.starts().items() if len(lines) > 1}
    assert 1 <= len(again) <= 4
    for task, lines in again.items():
        (_, first), (second_at, _) = (line.split() for line in lines)
        assert (world.folder / f"{task}.{first}").stat().st_mtime < float(second_at)
    landed = Counter(event.task for event in world.project.events(e.Landed))
    assert set(landed.values()) == {1} and len(landed) == TASKS
    for name in ("one", "two"):
        assert boxes.working(world.homes[name]) == []
