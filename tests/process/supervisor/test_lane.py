"""One shim that runs several attempts in turn: a lane, on its own, without an engine."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from porch_tui.core.model.copying import replace
from porch_tui.process import control, liveness, orphans
from porch_tui.process.assignment import Behind
from porch_tui.process.liveness import Cause, Ended, Exit, Lost, NotStarted, find
from porch_tui.process.spawn import start
from porch_tui.process.supervisor import kernel, spool


@pytest.fixture
def lane(assign, tmp_path) -> Callable[..., list[Path]]:
    """Start a lane of shell scripts, and return the directories of its attempts."""

    def begin(
        *scripts: str, ends_at_failure: bool = False, timeout_s: float | None = None, hold_s: float = 60.0
    ) -> list[Path]:
        assigned = [assign(script, name=f"a{n}.1", timeout_s=timeout_s) for n, script in enumerate(scripts)]
        first, *others = assigned
        behind = tuple(
            Behind(one.directory, one.steps, one.timeout_s, {"NUMBER": str(n)})
            for n, one in enumerate(others, start=1)
        )
        start(replace(first, behind=behind, ends_at_failure=ends_at_failure, hold_s=hold_s))
        return [one.directory for one in assigned]

    return begin


@pytest.fixture
def over(until) -> Callable[[list[Path]], None]:
    """Wait until nothing more can begin in a lane."""

    def wait(directories: list[Path]) -> None:
        until(lambda: not liveness.is_lane(directories[0]))

    return wait


def exit_of(directory: Path) -> Exit:
    found = find(directory)
    assert isinstance(found, Ended), found
    return found.exit


def log_of(directory: Path) -> str:
    return (directory / "output.log").read_text()


def test_attempts_of_a_lane_run_one_after_the_other_each_with_its_own_log_and_end(lane, over):
    directories = lane(
        "echo first; sleep 0.05; date +%s%N", "echo second $NUMBER; exit 3", "date +%s%N; kill -9 $$"
    )

    over(directories)

    first, second, third = directories
    assert log_of(first).startswith("first\n")
    assert (log_of(second), exit_of(second).code) == ("second 1\n", 3)
    assert exit_of(third).cause is Cause.SIGNAL
    assert int(log_of(first).split()[1]) < int(log_of(third))
    assert exit_of(first).wall_s >= 0.05 > exit_of(second).wall_s


def test_what_one_has_used_is_not_counted_for_the_next(lane, over):
    busy = 'python3 -c "x = bytearray(64 << 20); sum(range(2_000_000))"'
    directories = lane(busy, "true")

    over(directories)

    heavy, light = (exit_of(one) for one in directories)
    assert heavy.max_rss_bytes > 64 << 20 > light.max_rss_bytes
    assert heavy.cpu_s > light.cpu_s


def test_one_that_takes_long_holds_up_nothing_behind_it(lane, over, until, tmp_path):
    directories = lane("until [ -e go ]; do sleep 0.02; done", "true", "true", hold_s=0.3)

    over(directories)

    assert isinstance(find(directories[0]), liveness.Running)
    (tmp_path / "go").touch()
    until(lambda: isinstance(find(directories[0]), Ended))
    assert exit_of(directories[0]).has_succeeded
    assert [NotStarted(), NotStarted()] == [find(one) for one in directories[1:]]


def test_a_lane_that_is_called_back_ends_what_runs_and_begins_nothing_more(lane, over, until, tmp_path):
    directories = lane("until [ -e go ]; do sleep 0.02; done", "true")

    control.recall(directories[0])
    over(directories)

    (tmp_path / "go").touch()
    until(lambda: isinstance(find(directories[0]), Ended))
    assert exit_of(directories[0]).has_succeeded
    assert NotStarted() == find(directories[-1])


@pytest.mark.parametrize("is_stopped", [True, False], ids=["stopped", "paused"])
def test_an_order_to_one_gives_back_the_others(lane, over, until, is_stopped):
    first, second = lane("until [ -e go ]; do sleep 0.02; done", "true")

    if is_stopped:
        control.stop(first, grace_s=1)
    else:
        control.set_paused(first, True)
    over([first, second])

    assert NotStarted() == find(second)
    if is_stopped:
        until(lambda: isinstance(find(first), Ended))
        assert exit_of(first).cause is Cause.STOPPED
    else:
        until(lambda: liveness.progress_of(first).is_paused)


def test_each_has_its_own_timeout_and_the_others_go_on(lane, over):
    directories = lane("sleep 1000", "true", timeout_s=0.1)

    over(directories)

    assert [Cause.TIMEOUT, Cause.EXIT] == [exit_of(one).cause for one in directories]


def test_nothing_begins_after_a_failure_where_failures_count(lane, over):
    directories = lane("true", "exit 1", "true", ends_at_failure=True)

    over(directories)

    assert [0, 1] == [exit_of(one).code for one in directories[:2]]
    assert NotStarted() == find(directories[2])


@pytest.mark.skipif(not kernel.IS_LINUX, reason="elsewhere what survives a killed shim is not found")
def test_a_killed_lane_loses_the_one_it_ran_and_no_other(lane, until, processes_of):
    directories = lane("true", "sleep 1000", "true")
    until(lambda: liveness.leader_of(directories[1]) and processes_of(directories[1]))
    shim = liveness.shim_of(directories[1])
    assert shim is not None

    os.kill(shim.pid, signal.SIGKILL)
    until(lambda: isinstance(find(directories[1]), Lost))

    assert exit_of(directories[0]).has_succeeded
    assert not liveness.is_lane(directories[0])
    assert NotStarted() == find(directories[2])
    assert orphans.claim_of(directories[1]).session
    assert [name for name in control.end_leftovers(directories[1]) if name.startswith("sleep")]
    assert not processes_of(directories[1])


def test_what_another_shim_has_begun_meanwhile_does_not_run_again(lane, over, assign, until):
    directories = lane("sleep 0.15", "echo from the lane")
    other = assign("echo from another", name=directories[1].name)

    start(other)
    over(directories)

    until(lambda: isinstance(find(directories[1]), Ended))
    assert log_of(directories[1]) == "from another\n"


def test_a_lane_whose_run_is_deleted_ends(lane, until, tmp_path):
    directories = lane("until [ -e go ]; do sleep 0.02; done", "touch begun")
    shim = liveness.shim_of(directories[0])
    assert shim is not None
    for one in directories[0].iterdir():
        one.unlink()
    directories[0].rmdir()

    until(lambda: kernel.identify(shim.pid) != shim.identity)

    assert not (tmp_path / "begun").exists()


def test_ends_of_a_lane_are_like_those_of_any_attempt(lane, over):
    directories = lane("true", "true")

    over(directories)

    assert ["step0", "step0"] == [exit_of(one).step for one in directories]
    assert not spool.is_locked(str(directories[1]))
