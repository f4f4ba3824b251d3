"""How fast the emulator is: megabytes of output a second of processor time, for four kinds of output.

    python tests/bench/emulation.py [--lines N]

The best of three, each in pieces of 64 KiB on a screen of 100 columns and 30 rows. Also prints the memory of
10,000 rows of scrollback, and how long it takes to lay them out for another width.
"""

from __future__ import annotations

import argparse
import sys
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from porch_tui.emulator.screen import Screen

PIECE = 65_536


def outputs(lines: int) -> dict[str, bytes]:
    """Return output of each kind."""
    number = range(lines)
    return {
        "plain": b"".join(
            b"%06d the quick brown fox jumps over the lazy dog and runs on, 80 columns wide %d\r\n" % (n, n)
            for n in number
        ),
        "colour": b"".join(
            b"\x1b[32m+%05d\x1b[0m \x1b[1;34mdef\x1b[0m name(\x1b[38;5;208mx\x1b[0m): "
            b"\x1b[2mreturn\x1b[22m %d\r\n" % (n, n)
            for n in number
        ),
        "full screen": b"".join(
            b"\x1b[%d;%dH\x1b[38;2;%d;20;30mcell %d\x1b[K\x1b[%dC|\x1b[0m"
            % (n % 30 + 1, n % 60 + 1, n % 256, n, n % 5 + 1)
            for n in number
        ),
        "unicode": "".join(f"└── {n} 漢字かな été ✓ 🚀 na\u0308ive\r\n" for n in number).encode(),
    }


def seconds(data: bytes) -> float:
    """Return the processor time that the output takes."""
    screen = Screen(100, 30)
    began = time.process_time()
    for at in range(0, len(data), PIECE):
        screen.feed(data[at : at + PIECE])
    return time.process_time() - began


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=20_000)
    arguments = parser.parse_args()
    kinds = outputs(arguments.lines)
    for name, data in kinds.items():
        print(f"{name:12} {len(data) / min(seconds(data) for _ in range(3)) / 1e6:6.1f} MB/s")
    for name in ("plain", "colour", "unicode"):
        tracemalloc.start()
        screen = Screen(100, 30)
        screen.feed(kinds[name])
        print(
            f"{name:12} {tracemalloc.get_traced_memory()[0] / 1e6:6.1f} MB, {len(screen.history.lines)} rows"
        )
        tracemalloc.stop()
        began = time.process_time()
        screen.resize(50, 30)
        print(f"{name:12} {(time.process_time() - began) * 1000:6.0f} ms for another width")


if __name__ == "__main__":
    main()
