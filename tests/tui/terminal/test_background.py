"""Whether the terminal is light is asked of it, in a real terminal, and nothing depends on an answer."""

from __future__ import annotations

import pytest

from porch_tui.tui.terminal.background import brightness
from porch_tui.tui.terminal.options import (
    ANSI,
    CONTRAST,
    DARK,
    LIGHT,
    options_for,
    theme_named,
    wants_background,
)
from tests.tui.pty_harness import PtyProgram

ASK = """
import sys, termios, time
from porch_tui.tui.terminal import background
background.PATIENCE_S = float(sys.argv[1])
before = termios.tcgetattr(0)
with background.background_asked(is_wanted=True) as is_light:
    print('light', is_light(), flush=True)
print('restored', termios.tcgetattr(0) == before, flush=True)
"""


@pytest.mark.parametrize(
    ("answer", "answered"),
    [
        (b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", b"light True"),
        (b"\x1b]11;rgb:1a1a/1b1b/2626\x07", b"light False"),
        (b"j\x1b]11;rgba:fa/f8/f5/ff\x1b\\", b"light True"),
    ],
)
def test_the_terminals_answer_counts(answer: bytes, answered: bytes) -> None:
    with PtyProgram(ASK, "60") as program:
        program.read_until_bytes(b"\x1b]11;?\x1b\\")
        program.send(answer)
        program.read_until_bytes(answered)
        program.read_until_bytes(b"restored True")


def test_a_terminal_that_is_hung_up_answers_nothing() -> None:
    """SIGHUP may be ignored, as under nohup."""
    ignored = "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    ask = ASK.replace("print('light', is_light(), flush=True)", "os._exit(7 if is_light() is None else 1)")
    with PtyProgram(ignored + ask, "60") as program:
        program.read_until_bytes(b"\x1b]11;?\x1b\\")
        program.hang_up()

        assert program.wait() == 7


def test_a_terminal_that_does_not_answer_is_not_waited_for() -> None:
    with PtyProgram(ASK, "0.1") as program:
        program.read_until_bytes(b"light None")
        program.read_until_bytes(b"restored True")


def test_the_brightness_of_a_color_is_between_none_and_all() -> None:
    assert (0.0, 1.0) == (brightness(b"0", b"00", b"0000"), brightness(b"f", b"ff", b"ffff"))


@pytest.mark.parametrize(
    ("is_light", "environ", "theme"),
    [
        (True, {}, LIGHT),
        (False, {"COLORFGBG": "0;15"}, DARK),
        (None, {"COLORFGBG": "0;15"}, LIGHT),
        (True, {"SSH_TTY": "x"}, ANSI),
    ],
)
def test_the_answer_chooses_the_theme(is_light: bool | None, environ: dict[str, str], theme: str) -> None:
    assert theme == options_for(environ, is_light=is_light).theme


@pytest.mark.parametrize(
    ("theme", "environ", "expected"),
    [
        ("", {}, True),
        (DARK, {}, False),
        ("", {"SSH_CONNECTION": "x"}, False),
        ("", {"NO_COLOR": "1"}, False),
    ],
)
def test_it_is_asked_only_where_it_matters(theme: str, environ: dict[str, str], expected: bool) -> None:
    assert expected is wants_background(theme, environ)


def test_porchs_own_themes_have_short_names() -> None:
    assert (CONTRAST, "nord") == (theme_named("contrast"), theme_named("nord"))
