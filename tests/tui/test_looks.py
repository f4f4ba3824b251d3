"""Statuses as glyph, word and style, and numbers as short text."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from porch_tui.tui.drawing.looks import Charset, Role, Sign, duration, look, percent, size

STATUSES = """
    pending starting running paused stopping succeeded failed cancelled
    landed nothing-to-land check-failed timed-out stopped lost conflict rejected won lost-race blocked waiting
    queued merging validating landing conflicted resolving
"""


@pytest.mark.parametrize("status", STATUSES.split())
def test_every_status_has_a_glyph_of_one_cell_and_a_word(status: str) -> None:
    for charset in Charset:
        shown = look(status, charset)

        assert cell_len(shown.glyph) == 1
        assert shown.glyph != "?"
        assert shown.word == status.replace("-", " ")
    assert look(status, Charset.ASCII).glyph.isascii()


def test_no_two_signs_share_a_glyph() -> None:
    for charset in Charset:
        assert len(Sign) == len({sign.glyph(charset) for sign in Sign})


@pytest.mark.parametrize(
    ("status", "glyph", "role"),
    [
        ("waiting", "·", Role.WAIT),
        ("running", "▸", Role.RUN),
        ("paused", "=", Role.HELD),
        ("landed", "✓", Role.GOOD),
        ("failed", "✗", Role.FAIL),
        ("conflict", "!", Role.ASK),
    ],
)
def test_a_status_looks_as_in_the_design(status: str, glyph: str, role: Role) -> None:
    shown = look(status)

    assert (glyph, role) == (shown.glyph, shown.sign.role)


def test_a_status_of_a_newer_porch_is_shown_by_its_word_and_safely() -> None:
    shown = look("re-queued\x1b")

    assert ("?", "re queued␛") == (shown.glyph, shown.word)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (41.9, "0:41"),
        (727, "12:07"),
        (3761, "1:02:41"),
        (86_399, "23:59:59"),
        (183_840, "2d 03:04"),
        (-1, "0:00"),
    ],
)
def test_a_duration_reads(seconds: float, text: str) -> None:
    assert text == duration(seconds)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.0k"),
        (9_960, "10k"),
        (53_000_000, "53M"),
        (999_499, "999k"),
        (999_600, "1.0M"),
        (1_200_000_000, "1.2G"),
        (10**18, "1000P"),
        (-5, "0"),
    ],
)
def test_a_size_reads(count: int, text: str) -> None:
    assert text == size(count)


@pytest.mark.parametrize(("cpu", "text"), [(0, "0%"), (36.6, "37%"), (142.0, "142%"), (-0.1, "0%")])
def test_a_share_reads(cpu: float, text: str) -> None:
    assert text == percent(cpu)
