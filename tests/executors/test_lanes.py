"""What an executor promises of a lane: each of it once, whatever dies, and orders to each of them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import places
import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Kind, LaneName
from porch_tui.executors import lane
from porch_tui.executors.executor import Job
from porch_tui.executors.local import LocalExecutor
from porch_tui.executors.shared_checkout import SharedCheckout
from porch_tui.process import liveness
from project import Project, until

WAIT = "echo begun; until [ -e $FOLDER/go ]; do sleep 0.02; done"


class Here:
    """A folder in which lanes run, and what was reported of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[e.AnyEvent] = []
        self._lock = threading.Lock()

    def executor(self) -> LocalExecutor:
        return LocalExecutor(self.offer)

    def offer(self, *events: e.AnyEvent) -> None:
        with self._lock:
            self.events += events

    def lane(self, *scripts: str, max_fail: int | None = None) -> list[Job]:
        """Return the jobs of shell scripts; each also adds its task to the file `ran`."""
        made = []
        for number, script in enumerate(scripts):
            job = places.job(self.folder, f"t{number}", f"echo $PORCH_TASK >> $FOLDER/ran; {script}")
            own = {name: getattr(job.checkout, name) for name in job.checkout.__struct_fields__}
            checkout = SharedCheckout(**{**own, "path": self.folder / "app-shared@0"})
            spec = replace(job.spec, kind=Kind.CHECK, is_shared=True, group="t", max_fail=max_fail)
            made.append(replace(job, spec=spec, checkout=checkout, lane=LaneName("t0.1")))
        return made

    def ends(self) -> dict[str, str]:
        """Return how each has ended, by task."""
        with self._lock:
            return {
                one.attempt.task: type(one).__name__.removeprefix("Attempt")
                for one in self.events
                if isinstance(one, e.AttemptEvent) and not isinstance(one, e.AttemptStarted)
            }

    def await_ends(self, jobs: list[Job]) -> dict[str, str]:
        until(lambda: len(self.ends()) == len(jobs), "all ends")
        return self.ends()

    @property
    def ran(self) -> list[str]:
        file = self.folder / "ran"
        return file.read_text().split() if file.exists() else []

    def go(self) -> None:
        (self.folder / "go").touch()


