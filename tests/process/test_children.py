"""Programs that porch starts for a person, and children whose end it must know."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from porch_tui.process import children
from porch_tui.process.children import Child, pipe_text, run_in_foreground, start_detached

ENVIRON = {"PATH": os.defpath}
WITHOUT_DESCRIPTORS = """
import errno, os, resource
from porch_tui.process.children import Child
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/dev/fd")) + 4, hard))
try:
    Child(["true"])
except OSError as error:
    print(errno.errorcode[error.errno], len(os.listdir("/dev/fd")) < 8)
"""


def test_a_child_whose_status_someone_else_has_collected_has_not_succeeded():
    child = Child(["true"])
    os.waitpid(child.pid, 0)

    assert (255, True) == (child.wait(), child.is_status_unknown)


def test_a_child_that_lives_has_no_status_yet():
    with Child(["sleep", "600"]) as child:
        assert None is child.poll()
        child.kill()
    assert -9 == child.poll()


def test_without_descriptors_nothing_is_started():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DESCRIPTORS],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "EMFILE True" == done.stdout.strip()


def test_a_detached_program_has_its_own_session_and_a_private_log(tmp_path: Path):
    output = tmp_path / "log"
    output.write_text("before\n")

    assert 0 == start_detached(["sh", "-c", "pwd; echo oops >&2"], tmp_path, output).wait(60)
    assert ["before", str(tmp_path), "oops"] == output.read_text().split()
    with start_detached(["sleep", "600"], tmp_path, tmp_path / "new") as child:
        assert child.pid == os.getsid(child.pid)
        child.kill()
    assert 0o600 == (tmp_path / "new").stat().st_mode & 0o777


def test_a_text_is_given_to_a_program(tmp_path: Path):
    program = ["sh", "-c", f"cat > {tmp_path}/given"]

    assert "" == pipe_text(program, "größer\n".encode(), ENVIRON)
    assert "größer\n" == (tmp_path / "given").read_text()


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (["sh", "-c", "exit 3"], "sh exited with 3"),
        (["no-such-program"], "No such file or directory: 'no-such-program'"),
        (["sleep", "600"], "timed out"),
    ],
)
def test_a_program_that_does_not_take_a_text_is_named(program: list[str], why: str, monkeypatch):
    monkeypatch.setattr(children, "PIPE_TIMEOUT_S", 0.2 if program[0] == "sleep" else 60.0)

    assert why in pipe_text(program, b"text", ENVIRON)


def test_a_program_in_the_foreground_works_in_its_folder(tmp_path: Path):
    words = ["sh", "-c", "echo $PWD ${OLDPWD-unset} > seen"]

    assert "" == run_in_foreground(words, {**ENVIRON, "OLDPWD": "/somewhere"}, tmp_path)
    assert [str(tmp_path), "unset"] == (tmp_path / "seen").read_text().split()


def test_a_program_that_cannot_run_in_the_foreground_is_named():
    assert "no-such-program: No such file or directory" == run_in_foreground(["no-such-program"], ENVIRON)
