"""What leaves the process and how the terminal is left behind, in a real pseudo-terminal."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.tui.hostile import HOSTILE, MARK, obeyed
from tests.tui.pty_harness import PATIENCE_S, PtyProgram

pytestmark = pytest.mark.slow  # each starts a program in a terminal of its own

APP = """
import sys
from pathlib import Path
from textual.app import App
from textual.widgets import DataTable, Label, OptionList, RichLog, Static
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.terminal.terminal import *

class Shown(App):
    CSS = "DataTable, RichLog, OptionList { height: 22; } #framed { border: solid red; height: 3; }"

    def __init__(self):
        super().__init__()
        read_through_door(self)
        install_safe_filter(self)
        outlive_terminal(self)
        self.hostile = Path(sys.argv[1]).read_bytes().decode("utf-8", "surrogatepass").split("\\n")

    def compose(self):
        yield LogPane(id="log")

    def on_mount(self):
        restore_on_signals(self)
        limit_mouse_reports(self)
        self.query_one(LogPane).show(Path(sys.argv[1]), " ".join(self.hostile))
        self.set_interval(0.05, self.tick)

    def tick(self):
        if writer_backlog(self) == 0:
            self.query_one(LogPane).tick()

    def on_key(self, event):
        if event.key == "q":
            self.exit(return_code=7)
        elif event.key == "w":
            self.show_widgets()
        elif event.key == "s":
            with self.suspend():
                print("SUSPENDED", flush=True)
        elif event.key == "n":
            self.notify("".join(self.hostile), title="ALL SHOWN", markup=False, timeout=600)

    def show_widgets(self):
        for text in self.hostile:
            self.mount(Static(text, markup=False), Label(text, markup=False))
        framed = Static("framed", id="framed")
        framed.border_title = "\\\\[".join("".join(self.hostile).split("["))
        table = DataTable()
        options, log = OptionList(*self.hostile, markup=False), RichLog()
        self.mount(framed, table, options, log)
        table.add_column("subject", width=100)
        for text in self.hostile:
            table.add_row(text)
            log.write(text)
        self.call_after_refresh(self.mount, Static("ALL SHOWN", id="done"))

