"""Hosts without /proc: another system, which has nothing of ours, and a Linux that does not mount it.

The program that is sent believes to be on macOS, in its supervisors too, and cannot find /proc.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import venv
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.places.carriers.pipe import PipeCarrier, PipeLink
from porch_tui.places.carriers.way_in import TO_CONTAINER, enter
from porch_tui.places.near.contact import Contact
from porch_tui.places.near.remote import RemoteExecutor, greeting
from porch_tui.places.near.visit import Visit
from porch_tui.places.program.contents import Program, host_program, packed
from porch_tui.places.wire import messages as m
from tests.executors import places
from tests.fences import needs_bwrap
from tests.project import Project, until

pytestmark = pytest.mark.slow
ENDS = (e.AttemptSucceeded, e.AttemptFailed, e.AttemptStopped)
GREETING = greeting("macos", "app", ("Ann", "ann@example.org"))
BUSY = "import time; block = bytearray(50_000_000)\nwhile time.process_time() < 1.5: pass\ntime.sleep(1000)"


@cache
def of_macos() -> Program:
    """Return the program of hosts, each of whose files takes the system for macOS."""
    with zipfile.ZipFile(io.BytesIO(host_program().data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    changed = {
        name: text.replace(b"sys.platform", b"'darwin'").replace(b'"/proc', b'"/no-proc')
        for name, text in files.items()
    }
    assert sum(changed[name] != files[name] for name in files) >= 5
    return packed(changed)


class Mac:
    """The way to a host that is a Python with nothing installed, and a home of its own."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder / "python")
        self.home = folder / "home"
        self.home.mkdir()
        self._argv = (str(folder / "python/bin/python3"), "-")
        self._env = {**os.environ, "HOME": str(self.home)}

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> PipeLink:
        words = (*TO_CONTAINER, "--idle", "1")
        return PipeLink(
            enter(self._argv, self._env, words, program=of_macos()), self._argv[0], on_data, on_lost
        )


@pytest.fixture
def mac(tmp_path: Path) -> Iterator[Mac]:
    if not (shutil.which("ps") and shutil.which("lsof")):
        pytest.skip("no ps, or no lsof")
    Project(tmp_path)
    return Mac(tmp_path)


def test_an_attempt_on_macos_without_psutil_is_measured_and_ended_and_its_worktree_is_cleaned(
    mac: Mac, tmp_path: Path
):
    events, contacts = list[e.AnyEvent](), list[Contact]()
    executor = RemoteExecutor(lambda *some: events.extend(some), mac, GREETING, contacts.append)

    def end_of(task: str) -> e.AnyEvent | None:
        return next((one for one in events if isinstance(one, ENDS) and one.attempt.task == task), None)

    def used(attempt: e.AttemptId) -> bool:
        """Some systems count whole seconds of processor time."""
        return (sample := executor.samples().get(attempt)) is not None and sample.cpu_s >= 1

    try:
        busy = places.job(tmp_path, "busy", f"echo begun; {sys.executable} -c '{BUSY}'")
        executor.start(busy)
        executor.start(places.job(tmp_path, "good", "echo made > made"))
        until(lambda: used(busy.attempt), "a sample of what it uses")
        sample = executor.samples()[busy.attempt]
        host = mac.home / ".cache/porch/hosts/macos"
        visit = Visit(mac, GREETING)
        during = visit.look_over(m.LookOver(places.RUN))
        executor.stop(busy, 0.1)
        until(lambda: end_of("busy") and end_of("good"), "both ends")
        until(
            lambda: not (host / "attempts" / places.RUN / "busy.1/output.log").exists(), "its log to be taken"
        )
        after = visit.look_over(m.LookOver(places.RUN))
        visit.look_over(m.CleanUp(places.RUN, after.worktrees))
        visit.close()
    finally:
        executor.close()

    welcome = next(contact.welcome for contact in contacts if contact.welcome)
    assert welcome.memory_bytes == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 50_000_000 < sample.rss_bytes < 300_000_000 and sample.processes >= 1
    assert [one.trouble for one in during.worktrees if one.name.endswith("busy")] == ["an attempt runs in it"]
    assert isinstance(end_of("busy"), e.AttemptStopped) and isinstance(end_of("good"), e.AttemptSucceeded)
    assert (busy.directory / "output.log").read_text() == "begun\n"
    assert after.worktrees and not [one.trouble for one in after.worktrees if one.trouble]
    assert not list(host.glob("worktrees/*/*"))


@needs_bwrap
@pytest.mark.parametrize(
    ("proc", "why"),
    [
        (("--tmpfs", "/proc"), "/proc is not mounted, and porch finds the processes of tasks there"),
        (("--unshare-pid",), "/proc shows the processes of another PID namespace"),
    ],
)
def test_a_linux_host_whose_proc_is_missing_or_anothers_is_refused_in_a_sentence(
    tmp_path: Path, proc: tuple[str, ...], why: str
):
    Project(tmp_path)
    (tmp_path / "home").mkdir()
    argv = (
        "bwrap",
        "--dev-bind",
        "/",
        "/",
        "--setenv",
        "HOME",
        str(tmp_path / "home"),
        *proc,
        "python3",
        "-",
    )
    contacts = list[Contact]()
    executor = RemoteExecutor(
        lambda *events: None, PipeCarrier(argv, None, TO_CONTAINER), GREETING, contacts.append
    )
    until(lambda: contacts, "the place to be given up")
    executor.close()

    assert contacts[0].welcome is None
    assert contacts[0].why.startswith(why)
    assert "mount" in contacts[0].why
