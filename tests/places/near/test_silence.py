"""A connection that hangs: neither side says anything, and it does not end."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.places.carriers.pipe import PipeCarrier
from porch_tui.places.near import visit
from porch_tui.places.near.connection import SILENT_S
from porch_tui.places.near.contact import Contact
from porch_tui.places.near.remote import RemoteExecutor, greeting
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import encode
from project import Project, until
from tests.executors import places

pytestmark = pytest.mark.slow


def test_a_visit_may_think_for_longer_than_a_host_waits_for_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(visit, "PING_S", 0.1)
    relay = (sys.executable, "-m", "porch_tui.places.host", "--root", str(tmp_path), "--idle", "1")
    carrier, hello = PipeCarrier((*relay, "--silent", "1")), greeting("silence", "app")
    talking = visit.Visit(carrier, hello)
    lost = threading.Event()
    mute = carrier.open(lambda data: None, lambda why: lost.set())
    mute.send(encode(hello))

    assert lost.wait(30), "who says nothing is given up"
    assert talking.look_over(m.LookOver(places.RUN)).worktrees == ()
    talking.close()


def test_a_connection_that_hangs_renews_no_lease_and_keeps_no_other_out(tmp_path: Path):
    Project(tmp_path)
    go, way, hosts = tmp_path / "go", tmp_path / "way", tmp_path / "hosts"
    job = places.job(tmp_path, "a", f"until test -e {go}; do sleep 0.05; done; echo a > a")
    relay = f"{sys.executable} -m porch_tui.places.host --root {hosts} --idle 2"
    events, renewed = list[e.AnyEvent](), list[float]()

    def lease() -> Path:
        (found,) = hosts.glob("*/attempts/*/*/lease")
        return found

    def on_contact(contact: Contact) -> None:
        if contact.welcome is None:
            renewed.append(lease().stat().st_mtime)

    executor = RemoteExecutor(
        lambda *some: events.extend(some),
        PipeCarrier(("sh", "-c", f"echo $$ >> {way}; exec {relay}")),
        greeting("silence", "app", ("U", "u@example.org")),
        on_contact,
    )
    executor.start(job)
    until(lambda: any(isinstance(one, e.AttemptStarted) for one in events), "it to run")
    began = lease().stat().st_mtime
    until(lambda: lease().stat().st_mtime > began, "the lease to be renewed")
    stopped, stopped_at = int(way.read_text()), time.time()
    os.kill(stopped, signal.SIGSTOP)
    try:
        until(lambda: renewed, "the connection to be given up")
        go.touch()
        until(lambda: any(isinstance(one, e.AttemptSucceeded) for one in events), "its end, on another one")

        assert renewed[0] < stopped_at + SILENT_S / 2
        os.kill(stopped, 0)  # it is still there
    finally:
        os.kill(stopped, signal.SIGKILL)
        executor.close()
