"""All processes, with their sessions, marks, folders and outputs: from /proc, elsewhere from psutil or `ps`.

What may not be read of a process (another user's) is left out; zombies do not count.
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
"""A process that only reads a log (`tail -f`) has it open as another descriptor."""


class Process(Struct, frozen=True):
    """One process."""

    pid: int
    name: str
    session: int = 0
    born: int = 0
    """When it started, in clock ticks since boot; 0 where there is no /proc."""
    mark: Path | None = None
    """The directory of the attempt that its environment names."""
    cwd: Path | None = None
    outputs: tuple[Path, ...] = ()
    """The files it has as standard output and error; empty where there is no /proc."""

    def is_in(self, folder: Path) -> bool:
        """Say whether it works in a folder, which is resolved, or below it."""
        return self.cwd is not None and self.cwd.is_relative_to(folder)


def all_processes(*, is_marked: bool = False) -> Iterator[Process]:
    """Yield every process but this one; with `is_marked` only those of attempts, which is faster.

    Raises OSError where that takes a program that is missing.
    """
    # psutil is not even looked for where /proc is: to import it takes a tenth of a `porch status`
    if kernel.IS_LINUX:
        found = _from_proc(is_marked=is_marked)
    else:
        from porch_tui.process import by_ps

        found = from_psutil() if by_ps.has_psutil() else from_ps()
    return (one for one in found if one.pid != os.getpid() and (one.mark is not None or not is_marked))


def _from_proc(*, is_marked: bool) -> Iterator[Process]:
    for pid in kernel.all_pids():
        mark = _mark_of(pid)
        if is_marked and mark is None:
            continue
        fields = kernel.stat_fields(pid)
        if not fields or fields[0] in b"ZX":
            continue
        outputs = tuple(file for fd in _OUTPUTS if (file := _link(f"/proc/{pid}/fd/{fd}")) is not None)
        cwd = _link(f"/proc/{pid}/cwd")
        yield Process(pid, kernel.name_of(pid), int(fields[3]), int(fields[19]), mark, cwd, outputs)


def from_psutil() -> Iterator[Process]:
    """Yield the processes where there is no /proc."""
    import psutil

    for process in psutil.process_iter(["name", "environ", "cwd", "status"]):
        info = process.info
        if info["status"] == psutil.STATUS_ZOMBIE:
            continue
        mark = (info["environ"] or {}).get(MARK)
        yield Process(
            process.pid,
            info["name"] or "?",
            _session_of(process.pid),
            mark=Path(mark) if mark else None,
            cwd=Path(info["cwd"]) if info["cwd"] else None,
        )


def from_ps() -> Iterator[Process]:
    """Yield the processes where there is not even psutil: without marks, and OSError without `lsof`."""
    from porch_tui.process import by_ps

    places = by_ps.working_directories()
    for one in by_ps.listed():
        if one.state[0] != "Z":
            yield Process(one.pid, one.name, _session_of(one.pid), cwd=places.get(one.pid))


def _session_of(pid: int) -> int:
    with suppress(OSError):
        return os.getsid(pid)
    return 0


def open_in(files: Iterable[Path]) -> dict[Path, list[Process]]:
    """Return for each file the processes that have it open; none where there is no /proc. Slow."""
    wanted = {file.resolve(): file for file in files}
    found: dict[Path, list[Process]] = {file: [] for file in wanted.values()}
    for pid in kernel.all_pids() if kernel.IS_LINUX and wanted else ():
        with suppress(OSError):  # gone, or another user's
            for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208 - all there are
                file = wanted.get(_link(f"/proc/{pid}/fd/{name}") or Path())
                if file is not None:
                    found[file].append(Process(pid, kernel.name_of(pid)))
    return found


def working_directories(shim_pid: int) -> set[Path]:
    """Return the working directories of all processes below a shim."""
    if not kernel.IS_LINUX:
        return set()
    places = (_link(f"/proc/{pid}/cwd") for pid, _ in kernel.below(shim_pid))
    return {place for place in places if place is not None}


def ancestors() -> set[int]:
    """Return this process and its ancestors: the shell that a person types in among them."""
    found, pid = set[int](), os.getpid()
    while pid and pid not in found:
        found.add(pid)
        fields = kernel.stat_fields(pid)
        pid = int(fields[1]) if fields else 0
    return found


def _mark_of(pid: int) -> Path | None:
    prefix = f"{MARK}=".encode()
    with suppress(OSError):  # gone, or another user's
        for variable in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            if variable.startswith(prefix):
                return Path(os.fsdecode(variable.removeprefix(prefix)))
    return None


def _link(place: str) -> Path | None:
    """Return where a link leads; None when it is gone or may not be read."""
    with suppress(OSError):
        return Path(os.readlink(place))  # noqa: PTH115 - three for every process there is
    return None
