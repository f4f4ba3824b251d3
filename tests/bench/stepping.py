"""What looking at and typing into the terminals of tasks costs: `python -m tests.bench.stepping`.

The screen runs in a terminal of its own, and the tasks under real supervisors. For each figure the load of
the machine is printed, since all of them are times.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from porch_tui.core.model.plan import Terminal
from porch_tui.emulator.screen import Screen
from porch_tui.process import control
from porch_tui.process.assignment import Assignment, Step
from porch_tui.process.liveness import wait
from porch_tui.process.spawn import start
from tests.tui.pty_harness import PtyProgram
from tests.tui.recordings import Recording

ECHOES = (
    "import os, tty\ntty.setraw(0)\nos.write(1, b'ready to read ')\nwhile d := os.read(0, 99): os.write(1, d)"
)
FLOODS = """
import os, sys, time
per_second, at, began = int(sys.argv[1]), 0, time.monotonic()
print("ready to read", flush=True)
while True:
    due = int((time.monotonic() - began) * per_second)
    text = "\\x1b[32mthe quick brown fox\\x1b[0m jumps over it\\n"
    sys.stdout.write("".join(f"{number:8} {text}" for number in range(at, due)))
    sys.stdout.flush()
    at = due
    with open(sys.argv[2] + ".new", "w") as file:
        file.write(str(at))
    os.replace(file.name, sys.argv[2])  # who reads it finds a whole number, always
    time.sleep(0.02)
"""
SCREEN = """
import sys
from pathlib import Path
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session
from porch_tui.tui.app.run import run_screen
from porch_tui.tui.terminal.options import options_for
run_screen(Session(RunDir(Path(sys.argv[1]))), options_for(is_low_bandwidth=sys.argv[2] == "far"))
"""
KEYS = 200
LINES_A_S = 10_000
SECONDS = 10.0


@contextmanager
def tasks(folder: Path, count: int, *argv: str, cols: int = 80, rows: int = 22) -> Iterator[Recording]:
    """Run so many tasks with a terminal; `{}` in an argument is the task's number."""
    names = [f"task{n}" for n in range(count)]
    run = Recording(folder / "run", names, slots=count)
    run.start(*names)
    directories = []
    for number, name in enumerate(names):
        directory = run.rundir.attempt(f"{name}.1")
        directory.parent.mkdir(parents=True, exist_ok=True)
        words = tuple(word.replace("{}", str(number)) for word in argv)
        step = Step("run", words, terminal=Terminal(cols, rows))
        start(Assignment(directory, (step,), folder, dict(os.environ), None, 1.0))
        directories.append(directory)
    try:
        yield run
    finally:
        for directory in directories:
            control.stop(directory, grace_s=0)
            wait(directory, timeout_s=30)


def screen(run: Recording, columns: int, rows: int, how: str = "near") -> PtyProgram:
    """Open the screen on a run."""
    return PtyProgram(SCREEN, str(run.rundir.path), how, columns=columns, rows=rows)


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(what: str, figure: str) -> None:
    """Print a figure with the load."""
    print(f"{what:58} {figure:34} load {os.getloadavg()[0]:.1f}", flush=True)


def echo(folder: Path) -> None:
    """Type keys one after the other, and wait for each to come back."""
    with tasks(folder, 1, sys.executable, "-c", ECHOES) as run, screen(run, 80, 24) as program:
        program.read_until_shown("ready to read")
        program.send("\r")
        program.read_until_shown("ctrl+] leaves")
        program.read_until_quiet(1.0)
        times, sizes = [], []
        for number in range(KEYS):
            key = bytes([97 + number % 26])
            before = len(program.output)
            began = time.perf_counter()
            program.send(key)
            while key not in program.output[before:]:
                program._read(1.0)
            times.append((time.perf_counter() - began) * 1000)
            program.read_for(0.03)
            sizes.append(len(program.output) - before)
        times.sort()
        report(
            "key to echo, median / p90", f"{statistics.median(times):.1f} / {times[int(KEYS * 0.9)]:.1f} ms"
        )
        report("bytes a key at 80x24, median / most", f"{statistics.median(sizes):.0f} / {max(sizes)}")
        report("a still terminal while inside, in 3 s", f"{len(program.read_for(3.0))} bytes")


def floods(folder: Path) -> None:
    """Watch eight tasks in the grid that never pause."""
    argv = sys.executable, "-c", FLOODS, str(LINES_A_S), str(folder / "count{}")
    counts = [folder / f"count{n}" for n in range(8)]

    def printed() -> int:
        return sum(int(count.read_text()) for count in counts)

    with tasks(folder, 8, *argv) as run:
        while not all(count.exists() for count in counts):
            time.sleep(0.1)
        time.sleep(3.0)
        before, began = printed(), time.monotonic()
        time.sleep(SECONDS)
        alone = (printed() - before) / (time.monotonic() - began)
        with screen(run, 160, 48) as program:
            program.read_until_shown("task0")
            program.send("a")
            program.read_for(3.0)
            used, before, began = cpu_s(program.pid), printed(), time.monotonic()
            size = len(program.output)
            program.read_for(SECONDS)
            took = time.monotonic() - began
            used = cpu_s(program.pid) - used
            watched = (printed() - before) / took
            report(
                f"8 tasks of {LINES_A_S:,} lines/s in the grid: screen",
                f"{100 * used / took:.0f} % of a core, {(len(program.output) - size) / took / 1000:.0f} kB/s",
            )
            report("their speed with that viewer and without", f"{watched:,.0f} / {alone:,.0f} lines/s")


def slow_line(folder: Path) -> None:
    """Watch, then be inside, a task that never pauses, with the settings of a slow line."""
    argv = sys.executable, "-c", FLOODS, str(LINES_A_S), str(folder / "count{}")
    with tasks(folder, 1, *argv) as run, screen(run, 80, 24, "far") as program:
        program.read_until_shown("quick")
        for what in ("watched", "inside"):
            program.read_for(2.0)
            size, began = len(program.output), time.monotonic()
            program.read_for(SECONDS)
            speed = (len(program.output) - size) / (time.monotonic() - began) / 1000
            report(f"slow line, {what}: {LINES_A_S:,} lines/s at 80x24", f"{speed:.1f} kB/s")
            program.send("\r")


def scrollback() -> None:
    """Hold ten thousand lines."""
    for what, line in (
        ("plain", b"%8d the quick brown fox jumps over the lazy dog, and on it goes\r\n"),
        (
            "coloured",
            b"\x1b[32m%8d\x1b[0m \x1b[1mthe quick\x1b[0m brown \x1b[38;5;99mfox jumps\x1b[0m over\r\n",
        ),
    ):
        data = b"".join(line % n for n in range(11_000))
        tracemalloc.start()
        held = Screen(120, 36)
        held.feed(data)
        megabytes = tracemalloc.get_traced_memory()[0] / 1e6
        tracemalloc.stop()
        report(f"10,000 lines of scrollback, {what}", f"{megabytes:.1f} MB")
        assert len(held.history.lines) == 10_000


def main() -> None:
    """Print all figures."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for measure in (echo, floods, slow_line):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder))
    scrollback()


if __name__ == "__main__":
    main()
