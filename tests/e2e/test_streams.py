"""Standard streams that are closed, full, lost or not read: runs continue, commands say so in a sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from project import PORCH, Project, until

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")

ONE = "tasks:\n  a: {run: 'echo > a'}\n"


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A run at rest, read only."""
    project = Project(tmp_path_factory.mktemp("ended"))
    project.plan(ONE)
    project.porch("run", "--headless")
    return project


def shell(project: Project, command: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in the project, with `porch` on the path."""
    script = f'porch() {{ "{sys.executable}" -P -m porch_tui "$@"; }}\n{command}'
    return subprocess.run(
        ["sh", "-c", script], cwd=project.root, capture_output=True, text=True, timeout=120, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


COMMANDS = ["status", "schema", "--version", "--help", "status --json", "logs a"]
MORE = ["report", "runs", "check", "doctor", "clean --dry-run", "report --format json"]
"""These print in the same way."""


@needs_full
@pytest.mark.parametrize("command", [*COMMANDS, *(pytest.param(one, marks=pytest.mark.slow) for one in MORE)])
def test_a_command_whose_answer_does_not_fit_says_so_in_a_sentence(ended: Project, command: str):
    if command == "logs a":
        ended.rundir.attempt("a.1").joinpath("output.log").write_text("said\n")

    done = shell(ended, f"porch {command} > /dev/full")

    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == (
        "porch: could not print the answer: cannot write to standard output: No space left on device; "
        "redirect it, or free some space, and try again"
    )


@pytest.mark.parametrize("command", ["status", "doctor", "schema"])
def test_a_command_without_standard_output_says_so_in_a_sentence(ended: Project, command: str):
    done = shell(ended, f"porch {command} >&-")

    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "cannot write to standard output: Bad file descriptor" in done.stderr


@pytest.mark.parametrize("streams", ["2>&-", "<&- 2>&-", "2> /dev/full", "<&-"])
def test_a_command_needs_neither_input_nor_a_place_for_messages(ended: Project, streams: str):
    if "full" in streams and not FULL.exists():
        pytest.skip("no /dev/full here")

    done = shell(ended, f"porch status --json {streams}")

    assert done.returncode == 0
    assert json.loads(done.stdout)["tasks"][0]["outcome"] == "landed"


def test_a_reader_that_stops_reading_gets_no_error(ended: Project):
    done = shell(ended, "porch schema | head -1")

    assert (done.stdout, done.stderr) == ("{\n", "")


@needs_full
@pytest.mark.parametrize("streams", ["> /dev/full", "2> /dev/full", ">&- 2>&- <&-", "> /dev/full 2>&1"])
@pytest.mark.parametrize("how", ["--headless", pytest.param("--json", marks=pytest.mark.slow)])
def test_a_run_continues_whatever_happens_to_its_output(project: Project, streams: str, how: str):
    project.plan(ONE)

    done = shell(project, f"porch run {how} {streams}")

    assert (done.returncode, project.landed()) == (0, ["a"])


def test_a_run_continues_when_its_terminal_is_gone(project: Project):
    go = project.root.parent / "go"
    project.plan(f"tasks:\n  a: {{run: 'until [ -e {go} ]; do sleep 0.05; done; echo > a'}}\n")
    terminal, side = os.openpty()
    process = subprocess.Popen(
        [*PORCH, "run", "--headless"], cwd=project.root, stdin=side, stdout=side, stderr=side
    )
    os.close(side)
    until(lambda: "started" in os.read(terminal, 65536).decode(), "the task to start")

    os.close(terminal)
    go.touch()

    assert (process.wait(60), project.landed()) == (0, ["a"])


def stuck_pipe() -> tuple[int, int]:
    """Return the ends of a full pipe."""
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)
    try:
        while True:
            os.write(mouth, bytes(65536))
    except BlockingIOError:
        os.set_blocking(mouth, True)
    return ear, mouth


def start(project: Project, *words: str, **streams: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*PORCH, *words], cwd=project.root, stdin=subprocess.DEVNULL,
        **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **streams},
    )  # fmt: skip


@pytest.mark.parametrize(
    "stuck",
    [
        pytest.param(("stdout",), marks=pytest.mark.slow),
        pytest.param(("stderr",), marks=pytest.mark.slow),
        ("stdout", "stderr"),
    ],
    ids="+".join,
)
def test_a_reader_that_does_not_read_delays_nothing(project: Project, stuck: tuple[str, ...]):
    project.plan("tasks:\n  a: {run: 'echo > a'}\n  b: {run: 'echo > b', after: [a]}\n")
    ear, mouth = stuck_pipe()

    process = start(project, "run", "--headless", **dict.fromkeys(stuck, mouth))

    os.close(mouth)
    until(lambda: project.landed() == ["b", "a"], "both to land")
    os.close(ear)
    assert process.wait(60) == 0


@pytest.mark.slow
def test_porch_ends_without_waiting_for_a_reader_that_has_stopped(project: Project):
    project.plan("tasks: {a: {run: 'sleep 600'}}\n")
    ear, mouth = stuck_pipe()
    process = start(project, "run", "--headless", stdout=mouth, stderr=mouth)
    os.close(mouth)
    until(lambda: project.events(e.AttemptStarted), "the task to start")

    process.terminate()

    assert process.wait(60) == 130
    os.close(ear)
    assert project.outcomes() == {"a": "stopped"}


@pytest.mark.slow
def test_a_slow_reader_of_records_gets_all_of_them(project: Project):
    project.plan(ONE)
    ear, mouth = stuck_pipe()

    process = start(project, "run", "--json", stdout=mouth)

    os.close(mouth)
    until(lambda: project.landed() == ["a"], "it to land")
    with os.fdopen(ear, "rb") as file:
        *records, status = [json.loads(line) for line in file.read().lstrip(b"\0").splitlines()]
    assert process.wait(60) == 0
    assert records == [json.loads(line) for line in project.rundir.journal.read_text().splitlines()][1:]
    assert status["ended"] is True


@pytest.mark.slow
def test_porch_prints_no_control_character_of_a_path(tmp_path: Path):
    project = Project(tmp_path / "x\033]0;title\007y\rz\u202e")
    project.plan("tasks:\n  a: {run: 'echo > a; exit 1'}\n")

    plain = ["run --headless", "run --headless", "check", "status", "clean", "doctor", "report", "runs"]
    for command in (*plain, "check no\033[31msuch\007plan", "status no\033\007run"):
        words = command.split(" ")
        done = project.porch(*words, expect=None)
        assert not set("\033\007\r\u202e") & {*done.stdout, *done.stderr}, words


@pytest.mark.slow
def test_in_a_folder_that_was_deleted_a_sentence_says_so(project: Project):
    for command in ("status", "doctor", "check"):
        done = shell(project, f"mkdir -p sub; cd sub; rmdir ../sub; porch {command}")

        assert done.returncode == 3
        assert "that folder was deleted" in done.stdout + done.stderr
    project.plan(ONE)
    done = shell(project, f"mkdir sub; cd sub; rmdir ../sub; porch run -C {project.root} --headless")
    assert (done.returncode, project.landed()) == (0, ["a"])
