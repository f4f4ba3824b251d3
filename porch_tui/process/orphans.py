"""Processes of an attempt whose shim is gone: how they are recognized, and which there are.

Three signs count; each is inherited and none is a person's: a variable in the environment, the session of a
step, the attempt's log as standard output or error. A process that merely works in the worktree belongs to
no attempt: it may be a shell or an editor, and is reported, never ended.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from porch_tui.process import liveness
from porch_tui.process.assignment import fence_of
from porch_tui.process.environment import MARK
from porch_tui.process.liveness import leader_of, shim_of
from porch_tui.process.processes import Process, all_processes
from porch_tui.process.supervisor import kernel, spool

MAX_DEPTH = 3
"""How deep below a run's directory the directories of attempts, validations and resolvers are."""


class Sign(StrEnum):
    """How a process is recognized."""

    MARK = "its environment"
    SESSION = "its session"
    LOG = "its output"


class Claim(Struct, frozen=True):
    """What identifies the processes of one attempt."""

    directory: Path
    """Resolved."""
    session: int = 0
    """Of the last step that started; earlier steps have left nothing. 0: not known, or not valid here."""
    since: int = 0
    """When the attempt began, in clock ticks since boot."""
    leader_born: int = 0
    """When the session's leader started; 0 if that was not recorded."""

    def sign(self, process: Process) -> Sign | None:
        """Return how a process is recognized as the attempt's; None if it is not."""
        if process.mark == self.directory:
            return Sign.MARK
        if self.directory / spool.OUTPUT in process.outputs:
            return Sign.LOG
        if not self.session or process.session != self.session or process.born < self.since:
            return None
        # A session's number is taken while anything is in it. Afterwards another session may get it: then its
        # leader is younger.
        leader = kernel.identify(self.session)
        is_same = leader is None or not self.leader_born or leader.ticks == self.leader_born
        return Sign.SESSION if is_same else None


class Orphan(Struct, frozen=True):
    """A process of an attempt, a validation or a resolver whose shim is gone."""

    pid: int
    name: str
    directory: Path
    """Of what it belongs to."""
    sign: Sign

    def __str__(self) -> str:
        return f"{self.name} ({self.pid}) of {self.directory.name}"


def claim_of(directory: Path) -> Claim:
    """Return the claim of the attempt in a directory.

    It has no session after a reboot, without /proc, in a copy of the directory (the session is the
    original's), and in another PID namespace, where its number means another process.
    """
    place = directory.resolve()
    shim, leader = shim_of(place), leader_of(place)
    if not kernel.IS_LINUX or not shim or not leader or shim.boot != kernel.boot_id():
        return Claim(place)
    if shim.identity.namespace != kernel.pid_namespace():
        return Claim(place)
    spec = spool.read(f"{place}/spec.json")
    env = spec.get("env")  # written by an earlier porch
    mark = shim.mark or spec.get("mark", env.get(MARK) if isinstance(env, dict) else None)
    if mark != str(place):
        return Claim(place)
    return Claim(place, leader.pid, shim.ticks, leader.born)


def orphans(folder: Path, processes: Iterable[Process] | None = None) -> list[Orphan]:
    """Return the processes, by number, that belong to something below `folder` that no shim supervises.

    `processes`: those to examine, if the caller has listed them already.
    """
    root = folder.resolve()
    claims = [claim_of(place) for place in _unfinished(root)]
    found = []
    for one in processes or all_processes(is_marked=not claims):
        if one.mark is not None and one.mark.is_relative_to(root):
            found.append(Orphan(one.pid, one.name, one.mark, Sign.MARK))
            continue
        signs = ((claim, claim.sign(one)) for claim in claims)
        found += [Orphan(one.pid, one.name, claim.directory, sign) for claim, sign in signs if sign][:1]
    living = set[Path]()
    for directory in {one.directory for one in found}:
        with suppress(OSError):
            if isinstance(liveness.find(directory), liveness.Alive):
                living.add(directory)
    return sorted((one for one in found if one.directory not in living), key=lambda one: one.pid)


def living_in(folder: Path) -> list[str]:
    """Return the names of the directories below `folder` whose shim is alive, here or elsewhere."""
    return [one.name for one in sorted(_unfinished(folder)) if isinstance(liveness.find(one), liveness.Alive)]


def fenced(folder: Path) -> list[Path]:
    """Return the directories below `folder` of what had a fence with an `end` of its own."""
    specs = [*folder.glob("*/*/spec.json"), *folder.glob("*/*/*/spec.json")]
    return [one.parent for one in sorted(specs) if fence_of(one.parent).end]


def _unfinished(folder: Path, depth: int = 0) -> Iterator[Path]:
    """Yield the directories of what has started and has not recorded an end."""
    try:
        with os.scandir(folder) as entries:
            names = {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
    except OSError:
        return
    if depth > 1 and "run.json" in names and "exit.json" not in names:
        yield folder
    if depth < MAX_DEPTH:
        for name, is_folder in names.items():
            if is_folder:
                yield from _unfinished(folder / name, depth + 1)
