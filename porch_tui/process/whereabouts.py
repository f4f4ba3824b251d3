"""Where processes are, and which of them nobody looks after."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from porch_tui.process import liveness
from porch_tui.process.claims import Claim, Sign, claim_of
from porch_tui.process.supervisor import kernel
from porch_tui.process.table import Seen, link, seen

NESTED = 3
"""How deep below a run's directory something that a shim supervises, or has supervised, has its own."""


class Orphan(Struct, frozen=True):
    """A process of an attempt, a validation or a resolver whose shim is no more."""

    pid: int
    name: str
    directory: Path
    """Of what it belongs to."""
    sign: Sign
    """By what it is known."""

    def __str__(self) -> str:
        return f"{self.name} ({self.pid}) of {self.directory.name}"


def working_directories(shim_pid: int) -> set[Path]:
    """Return where the processes below a shim are at work this moment."""
    if not kernel.IS_LINUX:
        return set()
    places = (link(f"/proc/{pid}/cwd") for pid, _ in kernel.below(shim_pid))  # of few, and often
    return {place for place in places if place is not None}


def orphans(folder: Path, processes: Iterable[Seen] | None = None) -> list[Orphan]:
    """Return the processes, by number, that belong to something below `folder` that nobody supervises.

    They are known as `claims` says. `processes`: those to look at, if somebody has looked already.
    """
    root = folder.resolve()
    claims = [claim_of(place) for place in _going_on(root)]
    found = [one for process in processes or seen() for one in _claimed(process, root, claims)]
    living = {at for at in {one.directory for one in found} if _is_supervised(at)}
    return sorted((one for one in found if one.directory not in living), key=lambda one: one.pid)


def living_in(folder: Path) -> list[str]:
    """Return what below `folder` has a shim that lives, here or elsewhere, by the name of its directory."""
    return [one.name for one in sorted(_going_on(folder)) if isinstance(liveness.find(one), liveness.Alive)]


def lineage() -> set[int]:
    """Return this process and those it comes from: the shell somebody types in among them."""
    found, pid = set[int](), os.getpid()
    while pid and pid not in found:
        found.add(pid)
        fields = kernel.stat_fields(pid)
        pid = int(fields[1]) if fields else 0
    return found


def _going_on(folder: Path, depth: int = 0) -> Iterator[Path]:
    """Yield the directories of what has begun and may go on: the end is written when nothing is left."""
    try:
        with os.scandir(folder) as entries:
            names = {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
    except OSError:
        return
    if depth > 1 and "run.json" in names and "exit.json" not in names:
        yield folder
    if depth < NESTED:
        for name, is_folder in names.items():
            if is_folder:
                yield from _going_on(folder / name, depth + 1)


def _claimed(one: Seen, root: Path, claims: Iterable[Claim]) -> list[Orphan]:
    """Return what a process belongs to below `root`: what it says itself, or what else lays claim to it."""
    if one.mark is not None and one.mark.is_relative_to(root):
        return [Orphan(one.pid, one.name, one.mark, Sign.MARK)]
    told = ((claim, claim.sign(one)) for claim in claims)
    return [Orphan(one.pid, one.name, claim.directory, sign) for claim, sign in told if sign][:1]


def _is_supervised(directory: Path) -> bool:
    with suppress(OSError):
        return isinstance(liveness.find(directory), liveness.Alive)
    return False
