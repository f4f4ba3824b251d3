"""Whatever its starter passes on, porch is in a known state; tasks get what was found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BECOME_PORCH = """
import os, resource, signal, sys
{before}
from porch_tui.process import inherited_state as state
state.normalize()
{after}
"""
OWN_NAMESPACE = ["unshare", "--pid", "--fork", "--mount-proc", *(["--map-root-user"] if os.geteuid() else [])]


def printed(before: str, after: str, *starter: str) -> str:
    """Return what a process prints that is made normal in between."""
    script = BECOME_PORCH.format(before=before, after=after)
    return subprocess.run(
        [*starter, sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_ignored_and_blocked_signals_are_handled_again():
    before = "signal.signal(signal.SIGCHLD, signal.SIG_IGN); signal.pthread_sigmask(signal.SIG_BLOCK, {15})"
    after = "print(signal.getsignal(signal.SIGCHLD).name, signal.pthread_sigmask(signal.SIG_BLOCK, ()))"

    assert "SIG_DFL set()" == printed(before, after)


def test_porch_may_read_its_own_files_and_tasks_get_the_umask_that_was_found():
    after = "found = os.umask(0); print(oct(found), oct(state.original_umask()))"

    assert "0o77 0o777" == printed("os.umask(0o777)", after)


def test_the_umask_is_found_without_being_changed():
    after = "state._found_umask.clear(); print(oct(state.original_umask()), oct(os.umask(0)))"

    assert "0o27 0o27" == printed("os.umask(0o027)", after)


def test_closed_standard_streams_are_opened_so_that_no_file_gets_their_numbers(tmp_path: Path):
    after = f"print(os.open('{tmp_path / 'file'}', os.O_CREAT), file=open('{tmp_path / 'seen'}', 'w'))"

    printed("for fd in range(3): os.close(fd)\nsys.stdin = sys.stdout = sys.stderr = None", after)

    assert int((tmp_path / "seen").read_text()) > 2


def test_more_files_may_be_opened_and_tasks_get_the_limit_that_was_found():
    before = "files = resource.RLIMIT_NOFILE; resource.setrlimit(files, (256, resource.getrlimit(files)[1]))"
    after = (
        "state.raise_file_limit(); state.raise_file_limit()\n"
        "soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
        "print(soft == state.most_open_files(), state.original_file_limit())"
    )

    assert "True 256" == printed(before, after)


def can_make_namespaces() -> bool:
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*OWN_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_make_namespaces(), reason="PID namespaces are not allowed here")
def test_the_first_process_of_a_namespace_reaps_orphans_and_ends_like_its_child():
    after = (
        "os.system('(sleep 0.1 &)'); import time; time.sleep(0.3)\n"
        "pids = [name for name in os.listdir('/proc') if name.isdigit()]\n"
        "states = [open(f'/proc/{pid}/stat').read().split()[2] for pid in pids]\n"
        "print(os.getpid() > 1, 'Z' in states, flush=True); sys.exit(7)"
    )

    script = BECOME_PORCH.format(before="", after=after)
    done = subprocess.run(
        [*OWN_NAMESPACE, sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ("True False\n", 7) == (done.stdout, done.returncode), done.stderr


@pytest.mark.skipif(not can_make_namespaces(), reason="PID namespaces are not allowed here")
def test_a_proc_of_another_namespace_is_noticed():
    after = "from porch_tui.process.machine import proc_trouble; print(proc_trouble())"
    starter = [word for word in OWN_NAMESPACE if word != "--mount-proc"]

    assert "/proc shows the processes of another PID namespace" in printed("", after, *starter)
    assert "" == printed("", after)


@pytest.mark.skipif(not can_make_namespaces(), reason="PID namespaces are not allowed here")
def test_the_first_process_passes_signals_on():
    after = "print('up', flush=True); signal.pause()"
    command = [*OWN_NAMESPACE, sys.executable, "-c", BECOME_PORCH.format(before="", after=after)]

    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and "up\n" == process.stdout.readline()
        first = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
        os.kill(int(first), 15)

    assert 128 + 15 == process.returncode
