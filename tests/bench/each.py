"""`porch each` beside `xargs -P`: many small commands, one for each item.

    python tests/bench/each.py [--items 500] [--slots 2] [--rounds 3] [--porch PORCH]

Measured is from the start of the program to its end, in a small repository, for a command that does nothing
(the worst case: all that is measured is what runs it), for two that take 20 ms, asleep and at work, and for
one that takes a tenth of a second of processor time, as a small test in Python does.
With `--shared`, porch is compared with `xargs -P` alone; without, with
`xargs -P` around `git worktree add`, the command, and `git worktree remove`. Where GNU parallel is installed,
its time is shown too, with a log for each item, as porch keeps one. All ways run in turns, so that
what else the machine does falls on all of them; the median of each counts. On a busy machine Linux gives each
session its share, so the commands of xargs get sessions of their own too, as those of porch have. What porch
does besides (it keeps worktrees, logs, times and a journal, and can be stopped and resumed) is in its time.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUSY = "import time\nwhile time.process_time() < 0.1: pass\n"
COMMANDS = {
    "true": ("true",),
    "20 ms of sleep": ("sh", "-c", "sleep 0.02"),
    "20 ms of Python": (sys.executable, "-I", "-S", "-c", BUSY.replace("0.1", "0.02")),
    "0.1 s of Python": (sys.executable, "-I", "-S", "-c", BUSY),
}
WITHIN = 1.3


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=500)
    parser.add_argument("--slots", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--porch", default="porch", help="the porch program to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-each-") as folder:
        root = repository(Path(folder))
        items = "".join(f"item {number}\n" for number in range(options.items))
        for name, command in COMMANDS.items():
            times = measured(root, items, command, options)
            print(f"\n{options.items} × {name}, {options.slots} at once, median of {options.rounds}")
            for way, seconds in times.items():
                each_ms = seconds / options.items * 1000
                print(f"  {way:30} {seconds:7.2f} s  {each_ms:6.1f} ms each")
            for mine, theirs in (("porch each --shared", "xargs"), ("porch each", "xargs with worktrees")):
                ratio = times[mine] / times[theirs]
                print(
                    f"  {mine} / {theirs}: {ratio:.2f} ({'within' if ratio <= WITHIN else 'above'} {WITHIN})"
                )


def repository(folder: Path) -> Path:
    """Make a repository of 20 small files."""
    root = folder / "app"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.name", "Ada")
    git(root, "config", "user.email", "ada@example.org")
    for number in range(20):
        (root / f"f{number}.py").write_text(f"assert {number} >= 0\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "files")
    return root


def measured(
    root: Path, items: str, command: tuple[str, ...], options: argparse.Namespace
) -> dict[str, float]:
    """Return the median time of each way, run in turns."""
    ways = {
        "xargs": lambda: xargs(root, items, options.slots, command),
        "porch each --shared": lambda: porch(root, items, options, command, "--shared"),
        "xargs with worktrees": lambda: xargs(root, items, options.slots, around(root, command)),
        "porch each": lambda: porch(root, items, options, command),
    }
    if shutil.which("parallel"):
        ways["GNU parallel, logs and job log"] = lambda: parallel(root, items, options.slots, command)
    found: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(options.rounds):
        for way, run in ways.items():
            began = time.monotonic()
            run()
            found[way].append(time.monotonic() - began)
            clean(root, options)
    return {way: statistics.median(times) for way, times in found.items()}


def xargs(root: Path, items: str, slots: int, command: tuple[str, ...]) -> None:
    """Run a command for each item."""
    alike = ["setsid", "-w"] if shutil.which("setsid") else []
    words = ["xargs", "-d", "\n", "-P", str(slots), "-n", "1", *alike, *command]
    subprocess.run(words, cwd=root, input=items, text=True, check=True, stdout=subprocess.DEVNULL)


def parallel(root: Path, items: str, slots: int, command: tuple[str, ...]) -> None:
    """Run a command for each item with GNU parallel, which keeps what each printed and how it ended."""
    with tempfile.TemporaryDirectory(dir=root.parent) as folder:
        kept = ["--joblog", f"{folder}/log", "--results", f"{folder}/results"]
        words = ["parallel", "--will-cite", "--quote", "-j", str(slots), *kept, *command]
        subprocess.run(words, cwd=root, input=items, text=True, check=True, stdout=subprocess.DEVNULL)


def around(root: Path, command: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command that runs another in a worktree of its own, and removes that.

    Adding one fails while git is just adding others, so it is tried again.
    """
    script = (
        f"w={shlex.quote(str(root.parent))}/w-$$;"
        ' until git worktree add -q --detach "$w" HEAD 2> /dev/null; do rm -rf "$w"; done;'
        f' (cd "$w" && {shlex.join(command)} "$1"); code=$?;'
        ' git worktree remove --force "$w"; exit $code'
    )
    return "sh", "-c", script, "sh"


def porch(root: Path, items: str, options: argparse.Namespace, command: tuple[str, ...], *more: str) -> None:
    """Run a command for each item as a check."""
    words = [options.porch, "each", "--list", "-", "--slots", str(options.slots), "--headless", *more]
    done = subprocess.run(
        [*words, "--", *command, "{}"], cwd=root, input=items, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    count = items.count("\n")
    assert f"{count} of {count} checks passed" in done.stdout


def clean(root: Path, options: argparse.Namespace) -> None:
    """Remove what a way has left, outside of what is measured."""
    subprocess.run([options.porch, "clean"], cwd=root, capture_output=True, check=False)
    subprocess.run(["rm", "-rf", str(root / ".git/porch/runs")], check=True)


def git(root: Path, *words: str) -> None:
    """Run git in a folder."""
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


if __name__ == "__main__":
    main()
