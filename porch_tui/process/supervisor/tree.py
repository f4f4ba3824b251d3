"""All processes of an attempt as one: asked to end, killed, frozen, let go. For the shim, which is over them.

Stdlib only, and of porch nothing but the kernel file beside it: the shim imports this file as it lies there.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress

TYPE_CHECKING = False  # typing would make every shim start 4 ms later, of 19
if TYPE_CHECKING:
    from porch_tui.process.supervisor import kernel
else:
    import kernel


class Tree:
    """What is below this process; where the kernel does not tell that, the process group of the step."""

    def __init__(self) -> None:
        self.group = 0
        """Of the present step; 0 before there is one."""
        self.killed: set[int] = set()
        """What did not end when it was asked to."""
        self._frozen: set[int] = set()

    def members(self) -> list[tuple[int, bytes]]:
        """Return every process with its state letter, parents before children."""
        if kernel.IS_LINUX:
            return kernel.below(os.getpid())
        return [(-self.group, b"R")] if self.group else []  # kill() takes a negative number for a group

    def ask_to_end(self) -> None:
        """Have everything end in its own way."""
        for signum in (signal.SIGTERM, signal.SIGCONT):  # what is stopped cannot hear the first
            for pid, _ in self.members():
                send(pid, signum)

    def kill(self) -> None:
        """Kill what lives. What forks meanwhile is found by the next call."""
        for pid, state in self.members():
            if state not in b"ZX" and send(pid, signal.SIGKILL):
                self.killed.add(pid)

    def names(self) -> dict[int, str]:
        """Return what lives, by number, with its name."""
        return {pid: kernel.name_of(pid) for pid, state in self.members() if state not in b"ZX"}

    def survivors(self) -> list[list[str | int]]:
        """Return number, name, owner and state letter of each process that lives; as JSON has it."""
        living = (one for one in self.members() if one[1] not in b"ZX")
        return [[pid, kernel.name_of(pid), kernel.owner_of(pid), state.decode()] for pid, state in living]

    def freeze(self) -> None:
        """Stop everything, parents first, until a look finds nothing that is new and still moves."""
        asked: set[int] = set()
        for _ in range(20):
            moving = [pid for pid, state in self.members() if state not in b"TtZX" and pid not in asked]
            for pid in moving:
                send(pid, signal.SIGSTOP)
            asked.update(moving)
            if not moving:
                break
        self._frozen |= asked

    def thaw(self) -> None:
        """Let what was frozen go on, children first; what the task itself stopped stays so."""
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
