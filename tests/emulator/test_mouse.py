"""The mouse is reported as a program has asked for it, or not at all."""

from __future__ import annotations

import pytest

from porch_tui.emulator import modes
from porch_tui.emulator.mouse import REPORT, mouse_report

SGR = {modes.MOUSE, modes.MOUSE_SGR}
LEFT, NONE, WHEEL_UP, MOVES, CTRL = 0, 3, 64, 32, 16


@pytest.mark.parametrize(
    ("code", "on", "is_up", "sent"),
    [
        (LEFT, SGR, False, b"\x1b[<0;5;3M"),
        (LEFT, SGR, True, b"\x1b[<0;5;3m"),
        (WHEEL_UP, SGR, False, b"\x1b[<64;5;3M"),
        (LEFT, {modes.MOUSE}, False, b"\x1b[M %#"),
        (LEFT, {modes.MOUSE}, True, b"\x1b[M#%#"),
        (LEFT + CTRL, {modes.MOUSE}, False, b"\x1b[M0%#"),
        (LEFT, {modes.MOUSE, modes.MOUSE_UTF8}, False, b"\x1b[M %#"),
        (LEFT, set(), False, b""),
        (LEFT, {modes.MOUSE_SGR}, False, b""),
        (LEFT + MOVES, SGR, False, b""),
        (LEFT + MOVES, {modes.MOUSE_BUTTONS, modes.MOUSE_SGR}, False, b"\x1b[<32;5;3M"),
        (NONE + MOVES, {modes.MOUSE_BUTTONS, modes.MOUSE_SGR}, False, b""),
        (NONE + MOVES, {modes.MOUSE_ALL, modes.MOUSE_SGR}, False, b"\x1b[<35;5;3M"),
    ],
)
def test_an_event_is_written_as_it_was_asked_for(code, on, is_up, sent):
    assert mouse_report(code, 4, 2, on, is_up=is_up) == sent


def test_a_place_that_does_not_fit_into_a_report_is_not_reported():
    assert mouse_report(LEFT, 222, 0, {modes.MOUSE}) == b"\x1b[M \xff!"
    assert mouse_report(LEFT, 223, 0, {modes.MOUSE}) == b""
    assert mouse_report(LEFT, 223, 0, {modes.MOUSE, modes.MOUSE_UTF8}) == b"\x1b[M \xc4\x80!"
    assert mouse_report(LEFT, 2015, 0, {modes.MOUSE, modes.MOUSE_UTF8}) == b""


def test_what_a_terminal_reports_is_read():
    found = REPORT.fullmatch(mouse_report(LEFT, 4, 2, SGR))

    assert found
    assert (found["code"], found["x"], found["y"], found["kind"]) == (b"0", b"5", b"3", b"M")
