"""`porch notify`, as hooks call it: quick, in the attempt's directory, or through the output."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from porch_tui.emulator.attention import Attention, Kind
from tests.project import PORCH


def notify(*words: str, directory: Path | None = None, **settings) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PORCH_ATTEMPT_DIRECTORY"}
    if directory is not None:
        environment["PORCH_ATTEMPT_DIRECTORY"] = str(directory)
    return subprocess.run(
        [*PORCH, "notify", *words], capture_output=True, text=True, check=False, env=environment,
        start_new_session=True, **settings,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--waiting", "may I", "go on?"], ("waiting", "may I go on?")),
        (["--waiting"], ("waiting", "")),
        (["--working"], ("working", "")),
        (["--done", "see src/"], ("done", "see src/")),
        (["read this"], ("note", "read this")),
        (["read this", "--waiting"], ("waiting", "read this")),
        (["--", "--waiting"], ("note", "--waiting")),
    ],
)
def test_what_is_said_is_written_into_the_directory_of_the_attempt(tmp_path: Path, words, said):
    (tmp_path / "output.log").write_text("12345")
    done = notify(*words, directory=tmp_path)

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)
    [line] = (tmp_path / "calls.jsonl").read_text().splitlines()
    found = json.loads(line)
    assert (5, *said) == (found["at"], found["kind"], found["text"])


def test_outside_of_a_task_it_refuses_and_says_where_to_call_it():
    done = notify("--waiting")

    assert (4, "") == (done.returncode, done.stdout)
    assert (
        "porch: this is no task of porch (PORCH_ATTEMPT_DIRECTORY is not set): call porch notify"
        in done.stderr
    )
    assert 1 == len(done.stderr.splitlines())


@pytest.mark.parametrize("words", [[], [""], ["--waiting", "--done"], ["--what"]])
def test_what_makes_no_sense_is_refused(tmp_path: Path, words):
    done = notify(*words, directory=tmp_path)

    assert done.returncode in (2, 4) and done.stderr.startswith("porch: ")


KINDS = {"--waiting": Kind.WAITING, "--working": Kind.WORKING, "--done": Kind.DONE, "--": Kind.NOTE}


@pytest.mark.parametrize("flag", KINDS)
def test_where_a_fence_is_in_the_way_the_output_says_it(tmp_path: Path, flag: str):
    done = notify(flag, "4;may I\x1b[2J: go?\x07", directory=tmp_path / "hidden")

    [call] = Attention().feed(done.stdout.encode())
    assert call.kind is KINDS[flag]
    assert "4 may I [2J go?" == call.text


def test_in_a_terminal_it_is_said_there_and_not_to_whoever_reads_the_hook(tmp_path: Path):
    words = [*PORCH, "notify", "--waiting", "may I?"]
    pid, terminal = pty.fork()
    if not pid:
        os.environ["PORCH_ATTEMPT_DIRECTORY"] = str(tmp_path / "hidden")
        with open(tmp_path / "out", "wb") as out:  # noqa: PTH123
            os.dup2(out.fileno(), 1)
            os.execv(words[0], words)
    data = b""
    while b"\\" not in data:
        data += os.read(terminal, 1000)
    os.waitpid(pid, 0)
    os.close(terminal)

    assert [Kind.WAITING] == [call.kind for call in Attention().feed(data)]
    assert b"" == (tmp_path / "out").read_bytes()


def test_a_hook_is_not_kept_waiting_by_imports(tmp_path: Path):
    (tmp_path / "output.log").touch()
    source = "import sys; from porch_tui.cli import main; main(['notify', '--working']); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True,
        env={**os.environ, "PORCH_ATTEMPT_DIRECTORY": str(tmp_path)},
    )  # fmt: skip

    assert (tmp_path / "calls.jsonl").exists()
    heavy = {"argparse", "msgspec", "yaml", "typing", "subprocess", "porch_tui.core"}
    assert set() == heavy & set(done.stdout.split())
