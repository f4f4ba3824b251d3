"""Characters take as many cells as programs expect them to."""

from __future__ import annotations

import ctypes
import re
import sys
import unicodedata
from locale import LC_CTYPE, setlocale

import pytest

from porch_tui.emulator import widths
from porch_tui.emulator.widths import DROPPED, WIDTHS
from tests.emulator.states import fed, shown

KNOWN = [
    code
    for code in range(0xA0, 0x30000)
    if not 0xD800 <= code < 0xE000 and unicodedata.category(chr(code)) != "Cn"
]


def test_the_fast_ways_agree_with_looking_up_each_character():
    narrow, wide = (re.compile(f"[{chars}]").match for chars in (widths.NARROW, widths.WIDE))

    assert not [hex(code) for code in KNOWN if narrow(chr(code)) and WIDTHS[chr(code)] != 1]
    assert not [hex(code) for code in KNOWN if wide(chr(code)) and WIDTHS[chr(code)] != 2]


@pytest.mark.skipif(sys.platform != "linux", reason="another C library, other widths")
def test_a_character_is_as_wide_as_the_c_library_says():
    wcwidth = ctypes.CDLL(None).wcwidth
    before = setlocale(LC_CTYPE)
    setlocale(LC_CTYPE, "C.UTF-8")
    try:
        if wcwidth(0x6F22) != 2 or wcwidth(0x1F680) != 2:
            pytest.skip("this C library does not know these characters")
        odd = [
            hex(code)
            for code in KNOWN
            if WIDTHS[chr(code)] != DROPPED and wcwidth(code) not in {-1, WIDTHS[chr(code)]}
        ]
    finally:
        setlocale(LC_CTYPE, before)

    assert len(odd) < 40, odd  # versions of Unicode differ in a few


def test_a_wide_character_that_does_not_fit_goes_to_the_next_row():
    assert shown("123456789漢".encode()) == ["123456789", "漢", "", ""]


def test_half_of_a_wide_character_that_is_written_over_becomes_a_blank():
    assert shown("漢字\x1b[1;2Hx".encode())[0] == " x字"
    assert shown("漢字\x1b[1;3Hx".encode())[0] == "漢x"


def test_marks_are_combined_with_the_character_before_them():
    screen = fed("ne\u0301e 👩\u200d👩\u200d👧!".encode())

    assert screen.lines[0].chars[:7] == ["n", "e\u0301", "e", " ", "👩\u200d👩\u200d👧", "", "!"]


def test_a_cell_takes_only_so_many_marks():
    assert len(shown(("e" + "\u0301" * 100).encode())[0].encode()) <= 21
