"""A terminal as lines to read: what came before, what has scrolled away, what is shown, what follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.session.task_terminal import TaskTerminal
from porch_tui.session.terminal_text import LEFT_OUT, TerminalText, coloured_lines
from tests.emulator.states import fed
from tests.session.terminal_files import TerminalFiles


@pytest.fixture
def files(tmp_path: Path) -> TerminalFiles:
    return TerminalFiles(tmp_path / "shell.1")


def text_of(files: TerminalFiles) -> TerminalText:
    terminal = TaskTerminal(files.directory)
    terminal.look()
    while terminal.is_behind:
        terminal.look()
    return TerminalText(terminal)


def test_setup_scrollback_screen_and_checks_are_in_order(files: TerminalFiles) -> None:
    files.print(b"setup")
    files.size(20, 3)
    files.print(b"".join(b"line %d\r\n" % n for n in range(5)) + b"last")
    files.end()
    files.print(b"check\n")
    text = text_of(files)

    assert text.path.read_text() == "setup\nline 0\nline 1\nline 2\nline 3\nline 4\nlast\ncheck\n"
    files.print(b"more\n")
    text.advance()
    assert text.path.read_text().endswith("last\ncheck\nmore\n")
    text.close()
    assert not text.path.exists()


def test_it_is_named_as_the_log_is(files: TerminalFiles) -> None:
    files.size(20, 3)
    text = text_of(files)

    assert text.path.parts[-2:] == ("shell.1", "output.log")
    text.close()


def test_a_terminal_that_lives_is_a_picture_of_the_moment(files: TerminalFiles) -> None:
    files.size(20, 3)
    files.print(b"now")
    text = text_of(files)
    files.print(b"\r\nlater")
    text.advance()

    assert text.path.read_text() == "now\n"
    text.close()


def test_rows_that_wrap_are_one_line_across_the_edge_of_the_screen() -> None:
    assert coloured_lines(fed(b"0123456789" * 6 + b"end\r\nnext")) == ["0123456789" * 6 + "end", "next"]


def test_colours_stay_and_other_sequences_do_not() -> None:
    lines = coloured_lines(fed(b"\x1b]0;title\x07\x1b[31mred\x1b[0m x\r\n" * 5))

    assert lines == ["\x1b[0;31mred\x1b[0m x\x1b[0m"] * 5


def test_the_picture_of_a_full_screen_follows_what_was_there_before() -> None:
    screen = fed(b"shell\r\n\x1b[?1049h\x1b[H\x1b[2Jfull\x1b[3;1Hscreen")

    assert coloured_lines(screen) == ["shell", "full", "", "screen"]


def test_wide_characters_keep_their_cells() -> None:
    assert coloured_lines(fed("漢字\r\n".encode() * 5)) == ["漢字"] * 5


def test_what_is_left_out_is_said(files: TerminalFiles) -> None:
    files.size(80, 24)
    files.print(b"0123456789\r\n" * 200_000)
    text = text_of(files)

    assert text.path.read_text().startswith(LEFT_OUT)
    text.close()
