"""A real tmux that shows given bytes, to compare with: its server, and a program that writes them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tests.emulator.recorded import pictured

Picture = tuple[list[str], list[list[int]], tuple[int, int], int, bool]
"""Rows and their styles, cursor, rows of scrollback, whether it is the alternate screen."""

is_there = shutil.which("tmux") is not None
PATIENCE_S = 60.0
_WRITER = """
import os, sys
begin, data, done = sys.argv[1:]
with open(begin, "rb", buffering=0) as pipe:
    while pipe.read(1):
        left = open(data, "rb").read()
        while left:
            left = left[os.write(1, left):]
        open(done, "w").close()
"""


class Tmux:
    """A server with one window for each thing that is shown."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "writer.py").write_text(_WRITER)
        self._run("new-session", "-d", "-x", "80", "-y", "24", "sleep 3600")
        for option in (("status", "off"), ("history-limit", "100000"), ("remain-on-exit", "on")):
            self._run("set", "-g", *option)

    def close(self) -> None:
        """End the server and what runs in it."""
        self._run("kill-server")

    def show(self, steps: list[bytes | tuple[int, int]], cols: int, rows: int) -> Picture:
        """Show output, and change the size to columns and rows, in this order; return what is seen then."""
        width = [cols, *(step[0] for step in steps if isinstance(step, tuple))][-1]
        with self._shown(steps, cols, rows) as name:
            ansi = self._run("capture-pane", "-p", "-e", "-N", "-t", name, "-S", "-")
            facts = "#{cursor_x} #{cursor_y} #{history_size} #{alternate_on}"
            x, y, history, alternate = map(int, self._run("display", "-p", "-t", name, facts).split())
        return *pictured(ansi, width), (x, y), history, bool(alternate)

    def files(self, output: bytes, cols: int, rows: int) -> dict[str, bytes]:
        """Show output; return what belongs in the files of a recording, by how their names end."""
        facts = (
            "#{cursor_x},#{cursor_y} alt=#{alternate_on} hist=#{history_size} #{pane_width}x#{pane_height}"
        )
        with self._shown([output], cols, rows) as name:
            return {
                "txt": self._run("capture-pane", "-p", "-t", name),
                "ansi": self._run("capture-pane", "-p", "-e", "-t", name),
                "cur": self._run("display", "-p", "-t", name, facts),
            }

    @contextmanager
    def _shown(self, steps: list[bytes | tuple[int, int]], cols: int, rows: int) -> Iterator[str]:
        name = f"w{uuid4().hex[:6]}"
        begin, data, done = (self._folder / f"{name}.{part}" for part in ("begin", "data", "done"))
        os.mkfifo(begin)
        writer = f"exec {sys.executable} {self._folder / 'writer.py'} {begin} {data} {done}"
        self._run("new-window", "-d", "-n", name, f"stty raw -echo; {writer}")
        self._resize(name, cols, rows)
        with begin.open("wb", buffering=0) as pipe:  # once it is closed, tmux says on the screen that it is
            for step in steps:
                if isinstance(step, tuple):
                    self._resize(name, *step)
                    continue
                mark = uuid4().hex  # a title that says that tmux has read all of it
                data.write_bytes(step + b"\x1b]2;" + mark.encode() + b"\x1b\\")
                pipe.write(b"x")
                self._until("#{pane_title}", name, mark)
                deadline = time.monotonic() + PATIENCE_S
                while not done.exists() and time.monotonic() < deadline:
                    time.sleep(0.002)
                done.unlink()
            yield name
        self._run("kill-window", "-t", name)

    def _resize(self, name: str, cols: int, rows: int) -> None:
        self._run("resize-window", "-t", name, "-x", str(cols), "-y", str(rows))
        self._until("#{pane_width}x#{pane_height}", name, f"{cols}x{rows}")

    def _until(self, fact: str, name: str, value: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self._run("display", "-p", "-t", name, fact).decode().strip() != value:
            assert time.monotonic() < deadline, f"tmux does not come to {value}"

    def _run(self, *words: str) -> bytes:
        argv = ["tmux", "-S", str(self._folder / "socket"), "-f", "/dev/null", *words]
        return subprocess.run(argv, check=True, capture_output=True).stdout
