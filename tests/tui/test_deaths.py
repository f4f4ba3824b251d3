"""Every way in which the screen ends, in a real terminal: the terminal is left as it was found."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from porch_tui.process.supervisor.kernel import IS_LINUX
from tests.tui.board.test_board_terminal import at_rest
from tests.tui.hostile import obeyed
from tests.tui.pty_harness import PtyProgram
from tests.tui.terminal.test_terminal import assert_left

pytestmark = pytest.mark.slow  # each starts a program in a terminal of its own

SCREEN = """
import os, signal, sys
from pathlib import Path
from porch_tui.journal.rundir import RunDir
from porch_tui.process.children import run_in_foreground
from porch_tui.session.session import Session
from porch_tui.tui.model.outside import NoRepository
from porch_tui.tui.app.run import run_screen
from porch_tui.tui.terminal.options import options_for

class Outside(NoRepository):
    def report(self, cells):
        raise ValueError("\\x1b]0;owned\\x07 no report")
    def open_shell(self, task):
        raise ValueError("no shell")
    def changed_files(self, task):
        return ("a",)
    def open_editor(self, task, files):
        os.kill(os.getpid(), signal.SIGTERM)
    def stream(self):
        run_in_foreground(["sh", "-c", "trap : INT QUIT; echo SHOWN; read x; echo READ"], os.environ)

def break_down(*anything):
    raise ValueError("\\x1b]0;owned\\x07 broken")
exec(sys.argv[2])
leaving = run_screen(Session(RunDir(Path(sys.argv[1]))), options_for(), Outside())
print("LEFT", leaving.name, flush=True)
"""
DRAWING = "from porch_tui.tui.board.tasks import TaskList; TaskList.action_move = break_down"
WRITING = """
from porch_tui.tui.board.tasks import TaskList
def while_it_writes(self, *anything):
    with self.app._driver._writer_thread._queue.mutex:
        os.kill(os.getpid(), signal.SIGTSTP)
TaskList.action_move = while_it_writes
"""
COMPOSING = "from porch_tui.tui.widgets.help import HelpList; HelpList.compose_lines = break_down"


def screen(folder: Path, fault: str = "") -> PtyProgram:
    return PtyProgram(SCREEN, str(at_rest(folder).rundir.path), fault)


def assert_as_before(program: PtyProgram) -> None:
    """The screen has left all that it entered, and keys are echoed line by line again."""
    assert_left(bytes(program.output))
    assert program.is_as_before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_by_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    with screen(tmp_path) as program:
        program.read_until_shown("needs you")
        program.signal(number)
        code = program.wait()

        assert (0, True) == (code, b"LEFT KILLED" in program.output)
        assert_as_before(program)


@pytest.mark.parametrize(
    ("fault", "keys"),
    [(DRAWING, "j"), (COMPOSING, "?"), ("", "o"), ("", "!")],
    ids=["in a key", "in a widget", "in a thread", "while the terminal is another program's"],
)
def test_by_an_error(tmp_path: Path, fault: str, keys: str) -> None:
    with screen(tmp_path, fault) as program:
        program.read_until_shown("needs you")
        program.send(keys)
        program.wait()

        assert b"LEFT BROKEN" in program.output and b"ValueError" in program.output
        assert "" == obeyed(bytes(program.output.partition("╭".encode())[2]))
        assert_as_before(program)


def test_by_a_signal_while_the_terminal_is_another_program_s(tmp_path: Path) -> None:
    with screen(tmp_path) as program:
        program.read_until_shown("needs you")
        program.send("e")
        program.wait()

        assert b"LEFT KILLED" in program.output
        assert_as_before(program)


@pytest.mark.parametrize("key", [signal.SIGINT, signal.SIGQUIT])
def test_not_by_a_key_that_another_program_was_meant_to_get(tmp_path: Path, key: signal.Signals) -> None:
    """ctrl+c in a pager reaches all that is in the terminal's foreground."""
    with screen(tmp_path) as program:
        program.read_until_shown("needs you")
        program.send("s")
        program.read_until_bytes(b"SHOWN")
        os.killpg(program.pid, key)
        program.send("\r")
        program.read_until_bytes(b"READ")
        program.read_until_shown("needs you")
        program.send("q")
        code = program.wait()

        assert (0, True) == (code, b"LEFT ENDED" in program.output)


def test_by_a_signal_while_it_is_being_imported(tmp_path: Path) -> None:
    imports = "import sys, time\nfrom porch_tui.tui.terminal.splash import splash\n"
    source = f"{imports}with splash('porch'):\n    time.sleep(60)"
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        with PtyProgram(source) as program:
            program.read_until_shown("porch")
            program.signal(number)
            code = program.wait()

            assert (128 + number if number != signal.SIGINT else -number) == code
            assert program.output.rindex(b"\x1b[?1049h") < program.output.rindex(b"\x1b[?1049l")


def assert_it_goes_on_and_ends(program: PtyProgram, written_before: int) -> None:
    """Continued, it takes the terminal again; `q` then leaves it as it was found."""
    program.signal(signal.SIGCONT)
    program.read_until(lambda: b"\x1b[?1049h" in program.output[written_before:], "the screen again")
    program.read_until(lambda: b"needs you" in program.output[written_before:], "all drawn again")
    program.send("q")

    assert 0 == program.wait()
    assert_as_before(program)


@pytest.mark.skipif(not IS_LINUX, reason="needs /proc to see that a process is stopped")
@pytest.mark.parametrize("fault", ["", WRITING], ids=["from outside", "while it writes"])
def test_stopped_and_continued_it_gives_the_terminal_and_takes_it_again(tmp_path: Path, fault: str) -> None:
    with screen(tmp_path, fault) as program:
        program.read_until_shown("needs you")
        program.read_until_quiet(0.2)
        if fault:
            program.send("j")
        else:
            program.signal(signal.SIGTSTP)
        program.read_until_bytes(b"\x1b[?1049l")
        program.read_until_stopped()
        program.read_until_quiet(0.1)
        assert_as_before(program)

        assert_it_goes_on_and_ends(program, len(program.output))


@pytest.mark.skipif(not IS_LINUX, reason="needs /proc to see that a process is stopped")
def test_stopped_without_warning_it_takes_the_terminal_again_once(tmp_path: Path) -> None:
    """SIGSTOP cannot be handled: the terminal is still the screen's when SIGCONT comes."""
    with screen(tmp_path) as program:
        program.read_until_shown("needs you")
        program.read_until_quiet(0.2)
        program.signal(signal.SIGSTOP)
        program.read_until_stopped()

        assert_it_goes_on_and_ends(program, len(program.output))
