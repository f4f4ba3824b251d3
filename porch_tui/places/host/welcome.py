"""What a host says of itself to an engine that has greeted it."""

from __future__ import annotations

import os
import platform
import shutil
import time
from pathlib import Path

from porch_tui import __version__
from porch_tui.git.repository import git_version
from porch_tui.places.host.job import this_job
from porch_tui.places.wire import messages as m
from porch_tui.process.machine import cores, free_memory
from porch_tui.process.supervisor import kernel


def welcome(root: Path, greeting: m.Greeting, others: int) -> m.Welcome:
    """Return what a host says first. `others`: attempts of other repositories that run. Raises OSError."""
    disk, job = shutil.disk_usage(root), this_job(os.environ)
    return m.Welcome(
        protocol=m.PROTOCOL,
        porch=__version__,
        python=platform.python_version(),
        git=".".join(map(str, git_version())),
        boot=kernel.boot_id(),
        now=time.time(),
        cores=cores(),
        memory_bytes=free_memory().total_bytes,
        disk_free_bytes=disk.free,
        disk_bytes=disk.total,
        host=platform.node(),
        tools=tuple(tool for tool in greeting.tools if shutil.which(tool)),
        folder=str(root),
        machine=_machine(),
        ends_at=job.ends_at if job is not None else None,
        lasts_s=job.lasts_s if job is not None else None,
        others=others,
    )


def _machine() -> str:
    """Return what tells this machine from others, those made from the same image among them."""
    name = platform.node().replace(" ", "_")
    try:
        return f"{name}/{Path('/etc/machine-id').read_text().strip()}"
    except (OSError, UnicodeError):
        return name
