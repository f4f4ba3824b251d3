"""All processes, with what tells where one comes from and where it is. One look at /proc; elsewhere psutil.

What may not be read of a process, another user's say, is left out; a process that is only a zombie is none.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from porch_tui.process.environment import MARK
from porch_tui.process.supervisor import kernel

_OUTPUTS = (1, 2)
"""Whoever only reads a log (`tail -f`) has it open as another."""


class Seen(Struct, frozen=True):
    """One process."""

    pid: int
    name: str
    session: int = 0
    born: int = 0
    """When it started, in clock ticks since boot; 0 where there is no /proc."""
    mark: Path | None = None
    """The directory of the attempt it says it belongs to."""
    cwd: Path | None = None
    outputs: tuple[Path, ...] = ()
    """The files it has as standard output and error; empty where there is no /proc."""

    def is_in(self, folder: Path) -> bool:
        """Say whether it is at work in a folder, which is resolved, or below it."""
        return self.cwd is not None and self.cwd.is_relative_to(folder)


def seen() -> Iterator[Seen]:
    """Yield every process but this one."""
    found = _from_proc() if kernel.IS_LINUX else from_psutil()
    return (one for one in found if one.pid != os.getpid())


def _from_proc() -> Iterator[Seen]:
    for pid in kernel.all_pids():
        fields = kernel.stat_fields(pid)
        if not fields or fields[0] in b"ZX":
            continue
        outputs = tuple(file for fd in _OUTPUTS if (file := link(f"/proc/{pid}/fd/{fd}")) is not None)
        cwd, mark = link(f"/proc/{pid}/cwd"), _mark_of(pid)
        yield Seen(pid, kernel.name_of(pid), int(fields[3]), int(fields[19]), mark, cwd, outputs)


def open_in(files: Iterable[Path]) -> dict[Path, list[Seen]]:
    """Return for each file who has it open; nobody where there is no /proc. Asked of few, and seldom."""
    wanted = {file.resolve(): file for file in files}
    found: dict[Path, list[Seen]] = {file: [] for file in wanted.values()}
    for pid in kernel.all_pids() if kernel.IS_LINUX and wanted else ():
        with suppress(OSError):  # gone, or another user's
            for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208 - all there are
                file = wanted.get(link(f"/proc/{pid}/fd/{name}") or Path())
                if file is not None:
                    found[file].append(Seen(pid, kernel.name_of(pid)))
    return found


def from_psutil() -> Iterator[Seen]:
    """Yield the processes where there is no /proc."""
    import psutil

    for process in psutil.process_iter(["name", "environ", "cwd", "status"]):
        told = process.info
        if told["status"] == psutil.STATUS_ZOMBIE:
            continue
        mark = (told["environ"] or {}).get(MARK)
        session = 0
        with suppress(OSError):
            session = os.getsid(process.pid)
        yield Seen(
            process.pid,
            told["name"] or "?",
            session,
            mark=Path(mark) if mark else None,
            cwd=Path(told["cwd"]) if told["cwd"] else None,
        )


def _mark_of(pid: int) -> Path | None:
    prefix = f"{MARK}=".encode()
    with suppress(OSError):  # gone, or another user's
        for variable in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            if variable.startswith(prefix):
                return Path(os.fsdecode(variable.removeprefix(prefix)))
    return None


def link(place: str) -> Path | None:
    """Return where a link leads; None when it is gone or may not be read."""
    with suppress(OSError):
        return Path(os.readlink(place))  # noqa: PTH115 - three for every process there is
    return None


def _name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text("utf-8", "replace").strip()
    return "?"
