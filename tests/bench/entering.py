"""What a person at `porch enter` waits for and pays, beside `tmux attach`: echo of keys, rest, a flood.

    python tests/bench/entering.py [--keys N] [--seconds S]

Prints the time from a key to its echo (median, 90 %), bytes a key at 80x24, bytes at rest, and for a program
that writes 10,000 lines a second: processor time, bytes a second, and how many of them it got written. Of
tmux the server counts too: it does what here the shim does for the task, of which the last column is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

from project import Project, until
from tests.tui.pty_harness import PtyProgram

PROGRAM = """\
import os, sys, time, tty
tty.setraw(0)
os.write(1, b"ready> ")
while data := os.read(0, 100):
    if data != b"F":
        os.write(1, data)
        continue
    begin, lines = time.monotonic(), 0
    while time.monotonic() < begin + float(sys.argv[1]):
        text = b"line %d of a build that has a lot to say about it\\r\\n"
        os.write(1, b"".join(text % n for n in range(lines, lines + 500)))
        lines += 500
        time.sleep(max(0.0, begin + lines / 10_000 - time.monotonic()))
    os.write(1, b"\\r\\nwritten %d ready> " % lines)
"""
"""Echoes what it is typed; after F it writes 10,000 lines a second for a while."""
ENTER = "import os, sys; os.chdir(sys.argv[1]); from porch_tui.cli import main; sys.exit(main(sys.argv[2:]))"
TMUX = "import os, sys; os.execvp('tmux', ['tmux', *sys.argv[1:]])"
KEYS = b"abcdefghijklmnopqrstuvwxyz"


def measure(name: str, terminal: PtyProgram, watched: list[psutil.Process], keys: int) -> None:
    """Print the figures of one way to look at the program."""
    terminal.read_until_shown("ready>")
    terminal.read_until_quiet()
    terminal.send("x")  # the first key is not like others
    terminal.read_until_quiet()
    times, begin = [], len(terminal.output)
    for number in range(keys):
        key = KEYS[number % len(KEYS) :][:1]
        before, began = len(terminal.output), time.perf_counter()
        terminal.send(key)
        terminal.read_until(lambda before=before, key=key: key in terminal.output[before:], "the echo")
        times.append((time.perf_counter() - began) * 1000)
        terminal.read_for(0.04 + number % 7 / 100)
    a_key = (len(terminal.output) - begin) / keys
    terminal.read_until_quiet()
    idle = len(terminal.read_for(5.0))
    cpu, begin, began = _cpu(watched), len(terminal.output), time.monotonic()
    terminal.send("F")
    terminal.read_until(lambda: b"written" in terminal.output[begin:], "the end of the flood")
    took = time.monotonic() - began
    cpu = _cpu(watched) - cpu
    written = next(row for row in terminal.screen() if "written" in row)
    kilobytes = (len(terminal.output) - begin) / 1000
    ninety = quantiles(times, n=10)[-1]
    print(
        f"{name:12} key {median(times):6.1f} ms, 90 % {ninety:6.1f} ms, {a_key:5.0f} bytes;"
        f" at rest {idle} bytes in 5 s; flood {cpu / took * 100:4.0f} % of a core,"
        f" {kilobytes / took:6.0f} kB/s, {written.split()[1]} lines in {took:.1f} s"
    )


def _cpu(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def main() -> None:
    """Print the figures of both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=5.0, help="of the flood")
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.py"
        program.write_text(PROGRAM)
        command = f"exec {sys.executable} {program} {options.seconds}"
        project = Project(Path(folder))
        project.plan(f"tasks:\n  echo: {{run: {command}, tty: true, timeout: 1h}}\n")
        project.porch("run", "--detach", "--yes")
        try:
            until(lambda: project.rundir.attempt("echo.1").joinpath("tty.in").exists(), "the task")
            with PtyProgram(ENTER, str(project.root), "enter", "echo") as terminal:
                measure("porch enter", terminal, [psutil.Process(terminal.pid)], options.keys)
        finally:
            project.porch("stop", "--all")
        if shutil.which("tmux"):
            tmux = ["-S", f"{folder}/socket", "-f", "/dev/null"]
            with PtyProgram(TMUX, *tmux, "new-session", command) as terminal:
                terminal.read_until_shown("ready>")
                server = subprocess.check_output(["tmux", *tmux, "display", "-p", "#{pid}"], text=True)
                both = [psutil.Process(terminal.pid), psutil.Process(int(server))]
                measure("tmux", terminal, both, options.keys)
                subprocess.run(["tmux", *tmux, "kill-server"], check=False)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
