"""Validations on other machines: boxes with homes of their own, reached through pipes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import boxes
import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.place import HERE
from project import Project, kill, until

pytestmark = pytest.mark.slow


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """The homes of two boxes, of which no process is left afterwards."""
    made = tmp_path / "one", tmp_path / "two"
    yield made
    for home in made:
        boxes.end_host(home)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A repository with one commit."""
    project = Project(tmp_path)
    project.commit({"README.md": "x\n"})
    return project


def on_boxes(homes: tuple[Path, Path], rest: str) -> str:
    """Return a plan whose tasks and validations run on two boxes."""
    one, two = map(boxes.way_in, homes)
    return (
        f"places:\n  one: {{run: {one}, slots: 2}}\n  two: {{run: {two}, slots: 2}}\n"
        f"place: [one, two]\nvalidate_on: [one, two]\n{rest}"
    )


def places_of(project: Project) -> set[str]:
    return {event.place for event in project.events(e.ValidationScheduled)}


def test_what_fails_its_validation_on_a_box_is_rejected_with_its_log(
    project: Project, homes: tuple[Path, Path]
):
    project.plan(
        on_boxes(
            homes,
            "setup: 'echo made > tool'\n"
            "validate:\n"
            "  - [sh, -c, 'echo in $HOME at $PORCH_COMMIT of $PORCH_TASKS; cat tool']\n"
            "  - [sh, -c, 'pwd | grep -qx \"$PORCH_WORKTREE\"']\n"
            "  - [sh, -c, 'test $PORCH_COMMIT = $(git rev-parse HEAD)']\n"
            "  - [sh, -c, '! test -e bad || { echo is bad; exit 7; }']\n"
            "tasks:\n  good: {run: 'echo > good'}\n  bad: {run: 'echo > bad'}\n",
        )
    )

    project.porch("run", "--headless", expect=1)

    assert project.outcomes() == {"good": "landed", "bad": "rejected"}
    assert places_of(project) <= {"one", "two"}
    log = project.porch("logs", "bad", "--validation").stdout
    assert "made" in log and "is bad" in log and f"in {homes[0].parent}/" in log
    failed = project.events(e.ValidationFailed)
    assert {(one.text, one.exit_code) for one in failed} == {("exit 7", 7)}
    assert all(one.used.wall_s for one in project.events(e.ValidationPassed))
    assert not project.git("branch", "--list", "*validation*")


def test_a_validation_that_changes_tracked_files_on_a_box_lets_nothing_land(
    project: Project, homes: tuple[Path, Path]
):
    project.plan(
        on_boxes(homes, "validate: 'test ! -e a || echo more >> README.md'\ntasks: {a: {run: echo > a}}\n")
    )

    project.porch("run", "--headless", expect=1)

    assert project.outcomes() == {"a": "rejected"}
    assert "it passed, but changed tracked files: README.md" in {
        one.text for one in project.events(e.ValidationFailed)
    }


def test_what_a_killed_engine_validated_on_a_box_is_ended_and_runs_again(
    project: Project, homes: tuple[Path, Path]
):
    go = project.root.parent / "go"
    wait = f"echo $$ >> {go}.ran; until test -e {go}; do sleep 0.05; done"
    project.plan(
        on_boxes(homes, f"validate: 'test ! -e a || {{ {wait}; }}'\ntasks: {{a: {{run: echo > a}}}}\n")
    )
    engine = project.begin("run", "--headless")
    until(lambda: Path(f"{go}.ran").exists(), "the validation to run")
    kill(engine)

    engine = project.begin("resume", "--headless")
    until(lambda: len(Path(f"{go}.ran").read_text().split()) == 2, "it to run again")
    first = Path(f"{go}.ran").read_text().split()[0]
    until(lambda: not Path(f"/proc/{first}").exists(), "the first one to end")
    go.touch()

    assert engine.wait(60) == 0
    assert project.outcomes() == {"a": "landed"}


def test_a_validation_whose_place_falls_silent_runs_on_another(project: Project, homes: tuple[Path, Path]):
    go = project.root.parent / "go"
    wait = f"echo $HOME >> {go}.ran; until test -e {go}; do sleep 0.05; done"
    project.plan(
        on_boxes(homes, f"validate: 'test ! -e a || {{ {wait}; }}'\ntasks: {{a: {{run: echo > a}}}}\n")
    )
    engine = project.begin("run", "--headless")
    until(lambda: Path(f"{go}.ran").exists(), "the validation to run")
    first = Path(Path(f"{go}.ran").read_text().strip())
    host = boxes.host_pid(first)
    assert host is not None

    os.kill(host, signal.SIGSTOP)
    try:
        until(lambda: len(Path(f"{go}.ran").read_text().splitlines()) == 2, "the other box to validate")
        go.touch()
        assert engine.wait(60) == 0
    finally:
        os.kill(host, signal.SIGCONT)

    assert project.outcomes() == {"a": "landed"}
    assert len(project.events(e.ValidationDropped)) >= 1
    assert HERE not in places_of(project)
