"""The same plan on other machines: boxes with homes of their own, reached through pipes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import boxes
import pytest

from porch_tui.core.model import events as e
from project import Project, kill, until

PLAN = """\
validate: test -f README.md
places:
  one: {{run: {one}, slots: 2}}
  two: {{run: {two}, slots: 2}}
tasks:
  a: {{run: 'echo made in $HOME; echo a > a'}}
  b: {{run: 'echo b > b; git add b; git commit -qm mine'}}
  c: {{run: 'echo c >> a', after: [a]}}
  d: {{run: 'echo lost > d; exit 3'}}
"""


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """The homes of two boxes, of which no process is left afterwards."""
    made = tmp_path / "one", tmp_path / "two"
    yield made
    for home in made:
        boxes.end_host(home)


@pytest.fixture
def project(tmp_path: Path, homes: tuple[Path, Path]) -> Project:
    """A repository with one commit, and a README to validate."""
    project = Project(tmp_path)
    project.commit({"README.md": "x\n"})
    one, two = map(boxes.way_in, homes)
    project.plan(PLAN.format(one=one, two=two))
    return project


def places_of(project: Project) -> dict[str, str]:
    return {event.attempt.task: event.place for event in project.events(e.AttemptScheduled)}


@pytest.mark.slow
def test_a_plan_lands_the_same_on_two_boxes_as_it_does_here(project: Project, tmp_path: Path):
    project.porch("run", "--headless", "--on", "one,two", expect=1)

    assert project.outcomes() == {"a": "landed", "b": "landed", "c": "landed", "d": "failed"}
    assert set(places_of(project).values()) == {"one", "two"}
    assert project.git("show", "main:a") == "a\nc"
    assert "mine" in project.git("log", "--format=%s", "main")
    where = places_of(project)["a"]
    assert project.porch("logs", "a").stdout == f"made in {tmp_path / where}\n"
    assert not [path for path in project.root.parent.iterdir() if path.name.startswith("app-")]
    left = project.git("for-each-ref", "--format=%(refname)", "refs/porch/*/left/d/*")
    assert project.git("show", f"{left}:d") == "lost"


@pytest.mark.slow
def test_an_engine_that_is_killed_finds_what_it_left_on_a_box(project: Project, homes: tuple[Path, Path]):
    go = project.root.parent / "go"
    project.plan(
        f"places: {{one: {{run: {boxes.way_in(homes[0])}}}}}\nplace: one\n"
        f"tasks:\n  a: {{run: 'echo once >> {go}.ran; until test -e {go}; do sleep 0.05; done; echo > a'}}\n"
    )
    engine = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the task to run")
    kill(engine)
    host = boxes.host_pid(homes[0])
    assert host is not None
    os.kill(host, signal.SIGKILL)
    go.touch()

    project.porch("resume", "--headless")

    assert project.outcomes() == {"a": "landed"}
    assert Path(f"{go}.ran").read_text() == "once\n"


@pytest.mark.slow
def test_of_a_place_that_is_busy_with_another_repository_it_is_said(
    project: Project, homes: tuple[Path, Path], tmp_path: Path
):
    go, way_in = tmp_path / "go", boxes.way_in(homes[0])
    other = Project(tmp_path / "other")
    for one, run in ((project, f"until test -e {go}; do sleep 0.05; done; echo > a"), (other, "echo > b")):
        one.commit({"README.md": "x\n"})
        one.plan(f"places: {{one: {{run: {way_in}}}}}\nplace: one\ntasks: {{a: {{run: '{run}'}}}}\n")
    busy = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the task to run")

    said = other.porch("run", "--headless").stdout

    assert "1 attempt of other repositories runs there, beside its slots" in said
    go.touch()
    assert busy.wait(60) == 0


@pytest.mark.slow
def test_what_a_task_uses_on_a_box_is_seen_although_it_prints_nothing(
    project: Project, homes: tuple[Path, Path]
):
    go = project.root.parent / "go"
    project.plan(
        f"places: {{one: {{run: {boxes.way_in(homes[0])}}}}}\nplace: one\n"
        f"tasks:\n  a: {{run: 'until test -e {go}; do sleep 0.05; done; echo > a'}}\n"
    )
    engine = project.begin("run", "--headless")
    until(lambda: project.events(e.AttemptStarted), "the task to run")
    usage = project.rundir.attempt("a.1") / "usage.jsonl"
    until(lambda: usage.exists() and "rss_bytes" in usage.read_text(), "a sample of the silent task")
    go.touch()

    assert engine.wait(60) == 0


@pytest.mark.slow
def test_a_place_that_the_plan_makes_is_there_for_the_run_and_gone_after_clean(tmp_path: Path):
    project = Project(tmp_path)
    project.commit({"README.md": "x\n"})
    home = tmp_path / "one"
    run = f"""[sh, -c, 'test -d {home}/{{name}} && HOME={home} exec "$0"', sh]"""
    project.plan(
        f"place: box\nplaces:\n  box:\n    up: [mkdir, -p, '{home}/{{name}}']\n    run: {run}\n"
        f"    down: [rmdir, '{home}/{{name}}']\ntasks:\n  a: {{run: 'echo a > a'}}\n"
    )

    project.porch("run", "--headless")
    (made,) = home.glob("porch-*-box")
    cleaned = project.porch("clean")
    boxes.end_host(home)

    assert project.outcomes() == {"a": "landed"}
    assert f"taken away: the place {made.name}" in cleaned.stdout
    assert not made.exists()
    assert "taken away" not in project.porch("clean").stdout


@pytest.mark.slow
def test_what_an_agent_on_a_box_has_used_is_seen_while_it_runs_and_at_the_end(
    project: Project, homes: tuple[Path, Path]
):
    go, programs = project.root.parent / "go", project.root.parent / "programs"
    programs.mkdir()
    said = '{"type":"turn.completed","usage":{"input_tokens":200,"output_tokens":40}}'
    (programs / "codex").write_text(
        f"#!/bin/sh\necho '{said}'\nuntil test -e {go}; do sleep 0.05; done\necho > made\n"
    )
    (programs / "codex").chmod(0o755)
    project.plan(
        f"places: {{one: {{run: {boxes.way_in(homes[0])}}}}}\nplace: one\n"
        "tasks:\n  a: {agent: codex, prompt: Make it.}\n"
    )
    engine = project.begin("run", "--headless", env={"PATH": f"{programs}:{os.environ['PATH']}"})
    usage = project.root.parent / "none"

    def is_seen() -> bool:
        nonlocal usage
        if project.records():
            usage = project.rundir.attempt("a.1") / "usage.jsonl"
        return usage.exists() and '"output_tokens":40' in usage.read_text()

    until(is_seen, "what it has used so far")
    go.touch()

    assert engine.wait(60) == 0
    (end,) = project.events(e.AttemptSucceeded)
    assert end.used.agent.usage.output_tokens == 40
