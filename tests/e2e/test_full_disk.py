"""A disk fills up during a run: porch reports it and waits, and nothing is lost."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

pytestmark = pytest.mark.slow

WAITING = "until test -e ../go; do sleep 0.05; done"
PLAN = f"""\
validate: test -e README.md
tasks:
  a: {{run: 'echo > a; {WAITING}'}}
  b: {{run: 'echo > b', after: [a]}}
"""


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], check=False)
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here: that needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """Fill the disk of this folder; return the file that does."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        for block in (1 << 20, 1 << 12):
            try:
                while file.write(bytes(block)):
                    pass
            except OSError:
                continue
    return filler


def start_run(place: Path) -> tuple[Project, subprocess.Popen[str]]:
    """Return a run whose first task has written its file and waits for permission to end."""
    project = Project(place)
    project.plan(PLAN)
    process = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the first task to start")
    until((place / "app-a" / "a").exists, "its work")
    return project, process


def test_a_run_waits_for_room_and_continues_when_there_is_some(small: Path):
    project, process = start_run(small)
    filler = fill(small)
    (small / "go").touch()
    output = until(lambda: project.porch("status").stderr, "a word about the disk")
    before = len(project.records())
    assert "full: the run waits for free space" in output
    assert process.poll() is None and not project.landed()

    filler.unlink()
    said, warned = process.communicate(timeout=60)

    assert 0 == process.returncode, said + warned
    assert ["b", "a"] == project.landed()
    assert len(project.records()) > before
    assert "" == project.git("status", "--porcelain")


def test_the_next_engine_continues_with_the_journal_of_one_killed_on_a_full_disk(small: Path):
    project, process = start_run(small)
    filler = fill(small)
    (small / "go").touch()
    until(lambda: project.porch("status").stderr, "a word about the disk")
    kill(process)

    filler.unlink()
    project.porch("resume", "--headless")

    assert ["b", "a"] == project.landed()


def test_nothing_starts_on_a_disk_with_too_little_room_and_the_reason_is_reported(small: Path):
    project, process = start_run(small)
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
    assert "the disk has room again" in said
