"""However a visit ends, the person's terminal is theirs again, and the task goes on."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from porch_tui.emulator.screen import Screen
from porch_tui.process.supervisor.kernel import IS_LINUX
from porch_tui.process.typing import TypingInto
from porch_tui.session.task_terminal import TaskTerminal
from tests.emulator.real_tmux import Tmux, is_there
from tests.tui.hostile import HOSTILE, MARK
from tests.tui.pty_harness import PtyProgram
from tests.tui.recordings import Recording
from tests.tui.stepping.conftest import Begin
from tests.tui.stepping.programs import WRITES_DOWN, has, screen, stepped_in
from tests.tui.terminal.test_terminal import assert_left

pytestmark = pytest.mark.slow  # each starts a screen in a terminal of its own

WANTS_ALL = "\\x1b[?1h\\x1b=\\x1b[?1003h\\x1b[?1006h\\x1b[>5u"
"""Arrows and keypad of applications, every move of the mouse, keys as kitty reports them."""
COUNTS = """
import sys, time
print("ready to read", flush=True)
sys.stdin.readline()
for number in range(300):
    print(f"\\x1b[3{number % 8}mline {number}\\x1b[0m", flush=True)
sys.stdin.readline()
print("\\x1b[2;3Hsecond", flush=True)
open(sys.argv[1], "w").close()
sys.stdin.readline()
"""


def left_as_before(program: PtyProgram) -> None:
    """Say that everything was taken back that a task may have asked of the person's terminal."""
    written = bytes(program.output)
    assert program.is_as_before
    assert_left(written)
    for on, off in ((b"\x1b[?1h", b"\x1b[?1l"), (b"\x1b=", b"\x1b>"), (b"\x1b[?1003h", b"\x1b[?1003l")):
        assert -1 < written.rfind(on) < written.rfind(off), (on, off)
    pushed, popped = written.count(b"\x1b[>25u") + written.count(b"\x1b[>0u"), written.count(b"\x1b[<u")
    assert pushed == popped
    assert written.rfind(b"\x1b[?25l") < written.rfind(b"\x1b[?25h")


@pytest.fixture
def inside(begin: Begin, tmp_path: Path) -> PtyProgram:
    run = Recording(tmp_path / "run", ["all"])
    begin(run, "all", sys.executable, "-c", WRITES_DOWN, str(tmp_path / "taken"), WANTS_ALL)
    return screen(run)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_inside_gives_the_terminal_back(inside: PtyProgram, number: signal.Signals) -> None:
    with inside as program:
        stepped_in(program)
        program.read_until_bytes(b"\x1b[=5u")
        program.signal(number)
        program.wait()
        left_as_before(program)


def test_leaving_and_quitting_gives_the_terminal_back(inside: PtyProgram) -> None:
    with inside as program:
        stepped_in(program)
        program.read_until_bytes(b"\x1b[=5u")
        program.send(b"\x1b[93;5u")
        program.read_until_shown("enter step in")
        program.send("qd")
        program.read_until_shown("Leave the screen?")
        assert program.wait() == 0
        left_as_before(program)


@pytest.mark.skipif(not IS_LINUX, reason="needs /proc to see that a process is stopped")
def test_a_stop_inside_gives_the_terminal_back_and_takes_it_again(inside: PtyProgram) -> None:
    with inside as program:
        stepped_in(program)
        program.read_until_bytes(b"\x1b[=5u")
        before = len(program.output)
        program.signal(signal.SIGTSTP)
        program.read_until(lambda: b"\x1b[?1049l" in program.output[before:], "the screen leaves")
        assert b"\x1b[?1l" in program.output[before:]
        program.read_until_stopped()
        program.signal(signal.SIGCONT)
        program.read_until(lambda: b"\x1b[?1h" in program.output[before:], "arrows of applications again")
        program.read_until_shown("ctrl+] leaves")


