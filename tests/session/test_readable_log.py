"""A log that is made readable grows behind the log, whatever becomes of that."""

from __future__ import annotations

import os
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import pytest

from porch_tui.agents.preset import preset
from porch_tui.agents.transcript import Transcript
from porch_tui.session import own_file
from porch_tui.session.own_file import FOLDER
from porch_tui.session.readable_log import ReadableLog

SAYS = '{"type":"item.completed","item":{"type":"agent_message","text":"%s"}}\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "one.1").mkdir()
    return tmp_path / "one.1" / "output.log"


TRANSCRIPTS = partial(Transcript, preset("codex").output)


def readable(log: Path, begin: int = 0) -> ReadableLog:
    return ReadableLog(log, TRANSCRIPTS, begin)


def append(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def test_it_grows_with_the_log(log: Path):
    shown = readable(log)
    shown.advance()
    append(log, SAYS % "One.")
    shown.advance()
    append(log, SAYS % "Two." + "plain\n")
    shown.advance()

    assert shown.path.read_text() == "One.\nTwo.\nplain\n"


def test_it_begins_again_when_the_log_was_emptied(log: Path):
    shown = readable(log)
    append(log, SAYS % "A long sentence.")
    shown.advance()
    log.write_text(SAYS % "New.")
    shown.advance()

    assert shown.path.read_text() == "New.\n"


def test_it_says_how_long_it_was_when_the_log_had_so_many_bytes(log: Path):
    shown, ends = readable(log), list[int]()
    for word in ("One.", "Two."):
        append(log, SAYS % word)
        ends.append(log.stat().st_size)
        shown.advance()

    assert [shown.shown_bytes(end) for end in (0, *ends)] == [0, 5, 10]


def test_closed_it_leaves_no_file(log: Path):
    shown = readable(log)
    append(log, SAYS % "One.")
    shown.advance()
    shown.close()
    shown.advance()

    assert not shown.path.exists()
    assert not shown.path.parent.parent.exists()


def test_its_folder_is_named_as_the_logs(log: Path):
    assert readable(log).path.parent.name == "one.1"


def test_the_end_of_a_log_begins_with_a_whole_line_and_says_nothing_of_the_usage_of_all(log: Path):
    ended = '{"type":"turn.completed","usage":{"input_tokens":5,"output_tokens":5}}\n'
    append(log, SAYS % "One." + SAYS % "Two." + ended)
    shown = readable(log, begin=10)
    shown.advance()

    assert shown.path.read_text() == "Two.\n"


def test_what_killed_processes_left_is_deleted(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    dead = subprocess.Popen(["true"])
    dead.wait()
    for pid in (dead.pid, os.getpid()):
        (tmp_path / f"{FOLDER}{pid}-x").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    own_file._clear_away.cache_clear()

    readable(log).close()

    assert [one.name for one in tmp_path.glob(f"{FOLDER}*")] == [f"{FOLDER}{os.getpid()}-x"]
