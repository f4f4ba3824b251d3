"""A task in a terminal, for all tests of a file."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from project import Project
from tests.cli.enter.visitor import Listener


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listener]:
    """A task that listens, for all tests."""
    project = Project(tmp_path_factory.mktemp("entering"))
    listener = Listener(project)
    others = (
        "  plain: {run: sleep 600}\n  late: {run: 'true', after: [listener], tty: true}\n"
        "  short: {run: 'echo well?; read answer; echo $answer', tty: true}\n"
    )
    project.plan(f"slots: 4\ntasks:\n{listener.plan}{others}")
    project.porch("run", "--detach", "--yes")
    listener.begin()
    yield listener
    project.porch("stop", "--all")


@pytest.fixture(autouse=True)
def at_first(listener: Listener) -> None:
    """Begin each test with an empty screen, no modes, and nothing typed."""
    listener.says(b"\x1bc\x1b[<20u")
    os.truncate(listener.folder / "typed", 0)
