"""How many tasks run at once by default, with a real engine."""

from __future__ import annotations

import pytest

from porch_tui.core.model.events import SlotsChanged
from tests.project import Project, until

pytestmark = pytest.mark.slow

SLEEPERS = "tasks:\n" + "".join(f"  t{number:02}: {{kind: check, run: sleep 60}}\n" for number in range(24))


def test_more_tasks_start_beside_waiting_ones_until_a_person_sets_the_slots(project: Project):
    project.plan(SLEEPERS)
    engine = project.begin("run", "--headless", "--parallel")
    until(lambda: project.events(SlotsChanged), "more slots")

    assert "cores were idle" == project.events(SlotsChanged)[0].reason
    assert ": cores were idle" in " ".join(project.porch("status").stdout.split())

    project.porch("slots", "1")
    known = project.events(SlotsChanged)
    refused = project.porch("slots", "0", expect=2)
    project.porch("slots", "auto")

    assert SlotsChanged(1) == known[-1]
    assert "whole number" in refused.stderr
    assert project.events(SlotsChanged)[len(known)].is_auto
    engine.terminate()
    assert 130 == engine.wait()
