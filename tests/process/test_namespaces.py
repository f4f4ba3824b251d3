"""An attempt whose shim has no number here: in a container, say, that shares the repository with its host."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.process import control
from porch_tui.process.liveness import Cause, Elsewhere, Ended, Lost, LostWhy, Running, find, wait
from porch_tui.process.supervisor import kernel, spool

IN_A_NAMESPACE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
STARTER = """
import json, sys, time
from pathlib import Path
from porch_tui.process.assignment import Assignment, Step
from porch_tui.process.spawn import start
directory, script = json.loads(sys.argv[1])
steps = (Step("run", ("sh", "-c", script)),)
start(Assignment(Path(directory), steps, Path(directory).parent, {"PATH": "/usr/bin:/bin"}, None))
print("started", flush=True)
time.sleep(1000)
"""
WAITS_FOR_GO = "echo ran >> did; while ! [ -e go ]; do sleep 0.05; done"


@pytest.fixture
def container(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A PID namespace in which an attempt that waits for the file `go` was started."""
    try:
        subprocess.run([*IN_A_NAMESPACE, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"needs a PID namespace of its own: {error}")
    argument = json.dumps([str(tmp_path / "attempt"), WAITS_FOR_GO])
    root = Path(__file__).parents[2]
    command = [*IN_A_NAMESPACE, sys.executable, "-c", STARTER, argument]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout and process.stdout.readline() == b"started\n"
        yield process
        process.kill()  # and with it, by --kill-child, all that is in the namespace


def test_an_attempt_in_another_namespace_is_alive(container, tmp_path):
    found = find(tmp_path / "attempt")

    assert isinstance(found, Elsewhere)
    assert "in another PID namespace" in found.where


def test_an_attempt_in_another_namespace_is_waited_for(container, tmp_path):
    assert isinstance(wait(tmp_path / "attempt", timeout_s=0.05), Elsewhere)

    (tmp_path / "go").touch()

    found = wait(tmp_path / "attempt", timeout_s=60)
    assert isinstance(found, Ended) and found.exit.has_succeeded
    assert (tmp_path / "did").read_text() == "ran\n"


@pytest.mark.slow
def test_orders_reach_it_without_a_signal(container, tmp_path, until):
    assert control.set_paused(tmp_path / "attempt", True)
    until(lambda: getattr(find(tmp_path / "attempt"), "is_paused", False))
    assert control.stop(tmp_path / "attempt", grace_s=1)

    found = wait(tmp_path / "attempt", timeout_s=60)
    assert isinstance(found, Ended) and found.exit.cause is Cause.STOPPED


def test_an_attempt_is_lost_when_its_container_is_gone(container, tmp_path):
    container.kill()

    assert Lost(LostWhy.KILLED_ELSEWHERE) == wait(tmp_path / "attempt", timeout_s=60)


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that SIGUSR1 would end."""
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process
        process.kill()


@pytest.mark.skipif(not kernel.IS_LINUX, reason="needs /proc")
@pytest.mark.parametrize("other", [{"namespace": "pid:[1]"}, {"boot": "another machine's", "host": "far"}])
def test_a_pid_of_another_namespace_is_never_signalled(tmp_path, bystander, other):
    """Even one that started in the same moment as the shim of that number did there."""
    truth = kernel.identify(bystander.pid)
    assert truth
    spool.put(f"{tmp_path}/run.json", {**truth._asdict(), "started_at": 0.0, **other})

    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert isinstance(find(tmp_path), Elsewhere)
        assert control.stop(tmp_path, grace_s=0)

    assert isinstance(find(tmp_path), Lost)
    assert control.end_leftovers(tmp_path, grace_s=0) == ()
    assert truth == kernel.identify(bystander.pid)


@pytest.mark.skipif(not kernel.IS_LINUX, reason="needs /proc")
def test_a_session_of_another_namespace_is_not_claimed(tmp_path, bystander):
    """Its number may be that of one which began here later."""
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as stranger:
        me = kernel.identify(os.getpid())
        assert me
        run = {**me._asdict(), "namespace": "pid:[1]", "started_at": 0.0}
        spool.put(f"{tmp_path}/run.json", run)
        spool.put(f"{tmp_path}/spec.json", {"mark": str(tmp_path)})
        spool.put(f"{tmp_path}/lock", {"pid": stranger.pid, "born": kernel.born(stranger.pid)})

        assert find(tmp_path) == Lost(LostWhy.KILLED_ELSEWHERE)
        assert control.end_leftovers(tmp_path, grace_s=0) == ()

        assert stranger.poll() is None
        stranger.send_signal(signal.SIGKILL)


def test_an_attempt_in_this_namespace_is_not_elsewhere(begin, tmp_path):
    directory = begin("touch ready; sleep 1000")

    assert isinstance(find(directory), Running)
