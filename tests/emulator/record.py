"""Records a program in a terminal, and what tmux shows of the same bytes, for `test_recordings.py`.

    python -m tests.emulator.record NAME [--size COLSxROWS] [--keys TEXT ...] [--seconds S] -- PROGRAM ...

The program's queries are answered as porch answers them. Each of `keys` (with escapes such as \\r) is typed
when the program has been quiet for half a second. It is recorded until it ends, or is quiet and all is typed.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import signal
import struct
import tempfile
import termios
import time
from pathlib import Path

from porch_tui.emulator.queries import Answers
from porch_tui.emulator.screen import Screen
from tests.emulator.real_tmux import Tmux
from tests.emulator.recorded import FOLDER

QUIET_S = 0.5


def record(argv: list[str], keys: list[str], cols: int, rows: int, seconds: float) -> bytes:
    """Run a program; return what it wrote."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.execvp(argv[0], argv)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
    answers, output, until = Answers(Screen(cols, rows)), b"", time.monotonic() + seconds
    left = [key.encode().decode("unicode_escape").encode() for key in keys]
    while time.monotonic() < until:
        if not select.select([terminal], [], [], QUIET_S)[0]:
            if not left:
                break
            os.write(terminal, left.pop(0))
            continue
        try:
            data = os.read(terminal, 65_536)
        except OSError:
            break
        output += data
        if answer := answers.after(data):
            os.write(terminal, answer)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return output


def main() -> None:
    """Write the files of one recording."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name")
    parser.add_argument("--size", default="100x30")
    parser.add_argument("--keys", nargs="*", default=[])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("program", nargs="+")
    arguments = parser.parse_args()
    cols, rows = map(int, arguments.size.split("x"))
    output = record(arguments.program, arguments.keys, cols, rows, arguments.seconds)
    with tempfile.TemporaryDirectory() as folder:
        tmux = Tmux(Path(folder))
        try:
            picture = tmux.files(output, cols, rows)
        finally:
            tmux.close()
    (FOLDER / f"{arguments.name}.raw").write_bytes(output)
    for suffix, content in picture.items():
        (FOLDER / f"{arguments.name}.tmux.{suffix}").write_bytes(content)


if __name__ == "__main__":
    main()