@pytest.fixture
def here(tmp_path: Path) -> Here:
    Project(tmp_path)
    return Here(tmp_path)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nothing count as long, however busy the machine is."""
    monkeypatch.setattr(lane, "HOLD_S", 60.0)


def test_all_of_a_lane_run_in_turn_and_are_reported_once(here, patient):
    jobs = here.lane("echo hi", "exit 3", "echo $PORCH_TASK; pwd", "true")

    here.executor().start_lane(jobs)

    assert {"t0": "Succeeded", "t1": "Failed", "t2": "Succeeded", "t3": "Succeeded"} == here.await_ends(jobs)
    assert here.ran == ["t0", "t1", "t2", "t3"]
    assert (jobs[2].directory / "output.log").read_text() == f"t2\n{jobs[2].checkout.path}\n"
    assert len(here.events) == len(jobs)


def test_one_that_hangs_goes_on_and_what_waits_behind_it_is_returned(here):
    jobs = here.lane(WAIT, "true", "true")

    here.executor().start_lane(jobs)
    until(lambda: len(here.ends()) == 2, "the others")

    assert {"t1": "Returned", "t2": "Returned"} == here.ends()
    until(lambda: any(isinstance(one, e.AttemptStarted) for one in here.events), "that it has started")
    here.go()
    assert here.await_ends(jobs)["t0"] == "Succeeded"
    assert here.ran == ["t0"]


def test_one_that_waits_is_stopped_alone(here, patient):
    jobs, executor = here.lane(WAIT, "true", "true"), here.executor()
    executor.start_lane(jobs)
    until(lambda: here.ran, "the first")

    executor.stop(jobs[1])
    until(lambda: len(here.ends()) == 2, "the others")
    here.go()

    assert {"t0": "Succeeded", "t1": "Stopped", "t2": "Returned"} == here.await_ends(jobs)
    assert here.ran == ["t0"]


def test_the_one_that_runs_is_stopped_and_the_others_are_returned(here):
    jobs, executor = here.lane(WAIT, "true"), here.executor()
    executor.start_lane(jobs)
    until(lambda: here.ran, "the first")

    executor.stop(jobs[0])

    assert {"t0": "Stopped", "t1": "Returned"} == here.await_ends(jobs)


def test_one_that_is_paused_while_it_waits_is_returned_when_it_may_go_on(here):
    jobs, executor = here.lane(WAIT, "true", "true"), here.executor()
    executor.start_lane(jobs)
    until(lambda: here.ran, "the first")

    executor.freeze(jobs[1])
    here.go()
    until(lambda: len(here.ends()) == 2, "the others")
    assert {"t0": "Succeeded", "t2": "Returned"} == here.ends()

    executor.thaw(jobs[1])

    assert here.await_ends(jobs)["t1"] == "Returned"
    assert here.ran == ["t0"]


def test_one_that_was_stopped_before_its_lane_began_never_runs(here):
    jobs, executor = here.lane("true", "true"), here.executor()

    executor.freeze(jobs[0])
    executor.start_lane(jobs)
    executor.stop(jobs[1])
    until(lambda: "t1" in here.ends(), "the end of the second")
    executor.thaw(jobs[0])

    assert here.await_ends(jobs)["t0"] == "Succeeded"
    assert here.ends()["t1"] in ("Stopped", "Returned")
    assert here.ran == ["t0"]


def test_the_next_engine_finds_a_lane_as_it_is(here, patient):
    jobs = here.lane("true", WAIT, "true")
    here.executor().start_lane(jobs)
    until(lambda: here.ran == ["t0", "t1"], "the second")
    later = Here(here.folder)

    later.executor().start_lane(jobs)
    here.go()

    assert dict.fromkeys(("t0", "t1", "t2"), "Succeeded") == later.await_ends(jobs)
    assert here.ran == ["t0", "t1", "t2"]


@pytest.mark.skipif(not liveness.kernel.IS_LINUX, reason="elsewhere what survives a killed shim is not found")
def test_of_a_killed_lane_only_the_one_it_ran_is_lost(here, patient):
    jobs = here.lane("true", WAIT, "true", "true")
    here.executor().start_lane(jobs)
    until(lambda: here.ran == ["t0", "t1"], "the second")
    shim = liveness.shim_of(jobs[1].directory)
    assert shim is not None

    os.kill(shim.pid, signal.SIGKILL)

    expected = {"t0": "Succeeded", "t1": "Failed", "t2": "Returned", "t3": "Returned"}
    assert expected == here.await_ends(jobs)
    lost = next(one for one in here.events if isinstance(one, e.AttemptFailed))
    assert lost.failure.kind is e.FailureKind.LOST


def test_what_was_returned_runs_in_another_lane(here, monkeypatch):
    jobs, executor = here.lane(WAIT, "true", "true"), here.executor()
    executor.start_lane(jobs)
    until(lambda: len(here.ends()) == 2, "the others")

    monkeypatch.setattr(lane, "HOLD_S", 60.0)
    again = [replace(one, lane=LaneName("t1.1"), slot=1) for one in jobs[1:]]
    executor.start_lane(again)
    until(lambda: here.ends() == {"t1": "Succeeded", "t2": "Succeeded"}, "their ends")
    here.go()

    assert here.await_ends(jobs)["t0"] == "Succeeded"
    assert here.ran == ["t0", "t1", "t2"]


def test_what_is_stopped_as_it_was_returned_runs_when_it_is_started_again(here):
    """The engine did not know yet; retried by a person it is the same attempt, as that has not begun."""
    jobs, executor = here.lane(WAIT, "true"), here.executor()
    executor.start_lane(jobs)
    until(lambda: here.ends() == {"t1": "Returned"}, "the other")

    executor.stop(jobs[1])
    executor.start(replace(jobs[1], lane=LaneName("")))
    until(lambda: here.ends() == {"t1": "Succeeded"}, "its end")
    here.go()

    assert here.await_ends(jobs) == {"t0": "Succeeded", "t1": "Succeeded"}
    assert here.ran == ["t0", "t1"]


def test_after_a_failure_the_rest_is_returned_where_failures_count(here, patient):
    jobs = here.lane("true", "false", "true", max_fail=1)

    here.executor().start_lane(jobs)

    assert {"t0": "Succeeded", "t1": "Failed", "t2": "Returned"} == here.await_ends(jobs)


def test_after_a_restart_of_the_machine_it_is_not_known_what_has_begun(here, patient, patched_boot):
    """Only the first of a lane is certain to be on the disk: the others may have begun."""
    jobs = here.lane("true", WAIT, "true")
    here.executor().start_lane(jobs)
    until(lambda: here.ran == ["t0", "t1"], "the second")
    shim = liveness.shim_of(jobs[0].directory)
    assert shim is not None
    os.kill(shim.pid, signal.SIGKILL)
    until(lambda: not liveness.is_lane(jobs[0].directory), "the end of the lane")
    here.go()
    for directory in (jobs[0].directory, jobs[1].directory):
        patched_boot(directory)
    later = Here(here.folder)

    later.executor().start_lane(jobs)

    assert {"t0": "Succeeded", "t1": "Failed", "t2": "Failed"} == later.await_ends(jobs)


@pytest.fixture
def patched_boot() -> Callable[[Path], None]:
    """Have a shim look as if it had run before the machine was started."""

    def patch(directory: Path) -> None:
        record = directory / "run.json"
        boot = liveness.kernel.boot_id()
        record.write_text(record.read_text().replace(boot, "another"))

    return patch
