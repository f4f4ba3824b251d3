"""What holds for every task holds for one with a terminal: retries, figures, fences, clones, kills."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.process.liveness import read_exit
from porch_tui.process.typing import TypingInto
from project import Project, kill, until
from tests.fences import needs_bwrap

ASKS = "read answer; echo $answer > answer; echo got $answer"
BUSY = """
import pathlib, sys, time
memory = bytearray(80_000_000)
used = pathlib.Path(sys.argv[1])
while True:
    used.with_suffix(".new").write_text(str(time.process_time()))
    used.with_suffix(".new").replace(used)
"""


def log_of(project: Project, attempt: str, shows: str) -> Path:
    """Wait until the log of an attempt shows a text, and return it."""
    until(lambda: project.records() and project.rundir.attempt(attempt).exists(), "the attempt")
    log = project.rundir.attempt(attempt) / "output.log"
    until(lambda: log.exists() and shows in log.read_text(), shows)
    return log


def typed(log: Path, *lines: str) -> None:
    """Type lines into the terminal of the attempt with this log."""
    with TypingInto(log.parent) as typing:
        for line in lines:
            assert typing.type(f"{line}\r".encode()) == 0


def test_the_next_engine_adopts_a_terminal_in_which_a_person_can_type_on(project: Project):
    project.plan(f"tasks: {{ask: {{tty: true, run: 'echo ready; {ASKS}'}}}}\n")
    first = project.begin("run", "--headless")
    log = log_of(project, "ask.1", "ready")
    until(lambda: project.events(e.AttemptStarted), "the start to be known")
    kill(first)
    second = project.begin("resume", "--headless")
    until(lambda: project.status()["engine"] == "alive", "the next engine")

    typed(log, "yes")

    assert second.wait(60) == 0
    assert project.git("show", "main:answer") == "yes"
    assert len(project.events(e.AttemptScheduled)) == 1


@pytest.mark.slow
def test_work_of_a_terminal_that_ends_while_no_engine_runs_is_collected_by_the_next(project: Project):
    project.plan(f"tasks: {{ask: {{tty: true, run: 'echo ready; {ASKS}', checks: test -s answer}}}}\n")
    first = project.begin("run", "--headless")
    log = log_of(project, "ask.1", "ready")
    kill(first)
    typed(log, "yes")
    until(lambda: read_exit(log.parent), "its end")

    project.porch("resume", "--headless")

    assert project.git("show", "main:answer") == "yes"


@pytest.mark.slow
@pytest.mark.parametrize("keeps", [True, False])
def test_a_retry_has_a_terminal_of_its_own(project: Project, keeps: bool):
    project.plan(f"tasks: {{ask: {{tty: true, run: 'ls; echo ready; {ASKS}; test $answer = yes'}}}}\n")
    running = project.begin("run", "--headless")
    typed(log_of(project, "ask.1", "ready"), "no")
    assert running.wait(60) == 1

    project.porch("retry", "ask", *(["--keep"] if keeps else []))
    second = project.begin("resume", "--headless")
    log = log_of(project, "ask.2", "ready")
    typed(log, "yes")

    assert second.wait(60) == 0
    assert project.git("show", "main:answer") == "yes"
    assert ("answer" in log.read_text().split("ready")[0]) is keeps
    assert (log.parent / "tty.sizes").read_text().startswith("0 120 36\n")
    assert "got no" in log.parent.with_name("ask.1").joinpath("output.log").read_text()


def test_what_a_stopped_one_left_is_kept(project: Project):
    project.plan("tasks: {shell: {tty: true, run: 'echo kept > left; exec bash --norc -i'}}\n")
    running = project.begin("run", "--headless")
    log_of(project, "shell.1", "bash")

    project.porch("stop", "shell")

    assert running.wait(60) == 1
    (stopped,) = project.events(e.AttemptStopped)
    assert project.git("show", f"{stopped.leftover_ref}:left") == "kept"


@pytest.mark.slow
def test_a_timeout_ends_it_and_processor_time_and_memory_are_measured(project: Project):
    program, used = project.write("../busy.py", BUSY), project.root.parent / "used"
    project.plan(f"tasks: {{busy: {{tty: true, timeout: 3s, run: 'python3 {program} {used}'}}}}\n")

    project.porch("run", "--headless", expect=1)

    (failed,) = project.events(e.AttemptFailed)
    assert failed.failure.kind is e.FailureKind.TIMEOUT
    assert failed.used.cpu_s >= float(used.read_text()) > 0
    assert failed.used.peak_rss_bytes >= 80_000_000


@pytest.mark.slow
def test_it_is_paused_and_resumed_by_command_and_reads_what_was_typed_meanwhile(project: Project):
    project.plan(f"tasks: {{ask: {{tty: true, run: 'echo ready; {ASKS}'}}}}\n")
    running = project.begin("run", "--headless")
    log = log_of(project, "ask.1", "ready")
    project.porch("pause", "ask")
    until(lambda: project.status()["tasks"][0]["status"] == "paused", "the pause")
    typed(log, "yes")
    assert "got" not in log.read_text()

    project.porch("resume-tasks", "ask")

    assert running.wait(60) == 0
    assert project.git("show", "main:answer") == "yes"


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", [pytest.param("wrap: bwrap", marks=needs_bwrap), "isolation: clone"], ids=["bwrap", "clone"]
)
def test_keys_reach_the_program_inside_and_a_shell_has_job_control(project: Project, how: str):
    project.commit({"reads": "echo reading; exec cat\n"})
    project.plan(f"tasks: {{shell: {{tty: true, {how}, run: bash --norc -i}}}}\n")
    running = project.begin("run", "--headless")
    log = log_of(project, "shell.1", "bash")

    def type_until(keys: str, shown: str, count: int = 1) -> None:
        with TypingInto(log.parent) as typing:
            typing.type(keys.encode())
        until(lambda: log.read_text().count(shown) >= count, shown)

    type_until("sh reads\r", "reading")
    type_until("hello\r", "hello\n", count=2)
    type_until("\x03", "^C")
    type_until("echo $?-$((40 + 2))\r", "130-42\n")
    type_until("sh reads\r", "reading", count=2)
    type_until("again\r", "again\n", count=2)
    type_until("\x1a", "Stopped")
    type_until("fg\r", "sh reads\n", count=4)  # typed twice, stopped, continued
    type_until("and on\r", "and on\n", count=2)
    typed(log, "\x04echo x > made; exit 0")

    assert running.wait(60) == 0
    assert project.landed() == ["shell"]
