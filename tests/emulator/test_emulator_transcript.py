"""A recording becomes text to read, while it grows, in bounded memory."""

from __future__ import annotations

import re
import tracemalloc

import pytest

from porch_tui.emulator.replay import read_sizes
from porch_tui.emulator.transcript import Transcript
from porch_tui.present.clean import UNSAFE_IN_MESSAGE
from tests.emulator.recorded import NAMES, recording


def text(*pieces: bytes, cols: int = 10, rows: int = 3, sizes: str = "") -> str:
    transcript = Transcript(cols, rows)
    transcript.add_sizes(read_sizes(sizes))
    return "".join(transcript.feed(piece) for piece in pieces) + transcript.picture()


def test_it_is_what_has_scrolled_away_and_what_is_on_the_screen():
    assert text(b"".join(b"%d\r\n" % n for n in range(8))) == "".join(f"{n}\n" for n in range(8))


def test_a_progress_bar_is_one_line():
    assert text(b"10 %\r50 %\r100 %\r\ndone") == "100 %\ndone\n"


def test_a_long_line_is_one_line_wherever_the_screen_ends():
    line = "0123456789" * 12 + "abc"

    assert text(line.encode()) == f"{line}\n"
    assert text(line.encode() + b"\r\nnext\r\n\r\n\r\n") == f"{line}\nnext\n"


def test_lines_come_as_soon_as_they_are_final():
    transcript = Transcript(10, 2)

    assert transcript.feed(b"one\r\ntwo") == ""
    assert transcript.feed(b"\r\nthree") == "one\n"
    assert transcript.picture() == "two\nthree\n"
    assert transcript.feed(b"\r\nfour") == "two\n"


def test_a_screen_that_is_cleared_is_not_lost():
    assert text(b"kept\x1b[2J\x1b[Hnew") == "kept\nnew\n"


def test_of_a_full_screen_program_the_last_picture_is_shown():
    picture = b"$ edit\r\n\x1b[?1049h\x1b[Hfirst\x1b[2J\x1b[Hlast"

    assert text(picture) == "$ edit\nlast\n"
    assert text(picture + b"\x1b[?1049l$ ") == "$ edit\n$\nlast\n"


def test_a_picture_has_the_rows_that_were_on_the_screen():
    assert text(b"\x1b[?1049h\x1b[H0123456789status") == "0123456789\nstatus\n"


def test_rows_are_those_of_the_size_at_that_time():
    assert text(b"0123456789abcde\r\n", sizes="0 20 3\n16 5 3\n") == "0123456789abcde\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_readable_and_safe(name):
    recorded = recording(name)
    transcript = Transcript(*recorded.size)

    shown = transcript.feed(recorded.data) + transcript.picture()

    assert not re.search(UNSAFE_IN_MESSAGE, shown)
    last = [row.strip()[-5:] for row in recorded.rows if row][-1:]
    if last:  # else the last picture of a program that is gone
        assert [line.strip()[-5:] for line in shown.splitlines()][-1:] == last


@pytest.mark.slow
@pytest.mark.parametrize(
    "flood", [b"x" * 400, b"line\r\n" * 60, b"a\x1b[2J" * 80], ids=["no breaks", "lines", "clears"]
)
def test_memory_is_bounded(flood):
    transcript = Transcript(80, 24)
    transcript.feed(flood)
    tracemalloc.start()
    for _ in range(50):
        transcript.feed(flood)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 3_000_000
