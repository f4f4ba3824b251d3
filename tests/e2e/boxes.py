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


def host_pid(home: Path) -> int | None:
    """Return the pid of the host's process there, if one was started."""
    found = [path.read_text() for path in home.glob(".cache/porch/hosts/lock")]
    return int(found[0]) if found and found[0] else None


def end_host(home: Path) -> None:
    """End the host's process at once."""
    if (pid := host_pid(home)) is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
