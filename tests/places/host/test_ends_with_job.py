"""What a host has started ends with the batch job that it is in, whatever the batch system knows of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.places.carriers.pipe import PipeCarrier
from porch_tui.places.host.daemon import ENDS_WITH
from porch_tui.places.near.remote import RemoteExecutor, greeting
from porch_tui.process.processes import all_processes
from project import Project, until
from tests.executors import places


@pytest.mark.slow
def test_nothing_is_left_of_what_ran_in_a_job_once_that_has_ended(tmp_path: Path):
    Project(tmp_path)
    hosts, script = tmp_path / "hosts", "trap '' TERM; sleep 600 & wait; sleep 600"
    with subprocess.Popen(["sleep", "600"]) as job:
        relay = f"export {ENDS_WITH}={job.pid}; exec {sys.executable} -m porch_tui.places.host --root {hosts}"
        events = list[e.AnyEvent]()
        executor = RemoteExecutor(
            lambda *some: events.extend(some),
            PipeCarrier(("sh", "-c", f"{relay} --idle 1")),
            greeting("job", "app", ("U", "u@example.org")),
        )
        try:
            executor.start(places.job(tmp_path, "a", script))
            until(lambda: any(isinstance(one, e.AttemptStarted) for one in events), "it to run")
            executor.close()
            assert [one for one in all_processes() if one.is_in(hosts)]
            job.kill()
            job.wait()

            until(lambda: not hosts.exists(), "its files to go", 20)
            assert [] == [one.pid for one in all_processes() if one.is_in(hosts)]
        finally:
            executor.close()
            job.kill()
