"""Measures what attempts use: CPU, memory, disk transfers, processes.

Reads /proc once for all attempts: psutil, asked for each tree, costs forty times as much. It is used, and
imported, only where there is no /proc; `ps` where it is not installed either.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from porch_tui.core.model.telemetry import Sample
from porch_tui.process import by_ps
from porch_tui.process.supervisor import kernel
from porch_tui.process.supervisor.kernel import Identity

FULL_SCAN_EVERY = 10
"""Samples. In between, processes that were found not to be ours are skipped."""


class Row(NamedTuple):
    """One process in the process table."""

    parent: int
    own_cpu_s: float
    reaped_cpu_s: float
    """Of its reaped children, and of theirs."""
    rss_bytes: int
    is_running: bool = False
    """It runs, or could if a core were free."""
    born: int = 0
    """When it started, in clock ticks since boot; 0 where there is no /proc."""


Table = Mapping[int, Row]


def read_table(known: Collection[int] = ()) -> Table:
    """Return all processes by pid, except those `known` already."""
    if kernel.IS_LINUX:
        return dict(_proc_rows(known))
    return dict(psutil_rows() if by_ps.has_psutil() else ps_rows())


def _proc_rows(known: Collection[int]) -> Iterator[tuple[int, Row]]:
    tick_s, page_bytes = 1 / os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    for pid in kernel.all_pids():
        if pid not in known and (fields := kernel.stat_fields(pid)):
            user, system, reaped_user, reaped_system = map(int, fields[11:15])
            cpu_s, reaped_s = (user + system) * tick_s, (reaped_user + reaped_system) * tick_s
            rss_bytes, is_running = int(fields[21]) * page_bytes, fields[0] == b"R"
            yield pid, Row(int(fields[1]), cpu_s, reaped_s, rss_bytes, is_running, int(fields[19]))


def psutil_rows() -> Iterator[tuple[int, Row]]:
    """Yield the rows where there is no /proc, without processes that may not be examined."""
    import psutil

    for process in psutil.process_iter(["ppid", "cpu_times", "memory_info", "status"]):
        parent, cpu, memory = (process.info[key] for key in ("ppid", "cpu_times", "memory_info"))
        if parent is not None and cpu and memory:
            reaped_s = cpu.children_user + cpu.children_system
            is_running = process.info["status"] == psutil.STATUS_RUNNING
            yield process.pid, Row(parent, cpu.user + cpu.system, reaped_s, memory.rss, is_running)


def ps_rows() -> Iterator[tuple[int, Row]]:
    """Yield the rows where there is not even psutil. What ended children have used is not in them."""
    for one in by_ps.listed():
        if one.state[0] != "Z":
            yield one.pid, Row(one.parent, one.cpu_s, 0.0, one.rss_bytes, one.state[0] == "R")


class Sampler:
    """Samples the process trees of all running attempts. For one thread; keep it between samples."""

    def __init__(self, read: Callable[[Collection[int]], Table] = read_table) -> None:
        self._read = read
        self._last: dict[str, tuple[float, Sample]] = {}
        """When each was sampled last (monotonic seconds), and what that gave."""
        self._roots: Mapping[str, Identity] = {}
        self._foreign: set[int] = set()
        """Processes below no root: a process never moves below one later."""
        self._samples = 0

    def sample(self, roots: Mapping[str, Identity]) -> dict[str, Sample]:
        """Return what is used below each root, a shim, and without it; shims that are gone are left out.

        The bytes from and to disks include the shim's few. CPU percent are 0 in the first sample.
        """
        if roots != self._roots or self._samples % FULL_SCAN_EVERY == 0:  # pids are reused some day
            self._foreign = set()
        self._roots, self._samples = dict(roots), self._samples + 1
        table, now = self._read(self._foreign), time.monotonic()
        children: dict[int, list[int]] = {}
        for pid, row in table.items():
            children.setdefault(row.parent, []).append(pid)
        samples, ours = dict[str, tuple[float, Sample]](), set[int]()
        for key, root in roots.items():
            if root.pid in table and table[root.pid].born in (0, root.ticks):
                members = list(children.get(root.pid, ()))
                for pid in members:  # grows while it is walked
                    members.extend(children.get(pid, ()))
                ours.update((root.pid, *members))
                samples[key] = now, self._sample(key, root.pid, members, table, now)
        self._foreign |= table.keys() - ours
        self._last = {key: last for key, last in (self._last | samples).items() if key in roots}
        return {key: sample for key, (_, sample) in samples.items()}

    def _sample(self, key: str, shim: int, members: list[int], table: Table, now: float) -> Sample:
        rows = [table[pid] for pid in members]
        # The CPU time of an ended process counts for the parent that reaped it. Without it a build, which
        # is all short processes, would show 1 %.
        cpu_s = table[shim].reaped_cpu_s + sum(row.own_cpu_s + row.reaped_cpu_s for row in rows)
        moved = [kernel.moved_bytes(pid) for pid in (shim, *members)]  # including reaped children
        read, written = sum(read for read, _ in moved), sum(written for _, written in moved)
        percent = 0.0
        if key in self._last:
            at, last = self._last[key]
            # a process that has ended and is not reaped yet is in no sum
            cpu_s, read = max(cpu_s, last.cpu_s), max(read, last.read_bytes)
            written = max(written, last.written_bytes)
            percent = 100 * (cpu_s - last.cpu_s) / (now - at) if now > at else 0.0
        rss_bytes = sum(row.rss_bytes for row in rows)
        return Sample(
            at=time.time(),
            cpu_percent=percent,
            cpu_s=cpu_s,
            rss_bytes=rss_bytes,
            peak_rss_bytes=rss_bytes,
            processes=len(rows),
            running=sum(row.is_running for row in rows),
            read_bytes=read,
            written_bytes=written,
        )
