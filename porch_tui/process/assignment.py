"""What a shim has to do, and what is still known of it once the attempt has begun.

`spawn` starts it; who only looks at attempts needs nothing of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from porch_tui.core.model.plan import Terminal
from porch_tui.errors import JournalError
from porch_tui.process.supervisor import spool


class Step(Struct, frozen=True):
    """One program to run; `name` is what logs and results call it."""

    name: str
    argv: tuple[str, ...]
    shown: str = ""
    """As the log shows it; empty: its argv."""
    stdin: str = ""
    """What it reads from its standard input; empty: nothing."""
    terminal: Terminal | None = None
    """Its standard streams, instead of the log and `stdin`: one of its own (see `supervisor.terminal`)."""
    has_open_stdin: bool = False
    """People write to its standard input, instead of `stdin` (see `supervisor.open_stdin`)."""
    env: Mapping[str, str | None] = {}
    """What differs in its environment from that of the attempt; None: a variable is not set."""


class FenceOrders(Struct, frozen=True, omit_defaults=True):
    """Commands for work behind a fence that is not its child; empty: none."""

    end: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()
    release: tuple[str, ...] = ()


HOLD_S = 0.3
"""What takes longer than this in a lane holds up nothing behind it."""


class Behind(Struct, frozen=True):
    """What differs for an attempt behind the first in a lane."""

    directory: Path
    """Beside that of the first; its parent exists."""
    steps: tuple[Step, ...]
    timeout_s: float | None
    env: Mapping[str, str]
    """Added to that of the first."""


class Assignment(Struct, frozen=True):
    """What a shim has to do."""

    directory: Path
    """For the log and the result of this attempt. Created if missing; its parent must exist."""
    steps: tuple[Step, ...]
    """At least one; each starts when the previous one has succeeded."""
    cwd: Path
    env: Mapping[str, str]
    """The whole environment of the steps (see `environment.task_environment`)."""
    timeout_s: float | None
    """For all steps together, without the time spent paused."""
    grace_s: float = 5.0
    """From SIGTERM until SIGKILL."""
    fence: FenceOrders = FenceOrders()
    lease_s: float | None = None
    """It ends when `control.renew_lease` was not called for so long; None: it has no lease."""
    behind: tuple[Behind, ...] = ()
    """What the same shim runs afterwards, in turn, as long as nothing is in the way."""
    ends_at_failure: bool = False
    """Nothing more begins after one that fails."""
    hold_s: float = HOLD_S
    """Nothing more begins after one that takes longer."""


def cwd_of(directory: Path) -> Path:
    """Return the folder in which the attempt of this directory runs its steps. JournalError if unreadable."""
    cwd = spool.read(f"{directory}/spec.json").get("cwd")
    if not isinstance(cwd, str):
        raise JournalError(
            f"{directory}/spec.json should say in which folder it runs, but is missing or damaged; when "
            f"nothing of it runs any more, remove {directory}, then porch resume"
        )
    return Path(cwd)


def fence_of(directory: Path) -> FenceOrders:
    """Return the commands for what is behind the fence of the attempt of this directory, if it has any."""
    try:
        return msgspec.convert(spool.read(f"{directory}/spec.json").get("fence", {}), FenceOrders)
    except msgspec.ValidationError:
        return FenceOrders()
