"""Files are replaced whole, by however many writers at once, and nothing stays of one that was killed."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from porch_tui.journal.durable import SURELY_LOCKED_S, replace, sweep

OPENS_AND_WAITS = """
import fcntl, sys
file = open(sys.argv[1], "xb")
fcntl.flock(file, fcntl.LOCK_EX)
print("writing", flush=True)
sys.stdin.read()
"""


def test_many_threads_may_replace_one_file_at_once(tmp_path: Path):
    path, broken = tmp_path / "message", list[Exception]()
    contents = {bytes([65 + number]) * 5000 for number in range(8)}

    def write(content: bytes) -> None:
        try:
            for _ in range(30):
                replace(path, content, is_durable=False)
        except OSError as error:
            broken.append(error)

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not broken
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


def test_the_content_may_come_in_pieces_and_the_name_may_be_long(tmp_path: Path):
    path = tmp_path / ("n" * 250)

    replace(path, (b"a", b"b"))

    assert path.read_bytes() == b"ab"


def test_nothing_is_left_of_a_replacement_that_fails(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside").touch()

    with pytest.raises(OSError, match="folder"):
        replace(tmp_path / "folder", b"content")

    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_what_a_killed_writer_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path: Path, start):
    mine, old = tmp_path / ".mine.0123.tmp", time.time() - 2 * SURELY_LOCKED_S
    writer = start(OPENS_AND_WAITS, mine)
    assert writer.stdout.readline() == "writing\n"
    os.utime(mine, (old, old))
    os.mkfifo(tmp_path / ".pipe.tmp")
    (tmp_path / ".new.tmp").touch()

    sweep(tmp_path)
    assert mine.exists()
    writer.kill()
    writer.wait()
    sweep(tmp_path)

    assert not mine.exists()
    assert (tmp_path / ".new.tmp").exists()
