"""What is said of the processes of dead shims, and how to end them. Each `porch status` imports this."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from porch_tui.core.model.wording import listed
from porch_tui.journal.rundir import RunDir
from porch_tui.process.orphans import Orphan, orphans
from porch_tui.session.session import Session


def orphan_warning(session: Session) -> str:
    """Return a warning about a run's orphan processes; empty if there are none."""
    if session.is_engine_alive():
        return ""  # it ends them itself
    found = orphans(session.rundir.path)
    do = how_to_end(session.rundir, found, bool(session.state.active))
    return f"{unsupervised(found)}; {do}" if found else ""


def unsupervised(found: Sequence[Orphan]) -> str:
    """Return which processes these are, and how they were recognized."""
    return f"unsupervised: {listed([f'{one} (recognized by {one.sign.value})' for one in found])}"


def how_to_end(rundir: RunDir, found: Sequence[Orphan], is_active: bool) -> str:
    """Return what ends the orphans of a run."""
    kill = kill_command([one.pid for one in found])
    return f"porch resume {rundir.run} ends them; or: {kill}" if is_active else f"check them, then: {kill}"


def kill_command(pids: Sequence[int]) -> str:
    """Return what to type to end processes."""
    return shlex.join(["kill", *map(str, pids)])
