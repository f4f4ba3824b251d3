"""What the screen costs, through a real terminal: processor, bytes, and the time from a key to its effect.

    python tests/bench/screen.py [--seconds S] [--lines N] [--tasks N] [--beside FOLDER] [--mprocs PROGRAM]
                                 [--only WORD]

Logs are written by another process, as tasks write theirs. Each figure is printed beside its bar;
processor time is that of the screen's process, in percent of a core, and means the same on a busy
machine. The controls: the same logs through textual's RichLog, drained in batches; and mprocs, where it
is given (`npm install mprocs`).
`crowd` shows a run of many idle tasks; `--beside` names another checkout of porch to measure it with in turn.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Kind, TaskId, TaskSpec, from_shell
from porch_tui.journal.log import Journal
from tests.tui.conflict_harness import TWO_FILES, ParkedRun, conflict_in_terminal
from tests.tui.pty_harness import ROOT, PtyProgram
from tests.tui.recordings import Recording

COLUMNS, ROWS = 160, 48
SCREEN = """
import sys
from pathlib import Path
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session
from porch_tui.tui.terminal.options import ANSI, FAR_FPS, ScreenOptions
from porch_tui.tui.app.run import run_screen
far = ScreenOptions(fps=FAR_FPS, is_low_bandwidth=True, theme=ANSI)
run_screen(Session(RunDir(Path(sys.argv[1]))), far if "far" in sys.argv else ScreenOptions())
"""
PANES = """
import os, sys
os.environ["TEXTUAL_FPS"] = "30"
from pathlib import Path
from textual.app import App
from textual.containers import Grid
from porch_tui.tui.log.pane import LogPane
from porch_tui.tui.terminal.terminal import install_safe_filter, writer_backlog
class Panes(App):
    CSS = "Grid { grid-size: 1; }" if len(sys.argv) == 2 else "Grid { grid-size: 4; }"
    def __init__(self):
        super().__init__()
        install_safe_filter(self)
        self.panes = [LogPane() for _ in sys.argv[1:]]
    def compose(self):
        with Grid():
            yield from self.panes
    def on_mount(self):
        for pane, path in zip(self.panes, sys.argv[1:]):
            pane.show(Path(path), path[-8:])
        self.set_interval(0.1, self.look)
    def look(self):
        if not writer_backlog(self):
            for pane in self.panes:
                pane.tick()
Panes().run()
"""
RICH_LOG = """
import sys
from rich.text import Text
from textual.app import App
from textual.containers import Grid
from textual.widgets import RichLog
class Control(App):
    CSS = "Grid { grid-size: 2; }"
    def compose(self):
        with Grid():
            for _ in sys.argv[1:]:
                yield RichLog(max_lines=5000)
    def on_mount(self):
        self.files = [open(path) for path in sys.argv[1:]]
        for file in self.files:
            file.seek(0, 2)
        self.set_interval(0.1, self.look)
    def look(self):
        for log, file in zip(self.query(RichLog), self.files):
            if text := file.read():
                log.write(Text.from_ansi(text))
Control().run()
"""
WRITER = """
import sys, time
LINE = ("08:00:41 \\x1b[32mINFO\\x1b[0m  worker-{} has done unit {:09} of the work that was given to it,"
        " in \\x1b[33m12 ms\\x1b[0m\\n")
rate, files = float(sys.argv[1]), [open(path, "a") for path in sys.argv[2:]]
due, number = time.monotonic(), 0
pause = max(0.05, len(files) / rate) if rate < 100 else 0.05
while True:
    for at, file in enumerate(files):
        count = max(1, round(rate * pause / len(files)))
        file.write("".join(LINE.format(at, number + n) for n in range(count)))
        file.flush()
    number += count
    due += pause
    time.sleep(max(0, due - time.monotonic()))
