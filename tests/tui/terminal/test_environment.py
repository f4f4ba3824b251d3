"""Which options suit a terminal."""

from __future__ import annotations

import subprocess
import sys

import pytest

from porch_tui.tui.terminal.options import ANSI, DARK, FAR_FPS, LIGHT, LOCAL_FPS, options_for


def test_a_terminal_on_this_machine_is_drawn_often_and_in_porchs_colors() -> None:
    options = options_for({"TERM": "xterm-256color"})

    assert (LOCAL_FPS, False, DARK, False) == (
        options.fps,
        options.is_low_bandwidth,
        options.theme,
        options.is_colorless,
    )


@pytest.mark.parametrize("environ", [{"SSH_TTY": "/dev/pts/1"}, {"SSH_CONNECTION": "a 1 b 2"}])
def test_over_ssh_it_is_drawn_seldom_and_in_the_terminals_colors(environ: dict[str, str]) -> None:
    options = options_for(environ)

    assert (FAR_FPS, True, ANSI) == (options.fps, options.is_low_bandwidth, options.theme)


def test_what_the_person_says_is_kept() -> None:
    options = options_for({"SSH_TTY": "x"}, fps=25, is_low_bandwidth=False, theme="nord")

    assert (25, False, "nord") == (options.fps, options.is_low_bandwidth, options.theme)


@pytest.mark.parametrize(
    ("environ", "theme"),
    [
        ({"COLORFGBG": "0;15"}, LIGHT),
        ({"COLORFGBG": "0;default;7"}, LIGHT),
        ({"COLORFGBG": "15;0"}, DARK),
        ({"TERM": "linux"}, ANSI),
        ({"TERM": "screen"}, ANSI),
        ({"TERM": "screen-256color"}, DARK),
        ({"TERM": "foot", "COLORTERM": "truecolor"}, DARK),
        ({"TERM": "xterm-kitty"}, DARK),
        ({"NO_COLOR": "1"}, ANSI),
        ({"NO_COLOR": ""}, DARK),
    ],
)
def test_the_theme_suits_the_background(environ: dict[str, str], theme: str) -> None:
    assert theme == options_for(environ).theme


def test_deciding_on_a_screen_imports_no_textual() -> None:
    rooms = "porch_tui.tui.app.run, porch_tui.tui.terminal.environment"
    source = f"import sys, {rooms}; print('textual' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)

    assert "False" == answer.stdout.strip()
