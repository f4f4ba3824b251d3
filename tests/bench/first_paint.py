"""How soon there is a first sign, and the screen, beside a Textual app of one Static; what it writes idle.

    python tests/bench/first_paint.py [--rounds N]

Both run in a terminal of their own, 120x36. First paint is the moment at which
a text of the app is on the screen, the first sign the first byte. The bars:
40 ms for the first sign where Python's own takes 12, so 3.3 times that; 1.6 times
the control for the first paint, in 14,000 bytes, as it is drawn once; 0 bytes idle.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.tui.pty_harness import PtyProgram

CONTROL = """
from textual.app import App
from textual.widgets import Static
class One(App):
    def compose(self):
        yield Static("control is here")
One().run()
"""
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled; the first round does that
ATTACH = """
import sys
from porch_tui.__main__ import main  # what the console script calls
sys.argv[1:] = ["attach", "-C", sys.argv[1]]
sys.exit(main())
"""
IDLE_S = 3.0


def paint_ms(source: str, shown: str, *arguments: str) -> float:
    began = time.perf_counter()
    with PtyProgram(source, *arguments, columns=120, rows=36) as program:
        program.read_until_shown(shown)
        return 1000 * (time.perf_counter() - began)


def first_sign_ms(source: str, *arguments: str) -> float:
    began = time.perf_counter()
    with PtyProgram(source, *arguments, columns=120, rows=36) as program:
        program.read_until(lambda: len(program.output) > 0, "a first sign")
        return 1000 * (time.perf_counter() - began)


def written_bytes(root: Path) -> tuple[int, int]:
    """Return what is written until the screen is there, and then idle."""
    with PtyProgram(ATTACH, str(root), columns=120, rows=36) as program:
        program.read_until_shown("whisper")
        program.read_until_quiet(1.5)
        before = len(program.output)
        program.read_for(IDLE_S)
        return before, len(program.output) - before


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=11)
    rounds = options.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        demo = [sys.executable, "-P", "-m", "porch_tui", "demo", "--headless", folder]
        subprocess.run(demo, check=True, capture_output=True)
        root = Path(folder) / "calculator"
        took: dict[str, list[float]] = {"one Static": [], "porch attach": []}
        signs: dict[str, list[float]] = {"print": [], "porch attach": []}
        for _ in range(rounds):
            signs["print"].append(first_sign_ms("print('here')"))
            signs["porch attach"].append(first_sign_ms(ATTACH, str(root)))
            took["one Static"].append(paint_ms(CONTROL, "control is here"))
            took["porch attach"].append(paint_ms(ATTACH, "merge queue", str(root)))
        medians = {name: statistics.median(values) for name, values in took.items()}
        for name, values in signs.items():
            print(f"{name:14} {statistics.median(values):6.0f} ms to the first sign")
        sign = statistics.median(signs["porch attach"]) / statistics.median(signs["print"])
        print(f"ratio          {sign:6.2f}     (bar: 3.30)")
        for name, median in medians.items():
            print(f"{name:14} {median:6.0f} ms to first paint")
        print(f"ratio          {medians['porch attach'] / medians['one Static']:6.2f}     (bar: 1.60)")
        start, idle = written_bytes(root)
        print(f"start          {start:6d} bytes      (bar: 14000)")
        print(f"idle           {idle:6d} bytes in {IDLE_S:.0f} s (bar: 0)")


if __name__ == "__main__":
    main()
