"""A disk that fills up in the middle of a run: told, waited for, and nothing lost."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

WAITING = "until test -e ../go; do sleep 0.05; done"
PLAN = f"""\
validate: test -e README.md
tasks:
  a: {{run: 'echo > a; {WAITING}'}}
  b: {{run: 'echo > b', after: [a]}}
"""


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], check=False)
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here: that needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """Leave no room on the disk of this folder; return what takes it."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        for block in (1 << 20, 1 << 12):
            try:
                while file.write(bytes(block)):
                    pass
            except OSError:
                continue
    return filler


def begun(place: Path) -> tuple[Project, subprocess.Popen[str]]:
    """Return a run whose first task has written what it wrote, and waits to be let go."""
    project = Project(place)
    project.plan(PLAN)
    process = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the first task to start")
    until((place / "app-a" / "a").exists, "its work")
    return project, process


def test_a_run_waits_for_room_and_goes_on_when_there_is_some(small: Path):
    project, process = begun(small)
    filler = fill(small)
    (small / "go").touch()
    told = until(lambda: project.porch("status").stderr, "a word about the disk")
    before = len(project.records())
    assert "full: the run waits for free space" in told
    assert process.poll() is None and not project.landed()

    filler.unlink()
    said, warned = process.communicate(timeout=60)

    assert 0 == process.returncode, said + warned
    assert ["b", "a"] == project.landed()
    assert len(project.records()) > before
    assert "" == project.git("status", "--porcelain")


def test_an_engine_killed_on_a_full_disk_leaves_a_journal_the_next_one_goes_on_with(small: Path):
    project, process = begun(small)
    filler = fill(small)
    (small / "go").touch()
    until(lambda: project.porch("status").stderr, "a word about the disk")
    kill(process)

    filler.unlink()
    project.porch("resume", "--headless")

    assert ["b", "a"] == project.landed()


def test_nothing_starts_on_a_disk_with_too_little_room_and_it_is_told_why(small: Path):
    project, process = begun(small)
    filler = fill(small)
    with filler.open("r+b") as file:
        file.truncate(filler.stat().st_size - (1 << 20))  # room for the journal, not for a start
    until(lambda: project.events(e.DiskMeasured), "a word about the disk")
    (small / "go").touch()
    until(project.landed, "the first task to land")

    [waiting] = [task for task in project.status()["tasks"] if task["id"] == "b"]
    assert waiting["reason"].startswith("waits for disk: ") and f"free in {small}" in waiting["reason"]
    assert process.poll() is None and 1 == len(project.events(e.AttemptScheduled))

    filler.unlink()
    said, warned = process.communicate(timeout=60)

    assert 0 == process.returncode, said + warned
    assert ["b", "a"] == project.landed()
    assert "there is room on the disk again" in said
