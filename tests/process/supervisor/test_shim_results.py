"""What a shim says of the steps it ran."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from porch_tui.process import liveness
from porch_tui.process.liveness import Cause, NotStarted, find
from porch_tui.process.spawn import SHIM, ShimError, start
from porch_tui.process.supervisor import kernel, spool

needs_proc = pytest.mark.skipif(not kernel.IS_LINUX, reason="needs /proc")


@pytest.mark.parametrize("code", [0, 1, 3, 255])
def test_the_exit_code_is_kept(run, code):
    end = run(f"exit {code}")

    assert (code, Cause.EXIT, code == 0) == (end.code, end.cause, end.has_succeeded)


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_from_elsewhere_is_a_negative_code(run, signum):
    end = run(f"kill -{int(signum)} $$")

    assert (-signum, Cause.SIGNAL) == (end.code, end.cause)


def test_a_program_that_does_not_exist_is_readable_in_result_and_log(run, tmp_path):
    end = run(("no-such-program", "--flag"))

    said = "cannot start 'no-such-program': No such file or directory"
    assert (None, Cause.SPAWN_ERROR, said) == (end.code, end.cause, end.detail)
    assert f"{said}\n" == (tmp_path / "attempt/output.log").read_text()


def test_a_working_directory_that_does_not_exist_is_named(run, tmp_path):
    end = run("true", cwd=tmp_path / "gone")

    assert f"cannot start 'sh': No such file or directory: {tmp_path}/gone" == end.detail


def test_an_environment_that_no_program_can_have_is_a_spawn_error(run):
    end = run("true", env={"A=B": "C", "PATH": os.environ["PATH"]})

    assert Cause.SPAWN_ERROR is end.cause


def test_programs_are_looked_up_in_the_path_of_the_task(run, tmp_path):
    program = tmp_path / "mine"
    program.write_text("#!/bin/sh\nexit 9\n")
    program.chmod(0o700)

    assert run(("mine",), env={"PATH": str(tmp_path)}).code == 9


def test_steps_run_in_order_and_stop_at_the_first_that_fails(run, tmp_path):
    end = run("echo a >> did", "echo b >> did; exit 4", "echo c >> did")

    assert (tmp_path / "did").read_text() == "a\nb\n"
    assert (end.step, end.index, end.code) == ("step1", 1, 4)
    assert [(step.name, step.code) for step in end.steps] == [("step0", 0), ("step1", 4)]


def test_the_last_of_several_steps_that_all_succeed_is_the_result(run):
    end = run("true", "true")

    assert (end.step, end.index, end.code, end.cause, end.detail) == ("step1", 1, 0, Cause.EXIT, "")


def test_each_of_several_steps_has_a_heading_on_a_line_of_its_own(run, tmp_path):
    run("printf unfinished", ("echo", "a b"))

    assert (tmp_path / "attempt/output.log").read_text().splitlines() == [
        "-- porch: step0: sh -c 'printf unfinished'",
        "unfinished",
        "-- porch: step1: echo 'a b'",
        "a b",
    ]


def test_both_streams_are_in_the_log_in_the_order_written(run, tmp_path):
    run("echo 1; echo 2 >&2; echo 3; echo 4 >&2")

    assert (tmp_path / "attempt/output.log").read_text() == "1\n2\n3\n4\n"


@needs_proc
def test_a_step_has_no_input_a_session_of_its_own_and_no_ignored_signals(run, tmp_path):
    probe = "import os,sys; print(os.getsid(0) == os.getpid(), repr(sys.stdin.read()), os.getcwd())"
    run((sys.executable, "-c", probe), "grep -E 'Sig(Blk|Ign)' /proc/self/status")

    log = (tmp_path / "attempt/output.log").read_text()
    assert f"True '' {tmp_path}\n" in log
    blocked, ignored = (int(line.split()[1], 16) for line in log.splitlines() if line.startswith("Sig"))
    ours = sum(1 << (signum - 1) for signum in signal.valid_signals())  # without those the C library keeps
    assert (blocked & ours, ignored & ours) == (0, 0)


def test_a_step_gets_the_given_environment_and_its_mark_only(run, tmp_path):
    run(("/usr/bin/env",), env={"A": "line\nbreak", "B": os.fsdecode(b"\xff")})

    mark = f"PWD={tmp_path}\nPORCH_ATTEMPT_DIRECTORY={tmp_path}/attempt\n".encode()
    assert b"A=line\nbreak\nB=\xff\n" + mark == (tmp_path / "attempt/output.log").read_bytes()


@needs_proc
def test_a_step_gives_none_of_the_shims_files_to_its_children(run, tmp_path):
    run("ls -l /proc/self/fd | grep -c attempt/lock")

    assert (tmp_path / "attempt/output.log").read_text() == "0\n"


@needs_proc
def test_the_kernel_kills_a_task_before_its_shim_when_memory_is_short(begin, running):
    directory = begin("cat /proc/self/oom_score_adj; (cat /proc/self/oom_score_adj); touch ready; sleep 1000")

    ours = int(Path("/proc/self/oom_score_adj").read_text())
    shim = Path(f"/proc/{running(directory).shim_pid}/oom_score_adj").read_text()
    assert (directory / "output.log").read_text() == f"{max(ours, 500)}\n" * 2
    assert int(shim) == ours


def test_time_and_memory_used_are_reported(run):
    burn = "import time\nblock = bytearray(60_000_000)\nwhile time.process_time() < 0.3: pass"
    end = run((sys.executable, "-c", burn))

    assert end.cpu_s >= 0.3
    assert end.wall_s >= 0.3
    assert end.max_rss_bytes >= 60_000_000


def test_a_timeout_ends_the_attempt(run):
    end = run("sleep 1000", timeout_s=0.2)

    assert (end.code, end.cause) == (-signal.SIGTERM, Cause.TIMEOUT)
    assert end.detail == "not finished within 0.2 s"


def test_the_timeout_is_over_all_steps_together(run):
    end = run("sleep 0.3", "sleep 1000", timeout_s=0.5)

    assert Cause.TIMEOUT is end.cause
    assert end.wall_s >= 0.5


def test_the_directory_and_its_files_are_the_owners_alone(run, tmp_path):
    run("true")

    modes = {path.name: oct(path.stat().st_mode & 0o077) for path in (tmp_path / "attempt").iterdir()}
    assert {"exit.json", "lock", "output.log", "run.json", "spec.json"} == set(modes)
    assert {"0o0"} == set(modes.values())
    assert (tmp_path / "attempt").stat().st_mode & 0o777 == 0o700


@needs_proc
def test_starting_leaves_no_child_process(assign):
    before = {pid for pid, _ in kernel.below(os.getpid())}

    start(assign("sleep 1000"))

    assert before >= {pid for pid, _ in kernel.below(os.getpid())}


def test_an_attempt_that_cannot_begin_says_why(assign, tmp_path):
    assignment = assign("true")
    (tmp_path / "attempt").mkdir()
    (tmp_path / "attempt/run.json.tmp").mkdir()  # where the shim wants to write

    with pytest.raises(ShimError, match=r"did not come up.*run\.json\.tmp"):
        start(assignment)
    assert NotStarted() == find(assignment.directory)


def test_an_attempt_that_could_not_begin_may_be_started_again(assign, ended, tmp_path):
    assignment = assign("exit 5")
    (tmp_path / "attempt").mkdir()
    (tmp_path / "attempt/run.json.tmp").mkdir()
    with pytest.raises(ShimError):
        start(assignment)
    (tmp_path / "attempt/run.json.tmp").rmdir()

    start(assignment)

    assert ended(assignment.directory).code == 5


def test_the_shim_loads_nothing_but_the_standard_library():
    code = f"import sys; sys.path.append({str(SHIM.parent)!r}); import shim, zygote; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    foreign = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names
    assert {
        "__main__",
        "shim",
        "zygote",
        "lease",
        "delays",
        "fence",
        "kernel",
        "lane",
        "last_line",
        "log_cap",
        "people",
        "spool",
        "tree",
    } == foreign | {"__main__"}


def test_a_record_is_replaced_as_a_whole_even_by_a_shorter_one(tmp_path: Path):
    path = str(tmp_path / "exit.json")
    spool.reserve(path)
    spool.put(path, {"long": "x" * 100})
    spool.put(path, {"a": 1}, is_durable=True)

    assert Path(path).read_text() == '{"a": 1}'


def test_an_environment_is_kept_in_no_file(run, tmp_path):
    """It holds secrets, and a run directory is kept."""
    run('test -n "$SECRET"', env={"PATH": os.environ["PATH"], "SECRET": "s3cr3t"})

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert [] == [path for path in files if b"s3cr3t" in path.read_bytes()]


def test_the_result_is_written_to_a_moved_directory(begin, tmp_path):
    directory = begin("touch ready; until [ -e go ]; do sleep 0.05; done; exit 3")
    moved = directory.rename(tmp_path / "moved")
    (tmp_path / "go").touch()

    found = liveness.wait(moved, timeout_s=60)

    assert isinstance(found, liveness.Ended) and found.exit.code == 3
    moved.rename(directory)


def test_an_attempt_whose_directory_is_deleted_is_ended(begin, running, until):
    directory = begin("touch ready; sleep 1000")
    shim = running(directory).shim

    shutil.rmtree(directory)

    until(lambda: kernel.identify(shim.pid) != shim)
    assert not directory.exists()


def test_a_step_whose_last_line_does_not_end_says_that_line_and_no_other_does(run):
    asks = "echo before; printf '\\033[1mremove x\\033[0m? '"

    end = run(asks, "echo 'remove x? '", "true", "printf 'a\\rb? '")

    assert [step.open_line for step in end.steps] == ["remove x?", "", "", "b?"]
