"""The tree of errors a user may meet, by whose condition stands in the way.

    PorchError
    ├── PlanError         the plan or the command line: its author can mend it        exit 2
    ├── RepositoryError   the repository or the machine is not in a condition for it  exit 3
    ├── JournalError      a run directory is damaged, foreign or held by another       exit 3
    ├── PlaceError        the place where attempts run (a cluster) cannot be used      exit 3
    └── RefusedError      the run's present state does not allow it                    exit 4

Every message says what was meant to happen, what is in the way, and what to do.
Anything else that escapes is a bug of porch.
"""

from __future__ import annotations


class PorchError(Exception):
    """Something a user can read and act upon; never shown with a traceback."""

    exit_code = 1


class PlanError(PorchError):
    """The plan file or the command line is wrong. One error may carry many mistakes, a line each."""

    exit_code = 2


class RepositoryError(PorchError):
    """The repository or the machine is not in a condition to do it."""

    exit_code = 3


class JournalError(PorchError):
    """A run directory cannot be read, or may not be written now."""

    exit_code = 3


class PlaceError(PorchError):
    """The place where attempts should run cannot be used."""

    exit_code = 3


class RefusedError(PorchError):
    """The run's present state does not allow what was asked."""

    exit_code = 4
