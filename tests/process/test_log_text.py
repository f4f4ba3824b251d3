"""A log with a terminal in it is read as text: plain before and behind, a transcript in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.process.log_text import follow_end, has_terminal_text, last_lines, readable
from porch_tui.process.output import follow_pieces

BEFORE, BEHIND = b"-- porch: setup: x\n\x1b[31mred\x1b[0m\n", b"-- porch: check: y\nchecked\n"
DRAWN = b"".join(b"line %d\r\n" % number for number in range(1, 8)) + b"\x1b[2Aover\x1b[K"
SHOWN = b"line 1\nline 2\nline 3\nline 4\nline 5\nover\nline 7\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "output.log"
    path.write_bytes(BEFORE + DRAWN + BEHIND)
    end = len(BEFORE + DRAWN)
    (tmp_path / "tty.sizes").write_text(f"{len(BEFORE)} 80 5\n{end - 10} 70 5\n{end} 0 0\n")
    return path


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_was_drawn_is_a_transcript_however_the_log_is_cut(log, size):
    content = log.read_bytes()
    pieces = [(content[at : at + size], min(at + size, len(content))) for at in range(0, len(content), size)]

    assert b"".join(readable(log, pieces)) == BEFORE + SHOWN + BEHIND


def test_of_a_terminal_that_is_not_over_the_screen_is_shown(log):
    sizes = log.with_name("tty.sizes")
    sizes.write_text(f"{len(BEFORE)} 80 5\n")

    assert b"".join(readable(log, [(BEFORE + DRAWN, len(BEFORE + DRAWN))])) == BEFORE + SHOWN


def test_a_log_without_a_terminal_is_as_it_is(log):
    log.with_name("tty.sizes").unlink()

    assert not has_terminal_text(log)
    assert b"".join(readable(log, [(b"a\x1b[2Ab\n", 7), (b"c", 8)])) == b"a\x1b[2Ab\nc"


def test_the_last_lines_of_a_log_are_those_that_are_shown(log):
    assert last_lines(log, 4, 1000) == b"over\nline 7\n" + BEHIND
    assert last_lines(log, 4, 5) == b"cked\n"


def test_what_follows_a_gap_is_in_its_place_all_the_same(log):
    gap = 1 << 20
    with log.open("wb") as file:
        file.write(BEFORE + b"first\r\n")
        file.seek(gap)
        file.write(b"long line\r\n" + DRAWN + BEHIND)
    cut = gap + len(b"long")
    end = gap + len(b"long line\r\n" + DRAWN)
    log.with_name("tty.sizes").write_text(f"{len(BEFORE)} 80 5\n{cut - 99} 3 5\n{cut} 70 5\n{end} 0 0\n")

    text = b"".join(readable(log, follow_pieces(log, lambda: True)))

    assert text.startswith(BEFORE + b"first\n")
    assert text.endswith(b"long line\n" + SHOWN + BEHIND)
    assert b"".join(follow_end(log, 3, lambda: True)) == b"line 7\n" + BEHIND
