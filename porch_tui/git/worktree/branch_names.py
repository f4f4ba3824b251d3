"""Which branch names git takes, and which cannot exist side by side. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_NEVER = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
"""What `git check-ref-format` refuses anywhere in a name."""


def is_valid(branch: str) -> bool:
    """Whether `git branch` would take the name, as far as the name goes."""
    parts = branch.split("/")
    return (
        bool(branch)
        and not _NEVER.search(branch)
        and not branch.startswith("-")
        and not branch.endswith(".")
        and branch not in ("@", "HEAD")
        and all(part and not part.startswith(".") and not part.endswith(".lock") for part in parts)
    )


def clashes(wanted: Mapping[str, str], existing: Iterable[str]) -> list[str]:
    """Say, a line each, what keeps the branches in `wanted` (by task) from being made.

    A branch is a file on disk: `feature` and `feature/x` exclude each other, and on many disks
    so do names that differ only in case; they are refused everywhere, for the sake of those.
    """
    taken = {branch.casefold(): f"the branch {branch} exists" for branch in existing}
    folders = {folder: holder for branch, holder in taken.items() for folder in _folders(branch)}
    found = []
    for task, branch in wanted.items():
        name = branch.casefold()
        above = (taken[folder] for folder in _folders(name) if folder in taken)
        clash = taken.get(name) or folders.get(name) or next(above, None)
        if clash is not None:
            found.append(f"task {task} needs the branch {branch}, but {clash}")
        taken.setdefault(name, f"task {task} has the branch {branch}")
        folders |= dict.fromkeys(_folders(name), f"task {task} has the branch {branch}")
    return found


def _folders(branch: str) -> list[str]:
    parts = branch.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]
