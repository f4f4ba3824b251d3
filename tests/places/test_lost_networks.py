"""Two hosts over ssh, each in its own network: the cable is pulled out, and connections hang half-open."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.places.carriers.pipe import SshCarrier
from porch_tui.places.carriers.way_in import TO_LOGIN
from porch_tui.places.near.contact import Contact
from porch_tui.places.near.remote import RemoteExecutor, greeting
from tests.executors import places
from tests.places.network import Host, Network, two_hosts
from tests.project import Project, until

pytestmark = pytest.mark.slow
OUT_S = 15.0
TASKS, LINES = 8, 40
PAUSES_S = 0.2, 0.45
"""Between two lines, so that some end while the cable is out, and others after that."""
WHOLE = "".join(f"line {number}\n" for number in range(LINES))


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    with two_hosts(tmp_path / "net") as made:
        yield made


class Engine:
    """What an engine knows of one of the hosts."""

    def __init__(self, network: Network, host: Host) -> None:
        self.events, self.contacts = list[e.AnyEvent](), list[tuple[float, Contact]]()
        words = (*TO_LOGIN, "--idle", "1", "--silent", "4")
        self.executor = RemoteExecutor(
            lambda *some: self.events.extend(some),
            SshCarrier(host.name, {**os.environ, **network.env}, words),
            greeting("lost", "app", ("Ann", "ann@example.org")),
            lambda contact: self.contacts.append((time.monotonic(), contact)),
        )

    def has(self, kind: type[e.AnyEvent]) -> bool:
        return any(isinstance(one, kind) for one in self.events)

    def is_up(self) -> bool:
        return bool(self.contacts) and self.contacts[-1][1].welcome is not None


def test_a_cable_that_is_out_for_a_while_costs_no_attempt_and_no_line(network: Network, tmp_path: Path):
    project, ran = Project(tmp_path), tmp_path / "ran"
    ran.mkdir()
    tasks = "".join(
        f"  t{number}:\n    run: |\n      echo ran >> {ran}/t{number}; n=0; while [ $n -lt {LINES} ]; do\n"
        f"      echo line $n; n=$((n+1)); sleep {PAUSES_S[number % 2]}; done; echo x > made-{number}\n"
        for number in range(TASKS)
    )
    project.plan(
        f"places: {{big: {{at: ssh:big, slots: 4}}, mini: {{at: ssh:mini, slots: 4}}}}\ntasks:\n{tasks}"
    )
    engine = project.begin("run", "--headless", "--on", "big,mini", env=network.env)
    until(lambda: len(project.events(e.AttemptStarted)) == TASKS, "all tasks to run")
    for host in network.hosts.values():
        host.disconnect()
    time.sleep(OUT_S)
    silent = {event.place for event in project.events(e.PlaceSilent)}
    for host in network.hosts.values():
        host.connect()

    said, errors = engine.communicate(timeout=90)

    assert engine.returncode == 0, said + errors
    assert silent == {"big", "mini"}
    assert Counter(len(path.read_text().splitlines()) for path in ran.iterdir()) == {1: TASKS}
    assert Counter(event.task for event in project.events(e.Landed)) == {f"t{n}": 1 for n in range(TASKS)}
    assert not project.events(e.AttemptLost)
    for number in range(TASKS):
        assert (project.rundir.attempt(f"t{number}.1") / "output.log").read_text() == WHOLE


def test_a_host_that_is_out_of_reach_for_longer_than_the_lease_has_no_process_of_ours_left(
    network: Network, tmp_path: Path
):
    """What has left its session and closed its output included, and what carried the connection."""
    Project(tmp_path)
    host, engine = network.mini, Engine(network, network.mini)
    hidden = "exec >/dev/null 2>&1; trap : TERM; while :; do sleep 0.1; done"
    script = f"setsid sh -c '{hidden}' & while :; do seq 999; done"
    job = replace(places.job(tmp_path, "a", script), lease_s=5.0)
    try:
        engine.executor.start(job)
        until(lambda: f"sh -c {hidden}" in host.processes().values(), "all of it to run")
        host.disconnect()
        until(lambda: host.processes() == {}, "the end of all that runs there")
    finally:
        engine.executor.close()

    assert not list(host.home.glob(".cache/porch/hosts/socket*"))


def test_a_connection_that_is_half_open_keeps_its_successor_out_for_no_longer_than_ten_seconds(
    network: Network, tmp_path: Path
):
    Project(tmp_path)
    go = tmp_path / "go"
    job = places.job(tmp_path, "a", f"until test -e {go}; do sleep 0.05; done; echo a > a")
    first, second = Engine(network, network.big), None

    def hosts_side() -> int:
        """Return how many processes serve engines there: one, and a relay for each connection."""
        return sum("places.host" in line for line in network.big.processes().values())

    try:
        first.executor.start(job)
        until(lambda: first.has(e.AttemptStarted), "it to run")
        network.big.hang()
        hung_at = time.monotonic()
        second = Engine(network, network.big)
        until(second.is_up, "another engine to be let in")
        waited_s = time.monotonic() - hung_at
        until(lambda: not first.is_up(), "the connection to be given up")
        until(first.is_up, "the host to answer again")
        back_s = first.contacts[-1][0] - hung_at
        until(lambda: hosts_side() == 3, "what carried the old connection to end, beside its two successors")
        go.touch()
        until(lambda: first.has(e.AttemptSucceeded), "its end")
    finally:
        first.executor.close()
        if second is not None:
            second.executor.close()

    assert waited_s < 10
    assert back_s < 20, "8 s without an answer, and then it is made again"
