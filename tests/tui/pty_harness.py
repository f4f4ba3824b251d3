"""A program in a terminal of its own: what it writes byte by byte, and what a person would see.

For tests of what leaves the process. What widgets look like is tested without a terminal.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import pyte

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
"""How long a busy machine may take for anything at all; nothing waits so long when all is well."""
_TAKE_TERMINAL = """\
import faulthandler, fcntl, signal, termios
faulthandler.enable(file={stacks})
fcntl.fcntl({stacks}, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
"""
"""In the child, not between fork and exec: the test process has threads. A shell that runs the tests in its
background has them ignore both signals."""
# Kitty's keyboard protocol, which pyte would take for text.
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]")
_WITH_TEXT = re.compile(rb"\x1b\][^\x07\x1b]*\x07")
_UNFINISHED = re.compile(rb"\x1b(?:\[[<-?0-9;]*)?\Z")


class PtyProgram:
    """One child with a controlling terminal. Use it as a context manager: it is killed at the end."""

    def __init__(
        self,
        source: str,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        environ: Mapping[str, str] | None = None,
        link_bytes_a_s: int = 0,
    ) -> None:
        """Start Python on `source` with `arguments` in a terminal of the given size.

        With `link_bytes_a_s` what it writes is read no faster than that, as through a slow connection.
        """
        self.output = bytearray()
        """Every byte the program has written so far."""
        self._link_bytes_a_s = link_bytes_a_s
        self._size = (columns, rows)
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._drawn = 0
        self._master, slave = pty.openpty()
        self._set_size()
        self._before = termios.tcgetattr(self._master)
        self._stacks = tempfile.TemporaryFile()  # noqa: SIM115  # closed on leaving, as the child is
        take_terminal = _TAKE_TERMINAL.format(stacks=self._stacks.fileno())
        self._child = subprocess.Popen(
            [sys.executable, "-c", take_terminal + source, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=_environment() | dict(environ or {}),
            start_new_session=True,
            pass_fds=[self._stacks.fileno()],
        )
        os.close(slave)

    def __enter__(self) -> PtyProgram:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        self._stacks.close()
        self.hang_up()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    @property
    def is_as_before(self) -> bool:
        """Whether the terminal takes and echoes keys as it did when the child began."""
        return termios.tcgetattr(self._master) == self._before

    @property
    def bells(self) -> int:
        """How often the bell rang; what ends a title or a notification is none."""
        return _WITH_TEXT.sub(b"", bytes(self.output)).count(b"\x07")

    def send(self, keys: str | bytes) -> None:
        """Type."""
        os.write(self._master, keys.encode() if isinstance(keys, str) else keys)

    def signal(self, number: signal.Signals) -> None:
        """Send the child a signal."""
        self._child.send_signal(number)

    def read_until_stopped(self) -> None:
        """Read until the child is stopped: continued before that, it would stop for good. Needs /proc."""
        stat = Path(f"/proc/{self.pid}/stat")
        self.read_until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T", "it to be stopped")

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, as dragging its corner would."""
        self.screen()
        self._size = (columns, rows)
        self._screen.resize(rows, columns)
        self._set_size()

    def hang_up(self) -> None:
        """Close the terminal, as a dropped SSH connection would."""
        if self._master >= 0:
            os.close(self._master)
        self._master = -1

    def read_for(self, seconds: float) -> bytes:
        """Return what the program writes in a stretch of time."""
        start, deadline = len(self.output), time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and self._read(left):
            pass
        return bytes(self.output[start:])

    def read_until(self, is_there: Callable[[], bool], what: str) -> None:
        """Read until a condition holds; fail with what was seen when it never does."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_there():
            left = deadline - time.monotonic()
            if left <= 0 or not self._read(min(left, 0.2)):
                assert is_there(), f"{what}: never seen. The screen:\n" + "\n".join(self.screen())
                return

    def read_until_bytes(self, expected: bytes) -> None:
        """Read until the program has written these bytes."""
        self.read_until(lambda: expected in self.output, repr(expected))

    def read_until_shown(self, expected: str) -> None:
        """Read until a text is on the screen."""
        self.read_until(lambda: any(expected in line for line in self.screen()), repr(expected))

    def read_until_quiet(self, seconds: float = 0.5) -> None:
        """Read until nothing was written for a while."""
        deadline = time.monotonic() + PATIENCE_S
        while self.read_for(seconds):
            assert time.monotonic() < deadline, "the program never stopped writing"

    def wait(self) -> int:
        """Read to the end and return the exit code; minus the signal if one killed the child."""
        deadline = time.monotonic() + PATIENCE_S
        while self._child.poll() is None:
            assert time.monotonic() < deadline, f"the program did not end:\n{self._ended_stacks()}"
            if self._master < 0 or not self._read(0.1):
                time.sleep(0.01)
        while self._master >= 0 and self._read(0.0, is_waiting=False):
            pass
        return self._child.returncode

    def _ended_stacks(self) -> str:
        """End the child; return what each of its threads was at."""
        self._child.send_signal(signal.SIGABRT)
        self._child.wait()
        self._stacks.seek(0)
        return self._stacks.read().decode()

    def screen(self) -> list[str]:
        """Return the rows a person would see now."""
        new = bytes(self.output[self._drawn :])
        if cut := _UNFINISHED.search(new):
            new = new[: cut.start()]
        self._drawn += len(new)
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", new))
        return [line.rstrip() for line in self._screen.display]

    def _read(self, seconds: float, *, is_waiting: bool = True) -> bool:
        """Read what is there within `seconds`; return False when nothing will come any more."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return is_waiting
        try:
            chunk = os.read(self._master, self._link_bytes_a_s // 50 or 65_536)
        except OSError:  # Linux's end of file on a terminal whose other side is closed
            return False
        if self._link_bytes_a_s:
            time.sleep(len(chunk) / self._link_bytes_a_s)
        self.output += chunk
        return bool(chunk)

    def _set_size(self) -> None:
        columns, rows = self._size
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _environment() -> dict[str, str]:
    """Return an environment in which nothing of the person's own terminal is left."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEXTUAL", "SSH_"))}
    for name in ("NO_COLOR", "FORCE_COLOR", "TMUX", "COLUMNS", "LINES"):
        kept.pop(name, None)
    return kept | {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }
