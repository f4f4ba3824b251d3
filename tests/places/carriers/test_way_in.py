"""From a command to a program that runs behind it: what is sent, and what is said if it fails."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from porch_tui.places.carriers.carrier import CarrierError
from porch_tui.places.carriers.way_in import INSTALL_GIT, INSTALL_PYTHON, Entered, enter
from porch_tui.places.program import loader
from porch_tui.places.program.contents import Program, packed
from tests.project import until

ECHO = b"import sys\nfor line in sys.stdin: print(*sys.argv[1:], line.strip().upper(), flush=True)\n"
PADDING = random.Random(1).randbytes(200_000)
PROGRAM = packed({"start.py": ECHO, "porch/padding": PADDING})
"""Answers each line with its words and the line in capitals; as large as the real one."""
LOOKED_AT = ("/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin")
"""Where a shell looks for a Python that is not on its PATH."""
NEEDS_PYTHON = f"porch needs Python 3.11 or newer: {INSTALL_PYTHON}"
NEEDS_GIT = f"porch needs git 2.38 or newer: {INSTALL_GIT}"
PYTHON, SHELL = (sys.executable, "-"), ("sh",)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "HOME": str(home), **more}


def arrive(
    argv: Sequence[str], home: Path, within_s: float = 30, program: Program = PROGRAM, **env: str
) -> Entered:
    return enter(argv, environment(home, **env), ("say", "{root}"), within_s, program)


def conversation(entered: Entered, line: bytes = b"hello") -> bytes:
    """Send a line, and return all that comes back until the end."""
    stdin, stdout = entered.child.stdin, entered.child.stdout
    assert stdin is not None
    assert stdout is not None
    with stdout, stdin:
        stdin.write(line + b"\n")
        stdin.close()
        said = entered.rest + stdout.read()
    entered.child.wait(30)
    return said


def programs(home: Path) -> list[str]:
    return sorted(path.name for path in (home / ".cache/porch/programs").iterdir())


@pytest.fixture
def bwrap() -> Iterator[tuple[str, ...]]:
    argv = ("bwrap", "--dev-bind", "/", "/")
    if not shutil.which("bwrap") or subprocess.run([*argv, "true"], check=False).returncode:
        pytest.skip("bwrap cannot make namespaces here")
    yield argv


@pytest.mark.slow
@pytest.mark.parametrize("argv", [PYTHON, SHELL, ("bash",), (sys.executable,)], ids=str)
def test_a_program_is_sent_once_and_gets_the_streams(argv: tuple[str, ...], home: Path):
    if not shutil.which(argv[0]):
        pytest.skip(f"no {argv[0]}")

    first = arrive(argv, home)
    answer = conversation(first)
    second = arrive(argv, home)

    assert (first.facts.is_there, second.facts.is_there) == (False, True)
    assert answer == f"say {home}/.cache/porch HELLO\n".encode()
    assert conversation(second, b"again") == f"say {home}/.cache/porch AGAIN\n".encode()
    assert programs(home) == [PROGRAM.name]
    assert (home / ".cache/porch").stat().st_mode & 0o777 == 0o700
    assert first.facts.python.count(".") == 2
    assert first.facts.git and first.facts.user and first.facts.disk_free_bytes > 0


@pytest.mark.parametrize(
    "greeting",
    ["echo Welcome; echo", "printf 'no end of line'", "seq 20000", "echo 'porch-1 {\"is_there\": 1}'"],
)
def test_whatever_a_login_prints_before_is_skipped(greeting: str, home: Path):
    entered = arrive(("sh", "-c", f'{greeting}; exec "$0"', "sh"), home)

    assert conversation(entered) == f"say {home}/.cache/porch HELLO\n".encode()


def test_a_program_that_has_lost_a_file_is_sent_again(home: Path):
    conversation(arrive(PYTHON, home))
    (home / ".cache/porch/programs" / PROGRAM.name / "porch/padding").unlink()

    entered = arrive(PYTHON, home)

    assert not entered.facts.is_there
    assert conversation(entered).endswith(b"HELLO\n")
    assert programs(home) == [PROGRAM.name]


@pytest.mark.slow
def test_a_program_that_arrives_in_part_is_not_there(home: Path):
    relay = "import os\nfor _ in range(100): os.write(1, os.read(0, 1000))"  # and then the connection is lost
    with pytest.raises(CarrierError):
        arrive(("sh", "-c", f"{sys.executable} -c '{relay}' | \"$0\"", "sh"), home)
    until(lambda: programs(home) == [], "the part to be removed")

    assert conversation(arrive(SHELL, home)).endswith(b"HELLO\n")


def test_what_is_not_what_was_sent_is_not_run(home: Path):
    forged = Program(PROGRAM.name, packed({"start.py": b"print('forged')"}).data)

    with pytest.raises(CarrierError, match="what arrived is not what was sent"):
        arrive(PYTHON, home, program=forged)

    assert programs(home) == []


def test_engines_that_bring_the_same_program_at_once_all_run_it(home: Path):
    answers: list[bytes] = []
    together = threading.Barrier(4)

    def bring() -> None:
        together.wait()
        answers.append(conversation(arrive(PYTHON, home)))

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [f"say {home}/.cache/porch HELLO\n".encode()] * 4
    assert programs(home) == [PROGRAM.name]


def test_programs_that_nothing_has_run_from_for_long_are_removed_but_not_one_that_runs(home: Path):
    conversation(arrive(PYTHON, home))
    lock = b"import fcntl,os; fcntl.flock(os.open(__file__, os.O_RDONLY), fcntl.LOCK_SH)\nprint(flush=True)\n"
    used = packed({"start.py": lock + ECHO})
    running = arrive(PYTHON, home, program=used)
    assert running.child.stdout is not None
    running.child.stdout.read(1)
    for path in (home / ".cache/porch/programs").iterdir():
        os.utime(path, (1e9, 1e9))

    newer = packed({"start.py": ECHO})
    conversation(arrive(PYTHON, home, program=newer))

    assert programs(home) == sorted([used.name, newer.name])
    assert conversation(running).endswith(b"HELLO\n")


def refusal(argv: Sequence[str], home: Path, within_s: float = 30, **env: str) -> str:
    with pytest.raises(CarrierError) as error:
        arrive(argv, home, within_s, **env)
    return str(error.value)


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_the_last_line_of_its_errors_is_the_reason(home: Path):
    said = refusal(("sh", "-c", "echo greeting; echo one >&2; echo 'no way in' >&2; exit 255", "sh"), home)

    assert said == "no way in"


def test_a_login_that_only_prints_is_quoted(home: Path):
    said = refusal(("sh", "-c", "echo This account is currently not available.; exit 1", "sh"), home)

    assert said == "This account is currently not available."


@pytest.mark.slow
def test_a_way_in_that_says_nothing_is_ended_in_time(home: Path):
    said = refusal(("sh", "-c", "echo $$ > $HOME/pid; exec sleep 1000", "sh"), home, within_s=1)

    assert said == "no answer within 1 s"
    until(lambda: not Path("/proc", (home / "pid").read_text().strip()).exists(), "the command to be gone")


def test_a_way_in_that_prints_without_end_is_no_host(home: Path):
    assert "it prints without end" in refusal(("sh", "-c", "yes", "sh"), home)


def test_a_program_that_is_not_there_is_named(home: Path):
    assert refusal(("no-such-program", "python3", "-"), home).startswith("cannot start 'no-such-program'")


@pytest.mark.parametrize("argv", [("cat", "-"), ("podman", "exec"), ("-",)], ids=str)
def test_a_way_in_to_something_else_is_refused_before_it_is_started(argv: tuple[str, ...], home: Path):
    assert "must end in `python3 -` or `sh`" in refusal(argv, home)


def test_a_python_that_is_too_old_says_so(home: Path, tmp_path: Path):
    """It must be able to read what it is sent, so it gets no more than one line for any Python 3."""
    old = "import sys; sys.version_info, sys.version = (3, 9, 2), '3.9.2 (main)'; exec(sys.stdin.readline())"
    python = script(tmp_path / "bin/python3", f'exec {sys.executable} -c "{old}"')

    said = refusal((str(python), "-"), home)

    assert said == f"python3 there is 3.9.2; {NEEDS_PYTHON}"


def test_a_shell_without_a_python_says_so(home: Path, tmp_path: Path):
    if any(
        Path(folder, "python3").exists()
        for folder in ("/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin")
    ):
        pytest.skip("a python3 is where every shell is asked to look")
    shell = shutil.which("sh") or ""
    script(tmp_path / "bin/python3", 'test "$1" = --version && echo Python 3.8.1')

    without = refusal((shell,), home, PATH=str(home), SHELL="/bin/false")
    old = refusal((shell,), home, PATH=str(tmp_path / "bin"), SHELL="/bin/false")

    assert without == f"there is no python3; {NEEDS_PYTHON}"
    assert old == f"python3 there is 3.8.1; {NEEDS_PYTHON}"


def test_a_git_and_a_python_that_only_an_interactive_shell_finds_are_found(home: Path, tmp_path: Path):
    if any(Path(folder, "python3").exists() for folder in LOOKED_AT):
        pytest.skip("a python3 is where every shell is asked to look")
    if not (bash := shutil.which("bash")):
        pytest.skip("no bash")
    python = script(tmp_path / "far/python3", f'exec {sys.executable} "$@"')
    python.with_name("git").symlink_to(shutil.which("git") or "")
    (home / ".bashrc").write_text(f"echo Welcome; PATH={python.parent}:$PATH\n")

    entered = arrive((shutil.which("sh") or "",), home, PATH=str(home), SHELL=bash)

    assert conversation(entered).endswith(b"HELLO\n")
    assert entered.facts.git


def test_a_host_without_git_or_with_an_old_one_says_so(home: Path, tmp_path: Path):
    script(tmp_path / "bin/git", "echo git version 2.30.2")

    without = refusal(PYTHON, home, PATH=str(home), SHELL="/bin/false")
    old = refusal(PYTHON, home, PATH=str(tmp_path / "bin"))

    assert without == f"there is no git; {NEEDS_GIT}"
    assert old == f"git there is 2.30.2; {NEEDS_GIT}"


def test_a_full_disk_there_is_said_and_nothing_is_left(bwrap: tuple[str, ...], home: Path):
    small = ("--size", "100000", "--tmpfs", str(home))

    said = refusal((*bwrap, *small, *PYTHON), home)

    assert said == f"porch cannot be put there: no room is left in {home}/.cache/porch; free some there"


def test_a_home_that_cannot_be_written_is_replaced_by_another_folder(bwrap: tuple[str, ...], home: Path):
    argv = (*bwrap, "--ro-bind", str(home), str(home), "--tmpfs", "/var/tmp", *PYTHON)

    answer = conversation(arrive(argv, home))

    assert re.fullmatch(rf"say /var/tmp/porch-{os.getuid()}-[0-9a-f]{{8}} HELLO\n", answer.decode())


def test_the_folder_instead_of_one_home_is_not_taken_for_another(tmp_path: Path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("no folder")

    instead = loader.find_root(first, tmp_path / "var")

    assert instead.parent == tmp_path / "var"
    assert loader.find_root(first, tmp_path / "var") == instead
    assert loader.find_root(second, tmp_path / "var") == second / "porch"


def test_without_any_folder_that_can_be_written_it_says_which_were_tried(bwrap: tuple[str, ...], home: Path):
    said = refusal((*bwrap, "--ro-bind", "/", "/", "--ro-bind", str(home), str(home), *PYTHON), home)

    assert "Read-only file system" in said
    assert f"{home}/.cache" in said and "/var/tmp/porch-" in said
    assert said.endswith("; make one of them writable there")


def test_a_folder_that_is_there_is_not_exchanged_for_another_one(bwrap: tuple[str, ...], home: Path):
    """What runs on the host is known in it, and would not be found elsewhere."""
    (home / ".cache/porch").mkdir(parents=True)

    said = refusal((*bwrap, "--ro-bind", str(home), str(home), "--tmpfs", "/var/tmp", *PYTHON), home)

    assert f"{home}/.cache/porch" in said and "/var/tmp" not in said
