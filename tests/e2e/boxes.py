"""Places for tests: a shell with a home of its own, as a container or another user's login would have."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


def way_in(home: Path) -> str:
    """Return `run` of a place, as YAML."""
    home.mkdir(exist_ok=True)
    return f"[env, 'HOME={home}', sh]"


def way_in_that_can_be_cut(home: Path) -> str:
    """Return `run` of a place that cannot be entered after `cut`."""
    script = f'test -e {home}/cut && exit 9; echo $$ > {home}/way; HOME={home} exec "$0"'
    return f"[sh, -c, '{script}', sh]"


def cut(home: Path) -> None:
    """Let the way in hang, and no other be found."""
    (home / "cut").touch()
    signal_way_in(home, signal.SIGSTOP)


def mend(home: Path) -> None:
    """Let the place be entered again."""
    signal_way_in(home, signal.SIGCONT)
    (home / "cut").unlink()


def signal_way_in(home: Path, number: signal.Signals) -> None:
    """Send a signal to the newest way in, and all that it has started."""
    pids = [int((home / "way").read_text())]
    parents = {pid: parent for pid in _running(home) if (parent := _parent(pid)) is not None}
    for pid in pids:
        pids += [child for child, parent in parents.items() if parent == pid]
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def working(home: Path) -> list[int]:
    """Return the processes of attempts there: their commands, and whatever those have started."""
    return [pid for pid in _running(home) if b"PORCH_TASK" in _environment(pid)]


def end(home: Path) -> None:
    """End all that runs there."""
    while pids := _running(home):
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _running(home: Path) -> list[int]:
    """Return the processes whose home it is."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in pids if _environment(pid).get(b"HOME") == os.fsencode(home)]


def _parent(pid: int) -> int | None:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


def _environment(pid: int) -> dict[bytes, bytes]:
    try:
        words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # gone by now
        return {}
    return {name: value for name, _, value in (word.partition(b"=") for word in words)}


def host_pid(home: Path) -> int | None:
    """Return the pid of the host's process there, of a box or beside a worker, if one was started."""
    kinds = (".cache/porch/hosts/lock", ".cache/porch/workers/*/lock")
    found = [path.read_text() for kind in kinds for path in home.glob(kind)]
    return int(found[0]) if found and found[0] else None


def end_host(home: Path) -> None:
    """End the host's process at once."""
    if (pid := host_pid(home)) is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
