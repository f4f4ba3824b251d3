"""Kill a forked test with -9 between any two of its steps; a step changes the disk or starts a program."""

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
"""The audit events of steps."""


def in_child(work: Callable[[], object]) -> int:
    """Run `work` in a forked process; return its exit code, negative for a signal."""
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
    """Kill this process before its step with this number."""
    left = step

    def count(event: str, details: tuple[object, ...]) -> None:
        nonlocal left
        if event in STEPS and not (event == "open" and details[2] & os.O_ACCMODE == os.O_RDONLY):
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(count)
