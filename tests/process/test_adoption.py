"""An attempt belongs to its shim: starters come and go, and each learns the truth from the directory."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from porch_tui.process import control, liveness
from porch_tui.process.liveness import (
    Bell,
    Cause,
    Elsewhere,
    Ended,
    Lost,
    LostWhy,
    NotStarted,
    Running,
    find,
    wait,
)
from porch_tui.process.spawn import SHIM, start
from porch_tui.process.supervisor import kernel, spool
from porch_tui.process.supervisor.kernel import Identity

needs_proc = pytest.mark.skipif(not kernel.IS_LINUX, reason="needs /proc")

STARTER = """
import json, sys, time
from pathlib import Path
from porch_tui.process.assignment import Assignment, Step
from porch_tui.process.spawn import start
directory, script, timeout = json.loads(sys.argv[1])
steps = (Step("run", ("sh", "-c", script)),)
start(Assignment(Path(directory), steps, Path(directory).parent, {"PATH": "/usr/bin:/bin"}, timeout))
print("started", flush=True)
time.sleep(1000)
"""


def start_from_another_process(directory: Path, script: str, timeout_s: float | None = None) -> None:
    """Start an attempt, then kill -9 the starter and all its group."""
    argument = json.dumps([str(directory), script, timeout_s])
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, argument],
        stdout=subprocess.PIPE,
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    ) as starter:
        assert starter.stdout and starter.stdout.readline() == b"started\n"
        os.killpg(starter.pid, signal.SIGKILL)


def test_killing_the_starter_neither_stops_nor_loses_the_attempt(tmp_path, until, ended):
    start_from_another_process(
        tmp_path / "attempt", "while ! [ -e go ]; do sleep 0.05; done; echo done; exit 7"
    )
    assert isinstance(find(tmp_path / "attempt"), Running)

    (tmp_path / "go").touch()

    assert ended(tmp_path / "attempt").code == 7
    assert (tmp_path / "attempt/output.log").read_text() == "done\n"


def test_a_timeout_needs_no_watcher(tmp_path, until):
    start_from_another_process(tmp_path / "attempt", "sleep 1000", timeout_s=0.2)

    until((tmp_path / "attempt/exit.json").exists)

    end = liveness.read_exit(tmp_path / "attempt")
    assert end and Cause.TIMEOUT is end.cause


def test_an_adopted_attempt_obeys_orders(tmp_path, until, ended):
    start_from_another_process(tmp_path / "attempt", "sleep 1000")

    assert control.set_paused(tmp_path / "attempt", True)
    until(lambda: find(tmp_path / "attempt").is_paused)
    assert control.stop(tmp_path / "attempt", grace_s=1)

    assert Cause.STOPPED is ended(tmp_path / "attempt").cause


def test_starting_twice_does_nothing_at_any_time(assign, ended, tmp_path):
    assignment = assign("echo ran >> did; while ! [ -e go ]; do sleep 0.05; done")
    start(assignment)
    start(assignment)
    (tmp_path / "go").touch()
    ended(assignment.directory)
    start(assignment)

    assert isinstance(find(assignment.directory), Ended)
    assert (tmp_path / "did").read_text() == "ran\n"


def test_a_second_shim_does_nothing_at_any_time(begin, ended, until, tmp_path):
    """As after a starter died between starting the shim and hearing of it."""
    directory = begin("echo ran >> did; touch ready; while ! [ -e go ]; do sleep 0.05; done")
    shim = [sys.executable, "-I", "-S", str(SHIM), str(directory)]

    assert subprocess.run(shim, stdout=subprocess.PIPE, check=True).stdout == b""
    (tmp_path / "go").touch()
    first = ended(directory)
    assert subprocess.run(shim, stdout=subprocess.PIPE, check=True).stdout == b""
    until(lambda: not spool.is_locked(str(directory)))

    assert ended(directory) == first
    assert (tmp_path / "did").read_text() == "ran\n"


def test_concurrent_starts_of_an_attempt_start_it_once(assign, ended, tmp_path):
    assignment = assign("echo ran >> did")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start, [assignment] * 8))

    assert ended(assignment.directory).has_succeeded
    assert (tmp_path / "did").read_text() == "ran\n"


def test_before_it_begins_an_attempt_is_not_started(tmp_path):
    assert NotStarted() == find(tmp_path / "nowhere")
    assert NotStarted() == wait(tmp_path / "nowhere")


def test_the_folder_of_a_running_attempt_is_known(assign, running, until):
    assignment = assign("true", "sleep 1000")
    before = time.time()
    start(assignment)

    until(lambda: b"-- porch: step1" in (assignment.directory / "output.log").read_bytes())

    found = running(assignment.directory)
    assert not found.is_paused
    assert kernel.identify(found.shim_pid) == found.shim
    assert before - 1 <= found.started_at <= time.time() + 1


def test_an_attempt_whose_shim_is_killed_is_lost_and_does_not_begin_again(assign, running, until, tmp_path):
    assignment = assign("echo ran >> did; sleep 1000")
    start(assignment)
    until((tmp_path / "did").exists)

    os.kill(running(assignment.directory).shim_pid, signal.SIGKILL)

    assert Lost(LostWhy.KILLED) == wait(assignment.directory)
    start(assignment)
    assert Lost(LostWhy.KILLED) == find(assignment.directory)
    assert (tmp_path / "did").read_text() == "ran\n"


def test_processes_left_by_a_killed_shim_can_be_ended(assign, running, until, processes_of, tmp_path):
    assignment = assign("(setsid sh -c \"trap '' TERM; sleep 1000\" &); touch ready; sleep 1000")
    start(assignment)
    until((tmp_path / "ready").exists)
    assert control.end_leftovers(assignment.directory) == ()
    os.kill(running(assignment.directory).shim_pid, signal.SIGKILL)
    wait(assignment.directory)

    assert len(control.end_leftovers(assignment.directory, grace_s=0.1)) >= 2

    assert processes_of(assignment.directory) == {}


@needs_proc
def test_attempts_from_before_a_reboot_are_lost(assign, running):
    assignment = assign("sleep 1000")
    start(assignment)
    shim = running(assignment.directory).shim_pid
    os.kill(shim, signal.SIGKILL)
    wait(assignment.directory)
    path = assignment.directory / "run.json"
    path.write_text(path.read_text().replace(kernel.boot_id(), "another boot"))

    assert Lost(LostWhy.REBOOT) == find(assignment.directory)

    path.write_text(path.read_text().replace("another boot", kernel.boot_id()))


@needs_proc
def test_files_left_by_a_power_loss_are_understood(assign, until):
    """The name of a result, and what is in run.json, are not waited for until they are on the disk."""
    assignment = assign("exit 3")
    start(assignment)
    ended = wait(assignment.directory)
    until(lambda: not spool.is_locked(str(assignment.directory)))
    result, run = assignment.directory / "exit.json", assignment.directory / "run.json"

    result.rename(f"{result}.tmp")
    run.write_bytes(b"")
    assert ended == find(assignment.directory)

    Path(f"{result}.tmp").write_bytes(bytes(4096))
    assert Lost(LostWhy.REBOOT) == find(assignment.directory)
    start(assignment)
    assert Lost(LostWhy.REBOOT) == find(assignment.directory)


@pytest.fixture
def bystander():
    """A process that has nothing to do with porch."""
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process
        process.kill()


@needs_proc
@pytest.mark.parametrize("is_locked", [False, True])
def test_a_forged_run_json_never_gets_a_bystander_signalled(tmp_path, bystander, monkeypatch, is_locked):
    """As after the number of a dead shim was given to another process: the start ticks differ."""
    monkeypatch.setattr(liveness, "UNSURE_S", 0.05)
    truth = kernel.identify(bystander.pid)
    assert truth
    forged = truth._replace(ticks=truth.ticks - 1)
    spool.put(f"{tmp_path}/run.json", {**forged._asdict(), "started_at": 0.0})

    with (tmp_path / "lock").open("w") as lock:
        if is_locked:
            fcntl.flock(lock, fcntl.LOCK_EX)

        if is_locked:
            assert isinstance(find(tmp_path), Elsewhere)  # whoever holds the lock is alive
        else:
            assert Lost(LostWhy.KILLED) == find(tmp_path)
        assert is_locked == control.set_paused(tmp_path, True)
        assert is_locked == control.stop(tmp_path, grace_s=0)
        assert control.end_leftovers(tmp_path, grace_s=0) == ()
        assert not kernel.send(forged, signal.SIGKILL)
        assert None is kernel.open_pidfd(forged)

    assert truth == kernel.identify(bystander.pid)


def test_an_identity_is_not_valid_for_a_later_process(bystander):
    identity = kernel.identify(bystander.pid)
    assert identity
    bystander.kill()
    bystander.wait()

    assert not kernel.send(identity, 0)
    assert None is kernel.open_pidfd(identity)
    assert None is kernel.open_pidfd(Identity(2**22 + 1, 1, ""))


def test_testing_the_lock_does_not_keep_a_shim_from_beginning(tmp_path, monkeypatch):
    reader = (tmp_path / "lock").open("w")
    fcntl.flock(reader, fcntl.LOCK_SH)
    monkeypatch.setattr(spool.time, "sleep", lambda _: reader.close())  # it is done while the shim waits

    assert spool.take_lock(str(tmp_path)) is not None


def test_waiting_ends_after_its_timeout(assign):
    assignment = assign("sleep 1000")
    start(assignment)

    assert isinstance(wait(assignment.directory, timeout_s=0.05), Running)


def test_a_bell_wakes_every_waiting_thread_and_can_be_hushed(assign):
    assignment = assign("sleep 1000")
    start(assignment)
    seen = []
    with closing(Bell()) as bell:
        threads = [
            threading.Thread(target=lambda: seen.append(wait(assignment.directory, None, bell)))
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        bell.ring()
        for thread in threads:
            thread.join(timeout=60)
        assert [Running] * 3 == [type(liveness) for liveness in seen]

        bell.hush()
        before = time.monotonic()
        wait(assignment.directory, 0.2, bell)
        assert time.monotonic() - before >= 0.2


def test_without_pidfds_waiting_polls(assign, until, monkeypatch, tmp_path):
    monkeypatch.setattr(kernel, "open_pidfd", lambda identity: None)
    assignment = assign("while ! [ -e go ]; do sleep 0.05; done; exit 3")
    start(assignment)
    threading.Timer(0.1, (tmp_path / "go").touch).start()

    found = wait(assignment.directory)

    assert isinstance(found, Ended) and found.exit.code == 3