"""
CONFLICT_KEYS = (
    ("=", b"both, main first"), ("u", b"not chosen yet"), ("w", b"whitespace ignored"), ("t", b"plain, "),
    ("l", b" commit"), ("l", b"+1 -1"), ("]", b"file 2/2"), ("[", b"file 1/2"),
)  # fmt: skip
"""Keys of the conflict screen, each with what it writes."""
PROGRAM = "import os, sys; os.execvp(sys.argv[1], sys.argv[1:])"


@dataclass(frozen=True)
class Cost:
    """What a screen took for some seconds."""

    cpu_percent: float
    bytes_a_s: float
    key_ms: tuple[float, ...] = ()


def at_work(folder: Path, count: int) -> tuple[Recording, list[Path]]:
    """Return a run with so many tasks at work, and their logs."""
    names = [f"task-{n}" for n in range(1, count + 1)]
    run = Recording(folder, names, slots=count)
    run.judge(passes=True)
    run.start(*names)
    for name in names:
        run.log(name, "begun\n" * 60)
    return run, [run.rundir.attempt(f"{name}.1") / "output.log" for name in names]


@contextmanager
def written(logs: list[Path], rate: float) -> Iterator[None]:
    """Have lines written to the logs, so many a second in all."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(rate), *map(str, logs)]) as writer:
        try:
            yield
        finally:
            writer.kill()


def cpu_s(pid: int) -> float:
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(sum(one.cpu_times()[:2]) for one in processes)


def cost(program: PtyProgram, seconds: float) -> Cost:
    before, began, start = cpu_s(program.pid), time.monotonic(), len(program.output)
    program.read_for(seconds)
    took = time.monotonic() - began
    return Cost(100 * (cpu_s(program.pid) - before) / took, (len(program.output) - start) / took)


def key_times(program: PtyProgram, count: int, link: int = 0) -> list[float]:
    """Return how long keys take until what they say is there; `link` is what is read at most, in bytes/s."""
    found = []
    # each says something else, so that the second has something to draw again
    for at in range(count):
        key, said = [("\x03", b"Press q to"), ("R", b"Nothing is waiting for")][at % 2]
        start, began = len(program.output), time.monotonic()
        program.send(key)
        while said not in program.output[start:] and time.monotonic() - began < 20:
            if link:
                throttled(program, link)
            else:
                program._read(0.02)
        found.append(1000 * (time.monotonic() - began))
        throttled(program, link, 0.3) if link else program.read_for(0.13 + 0.01 * (at % 7))
    return found


