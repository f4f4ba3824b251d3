"""The screen in a real pseudo-terminal: what leaves the process, and how the terminal is left behind."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId, TaskSpec, from_shell
from tests.tui.hostile import HOSTILE, MARK, obeyed
from tests.tui.pty_harness import PtyProgram
from tests.tui.recordings import Recording, busy
from tests.tui.terminal.test_terminal import assert_left

pytestmark = pytest.mark.slow  # each starts a program in a terminal of its own

APP = """
import sys
from pathlib import Path
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session
from porch_tui.tui.app.run import run_screen
from porch_tui.tui.terminal.options import options_for
assert "textual" not in sys.modules
leaving = run_screen(Session(RunDir(Path(sys.argv[1]))), options_for())
print("LEFT", leaving.name, flush=True)
"""
ONE_STATIC = """
from textual.app import App
from textual.widgets import Static

class One(App):
    def compose(self):
        yield Static("PAINTED")

One().run()
"""


def at_rest(folder: Path) -> Recording:
    run = (
        Recording(folder, ["one", "two"], validate=False).through("one").start("two").log("two", "no luck\n")
    )
    return run.fail("two")


def screen(run: Recording, columns: int = 80, rows: int = 24, **environ: str) -> PtyProgram:
    return PtyProgram(APP, str(run.rundir.path), columns=columns, rows=rows, environ=environ)


def test_an_idle_screen_writes_nothing(tmp_path: Path) -> None:
    with screen(at_rest(tmp_path), 160, 48) as program:
        program.read_until_shown("1 needs you")
        program.read_until_quiet(1.0)

        assert b"" == program.read_for(3.0)


def test_a_run_without_an_engine_writes_nothing_either(tmp_path: Path) -> None:
    with screen(busy(tmp_path)) as program:
        program.read_until_shown("no engine")
        program.read_until_quiet(1.0)

        assert b"" == program.read_for(2.0)


def test_the_first_frame_is_drawn_once_and_whole(tmp_path: Path) -> None:
    run = at_rest(tmp_path).log("one", "".join(f"line {number}\n" for number in range(1, 6)))
    with screen(run) as program:
        program.read_until_bytes(b"quit")  # at the end of its last row
        program.read_until_quiet(1.5)
        frame, _, more = bytes(program.output).partition(b"quit")

        shown = "\n".join(program.screen())
        assert all(f"line {number}" in shown for number in range(1, 6)), shown
        assert len(more) < len(frame) / 10, more


def test_q_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with screen(at_rest(tmp_path)) as program:
        program.read_until_shown("needs you")
        program.send("q")

        assert 0 == program.wait()
        assert b"LEFT ENDED" in program.output
        assert_left(bytes(program.output))


def test_growth_of_journal_and_log_is_shown_while_it_happens(tmp_path: Path) -> None:
    run = Recording(tmp_path, ["one"], validate=False).start("one")
    run.now = time.time()
    with run.engine(), screen(run) as program:
        program.read_until_shown("no output")
        run.log("one", "the first line\n")
        program.read_until_shown("the first line")
        run.fail("one", "exit 7")
        program.read_until_shown("FAIL exit 7")


def hostile_run(folder: Path, text: str) -> Recording:
    """Return a run that shows a text in every place where foreign text is shown."""
    spec = TaskSpec(TaskId("one"), f"title {text}", from_shell(f"echo {text}"))
    run = Recording(folder, [spec, "two", "three"], slots=9, validate=False, target=f"main{text}"[:60])
    run.start("one", "two", "three").log("one", f"{text}\n".encode("utf-8", "surrogatepass"))
    run.fail("one", text).succeed("two").conflict("two", f"src/{text}.py", partners=["three"])
    run.succeed("three").build().say(
        e.LandingBlocked(TaskId("three"), (f"{text}.txt",), text, is_retried=False)
    )
    return run.say(e.CommandRefused(text, text))


def test_no_sequence_of_foreign_text_reaches_the_terminal(tmp_path: Path) -> None:
    joined = " ".join(HOSTILE.values())
    with screen(hostile_run(tmp_path, joined), 160, 48) as program:
        program.read_until_shown("need you")
        for keys in ("j", "j", "m", "j", "z", "z", "?", "\x1b"):
            program.send(keys)
            program.read_until_quiet(0.3)

        written = bytes(program.output)

    assert "" == obeyed(written)
    assert written.count(MARK.encode()) >= len(HOSTILE)


def test_no_color_means_no_colour(tmp_path: Path) -> None:
    with screen(busy(tmp_path), NO_COLOR="1") as program:
        program.read_until_shown("logging")
        program.read_until_quiet(0.5)

        assert b"38;" not in program.output and b"48;" not in program.output
        assert b"\x1b[31" not in program.output and b"\x1b[32" not in program.output


def test_over_ssh_the_terminals_own_colours_are_used(tmp_path: Path) -> None:
    with screen(busy(tmp_path), SSH_TTY="/dev/pts/9") as program:
        program.read_until_shown("logging")
        program.read_until_quiet(0.5)

        assert b"38;2;" not in program.output and b"48;2;" not in program.output


def test_the_first_frame_does_not_keep_anybody_waiting(tmp_path: Path) -> None:
    """The bar is 2, and `tests/bench/first_paint.py` measures it; here a busy machine must do as well."""
    run = busy(tmp_path)

    def first_paint_s(source: str, expected: bytes) -> float:
        began = time.monotonic()
        with PtyProgram(source, str(run.rundir.path), columns=120, rows=36) as program:
            program.read_until_bytes(expected)
            return time.monotonic() - began

    pairs = [(first_paint_s(APP, b"logging"), first_paint_s(ONE_STATIC, b"PAINTED")) for _ in range(5)]
    # the quickest of each: what else the machine does can only add
    ratio = min(ours for ours, _ in pairs) / min(control for _, control in pairs)
    assert ratio <= 4.0, f"first paint takes {ratio:.2f} times that of one Static: {pairs}"


PAGING = """
import sys
from pathlib import Path
from porch_tui.cli.screen.outside import OutsideActions
from porch_tui.git.repository import Repository
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session
from porch_tui.tui.app.run import run_screen
from porch_tui.tui.terminal.options import options_for
folder = Path(sys.argv[1])
repository = Repository(folder, folder, folder, "app")
run_screen(Session(RunDir(folder)), options_for(), OutsideActions(repository, RunDir(folder)))
"""


def test_the_pager_has_the_terminal_to_itself_and_gives_it_back(tmp_path: Path) -> None:
    run = at_rest(tmp_path)
    pager = f"{sys.executable} -c 'import sys; print(open(sys.argv[1]).read() + \"PAGED\"); input()'"
    with PtyProgram(PAGING, str(run.rundir.path), environ={"PAGER": pager}) as program:
        program.read_until_shown("two")
        program.send("jl")
        program.read_until_shown("no luck")
        program.send("o")
        program.read_until_shown("PAGED")
        program.send("\n")
        program.read_until_shown("two output")
        program.send("q")
        assert program.wait() == 0


def test_ctrl_l_redraws_everything_over_what_another_program_wrote(tmp_path: Path) -> None:
    with screen(at_rest(tmp_path)) as program:
        program.read_until_shown("1 needs you")
        program.read_until_quiet()
        before = len(program.output)

        program.send("\x0c")
        program.read_until(lambda: b"FAIL exit 3" in program.output[before:], "the list to be drawn again")
        program.read_until(lambda: b"needs you" in program.output[before:], "the summary to be drawn again")
