"""The tree of errors a user may meet, by whose condition stands in the way.

    PorchError
    ├── PlanError         the plan or the command line: its author can mend it        exit 2
    ├── RepositoryError   the repository or the machine is not in a condition for it  exit 3
    ├── JournalError      a run directory is damaged, foreign or held by another       exit 3
    ├── RefusedError      the run's present state does not allow it                    exit 4
    └── UnreachableError  no place where tasks could run answers                       exit 1

Every message says what was meant to happen, what is in the way, and what to do.
Anything else that escapes is a bug of porch.
"""

from __future__ import annotations

import errno


class PorchError(Exception):
    """Something a user can read and act on; never shown with a traceback."""

    exit_code = 1
    is_temporary = False
    """Whether the same may well succeed a little later."""


def is_full_disk(error: BaseException | None) -> bool:
    """Say whether an error, or what it came from, is that a disk takes nothing for now.

    There is no room (or quota) left on it, or it was made read-only. That passes, and no one made a mistake.
    """
    return _is_about(
        error,
        (errno.ENOSPC, errno.EDQUOT, errno.EROFS),
        ("No space left on device", "Disk quota exceeded", "Read-only file system"),
    )


def is_forbidden(error: BaseException | None) -> bool:
    """Say whether an error, or what it came from, is that something may not be written or read."""
    words = ("Permission denied", "Operation not permitted", "insufficient permission")
    return _is_about(error, (errno.EACCES, errno.EPERM), words)


def _is_about(error: BaseException | None, numbers: tuple[int, ...], words: tuple[str, ...]) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in numbers:
            return True
        if any(word in str(error) for word in words):
            return True  # a program that porch ran met it, git or a shim
        error = error.__cause__
    return False


def limit_met(error: BaseException | None) -> str:
    """Return which limit of the machine an error, or what it came from, is about, and what to do about it.

    Empty if it is about none: a limit is no mistake, and what met it can be tried again.
    """
    while error is not None:
        number = error.errno if isinstance(error, OSError) else None
        for limit, (numbers, words) in _LIMITS.items():
            if number in numbers or any(word in str(error) for word in words):
                return limit
        if isinstance(error, MemoryError):
            return _NO_MEMORY
        error = error.__cause__
    return ""


_NO_MEMORY = "there is not enough memory; free some, or raise the limit (ulimit -v, a container's)"
_LIMITS = {
    "the system allows no more processes or threads; end some, or raise the limit (ulimit -u, container)": (
        (errno.EAGAIN,),
        ("can't start new thread", "Resource temporarily unavailable"),
    ),
    "the system allows no more open files; close some, or raise the limit (ulimit -n)": (
        (errno.EMFILE, errno.ENFILE),
        ("Too many open files",),
    ),
    _NO_MEMORY: ((errno.ENOMEM,), ("Cannot allocate memory", "Out of memory")),
}
"""By what a system call answers, or what a program that porch ran said of it."""


class PlanError(PorchError):
    """The plan file or the command line is wrong. One error may carry many mistakes, a line each."""

    exit_code = 2


class PlanValueError(PlanError):
    """Values of the plan do not fit this repository; who knows the plan's file can say on which line.

    `mistakes` are the keys and list positions that lead to each value, and a sentence about it.
    """

    def __init__(self, *mistakes: tuple[tuple[str | int, ...], str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(text for _, text in mistakes))


class RepositoryError(PorchError):
    """The repository or the machine is not in a condition to do it."""

    exit_code = 3


class JournalError(PorchError):
    """A run directory cannot be read, or may not be written now."""

    exit_code = 3


class NoRunError(JournalError):
    """The repository has had no run yet."""


class RefusedError(PorchError):
    """The run's present state does not allow what was asked."""

    exit_code = 4


class UnreachableError(PorchError):
    """No place where tasks could run answers; the same may well succeed once one does."""