app = Shown()
app.run(mouse="--no-mouse" not in sys.argv)
sys.exit(app.return_code)
"""

LEFT = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l", b"\x1b[?1002l", b"\x1b[?1000l", b"\x1b[?1006l")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "hostile.log"
    text = "\n".join(HOSTILE.values())
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


def started(hostile: Path, *arguments: str, rows: int = 130) -> PtyProgram:
    program = PtyProgram(APP, str(hostile), *arguments, columns=120, rows=rows)
    program.read_until_shown(MARK)
    return program


# --- what comes out


@pytest.mark.parametrize("keys", ["", "w", "n"], ids=["log pane", "textual's widgets", "notice"])
def test_nothing_hostile_leaves_through(hostile: Path, keys: str) -> None:
    with started(hostile) as program:
        program.send(keys)
        if keys:
            program.read_until_shown("ALL SHOWN")
        program.read_until_quiet()
        written = bytes(program.output)

    assert "" == obeyed(written)
    assert written.count(MARK.encode()) >= len(HOSTILE)


def test_without_the_filter_the_corpus_would_come_out(hostile: Path) -> None:
    """The test above would notice."""
    unsafe = APP.replace("install_safe_filter(self)", "pass")
    with PtyProgram(unsafe, str(hostile), columns=120, rows=130) as program:
        program.read_until_shown(MARK)
        program.send("w")
        program.read_until_bytes(b"\x1b]52;c;aGFja2Vk")


def test_an_idle_screen_writes_nothing(hostile: Path) -> None:
    with started(hostile) as program:
        program.read_until_quiet()

        assert program.read_for(2.0) == b""


def test_mouse_motion_is_reported_with_a_button_down_only(hostile: Path) -> None:
    with started(hostile) as program:
        program.read_until_bytes(b"\x1b[?1002h")
        program.read_until_quiet()

        assert program.output.rindex(b"\x1b[?1003h") < program.output.rindex(b"\x1b[?1003l")
        assert program.output.rindex(b"\x1b[?1003l") < program.output.rindex(b"\x1b[?1002h")


def test_a_mouse_that_is_off_stays_off(hostile: Path) -> None:
    with started(hostile, "--no-mouse") as program:
        program.read_until_quiet()

        assert b"\x1b[?100" not in program.output.replace(b"\x1b[?1004h", b"")


def test_a_suspend_gives_the_mouse_back_and_takes_it_again(hostile: Path) -> None:
    with started(hostile) as program:
        program.read_until_bytes(b"\x1b[?1002h")
        program.send("s")
        program.read_until_bytes(b"SUSPENDED")
        at = program.output.index(b"SUSPENDED")
        program.read_until(lambda: program.output.find(b"\x1b[?1002h", at) > 0, "fewer reports again")

        assert program.output.rfind(b"\x1b[?1002h", 0, at) < program.output.rfind(b"\x1b[?1002l", 0, at)


@pytest.mark.parametrize(
    ("up", "end"),
    [(b"k", b"G"), (b"\x1b[107;1;107u", b"\x1b[103;2;71u"), (b"\x1b[<64;5;5M", b"\x1b[F")],
    ids=["plain keys", "kitty's keys", "wheel"],
)
def test_keys_and_wheel_reach_the_log(tmp_path: Path, up: bytes, end: bytes) -> None:
    path = tmp_path / "task.log"
    path.write_text("".join(f"{MARK} {n}\n" for n in range(500)))
    with started(path, rows=24) as program:
        program.send(up)
        program.read_until_shown("‖ 0 new")
        program.send(end)
        program.read_until_shown("▼ follow")


def test_a_byte_that_is_not_utf_8_does_not_end_the_app(hostile: Path) -> None:
    with started(hostile) as program:
        program.send(b"\xff\x1b[200~\xe9t\xe9\x1b[201~")
        program.send("n")
        program.read_until_shown("ALL SHOWN")


# --- how the terminal is left


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_the_terminal_as_it_was(hostile: Path, number: signal.Signals, code: int) -> None:
    with started(hostile) as program:
        program.read_until_bytes(b"\x1b[?1002h")
        program.signal(number)

        assert program.wait() == code
        assert_left(bytes(program.output))


def test_quitting_leaves_the_terminal_as_it_was(hostile: Path) -> None:
    with started(hostile) as program:
        program.read_until_bytes(b"\x1b[?1002h")
        program.send("q")

        assert program.wait() == 7
        assert_left(bytes(program.output))


def assert_left(written: bytes) -> None:
    for sequence in LEFT:
        on = sequence[:-1] + (b"l" if sequence.endswith(b"h") else b"h")
        assert written.rfind(on) < written.rfind(sequence), f"{sequence!r} is not the last word"


def test_a_terminal_that_hangs_up_while_it_lags_behind_ends_the_app(tmp_path: Path) -> None:
    """The terminal is not read, so the writer's queue is full; then the connection drops."""
    flood = APP.replace("self.set_interval(0.05, self.tick)", "self.set_interval(0.01, self.flood)").replace(
        "def tick(self):",
        """def flood(self):
        self.n = getattr(self, "n", 0) + 1
        Path(sys.argv[2]).write_text(str(writer_backlog(self)))
        self.query_one(LogPane).show(Path(sys.argv[1]), f"{self.n} " * 40)
        self.screen.refresh()

    def tick(self):""",
    )
    log, backlog = tmp_path / "task.log", tmp_path / "backlog"
    log.write_text(f"{MARK} {'x' * 100}\n" * 500)
    with PtyProgram(flood, str(log), str(backlog), columns=160, rows=48) as program:
        program.read_until_shown(MARK)
        wait_until_still(backlog)
        program.hang_up()

        assert program.wait() == 129


def wait_until_still(path: Path) -> None:
    """Wait until a file that is written all the time is written no more."""
    deadline, before = time.monotonic() + PATIENCE_S, -1
    while (now := path.stat().st_mtime_ns if path.exists() else 0) != before or not now:
        assert time.monotonic() < deadline, "the event loop never stood still"
        before = now
        time.sleep(1.0)
