"""Where processes listen, from /proc."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

LISTENS = "0A"
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}
"""127.0.0.1 and ::1, as the kernel writes them."""


def listening(pids: Iterable[int]) -> dict[str, int]:
    """Return how many sockets the processes and their descendants listen on, by hexadecimal address."""
    found: dict[str, int] = {}
    owned = {inode for pid in with_descendants(set(pids)) for inode in _sockets(pid)}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local, state, inode = (line.split()[column] for column in (1, 3, 9))
            if state == LISTENS and inode in owned:
                address = local.partition(":")[0]
                found[address] = found.get(address, 0) + 1
    return found


def with_descendants(pids: set[int]) -> set[int]:
    """Return processes with all that descend from them."""
    parents = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
    while new := {pid for pid, parent in parents.items() if parent in pids} - pids:
        pids = pids | new
    return pids


def _sockets(pid: int) -> Iterator[str]:
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if socket := re.fullmatch(r"socket:\[(\d+)\]", str(descriptor.readlink())):
                    yield socket[1]
