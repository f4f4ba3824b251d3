"""Shims are forked from a warm process or started as programs: they behave the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from porch_tui.process import zygote_client
from porch_tui.process.liveness import Ended, Running, find, wait
from porch_tui.process.spawn import SHIM, start
from porch_tui.process.supervisor import kernel, spool
from porch_tui.process.zygote_client import Zygote

pytestmark = pytest.mark.skipif(not kernel.IS_LINUX, reason="needs /proc; elsewhere shims start as programs")

ENGINE = """
import json, sys, time
from pathlib import Path
from porch_tui.process.assignment import Assignment, Step
from porch_tui.process.spawn import start
directory, script = json.loads(sys.argv[1])
start(Assignment(Path(directory), (Step("run", ("sh", "-c", script)),), Path(directory).parent, {"PATH": "/usr/bin:/bin"}, None))
print("started", flush=True)
time.sleep(1000)
"""  # noqa: E501


def zygotes_of(engine: int) -> list[int]:
    """Return the zygotes of a process, by what `ps` shows of them."""
    found = []
    for pid in kernel.all_pids():
        words = command_line(pid).split("\0")
        if len(words) > 4 and words[3] == str(zygote_client.ZYGOTE) and words[4] == str(engine):
            found.append(pid)
    return found


def command_line(pid: int) -> str:
    try:
        return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes())  # anybody's, and of any bytes
    except OSError:
        return ""


@pytest.fixture
def zygote(assign, ended) -> int:
    """Return this process's zygote, which is there after an attempt."""
    assignment = assign("true", name="first")
    start(assignment)
    ended(assignment.directory)
    [found] = zygotes_of(os.getpid())
    return found


@pytest.fixture
def start_as_program(monkeypatch) -> None:
    """Have no zygote: its program cannot be found."""
    monkeypatch.setattr(zygote_client, "_ours", Zygote(Path("/nowhere/zygote.py")))


def test_a_shim_is_a_child_of_the_zygote_and_looks_like_the_program(zygote, begin, running):
    directory = begin("touch ready; sleep 1000")

    shim = running(directory).shim_pid
    assert zygote == int(kernel.stat_fields(shim)[1])
    program = [sys.executable, "-I", "-S", str(SHIM), str(directory)]
    assert program == command_line(shim).rstrip("\0").split("\0")


def test_one_zygote_serves_all_attempts_of_a_process(zygote, run):
    for number in range(3):
        run("true", name=f"attempt{number}")

    assert [zygote] == zygotes_of(os.getpid())


def test_ended_shims_leave_no_zombies(zygote, run, until):
    run("true")

    until(lambda: not [pid for pid in kernel.all_pids() if is_child(pid, zygote)])


def is_child(pid: int, parent: int) -> bool:
    fields = kernel.stat_fields(pid)
    return bool(fields) and int(fields[1]) == parent


PROBE = """
import os, signal
names = os.listdir("/proc/self/fd")
paths = [os.readlink(f"/proc/self/fd/{fd}") for fd in names if os.path.lexists(f"/proc/self/fd/{fd}")]
status = open("/proc/self/status").read()
masks = [line for line in status.splitlines() if line.startswith(("SigBlk", "SigIgn"))]
pythons = {signal.SIGPIPE, signal.SIGXFSZ}  # which it ignores itself
ours = sum(1 << (number - 1) for number in signal.valid_signals() - pythons)
print(sorted(path for path in paths if not path.startswith("/proc/")))
print(sorted(os.environ), os.getcwd(), os.getsid(0) == os.getpid(), oct(os.umask(0)))
print([int(line.split()[1], 16) & ours for line in masks])
"""


