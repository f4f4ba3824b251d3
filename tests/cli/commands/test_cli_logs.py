"""A task's output: raw for programs, harmless for terminals, followed to its end."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import time
from collections.abc import Callable

import pytest
from in_process import porch
from json_page import documented, keys

from porch_tui.cli.output.terminal_filter import TerminalFilter
from project import DEADLINE_S, PORCH, Project, until

RAW = b"a \x1b[31mred\x1b]0;title\x07 end\n"


def on_a_terminal(project: Project, *words: str, **env: str) -> bytes:
    """Return what porch writes to a terminal, its line ends as the program wrote them."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PORCH, *words],
        cwd=project.root,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm", **env},
    )
    os.close(theirs)
    written, deadline = b"", time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline and select.select([ours], [], [], DEADLINE_S)[0]:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux says so at the end of a terminal
            break
        if not chunk:
            break
        written += chunk
    os.close(ours)
    assert 0 == process.wait(DEADLINE_S)
    return written.replace(b"\r\n", b"\n")


def test_a_pipe_gets_the_bytes_as_they_were_written(ended: Project):
    done = subprocess.run(
        [*PORCH, "logs", "good"], cwd=ended.root, capture_output=True, check=True, stdin=subprocess.DEVNULL
    )

    assert RAW == done.stdout


def test_a_terminal_gets_colours_and_no_other_sequence(ended: Project):
    assert b"a \x1b[31mred end\n\x1b[0m" == on_a_terminal(ended, "logs", "good")


def test_a_terminal_gets_no_colors_where_they_are_switched_off(ended: Project):
    assert b"a red end\n" == on_a_terminal(ended, "logs", "good", NO_COLOR="1")


def test_a_terminal_gets_everything_when_asked_for(ended: Project):
    assert RAW == on_a_terminal(ended, "logs", "good", "--raw")


def test_a_log_is_one_json_document_with_the_documented_keys(ended: Project):
    done = porch(ended, "logs", "good", "--json")
    document = json.loads(done.out)

    assert keys(document) == keys(documented("porch logs --json"))
    assert document == {
        "run": ended.rundir.run,
        "task": "good",
        "what": "attempt",
        "attempt": 1,
        "hypothesis": None,
        "time": None,
        "log": str(ended.rundir.attempt("good.1") / "output.log"),
        "ended": True,
        "text": RAW.decode(),
    }


def test_the_output_of_a_validation_is_a_document_too(ended: Project):
    document = json.loads(porch(ended, "logs", "bad", "--validation", "--json", "--tail", "1").out)

    assert (document["what"], document["attempt"]) == ("validation", None)
    assert document["text"] == ""  # it prints nothing, so there is no last line


def test_a_log_in_json_keeps_bytes_that_are_no_text(ended: Project):
    log = ended.rundir.attempt("good.1") / "output.log"
    before = log.read_bytes()
    log.write_bytes(b"caf\xe9\n")

    document = json.loads(porch(ended, "logs", "good", "--json").out)

    assert os.fsencode(document["text"]) == b"caf\xe9\n"
    log.write_bytes(before)


def test_what_was_dropped_from_a_long_log_is_one_line(ended: Project):
    log = ended.rundir.attempt("good.1") / "output.log"
    before = log.read_bytes()
    with log.open("r+b") as file:
        file.truncate(371 * 1024 * 1024)
        file.seek(0, os.SEEK_END)
        file.write("… 371 MiB dropped …\nlast\n".encode())

    assert RAW + "… 371 MiB dropped …\nlast\n".encode() == on_a_terminal(ended, "logs", "good", "--raw")
    log.write_bytes(before)


def test_the_last_lines_are_enough_if_wanted(project: Project):
    project.plan("tasks:\n  a: {run: 'seq 5; touch made'}\n")
    project.porch("run", "--headless")

    assert porch(project, "logs", "a", "--tail", "2").out == "4\n5\n"
    assert porch(project, "logs", "a", "--tail", "9").out == porch(project, "logs", "a").out


def test_status_is_coloured_on_a_terminal_only_if_wanted(ended: Project):
    assert b"\x1b[32m" in on_a_terminal(ended, "status")
    assert b"\x1b" not in on_a_terminal(ended, "status", NO_COLOR="1")


def test_the_logs_of_a_rejected_task_name_the_log_of_its_validation(ended: Project):
    printed = porch(ended, "logs", "bad")

    assert 0 == printed.code
    assert "validations" in printed.err and printed.err.rstrip().endswith("output.log")


def test_a_task_the_run_does_not_have_is_exit_2_with_the_nearest_name(ended: Project):
    printed = porch(ended, "logs", "goood")

    assert (2, "") == (printed.code, printed.out)
    assert "did you mean 'good'?" in printed.err


def test_a_task_that_has_not_started_is_exit_4(ended: Project):
    assert 4 == porch(ended, "logs", "later").code


def test_an_attempt_that_was_never_made_is_exit_4_and_says_which_is_the_last(ended: Project):
    printed = porch(ended, "logs", "good", "--attempt", "7")

    assert 4 == printed.code
    assert "--attempt 1" in printed.err