def throttled(program: PtyProgram, link: int, seconds: float = 0.02) -> None:
    """Read no faster than the link is."""
    end = time.monotonic() + seconds
    while True:
        piece = os.read(program._master, max(1, link // 50))
        program.output += piece
        time.sleep(len(piece) / link)
        if time.monotonic() >= end:
            return


@contextmanager
def grid(run: Recording, *words: str, is_alive: bool = True) -> Iterator[PtyProgram]:
    """Open the grid on a run, an engine beside it unless nothing is to move."""
    lease = run.engine()
    if is_alive:
        lease.__enter__()
    try:
        with PtyProgram(SCREEN, str(run.rundir.path), *words, columns=COLUMNS, rows=ROWS) as program:
            program.read_until_shown("merge queue")
            program.send("a")
            program.read_until_shown("task-8")
            program.read_for(1.5)
            yield program
    finally:
        if is_alive:
            lease.__exit__(None, None, None)


def show(name: str, value: str, bar: str) -> None:
    print(f"{name:44} {value:>24}   bar: {bar}", flush=True)


# --- what is measured


def idle(folder: Path, seconds: float) -> None:
    run, _ = at_work(folder, 8)
    with grid(run, is_alive=False) as program:
        program.read_until_quiet(1.0)
        seen = cost(program, seconds)
    show("idle, 8 panes", f"{seen.bytes_a_s:.0f} B/s  {seen.cpu_percent:.1f} %", "0 B/s, 1 %")


def flood(folder: Path, seconds: float) -> None:
    seen = {}
    for rate in (10_000, 80_000):
        run, logs = at_work(folder / str(rate), 8)
        with grid(run) as program, written(logs, rate):
            program.read_for(1)
            seen[rate] = cost(program, seconds)
            keys = key_times(program, 21) if rate == 10_000 else []
        if keys:
            show(
                "8 panes, 10 k lines/s, 10 fps",
                f"{seen[rate].cpu_percent:.1f} %  {seen[rate].bytes_a_s / 1000:.0f} kB/s",
                "25 %",
            )
            show(
                "  the same, key to redraw",
                f"{statistics.median(keys):.0f} / {max(keys):.0f} ms",
                "median 20, most 50 ms",
            )
    ratio = seen[80_000].cpu_percent / seen[10_000].cpu_percent
    show("80 k against 10 k lines/s", f"{seen[80_000].cpu_percent:.1f} %  ratio {ratio:.2f}", "ratio 1.5")


def bare_panes(folder: Path, seconds: float) -> None:
    for count, rate, source, bar in (
        (8, 10_000, PANES, "25 %"),
        (32, 80_000, PANES, "35 %"),
        (8, 10_000, RICH_LOG, "the control"),
    ):
        _, logs = at_work(folder / f"{count}-{len(source)}", count)
        with PtyProgram(source, *map(str, logs), columns=COLUMNS, rows=ROWS) as program:
            program.read_for(2)
            with written(logs, rate):
                program.read_for(1)
                seen = cost(program, seconds)
        name = "RichLog" if source is RICH_LOG else "bare panes"
        show(
            f"{count} {name}, {rate // 1000} k lines/s, all at 10 fps",
            f"{seen.cpu_percent:.1f} %  {seen.bytes_a_s / 1000:.0f} kB/s",
            bar,
        )


def far(folder: Path, seconds: float) -> None:
    for name, rate, bar in (("8 x 1 line/s", 8, "4 kB/s"), ("10 k lines/s", 10_000, "100 kB/s")):
        run, logs = at_work(folder / str(rate), 8)
        with grid(run, "far") as program, written(logs, rate):
            program.read_for(2)
            seen = cost(program, max(seconds, 10))
        show(
            f"8 panes over SSH settings, {name}",
            f"{seen.bytes_a_s / 1000:.1f} kB/s  {seen.cpu_percent:.1f} %",
            bar,
        )


def slow_link(folder: Path, seconds: float) -> None:
    run, logs = at_work(folder, 8)
    with grid(run) as program, written(logs, 10_000):
        throttled(program, 50_000, 3)
        keys = key_times(program, 9, link=50_000)
    show(
        "50 kB/s link under flood, key to redraw",
        f"{statistics.median(keys):.0f} / {max(keys):.0f} ms",
        "1000 ms",
    )


def conflict(folder: Path, rounds: int = 3) -> None:
    """Press the keys that read and choose in a conflict, over a line of 50 kB/s."""
    run, link = ParkedRun(folder, *TWO_FILES), 50_000
    times, written = [], []
    with run.engine(), conflict_in_terminal(run, COLUMNS, ROWS, link_bytes_a_s=link) as program:
        program.send("c")
        program.read_until_shown("hunks left")
        program.read_until_quiet()
        for key, said in CONFLICT_KEYS * rounds:
            start, began = len(program.output), time.monotonic()
            program.send(key)
            program.read_until(lambda said=said, start=start: said in program.output[start:], repr(said))
            times.append(1000 * (time.monotonic() - began))
            program.read_for(0.3)
            written.append(len(program.output) - start)
    show(
        "50 kB/s link, a conflict, key to redraw",
        f"{statistics.median(times):.0f} / {max(times):.0f} ms",
        "1000 ms",
    )
    show("  the same, written per key", f"{max(written) / 1000:.1f} kB at most", "5 kB")


def ten_million(folder: Path, lines: int) -> None:
    piece = "".join(
        f"08:00:{n % 60:02} INFO worker-3 has done unit {n:06} of its work\n" for n in range(100_000)
    )
    small, large = folder / "small.log", folder / "large.log"
    small.write_text(piece)
    with large.open("w") as file:
        for _ in range(lines // 100_000):
            file.write(piece)
    rss: dict[Path, int] = {}
    for path in (small, large):
        with PtyProgram(PANES, str(path), columns=COLUMNS, rows=ROWS) as program:
            began = time.monotonic()
            program.read_until_shown("099999")
            first_s = time.monotonic() - began
            program.read_until(lambda: any("00,000 lines" in row for row in program.screen()), "all lines")
            read_s = time.monotonic() - began
            rss[path] = psutil.Process(program.pid).memory_info().rss
    megabytes = (rss[large] - rss[small]) / 1e6
    show(f"log of {lines:,} lines: first rows after", f"{first_s:.2f} s from exec", "as a small log")
    show("  index", f"{read_s - first_s:.1f} s", "5 s")
    show("  memory, more than for 100,000 lines", f"{megabytes:+.0f} MB", "+20 MB")


def crowd(folder: Path, count: int, seconds: float, beside: Path | None) -> None:
    """Show many tasks of which one runs: what that costs while nothing happens, per key, and as tasks end."""
    run = Recording(folder, [check(f"t{n:05}", run="sleep 600") for n in range(1, count + 1)], slots=1)
    run.start("t00001").log("t00001", "begun\n")
    for name, porch in (("", ROOT), ("before: ", beside)):
        if porch is None:
            continue
        environ = {"PYTHONPATH": str(porch)}
        with (
            run.engine(),
            PtyProgram(SCREEN, str(run.rundir.path), columns=120, rows=40, environ=environ) as program,
        ):
            began = time.monotonic()
            program.read_until_shown("t00002")
            shown_s = time.monotonic() - began
            program.read_for(2)
            idle = cost(program, seconds)
            before = cpu_s(program.pid)
            keys = [moved(program, f"t{n:05}") for n in range(2, 17)]
            key_cpu_ms = 1000 * (cpu_s(program.pid) - before) / len(keys)
        show(f"{name}{count:,} tasks, one asleep: shown after", f"{shown_s:.2f} s", "-")
        show("  idle", f"{idle.cpu_percent:.1f} %  {idle.bytes_a_s:.0f} B/s", "3 % (goal 2 %)")
        show("  key to redraw", f"{statistics.median(keys):.0f} / {max(keys):.0f} ms", "150 ms (goal 100 ms)")
        show("  processor a key", f"{key_cpu_ms:.0f} ms", "-")


def check(name: str, run: str) -> TaskSpec:
    return TaskSpec(TaskId(name), name, from_shell(run), kind=Kind.CHECK)


def moved(program: PtyProgram, name: str) -> float:
    """Return how many ms the cursor takes to the next task, whose name is drawn again."""
    start, began = len(program.output), time.monotonic()
    program.send("j")
    program.read_until(lambda: name.encode() in program.output[start:], name)
    took = 1000 * (time.monotonic() - began)
    program.read_until_quiet(0.15)
    return took


def events(folder: Path, seconds: float) -> None:
    run, _ = at_work(folder, 8)
    journal, state = Journal.open(run.rundir.journal), run.state
    count, number = 0, 0
    with grid(run) as program:
        before, began = cpu_s(program.pid), time.monotonic()
        while (took := time.monotonic() - began) < seconds:
            number += 1
            batch = [e.SlotsChanged(4 + (number + n) % 4) for n in range(8)]
            journal.append(batch, "bench", now=lambda: state.changed_at + 1)
            count += len(batch)
            program.read_for(0.0005)
        used = 100 * (cpu_s(program.pid) - before) / took
    show(f"journal as fast as disk, {count / took:,.0f} events/s", f"{used:.1f} %", "15 % (at 10 k/s)")


def mprocs(program_path: str, folder: Path, seconds: float) -> None:
    _, logs = at_work(folder, 8)
    words = [f"tail -n 0 -f {log}" for log in logs]
    with PtyProgram(PROGRAM, program_path, *words, columns=COLUMNS, rows=ROWS) as program:
        program.read_for(2)
        with written(logs, 10_000):
            program.read_for(1)
            seen = cost(program, seconds)
    show("mprocs, 8 processes, one shown", f"{seen.cpu_percent:.1f} %  {seen.bytes_a_s / 1000:.0f} kB/s", "-")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--mprocs", default="")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    parts: dict[str, Callable[[Path], None]] = {
        "idle": lambda folder: idle(folder, options.seconds),
        "flood": lambda folder: flood(folder, options.seconds),
        "panes": lambda folder: bare_panes(folder, options.seconds),
        "far": lambda folder: far(folder, options.seconds),
        "link": lambda folder: slow_link(folder, options.seconds),
        "conflict": conflict,
        "large": lambda folder: ten_million(folder, options.lines),
        "crowd": lambda folder: crowd(folder, options.tasks, options.seconds, options.beside),
        "events": lambda folder: events(folder, options.seconds),
    }
    if options.mprocs:
        parts["mprocs"] = lambda folder: mprocs(options.mprocs, folder, options.seconds)
    for name, part in parts.items():
        if options.only in name:
            with tempfile.TemporaryDirectory() as folder:
                Path(folder, name).mkdir()
                part(Path(folder) / name)


if __name__ == "__main__":
    main()