@pytest.fixture
def odd_process(tmp_path: Path):
    """Have this process hold what no task may inherit: a descriptor, an ignored signal, a variable."""
    descriptor = os.open(tmp_path / "private", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(descriptor, True)
    before = signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    os.environ["OF_THE_ENGINE"] = "1"
    yield
    del os.environ["OF_THE_ENGINE"]
    signal.signal(signal.SIGUSR2, before)
    os.close(descriptor)


@pytest.fixture(params=["forked", "program"])
def own_zygote(request, monkeypatch, tmp_path):
    """Begin attempts with a zygote that is new, or with none at all."""
    program = zygote_client.ZYGOTE if request.param == "forked" else Path("/nowhere/zygote.py")
    fresh = Zygote(program)
    monkeypatch.setattr(zygote_client, "_ours", fresh)
    yield
    fresh.close()


def test_a_task_inherits_nothing_from_the_engine(odd_process, own_zygote, run, tmp_path):
    end = run((sys.executable, "-I", "-S", "-c", PROBE), env={"PATH": "/usr/bin:/bin"})

    assert end.has_succeeded
    files, place, signals = (tmp_path / "attempt/output.log").read_text().splitlines()
    log = str(tmp_path / "attempt/output.log")
    assert files == str(["/dev/null", log, log])
    mask = os.umask(0)
    os.umask(mask)
    names = {"PATH", "PORCH_ATTEMPT_DIRECTORY", "PWD"}
    known = [str(sorted(names | extra)) for extra in (set(), {"LC_CTYPE"})]  # which Python may set for itself
    assert place in [f"{names} {tmp_path} True {oct(mask)}" for names in known]
    assert signals == "[0, 0]"


def test_a_forked_shim_holds_no_descriptor_but_its_own(zygote, begin, running, until):
    directory = begin("touch ready; sleep 1000")
    folder = Path(f"/proc/{running(directory).shim_pid}/fd")
    log = str(directory / "output.log")
    own = ["/dev/null"] * 3 + sorted([str(directory), str(directory / "lock"), log, log])

    def holds_its_own() -> bool:
        with suppress(OSError):  # closed meanwhile: it looks at the machine every now and then
            return own == sorted(str(path.readlink()) for path in folder.iterdir())
        return False

    until(holds_its_own)


def test_the_fallback_is_a_program_of_its_own(start_as_program, begin, running):
    before = zygotes_of(os.getpid())

    directory = begin("touch ready; sleep 1000")

    shim = running(directory).shim_pid
    assert str(SHIM) in command_line(shim)
    assert int(kernel.stat_fields(shim)[1]) not in before
    assert before == zygotes_of(os.getpid())


def test_a_dead_zygote_is_replaced(zygote, run, until):
    os.kill(zygote, signal.SIGKILL)
    until(lambda: zygote not in zygotes_of(os.getpid()))

    assert run("true").has_succeeded

    [replaced] = zygotes_of(os.getpid())
    assert replaced != zygote


def test_the_shims_of_a_dead_zygote_continue(zygote, begin, until, ended, tmp_path):
    directory = begin("touch ready; while ! [ -e go ]; do sleep 0.05; done; exit 7")

    os.kill(zygote, signal.SIGKILL)
    until(lambda: zygote not in zygotes_of(os.getpid()))

    (tmp_path / "go").touch()
    assert ended(directory).code == 7


def test_a_zygote_that_does_not_answer_is_replaced_by_the_program(
    zygote, assign, until, monkeypatch, tmp_path
):
    monkeypatch.setattr(zygote_client, "ANSWER_WITHIN_S", 0.2)
    assignment = assign("echo ran >> did")
    os.kill(zygote, signal.SIGSTOP)

    start(assignment)
    os.kill(zygote, signal.SIGCONT)

    assert isinstance(wait(assignment.directory), Ended)
    until(lambda: zygote not in zygotes_of(os.getpid()))  # it has read all it was asked, and its end
    until(lambda: not spool.is_locked(str(assignment.directory)))
    assert (tmp_path / "did").read_text() == "ran\n"


@pytest.fixture
def engine(tmp_path: Path) -> Callable[[str], AbstractContextManager[subprocess.Popen[bytes]]]:
    """Start an attempt from a process of its own, as an engine does."""

    @contextmanager
    def begin_engine(script: str) -> Iterator[subprocess.Popen[bytes]]:
        argument = json.dumps([str(tmp_path / "attempt"), script])
        command = [sys.executable, "-c", ENGINE, argument]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as process:
            try:
                assert process.stdout and process.stdout.readline() == b"started\n"
                yield process
            except BaseException:
                process.kill()  # or leaving would wait for it
                raise

    return begin_engine


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_zygote_ends_with_its_engine_and_nothing_else_does(engine, until, ended, tmp_path, how):
    with engine("while ! [ -e go ]; do sleep 0.05; done; exit 9") as process:
        assert len(zygotes_of(process.pid)) == 1
        process.send_signal(how)

    until(lambda: not zygotes_of(process.pid))
    assert isinstance(find(tmp_path / "attempt"), Running)
    (tmp_path / "go").touch()
    assert ended(tmp_path / "attempt").code == 9


def test_the_zygote_is_detached_and_has_its_own_session(engine, ended, tmp_path):
    with engine("true") as process:
        [zygote] = zygotes_of(process.pid)
        own = [pid for pid, _ in kernel.below(process.pid)]
        session = os.getsid(zygote)
        process.kill()

    assert own == []
    assert session != os.getsid(0)
    assert ended(tmp_path / "attempt").has_succeeded
