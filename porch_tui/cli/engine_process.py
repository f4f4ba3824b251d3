"""Starts an engine process on a run: what a screen looks at, and what `--detach` leaves behind."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from porch_tui.core.model import commands as c
from porch_tui.errors import JournalError
from porch_tui.git.repository import Repository
from porch_tui.journal import inbox, lease
from porch_tui.journal.rundir import RunDir
from porch_tui.session.session import Session

if TYPE_CHECKING:
    from porch_tui.process.children import Child

NOTHING_LEFT_TO_DO = (0, 1)
"""Exit codes of an engine that came and went."""
ENGINE_BEGINS_S = 15.0
"""An engine takes its lease within a fraction of a second; a machine too busy for this is an error."""


def launch_engine(repository: Repository, rundir: RunDir, allow_red_base: bool = False) -> Child | None:
    """Start an engine process on the run and return at once; None if one has the run already."""
    from porch_tui.process.children import start_detached  # most screens need none

    if lease.holder(rundir) is not None:
        return None
    send_resumption(rundir, allow_red_base)
    # -P: the repository's own folders must not stand in for installed packages
    command = [sys.executable, "-P", "-m", "porch_tui", "engine", "-C", str(repository.root), rundir.run]
    return start_detached(command, repository.root, rundir.engine_log)


def start_engine(repository: Repository, rundir: RunDir, allow_red_base: bool = False) -> None:
    """Start an engine process on the run and wait until it has the lease.

    Raises JournalError with the engine's last line if it does not come up.
    """
    process = launch_engine(repository, rundir, allow_red_base)
    deadline = time.monotonic() + ENGINE_BEGINS_S
    while process is not None and lease.holder(rundir) is None:
        if process.poll() in NOTHING_LEFT_TO_DO:
            return
        if process.returncode is not None or time.monotonic() > deadline:
            lines = rundir.engine_log.read_text(errors="replace").strip().splitlines()
            raise JournalError(
                f"the engine of run {rundir.run} did not start: {lines[-1] if lines else 'no output'}; "
                f"see {rundir.engine_log}, then try porch resume"
            )
        time.sleep(0.01)


def send_resumption(rundir: RunDir, allow_red_base: bool) -> None:
    """Send the commands that resuming means: a paused run is resumed, unless it is about to be stopped."""
    session = Session(rundir)
    if session.is_stop_waiting:
        return
    if session.state.is_paused:
        inbox.drop(rundir, c.ResumeRun(inbox.new_command_id()))
    if allow_red_base and not session.state.validations.is_red_base_allowed:
        inbox.drop(rundir, c.AllowRedBase(inbox.new_command_id()))