def test_following_shows_what_comes_and_ends_with_the_attempt(
    project: Project, engine: Callable[[Project, str], None]
):
    engine(project, "tasks:\n  a: {run: 'echo first; until test -e ../go; do sleep 0.05; done; echo last'}\n")
    process = project.begin("logs", "a", "-f")
    assert process.stdout is not None

    assert "first\n" == process.stdout.readline()
    (project.root.parent / "go").touch()

    assert ("last\n", "") == process.communicate(timeout=DEADLINE_S)
    assert 0 == process.returncode


def test_following_in_json_gives_a_line_an_object_as_it_comes_and_the_document_at_the_end(
    project: Project, engine: Callable[[Project, str], None]
):
    engine(project, "tasks:\n  a: {run: 'echo one; until test -e ../go; do sleep 0.05; done; printf two'}\n")
    process = project.begin("logs", "a", "-f", "--json")
    assert process.stdout is not None

    assert json.loads(process.stdout.readline()) == {"text": "one"}
    document = json.loads(porch(project, "logs", "a", "--json").out)
    assert (document["ended"], document["text"]) == (False, "one\n")
    (project.root.parent / "go").touch()

    two, last = map(json.loads, process.communicate(timeout=DEADLINE_S)[0].splitlines())
    assert two == {"text": "two"}
    assert last == {key: value for key, value in document.items() if key != "text"} | {"ended": True}


def test_the_validation_under_way_is_shown_and_followed_to_its_end(project: Project):
    waits = "test ! -e a || { echo first; until test -e ../../../go; do sleep 0.05; done; echo last; }"
    project.plan(f"validate: '{waits}'\ntasks:\n  a: {{run: 'echo > a'}}\n")
    engine = project.begin("run", "--headless")
    until(lambda: porch(project, "logs", "a", "--validation").out == "first\n", "the validation to begin")
    assert "a is still being validated; --follow" in porch(project, "logs", "a", "--validation").err
    follower = project.begin("logs", "a", "--validation", "--follow")
    assert follower.stdout is not None

    assert "first\n" == follower.stdout.readline()
    (project.root.parent / "go").touch()

    assert ("last\n", "") == follower.communicate(timeout=DEADLINE_S)
    assert 0 == engine.wait(DEADLINE_S)
    assert "first\nlast\n" == porch(project, "logs", "a", "--validation").out


def test_a_closed_pipe_is_no_error(project: Project):
    project.plan("tasks:\n  a: {run: 'seq 200000'}\n")
    project.porch("run", "--headless", expect=None)

    done = subprocess.run(
        f"{' '.join(PORCH)} logs a | head -n 1",
        shell=True, cwd=project.root, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert ("1\n", "") == (done.stdout, done.stderr)


HARMLESS = [
    (b"plain\ttab\r50%\n", "plain\ttab\r50%\n"),
    (b"\x1b[1;38:2::1:2:3mbold\x1b[m", "\x1b[1;38:2::1:2:3mbold\x1b[m\x1b[0m"),
    (b"\x1b[2J\x1b[H\x1b[?1049hx\x1b[6n", "x"),
    (b"\x1b[>4;2mx", "x"),
    (b"\x1b]52;c;aGk=\x07x\x1b]0;t\x1b\\y", "xy"),
    (b"\x1bP1;2q...\x1b\\x\x1b_app\x1b\\y", "xy"),
    (b"\x1b]0;never ends\nnext\n", "\nnext\n"),
    (b"\x1b(0x\x1bcy\x1b7z", "xyz"),
    (b"a\x00b\x07c\x08d\x7fe", "abcde"),
    (b"\xc2\x9b31mx", "31mx"),
    ("\u202ee\u200bvi\ufeffl\u2066".encode(), "evil"),
    (b"caf\xe9\n", "caf\ufffd\n"),
    (b"half \x1b[3", "half [3"),
]


@pytest.mark.parametrize(("log", "shown"), HARMLESS, ids=[repr(log) for log, _ in HARMLESS])
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_only_text_and_colours_reach_a_terminal_however_the_log_is_cut(log: bytes, shown: str, size: int):
    terminal = TerminalFilter(has_colors=True)

    pieces = [terminal.feed(log[start : start + size]) for start in range(0, len(log), size)]

    assert shown == "".join(pieces) + terminal.end()


def test_a_sequence_that_never_ends_is_not_waited_for():
    terminal = TerminalFilter(has_colors=True)

    assert "x" * 5000 in terminal.feed(b"\x1b]0;" + b"x" * 5000)


AGENT_PLAN = "target: main\ntasks:\n  one: {agent: codex, prompt: Say hello., may_change_nothing: true}\n"
AGENT_SAYS = '{"type":"item.completed","item":{"type":"agent_message","text":"Hello."}}\n'


def test_what_an_agent_prints_is_readable_for_whoever_reads_it_and_raw_on_demand(project: Project):
    folder = project.root.parent / "programs"
    folder.mkdir()
    (folder / "codex").write_text(f"#!/bin/sh\necho '{AGENT_SAYS.strip()}'; echo done\n")
    (folder / "codex").chmod(0o755)
    project.plan(AGENT_PLAN)
    project.porch("run", "--headless", env={"PATH": f"{folder}:{os.environ['PATH']}"})

    assert "Hello.\ndone\n" == porch(project, "logs", "one").out
    assert b"Hello.\ndone\n" == on_a_terminal(project, "logs", "one")
    assert f"{AGENT_SAYS}done\n" == porch(project, "logs", "one", "--raw").out
