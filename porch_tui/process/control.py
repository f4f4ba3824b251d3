"""Orders to the shim of an attempt: pause, resume, finish, stop. Also ends what a killed shim left behind.

An order is written down before the shim is woken, and numbered: giving it twice, or to a shim that is gone,
does no harm. No process is signalled whose identity has not been checked.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from porch_tui.errors import JournalError
from porch_tui.process.assignment import cwd_of, fence_of
from porch_tui.process.children import why_failed
from porch_tui.process.liveness import Alive, Elsewhere, Ended, Lost, LostWhy, find, progress_of, shim_of
from porch_tui.process.orphans import Claim, claim_of
from porch_tui.process.processes import all_processes
from porch_tui.process.supervisor import kernel, spool
from porch_tui.process.supervisor.kernel import Identity
from porch_tui.process.typing import has_terminal

UNKILLABLE_AFTER_S = 5.0
LEASE = "lease"
FENCE_ENDED = "fence-ended"
"""In the directory of an attempt: what its shim could not end behind its fence was ended later."""


def set_paused(directory: Path, is_paused: bool) -> bool:
    """Freeze every process of the attempt, and its timeout, or let them continue, unless that is so already.

    Returns whether there is a shim to do it; it is done when `find` says so. Clocks inside the task continue:
    its own timeouts and connections may run out. Raises OSError when the order cannot be written, on a full
    disk say.
    """
    found = find(directory)
    if not isinstance(found, Alive):
        return False
    # the engine that gave the last order may have died before the shim received it
    is_obeyed = found.order == spool.read(f"{directory}/ctl.json").get("seq", 0)
    is_so = is_obeyed and found.is_paused == is_paused
    return is_so or _order(directory, {"cmd": "pause" if is_paused else "resume"})


def stop(directory: Path, grace_s: float) -> bool:
    """Send SIGTERM to every process, and SIGKILL `grace_s` later; return whether there is a shim to do it.

    Final: the only later order that counts is another stop, which can only shorten the grace.
    """
    return _order(directory, {"cmd": "stop", "grace_s": grace_s})


def finish(directory: Path, grace_s: float) -> bool:
    """Have the step in a terminal end, with `grace_s` from SIGTERM until SIGKILL, and count as ended well.

    Of one without, the open standard input ends. Returns whether it has, or had, either: a setup or checks
    are not ended. Does nothing the second time. Raises OSError when the order cannot be written.
    """
    if progress_of(directory).is_finished or spool.read(f"{directory}/ctl.json").get("cmd") == "finish":
        return True
    if not has_terminal(directory):
        return False
    return _order(directory, {"cmd": "finish", "grace_s": grace_s})


def _order(directory: Path, order: dict[str, object]) -> bool:
    if not isinstance(find(directory), Alive):
        return False
    with spool.one_at_a_time(str(directory)):  # or two orders might get the same number
        liveness = find(directory)
        last = spool.read(f"{directory}/ctl.json")
        is_final = last.get("cmd") == "stop" and order["cmd"] != "stop"
        if is_final or not isinstance(liveness, Alive):
            return False
        try:
            spool.put(f"{directory}/ctl.json", {"seq": last.get("seq", 0) + 1, **order})
        except OSError:
            if order["cmd"] != "stop" or isinstance(liveness, Elsewhere):
                raise
            return kernel.send(liveness.shim, signal.SIGTERM)  # a full disk must not keep it from ending
        # elsewhere the shim's pid would be another process's; it finds the order by looking
        return isinstance(liveness, Elsewhere) or kernel.send(liveness.shim, signal.SIGUSR1)


def renew_lease(directory: Path) -> None:
    """Let the attempt go on for the time of its lease from now, if it has one. Raises OSError."""
    try:
        os.utime(directory / LEASE)
    except FileNotFoundError:
        (directory / LEASE).touch(mode=0o600)


def recall(directory: Path) -> None:
    """Have nothing more begin behind this attempt; `liveness.is_lane` says when that is so. OSError."""
    (directory / spool.RECALL).touch()
    if (shim := shim_of(directory)) is not None:
        kernel.send(shim.identity, signal.SIGUSR1)


def end_leftovers(directory: Path, grace_s: float = 2.0) -> tuple[str, ...]:
    """End the processes of an attempt whose shim was killed; return their names with their pids.

    They are recognized as `orphans` says; one that has cleared its environment, left its session and closed
    its output is not found, and none where there is no /proc. Does nothing unless the shim is known to be
    dead.
    """
    is_known_dead = find(directory) in (Lost(LostWhy.KILLED), Lost(LostWhy.KILLED_ELSEWHERE))
    if not is_known_dead or not kernel.IS_LINUX:
        return ()
    claim = claim_of(directory)
    asked: dict[Identity, str] = {}
    deadline = time.monotonic() + grace_s
    while (left := _claimed(claim)) and time.monotonic() < deadline + UNKILLABLE_AFTER_S:
        is_over = time.monotonic() >= deadline
        for process in left if is_over else left.keys() - asked.keys():
            for signum in (signal.SIGKILL,) if is_over else (signal.SIGTERM, signal.SIGCONT):
                kernel.send(process, signum)
        asked |= left
        time.sleep(0.01)
    return tuple(f"{name} ({process.pid})" for process, name in sorted(asked.items()))


def end_behind_fence(directory: Path, environ: Mapping[str, str]) -> str:
    """End what a killed shim's fence has started elsewhere, as in a container; return why that failed.

    Does nothing where no fence says how, or where it was done before; nor while the shim is alive, or if it
    has done it.
    """
    fence, done = fence_of(directory), directory / FENCE_ENDED
    if not fence.end or done.exists():
        return ""
    found = find(directory)
    if not isinstance(found, Lost) and not (isinstance(found, Ended) and found.exit.unended):
        return ""
    try:
        why = why_failed(fence.end, cwd_of(directory), environ)
        if not why:
            done.touch()
    except (OSError, JournalError) as error:
        return str(error)
    return why


def _claimed(claim: Claim) -> dict[Identity, str]:
    """Return the processes of a claim with their names."""
    found = {}
    for one in all_processes():
        if claim.sign(one) is None:
            continue
        with suppress(OSError):  # gone, or another user's
            # in a container the path may be another folder
            there = Path(f"/proc/{one.pid}/root{claim.directory}").stat()
            process = kernel.identify(one.pid)
            is_same = os.path.samestat(claim.directory.stat(), there)
            if is_same and process is not None and process.ticks == one.born:
                found[process] = one.name
    return found
