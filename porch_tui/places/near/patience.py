"""Tries again what fails for reasons that go away, as the executor of this machine does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from porch_tui import log
from porch_tui.errors import PorchError, is_full_disk, limit_met
from porch_tui.executors.checkout import is_temporary
from porch_tui.executors.local import MOST_KILLED, RETRY_S
from porch_tui.git.repository import Repository

Done = TypeVar("Done")
ERRORS = (OSError, RuntimeError, MemoryError, PorchError)
"""What work with git, files and threads raises where this machine is short of something."""


def patiently(
    what: str, do: Callable[[], Done], repository: Repository, wait: Callable[[float], bool]
) -> Done:
    """Return what a function returns, once it succeeds. Raises what it raises, if that stays.

    `wait` takes seconds and says whether to give up; `what` begins the line of the log.
    """
    killed, is_said = 0, False
    while True:
        try:
            return do()
        except ERRORS as error:
            if not is_temporary(error, repository):
                raise
            if not (is_full_disk(error) or limit_met(error)):
                killed += repository.is_writable
            if not is_said:
                log.warning(f"{what} is tried again: {limit_met(error) or error}")
            is_said = True
            if killed > MOST_KILLED or wait(RETRY_S):
                raise
