"""The machine's cores and memory, and how much is free, within what control groups allow porch.

Pressure and control groups exist on Linux only; elsewhere psutil tells the rest, imported when it is needed.
A host that was sent porch need not have it: there the total is known, and all of it counts as free.
"""

from __future__ import annotations

import math
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from porch_tui.core.scheduling.slots import Reading
from porch_tui.process import by_ps
from porch_tui.process.supervisor import kernel

CGROUP_ROOT = Path("/sys/fs/cgroup")
PROC = Path("/proc")
UNLIMITED_BYTES = 1 << 60
"""Version 1 control groups express "no limit" by a number of about 2^63."""


class Memory(NamedTuple):
    """Of the machine, or of a control group that allows less; zeroes where that is unknown."""

    total_bytes: int
    available_bytes: int


class Gauge:
    """Reads how busy the machine is. For one thread; keep it between readings."""

    def __init__(self) -> None:
        self._at, self._idle_s, self._used_s = time.monotonic(), _idle_s(), _group_used_s()

    def read(self) -> Reading:
        """Return how busy it is now; cores since the last reading, or since this gauge was created."""
        at, idle_s, used_s = time.monotonic(), _idle_s(), _group_used_s()
        elapsed_s = max(at - self._at, 0.001)
        idle = (idle_s - self._idle_s) / elapsed_s
        share = cpu_share()
        if used_s is not None and self._used_s is not None and share < math.inf:
            idle = min(idle, share - (used_s - self._used_s) / elapsed_s)
        self._at, self._idle_s, self._used_s = at, idle_s, used_s
        memory = free_memory()
        return Reading(
            at=time.time(),
            idle=min(max(idle / cores(), 0.0), 1.0),
            memory_bytes=memory.total_bytes,
            available_bytes=memory.available_bytes,
            cpu_pressure=pressure("cpu"),
            memory_pressure=pressure("memory"),
            memory_stall=pressure("memory", "full"),
        )


def proc_trouble() -> str:
    """Return what is wrong with /proc, where porch looks for the processes of a task; empty if nothing."""
    if not kernel.IS_LINUX:
        return ""
    try:
        here = os.readlink("/proc/self")  # noqa: PTH115
    except OSError:
        return "/proc is not mounted, and porch finds the processes of tasks there; mount it (mount -t proc)"
    if here != str(os.getpid()):
        return (
            "/proc shows the processes of another PID namespace, not those that porch would start; mount the "
            "one that belongs to this namespace (unshare --mount-proc)"
        )
    return ""


def cores() -> int:
    """Return how many cores porch may keep busy, within its CPU affinity and control groups."""
    return max(1, math.ceil(min(len(_allowed()), cpu_share())))


def cpu_share() -> float:
    """Return how many cores' time the control groups allow this process; infinity without a limit."""
    shares = [share(group / "cpu.max") for group in _groups("")]
    shares += [share(group / "cpu.cfs_quota_us", group / "cpu.cfs_period_us") for group in _groups("cpu")]
    return min(shares, default=math.inf)


def share(*files: Path) -> float:
    """Return how many cores' time a quota and its period allow, which are in one file or two."""
    try:
        quota, period = (int(number) for file in files for number in file.read_text().split())
    except (OSError, ValueError):  # no such limit; "max 100000" is none either
        return math.inf
    return quota / period if quota > 0 else math.inf


def free_memory() -> Memory:
    """Return total memory, and how much could be used without swapping."""
    limits = [_machines_memory(), *(_group_memory(group, *_NAMES) for group in _groups(""))]
    limits += [_group_memory(group, *_OLD_NAMES) for group in _groups("memory")]
    known = [one for one in limits if one.total_bytes]
    if not known:
        return Memory(0, 0)
    return Memory(min(one.total_bytes for one in known), min(one.available_bytes for one in known))


def pressure(what: str, who: str = "some", folder: Path = PROC / "pressure") -> float | None:
    """Return the percent of the last ten seconds in which something waited for it; None if unknown.

    With `who="full"`: in which everything waited.
    """
    with suppress(OSError, ValueError, IndexError):
        return float((folder / what).read_text().partition(f"{who} avg10=")[2].split()[0])
    return None


def _allowed() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _idle_s() -> float:
    """Return the idle seconds since boot, summed over the cores we may run on."""
    if not kernel.IS_LINUX:
        import psutil

        return sum(core.idle for core in psutil.cpu_times(percpu=True))
    tick_s, allowed = 1 / os.sysconf("SC_CLK_TCK"), {f"cpu{core}" for core in _allowed()}
    ticks = 0
    for line in (PROC / "stat").read_text().splitlines():
        name, _, rest = line.partition(" ")
        if name in allowed:
            ticks += sum(map(int, rest.split()[3:5]))  # idle, and idle but for the disk
    return ticks * tick_s


def _group_used_s() -> float | None:
    """Return the CPU time our control group has used; None if unknown."""
    for group in _groups("")[:1]:
        with suppress(OSError, ValueError):
            counts = dict(line.split() for line in (group / "cpu.stat").read_text().splitlines())
            return int(counts["usage_usec"]) / 1e6 if "usage_usec" in counts else None
    return None


def _machines_memory() -> Memory:
    if not kernel.IS_LINUX:
        if not by_ps.has_psutil():
            return Memory(total := by_ps.memory_bytes(), total)
        import psutil

        memory = psutil.virtual_memory()
        return Memory(memory.total, memory.available)
    try:
        lines = (PROC / "meminfo").read_text().splitlines()
        fields = (line.partition(":") for line in lines)
        sizes = {name: int(rest.split()[0]) << 10 for name, _, rest in fields}
        return Memory(sizes["MemTotal"], sizes["MemAvailable"])
    except (OSError, ValueError, KeyError, IndexError):
        return Memory(0, 0)


_NAMES = "memory.max", "memory.current", "inactive_file "
_OLD_NAMES = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "


def _group_memory(group: Path, limit: str, current: str, reclaimable: str) -> Memory:
    """Return what a control group allows and has left; cached files count as free."""
    try:
        limit_bytes, used_bytes = (int((group / name).read_text()) for name in (limit, current))
        cached_bytes = int((group / "memory.stat").read_text().partition(f"\n{reclaimable}")[2].split()[0])
    except (OSError, ValueError, IndexError):  # "max" is no limit
        return Memory(0, 0)
    if limit_bytes >= UNLIMITED_BYTES:
        return Memory(0, 0)
    return Memory(limit_bytes, max(0, limit_bytes - used_bytes + cached_bytes))


def _groups(controller: str) -> list[Path]:
    """Return our control group and its ancestors; for "" those of version 2."""
    try:
        lines = (PROC / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return []
    root = CGROUP_ROOT / controller
    for _, names, path in (line.split(":", 2) for line in lines):
        if controller in names.split(","):
            own = root / path.lstrip("/")
            return [group for group in (own, *own.parents) if group.is_relative_to(root)]
    return []
