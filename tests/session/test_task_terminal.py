"""What a task's terminal shows is read from files that grow, by any number of viewers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porch_tui.emulator import modes
from porch_tui.emulator.history import History
from porch_tui.emulator.screen import Screen
from porch_tui.session.task_terminal import HELD_S, REPLAY_BYTES, Phase, TaskTerminal
from tests.emulator.recorded import NAMES, recording
from tests.emulator.states import state
from tests.session.terminal_files import TerminalFiles


@pytest.fixture
def files(tmp_path: Path) -> TerminalFiles:
    return TerminalFiles(tmp_path / "attempt")


def followed(terminal: TaskTerminal) -> TaskTerminal:
    """Look until there is nothing more."""
    terminal.look()
    while terminal.is_behind:
        terminal.look()
    return terminal


def shown(terminal: TaskTerminal) -> object:
    assert terminal.screen is not None
    return state(terminal.screen)


def expected(output: bytes, cols: int = 80, rows: int = 24) -> object:
    screen = Screen(cols, rows)
    screen.feed(output)
    return state(screen)


def test_there_is_no_terminal_before_it_begins(files: TerminalFiles) -> None:
    terminal = TaskTerminal(files.directory)
    files.print(b"setup: \x1b[31mnot on the screen\n")

    assert not terminal.look()
    assert (terminal.phase, terminal.screen) == (Phase.NONE, None)


def test_plain_text_before_and_behind_is_not_on_the_screen(files: TerminalFiles) -> None:
    terminal = TaskTerminal(files.directory)
    files.print(b"setup\n")
    files.size(80, 24)
    files.print(b"inside")
    terminal.look()
    files.end()
    files.print(b"check\n")

    assert terminal.look()
    assert shown(terminal) == expected(b"inside")
    assert (terminal.phase, terminal.begin, terminal.end) == (Phase.OVER, 6, 12)
    assert not terminal.look()


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_that_grows_is_shown_like_the_whole(files: TerminalFiles, name: str) -> None:
    recorded = recording(name)
    terminal = TaskTerminal(files.directory)
    files.print(b"setup\n")
    files.size(*recorded.size)
    step = max(1, len(recorded.data) // 23)
    for at in range(0, len(recorded.data), step):
        files.print(recorded.data[at : at + step])
        terminal.look()

    assert shown(followed(terminal)) == expected(recorded.data, *recorded.size)
    assert shown(followed(TaskTerminal(files.directory))) == shown(terminal)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_split_of_what_comes_and_of_looks_gives_the_same_screen(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    recorded = recording(data.draw(st.sampled_from(["fzf", "python", "npm"])))
    files = TerminalFiles(tmp_path_factory.mktemp("split") / "attempt")
    files.size(*recorded.size)
    terminal = TaskTerminal(files.directory)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(recorded.data)), max_size=8)))
    for begin, end in zip([0, *cuts], [*cuts, len(recorded.data)], strict=True):
        files.print(recorded.data[begin:end])
        if data.draw(st.booleans()):
            terminal.look(budget_bytes=data.draw(st.integers(100_000, 200_000)))

    assert shown(followed(terminal)) == expected(recorded.data, *recorded.size)


def test_sizes_take_effect_where_they_came(files: TerminalFiles) -> None:
    files.size(20, 5)
    files.print(b"x" * 30 + b"\r\n")
    files.size(40, 6)
    files.print(b"\x1b[6;1Hlast")
    screen = Screen(20, 5)
    screen.feed(b"x" * 30 + b"\r\n")
    screen.resize(40, 6)
    screen.feed(b"\x1b[6;1Hlast")

    assert shown(followed(TaskTerminal(files.directory))) == state(screen)


def test_a_size_is_read_once_its_line_is_whole(files: TerminalFiles) -> None:
    terminal = TaskTerminal(files.directory)
    files.size(20, 5)
    files.half_a_size("0 4")
    terminal.look()
    assert terminal.screen is not None
    assert terminal.screen.cols == 20
    files.half_a_size("0 6\nnonsense\n0 99999 3\n")

    assert terminal.look()
    assert (terminal.screen.cols, terminal.screen.rows) == (40, 6)


def test_a_still_terminal_has_nothing_to_draw(files: TerminalFiles) -> None:
    files.size(80, 24)
    files.print(b"still")
    terminal = followed(TaskTerminal(files.directory))

    assert not terminal.look()
    files.print(b"!")
    assert terminal.look()
    assert not terminal.look()


@pytest.mark.slow
def test_a_late_viewer_replays_the_end_only(files: TerminalFiles) -> None:
    files.size(80, 24)
    line = b"\x1b[32ma line of output that is neither short nor long\x1b[0m\r\n"
    files.print(line * (2 * REPLAY_BYTES // len(line)))
    files.print(b"the end")
    terminal = followed(TaskTerminal(files.directory))

    assert terminal.is_late
    assert terminal.screen is not None
    assert terminal.screen.lines[-1].text == "the end"
    kept = {line[0] for line in terminal.screen.history.lines}
    assert kept <= {"", "a line of output that is neither short nor long"}


def test_a_late_viewer_knows_the_modes_that_were_set_long_before(files: TerminalFiles) -> None:
    files.size(80, 24)
    files.print(b"\x1b[?1049h\x1b[?1h\x1b[?2004h\x1b[?1002h\x1b[>5u")
    for _ in range(3):
        files.print(b"\x1b[Ha line like any other" * (REPLAY_BYTES // 20))
    files.print(b"\x1b[?1002l\x1b[Hthe end")
    screen = followed(TaskTerminal(files.directory)).screen

    assert screen is not None
    assert screen.is_alternate
    assert {modes.ARROWS, modes.PASTE} <= screen.modes
    assert modes.MOUSE_BUTTONS not in screen.modes
    assert screen.keyboard == [0, 5]


def test_what_is_left_out_of_a_flood_is_read_when_it_is_over(files: TerminalFiles) -> None:
    files.size(80, 24)
    terminal = followed(TaskTerminal(files.directory))
    printed = b""
    for number in range(40):
        flood = b"".join(b"line %d of the flood\r\n" % (number * 500 + n) for n in range(500))
        files.print(flood)
        printed += flood
        terminal.look(budget_bytes=1000)
        assert terminal.screen is not None
        assert terminal.screen.lines[-2].text == f"line {number * 500 + 499} of the flood"

    assert shown(followed(terminal)) == expected(printed)


def test_a_scrollback_of_ones_own_is_used(files: TerminalFiles) -> None:
    files.size(80, 24)
    files.print(b"a line\r\n" * 100)
    terminal = followed(TaskTerminal(files.directory, lambda: History(most_lines=10)))

    assert terminal.screen is not None
    assert len(terminal.screen.history.lines) == 10


def test_a_gap_in_a_long_log_is_passed_over(files: TerminalFiles) -> None:
    files.size(80, 24)
    terminal = followed(TaskTerminal(files.directory))
    files.print(b"before\r\n")
    terminal.look()
    with (files.directory / "output.log").open("r+b") as log:
        log.seek(200_000_000)  # a hole, and zeros up to the end of a block
        log.write(b"... 190 MiB dropped ...\r\nbehind")

    followed(terminal)
    assert terminal.screen is not None
    assert terminal.screen.lines[terminal.screen.y].text == "behind"
    assert [line.text for line in terminal.screen.lines if "\0" in line.text] == []


def test_a_program_that_is_drawing_is_waited_for_but_not_for_ever(files: TerminalFiles) -> None:
    clock = [100.0]
    files.size(80, 24)
    terminal = TaskTerminal(files.directory, clock=lambda: clock[0])
    terminal.look()
    files.print(b"\x1b[?2026hhalf")

    assert not terminal.look()
    clock[0] += HELD_S / 2
    assert not terminal.look()
    files.print(b" and half\x1b[?2026l")
    assert terminal.look()
    files.print(b"\x1b[?2026hforgot to end it")
    assert not terminal.look()
    clock[0] += HELD_S
    assert terminal.look()


def test_a_directory_that_goes_away_leaves_the_last_screen(files: TerminalFiles) -> None:
    files.size(80, 24)
    files.print(b"last words")
    terminal = followed(TaskTerminal(files.directory))
    for path in files.directory.iterdir():
        path.unlink()

    assert not terminal.look()
    assert shown(terminal) == expected(b"last words")