@pytest.mark.skipif(not is_there, reason="needs tmux")
def test_a_task_goes_on_when_the_screen_is_killed_and_the_next_viewer_sees_what_tmux_would(
    begin: Begin, tmp_path: Path
) -> None:
    done, run = tmp_path / "done", Recording(tmp_path / "run", ["counts"])
    directory = begin(run, "counts", sys.executable, "-c", COUNTS, str(done))
    with screen(run) as program:
        stepped_in(program)
        program.send("\r")
        program.read_until_shown("line 299")
        program.signal(signal.SIGKILL)
        program.wait()
    with TypingInto(directory) as typing:
        typing.type(b"\r")
    with screen(run) as program:
        program.read_until(done.exists, "the task goes on")
        program.read_until_shown("second")
        stepped_in_again(program)
        program.read_until_shown(
            "│line 299"
        )  # the title, and with it how to leave, is written before the rows
        shown = program.screen()

    terminal = TaskTerminal(directory)
    terminal.look(10_000_000)
    assert terminal.screen is not None
    output = (directory / "output.log").read_bytes()
    steps, at = [], 0
    sizes = [tuple(map(int, line.split())) for line in (directory / "tty.sizes").read_text().splitlines()]
    for offset, cols, rows in sizes:
        steps += [output[at:offset], (cols, rows)]
        at = offset
    tmux = Tmux(tmp_path)
    try:
        rows, styles, cursor, history, _ = tmux.show([*steps[2:], output[at:]], *sizes[0][1:])
    finally:
        tmux.close()
    assert_same(terminal.screen, rows, styles, cursor, history)
    assert [row for row in rows if row][-1] in "\n".join(shown)


def stepped_in_again(program: PtyProgram) -> None:
    program.send("\r")
    program.read_until_shown("ctrl+] leaves")


def assert_same(
    screen: Screen, rows: list[str], styles: list[list[int]], cursor: tuple[int, int], history: int
) -> None:
    """Say that tmux shows the same; its rows begin with the scrollback."""
    shown = [*(line[0] for line in screen.history.lines), *(line.text for line in screen.lines)]
    assert [row.rstrip() for row in shown] == [row.rstrip() for row in rows] + [""] * (len(shown) - len(rows))
    for line, style in zip(screen.lines, styles[history:], strict=False):
        assert line.styles[: len(style)] == style
    assert screen.cursor == cursor
    assert len(screen.history.lines) == history


def test_nothing_that_a_task_prints_reaches_the_terminal_but_characters(begin: Begin, tmp_path: Path) -> None:
    output = "".join(HOSTILE.values()) + "\x1b[?25h\x1b[8;5;5t\x1b]11;?\x07\x1b[5n\x1b[>q\x1b[18t"
    escaped = output.encode("utf-8", "surrogateescape").decode("latin-1").encode("unicode_escape").decode()
    taken, run = tmp_path / "taken", Recording(tmp_path / "run", ["evil"])
    source = WRITES_DOWN.replace('sys.argv[2].encode().decode("unicode_escape") + ', "").replace(
        "sys.stdout.flush()",
        f'sys.stdout.flush(); os.write(1, "{escaped}".encode("latin-1")); os.write(1, b"\\r\\n{MARK} again")',
        1,
    )
    begin(run, "evil", sys.executable, "-c", source, str(taken))
    with screen(run) as program:
        program.read_until_shown(f"{MARK} again")
        program.send("\r")
        program.read_until_shown("ctrl+] leaves")
        program.send("x")
        program.read_until(lambda: has(taken, b"x") or b"x" in taken.read_bytes(), "what was typed")
        program.read_until_quiet()
        written = bytes(program.output)
    for evil in (
        b"\x1b]52", b"\x1b]0;owned", b"\x1b]8;;", b"\x1bP", b"\x1b_", b"\x1b[6n", b"\x1bc", b"\x1b[?1000l",
        b"\x0e", b"\x1b(0", b"\x1b[8;5;5t", b"\x1b]11", b"\x1b[5n", b"\x1b[>q", b"\x1b[18t", b"\x07\x08",
    ):  # fmt: skip
        assert evil not in written, evil
