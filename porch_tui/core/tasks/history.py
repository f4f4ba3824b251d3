"""Whether validation commands ask git for more than the commit that is checked out.

A host gets that commit alone, because a history may be large; but a command that asks git for it would blame
a task for failing there. What scripts and programs ask git for is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from porch_tui.core.model.plan import CommandLine

_OF_HISTORY = (
    "annotate", "bisect", "blame", "cherry", "cherry-pick", "describe", "log", "merge", "merge-base",
    "range-diff", "rebase", "rev-list", "revert", "shortlog", "show-branch", "whatchanged",
)  # fmt: skip
"""Commands of git that are of little use without a history."""
_GIT = r"\bgit(?:\s+-[cC]\s+\S+|\s+-\S+)*\s+"
"""The program, and options before its command."""
_ASKS = re.compile(
    rf"{_GIT}(?:{'|'.join(_OF_HISTORY)})(?![\w-])"
    rf"|{_GIT}diff\b[^;&|\n]*?\w\.\.\.?(?:\w|\s|$)"
    r"|\bHEAD[~^]|\bHEAD@\{|\bPORCH_BASE\b"
)


def ask_for_history(commands: Iterable[CommandLine]) -> bool:
    """Say whether one of the commands asks git for earlier commits, such as that of the run's begin."""
    return any(_ASKS.search(" ".join(command)) for command in commands)
