"""Real attempts in three lines, and none of their processes left after a test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from porch_tui.core.model.plan import Terminal
from porch_tui.process import control
from porch_tui.process.assignment import Assignment, Step
from porch_tui.process.environment import MARK
from porch_tui.process.liveness import Ended, Exit, Running, find, wait
from porch_tui.process.spawn import start
from porch_tui.process.supervisor import kernel

DEADLINE_S = 60.0


@pytest.fixture
def assign(tmp_path: Path) -> Iterator[Callable[..., Assignment]]:
    """Build an assignment of shell scripts (or argv tuples), the first perhaps one that people type into.

    Whatever runs of it is ended after the test.
    """
    made: list[Path] = []

    def build(
        *steps: str | tuple[str, ...],
        name: str = "attempt",
        timeout_s: float | None = None,
        grace_s: float = 5.0,
        cwd: Path = tmp_path,
        env: dict[str, str] | None = None,
        terminal: Terminal | None = None,
        has_open_stdin: bool = False,
    ) -> Assignment:
        argvs = [("sh", "-c", step) if isinstance(step, str) else step for step in steps]
        named = tuple(
            Step(
                f"step{number}",
                argv,
                terminal=None if number else terminal,
                has_open_stdin=has_open_stdin and not number,
            )
            for number, argv in enumerate(argvs)
        )
        made.append(tmp_path / name)
        return Assignment(tmp_path / name, named, cwd, env or dict(os.environ), timeout_s, grace_s)

    yield build
    for directory in made:
        control.stop(directory, grace_s=0)
        wait(directory, timeout_s=DEADLINE_S)
        control.end_leftovers(directory, grace_s=0)


@pytest.fixture
def run(assign: Callable[..., Assignment], ended: Callable[[Path], Exit]) -> Callable[..., Exit]:
    """Run an assignment to its end."""

    def run_to_the_end(*steps: str | tuple[str, ...], **how: object) -> Exit:
        assignment = assign(*steps, **how)
        start(assignment)
        return ended(assignment.directory)

    return run_to_the_end


@pytest.fixture
def begin(
    assign: Callable[..., Assignment], until: Callable[[Callable[[], object]], None], tmp_path: Path
) -> Callable[..., Path]:
    """Start an assignment, and return its directory when it has made the file `ready`."""

    def begin_and_wait(*steps: str | tuple[str, ...], **how: object) -> Path:
        assignment = assign(*steps, **how)
        start(assignment)
        until((tmp_path / "ready").exists)
        return assignment.directory

    return begin_and_wait


@pytest.fixture
def ended() -> Callable[[Path], Exit]:
    def exit_of(directory: Path) -> Exit:
        liveness = wait(directory, timeout_s=DEADLINE_S)
        assert isinstance(liveness, Ended), liveness
        return liveness.exit

    return exit_of


@pytest.fixture
def running() -> Callable[[Path], Running]:
    def supervised(directory: Path) -> Running:
        liveness = find(directory)
        assert isinstance(liveness, Running), liveness
        return liveness

    return supervised


@pytest.fixture
def processes_of() -> Callable[[Path], dict[int, bytes]]:
    """Return the living processes of an attempt with their state letters, found without asking porch."""

    if not kernel.IS_LINUX:
        pytest.skip("needs /proc; what porch promises elsewhere is weaker")

    def marked(directory: Path) -> dict[int, bytes]:
        mark = f"{MARK}={directory}".encode()
        found = {}
        for pid in kernel.all_pids():
            try:
                environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            except OSError:
                continue
            fields = kernel.stat_fields(pid)
            if mark in environment and fields and fields[0] not in b"ZX":
                found[pid] = fields[0]
        return found

    return marked
