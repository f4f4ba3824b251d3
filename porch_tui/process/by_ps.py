"""What the system's own programs say of processes, where there is neither /proc nor psutil.

That is a host of another system, such as macOS, which was sent porch's side and has nothing else of it. `ps`
is everywhere; it does not say what ended children have used, nor what is in an environment.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

WITHIN_S = 10.0
"""For one of these programs; `ps` takes some milliseconds, `lsof` up to a second."""
_PS = (
    "ps",
    "-A",
    *(word for name in ("pid", "ppid", "time", "rss", "state", "comm") for word in ("-o", f"{name}=")),
)
_LSOF = ("lsof", "-w", "-n", "-P", "-a", "-d", "cwd", "-F", "pn")


class Listed(NamedTuple):
    """A line of `ps`."""

    pid: int
    parent: int
    cpu_s: float
    """Its own, to a whole second or a hundredth of one, as the system has it."""
    rss_bytes: int
    state: str
    """Its first letter means the same everywhere: `R` it runs, `Z` it has ended."""
    name: str


@cache
def has_psutil() -> bool:
    """Say whether psutil is installed, and made for this Python."""
    try:
        import psutil  # noqa: F401
    except Exception:
        return False
    return True


def listed() -> Iterator[Listed]:
    """Yield all processes; none if `ps` fails."""
    try:
        text = _output_of(*_PS)
    except OSError:
        return
    for line in text.splitlines():
        try:
            pid, parent, time, rss, state, *name = line.split(None, 5)
            yield Listed(
                int(pid), int(parent), _seconds(time), int(rss) << 10, state, Path("".join(name)).name or "?"
            )
        except ValueError:
            continue  # of a process that is just ending


def working_directories() -> dict[int, Path]:
    """Return where processes work, by pid; OSError if `lsof` is missing, which tells it."""
    found, pid = dict[int, Path](), 0
    for line in _output_of(*_LSOF).splitlines():
        if line[:1] == "p" and line[1:].isdigit():
            pid = int(line[1:])
        elif line[:2] == "n/":
            found[pid] = Path(line[1:])
    return found


def memory_bytes() -> int:
    """Return how much memory the machine has; 0 if that is unknown."""
    try:
        return max(0, os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _output_of(*command: str) -> str:
    """Return what a program prints, whatever its exit code. Raises OSError if it cannot be run, or hangs."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
            timeout=WITHIN_S,
            check=False,
        )
    except FileNotFoundError as error:
        raise OSError(f"there is no {command[0]}, which tells what processes do; install it") from error
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{command[0]} has not answered within {WITHIN_S:g} s") from error
    return done.stdout.decode("utf-8", "surrogateescape")


def _seconds(text: str) -> float:
    """Return the seconds of `[days-][hours:]minutes:seconds`. ValueError if it is none of these."""
    days, dash, rest = text.rpartition("-")
    seconds = 0.0
    for part in rest.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds + (int(days) * 86_400 if dash else 0)
