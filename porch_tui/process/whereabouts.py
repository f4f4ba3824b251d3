"""Where processes are, and which of them nobody looks after. Reads /proc; elsewhere nothing is known."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from porch_tui.process import kernel, liveness
from porch_tui.process.spawn import MARK


@dataclass(frozen=True, slots=True)
class Orphan:
    """A process of an attempt, a validation or a resolver whose shim is no more."""

    pid: int
    name: str
    directory: Path
    """Of what it belongs to."""


def working_directories(shim_pid: int) -> set[Path]:
    """Return where the processes below a shim are at work this moment."""
    if not kernel.IS_LINUX:
        return set()
    return {place for pid, _ in kernel.below(shim_pid) if (place := _cwd(pid)) is not None}


def orphans(folder: Path) -> list[Orphan]:
    """Return the processes, by number, that belong to something below `folder` that nobody supervises.

    They are known by the variable every process of an attempt inherits; one that cleared its
    environment is not found.
    """
    found = [Orphan(pid, _name(pid), at) for pid, at in _marked() if at.is_relative_to(folder.resolve())]
    living = {at for at in {one.directory for one in found} if _is_supervised(at)}
    return sorted((one for one in found if one.directory not in living), key=lambda one: one.pid)


def _is_supervised(directory: Path) -> bool:
    try:
        return isinstance(liveness.find(directory), liveness.Running)
    except OSError:
        return False


def _marked() -> Iterator[tuple[int, Path]]:
    prefix = f"{MARK}=".encode()
    for pid in kernel.all_pids() if kernel.IS_LINUX else ():
        with suppress(OSError):  # gone, or another user's
            for variable in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                if variable.startswith(prefix):
                    yield pid, Path(os.fsdecode(variable.removeprefix(prefix)))


def _cwd(pid: int) -> Path | None:
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None


def _name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text("utf-8", "replace").strip()
    return "?"
