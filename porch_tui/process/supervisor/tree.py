"""All processes of an attempt, ended, killed, frozen or thawed together. Used by the shim, their ancestor.

Stdlib only, and of porch nothing but the kernel file beside it: the shim imports this file from its own
folder.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from collections.abc import Iterable

    from porch_tui.process.supervisor import kernel
else:
    import kernel


FENCE = "bwrap"
"""The name of its two processes; when the outer one ends, the kernel kills all inside."""


MOST_NAMES = 20
STILL_WITHIN_S = 0.05


class Tree:
    """The processes below this one; without /proc, the process group of the step."""

    def __init__(self) -> None:
        self.group = 0
        """Of the present step; 0 before there is one."""
        self.killed: set[int] = set()
        """Processes that did not end when asked to."""
        self._frozen: set[int] = set()

    def members(self) -> list[tuple[int, bytes]]:
        """Return every process with its state letter, parents before children."""
        if kernel.IS_LINUX:
            return kernel.below(os.getpid())
        return [(-self.group, b"R")] if self.group else []  # kill() takes a negative number for a group

    def terminate(self, *, has_terminal: bool = False) -> None:
        """Ask every process to end; a fence that would kill what is inside at once ends after that.

        Shells in a terminal ignore being asked; they end when that hangs up.
        """
        for pid, _ in self.members() if has_terminal else ():
            if kernel.ignores(pid, signal.SIGTERM):
                send(pid, signal.SIGHUP)
        for signum in (signal.SIGTERM, signal.SIGCONT):  # a stopped process cannot handle the first
            for pid, _ in self.members():
                if signum != signal.SIGTERM or kernel.name_of(pid) != FENCE:
                    send(pid, signum)

    def kill(self) -> None:
        """Kill every living process. One that forks meanwhile is found by the next call."""
        for pid, state in self.members():
            if state not in b"ZX" and send(pid, signal.SIGKILL):
                self.killed.add(pid)

    def names(self) -> dict[int, str]:
        """Return the name of each living process by pid."""
        return {pid: kernel.name_of(pid) for pid, state in self.members() if state not in b"ZX"}

    def survivors(self) -> list[list[str | int]]:
        """Return pid, name, owner and state letter of each living process, for JSON."""
        living = (one for one in self.members() if one[1] not in b"ZX")
        return [[pid, kernel.name_of(pid), kernel.owner_of(pid), state.decode()] for pid, state in living]

    def freeze(self, *, has_terminal: bool = False) -> None:
        """Stop all processes, parents first, until there is no new one that still runs.

        A shell in a terminal that is not still when its job stops would take the terminal from that.
        """
        stopped: set[int] = set()
        for _ in range(20):
            moving = [pid for pid, state in self.members() if state not in b"TtZX" and pid not in stopped]
            for pid in moving:
                send(pid, signal.SIGSTOP)
                if has_terminal:
                    wait_until_still(pid)
            stopped.update(moving)
            if not moving:
                break
        self._frozen |= stopped

    def thaw(self) -> None:
        """Let frozen processes continue, children first; what the task itself stopped stays stopped."""
        for pid, _ in reversed(self.members()):
            if pid in self._frozen:
                send(pid, signal.SIGCONT)
        self._frozen = set()


def send(pid: int, signum: int) -> bool:
    """Signal a process, or a group if the number is negative; say whether that was possible."""
    with suppress(OSError):  # gone, or another user's (sudo): it is waited for all the same
        os.kill(pid, signum)
        return True
    return False


def wait_until_still(pid: int) -> None:
    """Wait until a process that was sent SIGSTOP has stopped; not for long, the kernel may keep it busy."""
    deadline = time.monotonic() + STILL_WITHIN_S
    while time.monotonic() < deadline:
        fields = kernel.stat_fields(pid)
        if not fields or fields[0] in b"TtZX":
            return
        time.sleep(0.0002)


def counted(names: Iterable[str]) -> dict[str, int]:
    """Return how often each name occurs. From the 21st name on it is `others`: exit.json is small."""
    counts: dict[str, int] = {}
    for name in names:
        key = name if name in counts or len(counts) < MOST_NAMES else "others"
        counts[key] = counts.get(key, 0) + 1
    return counts
