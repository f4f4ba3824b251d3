"""Kill -9 between any two steps of what a test does: in a child, by what it does to the disk."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from porch_tui.errors import PorchError

STEPS = {
    "os.mkdir",
    "os.link",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.chmod",
    "subprocess.Popen",
    "open",
    "fcntl.flock",
}
"""Audit events before which the process can be killed: whatever touches the disk, or starts a program."""


def in_child(work: Callable[[], object]) -> int:
    """Do it in a forked process; return its exit code, negative for a signal."""
    pid = os.fork()
    if pid == 0:
        code = 2
        try:
            work()
            code = 0
        except (PorchError, OSError):
            code = 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def kill_at(step: int) -> None:
    """Have this process killed before the given one of its steps."""
    left = step

    def count(event: str, details: tuple[object, ...]) -> None:
        nonlocal left
        if event in STEPS and not (event == "open" and details[2] & os.O_ACCMODE == os.O_RDONLY):
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(count)
