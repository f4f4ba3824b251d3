"""People who step into tasks with `porch enter`, each in a terminal of their own, and a task that listens."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

from porch_tui.emulator import modes
from porch_tui.emulator.screen import Screen
from porch_tui.session.task_terminal import Phase, TaskTerminal
from project import Project, until
from tests.tui.pty_harness import PtyProgram

ENTER = "import os, sys; os.chdir(sys.argv[1]); from porch_tui.cli import main; sys.exit(main(sys.argv[2:]))"
LEAVE = b"\x1d"
LISTENER = """\
import os, sys, threading, tty
folder = sys.argv[1]

def say():
    while True:
        with open(folder + "/say", "rb") as pipe:
            data = pipe.read()
        while data:
            data = data[os.write(1, data):]
        open(folder + "/said", "a").write("x")

tty.setraw(0)
threading.Thread(target=say, daemon=True).start()
with open(folder + "/typed", "ab", buffering=0) as typed:
    os.write(1, b"ready")
    while data := os.read(0, 65_536):
        typed.write(data)
"""
"""Writes down what it is typed, and says what it is given to say."""


class Listener:
    """A task whose program is `LISTENER`: a run with it, or that it joins."""

    def __init__(self, project: Project, name: str = "listener") -> None:
        self.project, self.name = project, name
        self.folder = project.root.parent / name
        self.folder.mkdir()
        os.mkfifo(self.folder / "say")
        (self.folder / "listener.py").write_text(LISTENER)
        self._said = 0

    def beside(self, name: str) -> Listener:
        """Return another task of the same run, which need not listen."""
        other = Listener.__new__(Listener)
        other.project, other.name = self.project, name
        return other

    @property
    def plan(self) -> str:
        """The task in a plan."""
        command = f"exec python3 {self.folder}/listener.py {self.folder}"
        return f"  {self.name}: {{run: {command}, tty: true, size: 80x23, timeout: 1h}}\n"

    @property
    def directory(self) -> Path:
        """Of its attempt."""
        return self.project.rundir.attempt(f"{self.name}.1")

    @property
    def log(self) -> bytes:
        """What its terminal has written so far."""
        return (self.directory / "output.log").read_bytes()

    def begin(self) -> None:
        """Wait until it listens."""
        until(lambda: (self.directory / "output.log").exists() and b"ready" in self.log, "the task to listen")

    def typed(self, count: int) -> bytes:
        """Return the next bytes it is typed, at least so many, and forget them."""
        file = self.folder / "typed"
        until(lambda: file.stat().st_size >= count, f"{count} bytes to be typed")
        data = file.read_bytes()
        os.truncate(file, 0)
        return data

    def typed_at(self) -> int:
        """Return how long the log was when a person last typed; 0 if they never did."""
        file = self.directory / "tty.typed"
        return int(file.read_bytes()) if file.exists() else 0

    def says(self, data: bytes) -> None:
        """Have it write something."""
        self._said += 1
        (self.folder / "say").write_bytes(data)
        until(lambda: (self.folder / "said").exists() and self._lines() >= self._said, "it to be said")

    def screen(self) -> Screen:
        """Return what its terminal shows now."""
        terminal = TaskTerminal(self.directory)
        terminal.look()
        while terminal.is_behind:
            terminal.look()
        assert terminal.phase is Phase.LIVE
        assert terminal.screen is not None
        return terminal.screen

    def _lines(self) -> int:
        return len((self.folder / "said").read_text())


class Visitor(PtyProgram):
    """One person at `porch enter`."""

    def __init__(
        self,
        listener: Listener,
        *options: str,
        cols: int = 80,
        rows: int = 24,
        environ: Mapping[str, str] | None = None,
        link_bytes_a_s: int = 0,
    ) -> None:
        super().__init__(
            ENTER,
            str(listener.project.root),
            "enter",
            listener.name,
            *options,
            columns=cols,
            rows=rows,
            environ=environ,
            link_bytes_a_s=link_bytes_a_s,
        )
        self.listener = listener
        self._shown = Screen(cols, rows)
        self._fed = 0

    def shown(self) -> Screen:
        """Return what their terminal shows now."""
        self._shown.feed(bytes(self.output[self._fed :]))
        self._fed = len(self.output)
        return self._shown

    def until_arrows_are(self, *, is_application: bool) -> None:
        """Wait until their arrow keys send what the task's program has asked for."""
        self.read_until(lambda: (modes.ARROWS in self.shown().modes) is is_application, "the mode of arrows")

    def texts(self) -> list[str]:
        """Return its rows."""
        return [line.text for line in self.shown().lines]

    def resize(self, columns: int, rows: int) -> None:
        """Give their terminal another size."""
        self.shown().resize(columns, rows)
        super().resize(columns, rows)
        self.signal(signal.SIGWINCH)

    def step_in(self) -> Visitor:
        """Wait until what is typed goes to the task."""
        self.until_shown("leaves")
        self.read_until(lambda: b"\x1b[?2004h" in self.output, "pastes to be asked for")
        return self

    def until_shown(self, text: str) -> None:
        """Wait until a text is on the screen."""
        self.read_until(lambda: any(text in line for line in self.texts()), text)

    def until_it_shows_the_task(self) -> None:
        """Wait until the rows above the status line are those of the task."""

        def is_same() -> bool:
            screen = self.listener.screen()
            mine = [(line.chars, line.styles) for line in self.shown().lines[:-1]]
            return mine == [(line.chars, line.styles) for line in screen.lines]

        self.read_until(is_same, "what the task shows")

    def leave(self) -> int:
        """Press the key, and return the exit code."""
        self.send(LEAVE)
        return self.wait()
