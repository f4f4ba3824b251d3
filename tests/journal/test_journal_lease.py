"""One engine a run, whatever becomes of it."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from porch_tui.errors import JournalError
from porch_tui.journal.lease import Holder, Lease, holder
from porch_tui.journal.rundir import RunDir

TAKER = """
import os, subprocess, sys
from pathlib import Path
from porch_tui.errors import JournalError
from porch_tui.journal.lease import Lease
from porch_tui.journal.rundir import RunDir

print("ready", flush=True)
sys.stdin.readline()
try:
    lease = Lease.take(RunDir(Path(sys.argv[1])))
except JournalError as error:
    print("refused", flush=True)
else:
    print("taken", flush=True)
    if "with child" in sys.argv:
        child = subprocess.Popen(["sleep", "600"], close_fds=False, stdout=subprocess.DEVNULL)
        print(child.pid, flush=True)
sys.stdin.readline()
"""


def said(process, word: str | None = None) -> str:
    """Return the next line a taker prints."""
    line = process.stdout.readline().strip()
    assert word in (None, line)
    return line


def go_on(process) -> None:
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_lease_keeps_others_out_until_it_is_released(rundir: RunDir) -> None:
    with Lease.take(rundir) as lease:
        with pytest.raises(JournalError, match=f"pid {os.getpid()}, host .*already works on this run"):
            Lease.take(rundir)
        lease.release()
        lease.release()
        Lease.take(rundir).release()


def test_it_is_released_although_a_program_that_is_being_started_has_its_file_open_still(
    rundir: RunDir,
) -> None:
    """Between starting and `exec` it has, and on a busy machine that takes a while."""
    with Lease.take(rundir):
        (descriptor,) = (
            int(fd.name)
            for fd in Path("/proc/self/fd").iterdir()
            if fd.exists() and fd.resolve() == rundir.lock.resolve()
        )
        program = subprocess.Popen(["sleep", "600"], pass_fds=[descriptor])
    try:
        assert holder(rundir) is None
        Lease.take(rundir).release()
    finally:
        program.kill()
        program.wait()


def test_the_holder_introduces_itself_and_is_gone_when_the_lease_is(rundir: RunDir) -> None:
    assert holder(rundir) is None, "no one ever held it"
    assert not rundir.lock.exists(), "looking makes no file"

    with Lease.take(rundir):
        who = holder(rundir)

    assert (os.getpid(), os.uname().nodename) == (who.pid, who.host)
    assert holder(rundir) is None
    assert stat.S_IMODE(rundir.lock.stat().st_mode) == 0o600


def test_a_holder_that_has_not_introduced_itself_yet_is_a_holder(rundir: RunDir) -> None:
    with rundir.lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        assert Holder(pid=0, host="", started="") == holder(rundir)
        with pytest.raises(JournalError, match="just starting"):
            Lease.take(rundir)


def test_a_lease_ends_with_a_holder_that_is_killed_though_its_children_live(
    rundir: RunDir, start: Callable[..., object]
) -> None:
    engine = start(TAKER, rundir.path, "with child")
    said(engine, "ready")
    go_on(engine)
    said(engine, "taken")
    child = int(said(engine))
    try:
        assert engine.pid == holder(rundir).pid
        engine.kill()
        engine.wait()

        assert holder(rundir) is None
        Lease.take(rundir).release()
        os.kill(child, 0)  # it did live, all the time
    finally:
        os.kill(child, signal.SIGKILL)


def test_of_several_takers_one_wins(rundir: RunDir, start: Callable[..., object]) -> None:
    takers = [start(TAKER, rundir.path) for _ in range(4)]
    for taker in takers:
        said(taker, "ready")
    for taker in takers:
        go_on(taker)

    assert sorted(said(taker) for taker in takers) == ["refused", "refused", "refused", "taken"]


def test_those_who_look_are_never_in_the_way_of_a_taker(rundir: RunDir) -> None:
    Lease.take(rundir).release()
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            holder(rundir)

    lookers = [threading.Thread(target=look) for _ in range(3)]
    for looker in lookers:
        looker.start()
    try:
        for _ in range(200):
            Lease.take(rundir).release()
    finally:
        is_over.set()
        for looker in lookers:
            looker.join()


def test_a_run_that_is_not_there_cannot_be_taken(rundir: RunDir) -> None:
    nowhere = RunDir(rundir.path / "gone")

    assert holder(nowhere) is None
    with pytest.raises(JournalError, match="cannot lock run gone"):
        Lease.take(nowhere)
