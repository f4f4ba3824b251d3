"""Many short checks of one group, as a person runs them: they share supervisors, and each runs once."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.rules.evolve import replay
from porch_tui.process import liveness
from project import Project, kill, until

pytestmark = pytest.mark.slow

ITEMS = 150


@pytest.fixture
def ran(project: Project) -> Path:
    """A file outside in which each check writes its item."""
    return project.root.parent / "ran"


def each(ran: Path, script: str = "") -> list[str]:
    words = ["each", "--lines", f"seq {ITEMS}", "--shared", "--slots", "2", "--headless"]
    return [*words, "--", f"echo {{}} >> {ran}; {script or 'true'}"]


def laned(project: Project) -> list[e.AttemptScheduled]:
    """Return what was scheduled behind another one."""
    found = project.events(e.AttemptScheduled)
    return [one for one in found if one.lane and one.lane != str(one.attempt)]


def counted(ran: Path) -> Counter[int]:
    return Counter(map(int, ran.read_text().split()))


def shims(project: Project) -> set[int]:
    """Return the processes that run attempts now."""
    folders = project.rundir.attempts.iterdir()
    found = [liveness.find(one) for one in folders if (one / "run.json").exists()]
    return {one.shim_pid for one in found if isinstance(one, liveness.Running)}


def once_each(ran: Path) -> bool:
    return counted(ran) == Counter(range(1, ITEMS + 1))


@pytest.mark.parametrize("times", [1, 3])
def test_an_engine_that_is_killed_among_lanes_runs_no_check_twice(project: Project, ran: Path, times: int):
    process = project.begin(*each(ran))
    for number in range(times):
        until(lambda least=20 * number: len(laned(project)) > least, "a lane")
        kill(process)
        process = project.begin("resume", "--headless")

    assert process.wait() == 0
    assert once_each(ran)
    assert {"nothing-to-land": ITEMS} == Counter(project.outcomes().values())


@pytest.mark.skipif(not liveness.kernel.IS_LINUX, reason="elsewhere what survives a killed shim is not found")
@pytest.mark.parametrize("is_engine_killed", [True, False], ids=["with the engine", "alone"])
def test_of_killed_lanes_only_what_they_ran_is_lost_and_all_else_runs_once(
    project: Project, ran: Path, is_engine_killed: bool
):
    process = project.begin(*each(ran))
    until(lambda: laned(project) and shims(project), "a lane")

    if is_engine_killed:
        kill(process)
    killed = 0
    for pid in shims(project):
        os.kill(pid, signal.SIGKILL)
        killed += 1
    if is_engine_killed:
        process = project.begin("resume", "--headless")
    code = process.wait()

    lost = [one.attempt.task for one in project.events(e.AttemptFailed)]
    assert all(one.failure.kind is e.FailureKind.LOST for one in project.events(e.AttemptFailed))
    assert len(lost) <= killed and code == bool(lost)
    numbers = {int(task.partition("-")[2]) for task in lost}
    assert all(count == 1 or (number in numbers and count == 0) for number, count in counted(ran).items())
    assert numbers >= set(range(1, ITEMS + 1)) - set(counted(ran))


def test_one_that_hangs_keeps_no_other_from_running(project: Project, ran: Path):
    go = project.root.parent / "go"
    wait = f"test {{}} != 75 || until [ -e {go} ]; do sleep 0.02; done"
    process = project.begin(*each(ran, wait))

    until(lambda: ran.exists() and len(counted(ran)) == ITEMS, "all others")
    assert process.poll() is None
    go.touch()

    assert process.wait() == 0
    assert once_each(ran)


def test_every_check_has_its_own_log_and_times(project: Project, ran: Path):
    project.porch(*each(ran, "echo hello {}; sleep 0.00{}"))

    assert "hello 77\n" in project.porch("logs", "echo-77").stdout
    state = replay(project.records())
    assert state is not None
    attempts = [state.tasks[task].attempts[0] for task in state.tasks]
    assert all(one.started_at and one.ended_at and one.started_at <= one.ended_at for one in attempts)
    assert all(one.used and one.used.wall_s > 0 for one in attempts)


def test_after_max_fail_failures_no_lane_goes_on(project: Project, ran: Path):
    words = each(ran, "test {} -lt 100")

    project.porch(*words[:1], "--max-fail", "3", *words[1:], expect=1)

    failed = [number for number in counted(ran) if number >= 100]
    assert 3 <= len(failed) <= 4, "each slot ends at its next failure"
    assert len(failed) == len(project.events(e.AttemptFailed))


def test_slots_change_while_lanes_run(project: Project, ran: Path):
    process = project.begin(*each(ran))
    until(lambda: laned(project), "a lane")

    project.porch("slots", "4")
    until(lambda: project.events(e.SlotsChanged), "four slots")
    project.porch("slots", "1")

    assert process.wait() == 0
    assert once_each(ran)
