"""`porch cluster up`, `status` and `down`: only on loopback, and right whatever was killed in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import free_port
from sockets import LOOPBACK, listening

from porch_tui.process.supervisor import kernel
from project import PORCH, until


class Cluster:
    """The command, with a folder of its own."""

    def __init__(self, state: Path) -> None:
        self.folder = state / "porch" / "cluster"
        self._env = {**os.environ, "XDG_STATE_HOME": str(state)}

    def porch(self, *words: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run `porch cluster`."""
        done = subprocess.run(
            [*PORCH, "cluster", *words],
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert expect == done.returncode, f"{done.stdout}\n{done.stderr}"
        return done

    def status(self, expect: int = 0) -> dict[str, Any]:
        """Return what it says as JSON."""
        document: dict[str, Any] = json.loads(self.porch("status", "--json", expect=expect).stdout)
        return document

    def pids(self, expect: int = 0) -> dict[str, int]:
        return {one["name"]: one["pid"] for one in self.status(expect)["programs"]}

    def states(self, expect: int = 1) -> dict[str, str]:
        return {one["name"]: one["state"] for one in self.status(expect)["programs"]}


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path)
    try:
        yield cluster
    finally:
        cluster.porch("down")


def kill(pid: int) -> None:
    """End a process at once, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    until(lambda: kernel.identify(pid) is None, "its end")


def test_without_a_cluster_status_and_down_say_so(cluster):
    assert "no cluster" in cluster.porch("status").stdout
    assert {"address": None, "client": None, "programs": []}.items() <= cluster.status().items()
    assert "no cluster" in cluster.porch("down").stdout
    assert {"ended": []} == json.loads(cluster.porch("down", "--json").stdout)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["certs"], "name a folder"),
        (["up", "DIR"], "only porch cluster certs takes a folder"),
        (["down", "--workers", "2"], "are for porch cluster up"),
        (["up", "--workers", "0"], "whole number from 1"),
        (["up", "--port", "70000"], "no port"),
        (["sideways"], "invalid choice"),
    ],
)
def test_words_that_make_no_sense_are_refused_and_nothing_is_made(cluster, words, said):
    assert said in cluster.porch(*words, expect=2).stderr
    assert not cluster.folder.exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "porch").touch()

    error = Cluster(tmp_path).porch("up", expect=3).stderr

    assert "cannot write to" in error and "XDG_STATE_HOME" in error and "Traceback" not in error


def test_without_the_extra_the_command_that_installs_it_is_named(tmp_path):
    script = (
        "import sys, importlib.util as u; find = u.find_spec;"
        "u.find_spec = lambda name: None if name == 'distributed' else find(name);"
        "from porch_tui.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "cluster", "up"], env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert 3 == done.returncode
    assert "pip install 'porch-tui[dask]'" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_every_socket_of_a_cluster_is_on_loopback_and_its_folder_is_private(cluster):
    cluster.porch("up", "--workers", "2")

    pids = cluster.pids()
    found = listening(pids.values())
    assert {"scheduler", "w1", "w2"} == set(pids)
    assert sum(found.values()) >= 3
    assert set(found) <= LOOPBACK
    assert 0o700 == cluster.folder.stat().st_mode & 0o777


@pytest.mark.slow
def test_down_ends_all_and_up_starts_again_with_the_same_certificates(cluster):
    port = free_port()
    cluster.porch("up", "--workers", "1", "--port", str(port))
    certificate = (cluster.folder / "certs" / "ca.crt").read_bytes()
    pids = cluster.pids()
    assert f"tls://127.0.0.1:{port}" == cluster.status()["address"]

    assert {"w1", "scheduler"} == set(json.loads(cluster.porch("down", "--json").stdout)["ended"])

    assert not any(map(kernel.identify, pids.values()))
    assert "no cluster" in cluster.porch("status").stdout
    cluster.porch("up", "--workers", "1", "--port", str(port))
    assert certificate == (cluster.folder / "certs" / "ca.crt").read_bytes()
    assert not set(pids.values()) & set(cluster.pids().values())


@pytest.mark.slow
def test_up_starts_what_is_missing_and_leaves_alone_what_runs(cluster):
    cluster.porch("up", "--workers", "2")
    before = cluster.pids()
    kill(before["w1"])
    assert {"scheduler": "up", "w1": "ended", "w2": "up"} == cluster.states()

    cluster.porch("up", "--workers", "3")

    after = cluster.pids()
    assert (before["scheduler"], before["w2"]) == (after["scheduler"], after["w2"])
    assert {"scheduler", "w1", "w2", "w3"} == set(after) and after["w1"] != before["w1"]
    assert "another port" not in cluster.porch("up").stderr
    assert "runs already" in cluster.porch("up", "--port", str(free_port()), expect=4).stderr


@pytest.mark.slow
def test_a_scheduler_that_was_killed_confuses_neither_status_nor_up_nor_down(cluster):
    cluster.porch("up", "--workers", "1")
    kill(cluster.pids()["scheduler"])
    assert "ended" == cluster.states()["scheduler"]
    assert "porch cluster up starts what is missing" in cluster.porch("status", expect=1).stdout

    cluster.porch("up", "--workers", "1")

    again = cluster.pids()
    kill(again["scheduler"])
    cluster.porch("down")
    assert not any(map(kernel.identify, again.values()))


@pytest.mark.slow
def test_down_ends_what_is_stopped_and_what_an_up_that_was_killed_had_not_recorded(cluster):
    cluster.porch("up", "--workers", "1")
    pids = cluster.pids()
    os.kill(pids["w1"], signal.SIGSTOP)
    (cluster.folder / "cluster.json").unlink()

    cluster.porch("down")

    assert not any(map(kernel.identify, pids.values()))


@pytest.mark.slow
def test_a_port_that_is_taken_is_said_and_nothing_is_left_running(cluster):
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        error = cluster.porch("up", "--port", str(other.getsockname()[1]), expect=3).stderr

    assert "did not come up: scheduler ended at once" in error and "scheduler.log" in error
    assert "Traceback" not in error
    assert "no cluster" in cluster.porch("status").stdout
