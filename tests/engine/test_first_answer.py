"""Before a run begins one of its places must answer, if nothing can run on this machine."""

from __future__ import annotations

import shlex
import socket
from pathlib import Path

import pytest
from in_process import porch

from porch_tui.engine.first_answer import first_answer
from porch_tui.errors import UnreachableError
from porch_tui.git.discovery import discover
from porch_tui.journal.rundir import all_runs
from porch_tui.planfile.read import plan_from
from project import Project

TASK = "tasks: {a: {run: x}}\n"
SILENT = "run: [sh, -c, 'echo no such container >&2; exit 125', sh]"


def asked(project: Project, text: str) -> tuple[tuple[str, ...], list[str]]:
    """Return what is said of places that do not answer, and what was said meanwhile."""
    said = list[str]()
    plan = plan_from((text + TASK).encode(), "porch.yaml", "porch").plan
    return first_answer(plan, discover(project.root), said.append), said


def way_in(folder: Path) -> str:
    home = folder / "home"
    home.mkdir()
    return f"run: [env, 'HOME={home}', sh]"


def test_a_run_is_refused_with_the_reason_of_each_place_if_none_answers(project: Project):
    project.plan(f"place: [box, b2]\nplaces: {{box: {{{SILENT}}}, b2: {{run: ['false', sh]}}}}\n{TASK}")

    done = porch(project, "run", "--headless")

    assert done.code == 1
    lines = done.err.splitlines()
    assert lines[0] == "porch: no task can run, because no place of the plan can be reached:"
    assert "  box: no such container" in lines
    assert any(line.startswith("  b2: ") for line in lines)
    assert lines[-1].startswith("Nothing was started. porch doctor --on ")
    (project.root / "porch.yaml").rename(project.root / "far.yaml")
    assert (
        "porch doctor far.yaml --on "
        in porch(project, "run", str(project.root / "far.yaml"), "--headless").err
    )
    (project.root / "far.yaml").rename(project.root / "porch.yaml")
    assert not done.out
    assert all_runs(project.root / ".git") == []
    assert project.git("status", "--porcelain") == ""
    assert project.git("for-each-ref", "refs/porch") == ""


@pytest.mark.slow
def test_a_run_goes_on_with_the_places_that_are_left(project: Project, tmp_path: Path):
    text = f"place: [box, good]\nplaces: {{box: {{{SILENT}}}, good: {{{way_in(tmp_path)}}}}}\n"

    assert asked(project, text)[0] == ("nothing runs on box until it answers: no such container",)


def test_no_host_is_waited_for_where_tasks_run_here_too(project: Project):
    assert asked(project, f"place: [threads, box]\nplaces: {{box: {{{SILENT}}}}}\n") == ((), [])


def test_a_place_that_is_made_in_vain_is_taken_away(project: Project, tmp_path: Path):
    made = tmp_path / "made"
    up, down = (f"[sh, -c, {shlex.quote(f'{verb} {made}')}, '{{name}}']" for verb in ("touch", "rm"))
    text = f"place: box\nplaces: {{box: {{up: {up}, {SILENT}, down: {down}}}}}\n"

    with pytest.raises(UnreachableError, match="box: no such container"):
        asked(project, text)
    assert not made.exists()
    assert not list((project.root / ".git/porch/made").iterdir())


@pytest.mark.slow
def test_a_place_is_made_if_no_other_answers(project: Project, tmp_path: Path):
    made = tmp_path / "made"
    way = way_in(tmp_path).replace("run: [", f"run: [sh, -c, 'test -e {made} && exec \"$@\"', sh, ")
    text = f"place: box\nplaces: {{box: {{up: [touch, {made}], {way}}}}}\n"

    silent, said = asked(project, text)

    assert silent == ()
    assert said == ["making box, since no other place answers"]
    assert made.exists()


def test_what_takes_long_to_answer_is_named(project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("porch_tui.engine.first_answer.PATIENCE_S", 0.05)
    slow = SILENT.replace("-c, '", "-c, 'sleep 0.3; ")

    with pytest.raises(UnreachableError) as refused:
        said = list[str]()
        plan = plan_from(
            f"place: box\nplaces: {{box: {{{slow}}}}}\n{TASK}".encode(), "porch.yaml", "porch"
        ).plan
        first_answer(plan, discover(project.root), said.append)
    assert "no such container" in str(refused.value)
    assert said == ["waiting for box to answer"]


def test_a_scheduler_that_does_not_answer_is_a_warning_if_there_are_other_places(project: Project):
    """Else the run is refused."""
    pytest.importorskip("distributed")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # no one listens
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"

        (warning,), _ = asked(project, f"place: [threads, '{address}']\n")
        with pytest.raises(UnreachableError, match=f"nothing listens at {address}"):
            asked(project, f"place: '{address}'\n")

    assert f"nothing runs on {address} until it answers: nothing listens at {address}" in warning
