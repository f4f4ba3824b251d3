"""A child process whose exit status is either known or said to be unknown, never made up."""

from __future__ import annotations

import os
import subprocess
from typing import Any

UNKNOWN_STATUS = 255 << 8
"""As waitpid gives it: exit code 255, which no command of git answers with."""
DESCRIPTORS = 8
"""What starting a program takes for a moment, with pipes for all of its streams."""


class Child(subprocess.Popen[bytes]):
    """`Popen`, but for a status that cannot be collected: there Python says 0, which means success.

    Raises OSError (EMFILE) where there are not enough descriptors, and leaves none open then, as Python does.
    """

    is_status_unknown = False

    def __init__(self, args: Any, **options: Any) -> None:
        _refuse_without_descriptors()
        super().__init__(args, **options)

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        """Collect the status. `Popen` calls this for `wait` and `communicate` in every Python since 3.3."""
        try:
            return os.waitpid(self.pid, wait_flags)
        except ChildProcessError:
            self.is_status_unknown = True
            return self.pid, UNKNOWN_STATUS

    def poll(self) -> int | None:
        """Return the exit code; None while it lives."""
        try:
            return self.wait(timeout=0)
        except subprocess.TimeoutExpired:
            return None


def _refuse_without_descriptors() -> None:
    taken: list[int] = []
    try:
        taken.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        for _ in range(DESCRIPTORS - 1):
            taken.append(os.dup(taken[0]))
    finally:
        for descriptor in taken:
            os.close(descriptor)
