"""What porch asks of the terminal, the splash, the filter alone, and textual's private names.

The last fail, by name, when textual renames a part that terminal.py relies on.
"""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

from porch_tui.tui.terminal.environment import is_over_ssh, is_usable_terminal, stdin_is_gone, wants_no_color
from porch_tui.tui.terminal.terminal import SafeFilter, install_safe_filter, outlive_terminal, writer_backlog
from tests.tui.pty_harness import PtyProgram

SPLASH = """
import sys
from porch_tui.tui.terminal.splash import splash
with splash("porch \\x1b]0;owned\\x07starts"):
    sys.stdin.readline()
    assert not {"textual", "rich", "asyncio"} & set(sys.modules)
    if sys.argv[1] == "raise":
        raise SystemExit(3)
"""


@pytest.mark.parametrize(("ending", "code"), [("raise", 3), ("return", 0)])
def test_a_splash_is_shown_at_once_and_taken_away_when_the_start_fails(ending: str, code: int) -> None:
    with PtyProgram(SPLASH, ending) as program:
        program.read_until_shown("porch ]0;ownedstarts")
        program.send("\n")

        assert program.wait() == code
        assert (b"\x1b[?1049l" in program.output) == (ending == "raise")
        assert b"\x1b]" not in program.output


# --- what is asked of the terminal


QUESTIONS = """
import time
from porch_tui.tui.terminal.environment import is_usable_terminal, stdin_is_gone
print("usable" if is_usable_terminal() else "unusable", "gone" if stdin_is_gone() else "there", flush=True)
"""


@pytest.mark.parametrize(
    ("term", "answer"),
    [("xterm-256color", "usable there"), ("dumb", "unusable there"), ("", "unusable there")],
)
def test_a_terminal_is_usable_unless_it_is_dumb(term: str, answer: str) -> None:
    with PtyProgram(QUESTIONS, environ={"TERM": term}) as program:
        program.read_until_shown(answer)


def test_no_terminal_at_all_is_not_usable_and_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "__stdin__", nothing)

        assert not is_usable_terminal({"TERM": "xterm"})
        assert stdin_is_gone()
    assert stdin_is_gone()  # closed


def test_a_terminal_that_was_closed_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave) as stdin:
        monkeypatch.setattr(sys, "__stdin__", stdin)
        assert not stdin_is_gone()
        os.close(master)

        assert stdin_is_gone()


def test_no_color_counts_when_it_is_not_empty() -> None:
    answers = [wants_no_color(environ) for environ in ({}, {"NO_COLOR": ""}, {"NO_COLOR": "1"})]

    assert answers == [False, False, True]


def test_ssh_is_known_by_what_it_sets() -> None:
    answers = [
        is_over_ssh(environ) for environ in ({}, {"SSH_TTY": "/dev/pts/1"}, {"SSH_CONNECTION": "a 1 b 2"})
    ]

    assert answers == [False, True, True]


# --- the filter alone


def test_the_filter_leaves_clean_segments_alone() -> None:
    clean = [Segment("clean ✓ 中", Style(bold=True)), Segment("plain")]

    assert clean == SafeFilter().apply(clean, Color(0, 0, 0))


def test_the_filter_keeps_the_number_of_cells_and_drops_links() -> None:
    segments = [Segment("a\x1b[2J\u200b\udcffb", Style(bold=True, link="http://example.org"))]
    [safe] = SafeFilter().apply(segments, Color(0, 0, 0))

    assert safe.text == "a[2J\ufffdb"
    assert safe.cell_length == segments[0].cell_length
    assert safe.style is not None and safe.style.bold and safe.style.link is None


def test_the_filter_is_found_by_the_public_name_when_the_private_one_is_gone() -> None:
    app: App[None] = App()
    app.__dict__["_filters"] = ()
    install_safe_filter(app)

    assert isinstance(app.get_line_filters()[0], SafeFilter)


# --- textual's private names


def test_textual_still_has_the_names_terminal_py_relies_on() -> None:
    app: App[None] = App()
    outlive_terminal(app)

    assert isinstance(app._filters, list)
    assert isinstance(app.driver_class, type) and issubclass(app.driver_class, LinuxDriver)
    assert {"_driver"} <= vars(app).keys()
    assert {"_enable_mouse_support", "_disable_mouse_support", "start_application_mode"} <= set(
        dir(LinuxDriver)
    )
    assert hasattr(WriterThread(sys.stderr)._queue, "qsize")


def test_textuals_driver_still_has_the_parts_terminal_py_relies_on() -> None:
    async def parts() -> set[str]:
        return set(vars(LinuxDriver(App())))

    assert {"_file", "_mouse", "_writer_thread"} <= asyncio.run(parts())


def test_the_backlog_counts_what_waits_and_is_none_without_a_terminal() -> None:
    async def headless() -> int:
        app: App[None] = App()
        async with app.run_test():
            return writer_backlog(app)

    class Driver:
        _writer_thread = WriterThread(sys.stderr)

    waiting: App[None] = App()
    waiting.__dict__["_driver"] = Driver
    Driver._writer_thread.write("one")

    assert (asyncio.run(headless()), writer_backlog(waiting)) == (0, 1)
