"""The attempts that wait behind the present one for the same supervisor: a lane.

They are begun one after the other, while nothing is in the way. As soon as one takes long, is stopped or
held, or the engine asks for it, the rest is given back: the lock of the lane is free from then on, which
proves that nothing of it will begin here any more.

Stdlib only, and of porch nothing but the file beside it: the shim imports this file from its own folder.
"""

# importing pathlib takes 4 of a shim's 19 ms:
# ruff: noqa: PTH102, PTH118
from __future__ import annotations

import os
import time

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from typing import Any

    from porch_tui.process.supervisor import kernel, spool
else:
    import kernel
    import spool

NEVER = float("inf")


class Lane:
    """What waits, with what all of it has in common. Without any it does nothing."""

    def __init__(self, directory: str, folder: str, spec: dict[str, Any]) -> None:
        """`directory` is that of the first attempt, in `folder` like those of the others.

        `spec`: what the first is to run. Its `behind` lists what differs for the others.
        """
        self.directory, self._common = directory, spec
        self._waiting: list[dict[str, Any]] = spec.get("behind", [])[::-1]
        self.is_lane = bool(self._waiting)
        self._lock = spool.take_lock(directory, spool.LANE) if self.is_lane else None
        if self._lock is None:
            self._waiting = []
        # the repository may be moved meanwhile
        self._folder = kernel.anchored(folder) if self._waiting else ""
        self.is_held_from = NEVER
        """When the present attempt will have taken too long (monotonic seconds)."""

    def begin(self) -> None:
        """Have the time of the attempt that begins now measured."""
        self.is_held_from = time.monotonic() + self._common["hold_s"] if self._waiting else NEVER

    def next(self) -> tuple[str, dict[str, Any]] | None:
        """Return the directory of the next attempt, and what it is to run; None if there is none."""
        self.look()
        if not self._waiting:
            self.give_back()
            return None
        own = self._waiting.pop()
        directory = os.path.join(self._folder, own["name"])
        try:
            os.mkdir(directory, 0o700)
        except FileExistsError:
            pass  # a lane before this one came no further
        except OSError:  # the run was deleted, or the disk is full
            self.give_back()
            return None
        return directory, {**self._common, **own, "env": {**self._common["env"], **own["env"]}}

    def look(self) -> None:
        """Give the rest back if the engine asks for it, or the present attempt takes long."""
        if self._waiting and (
            time.monotonic() >= self.is_held_from or spool.has(f"{self.directory}/{spool.RECALL}")
        ):
            self.give_back()

    def after(self, is_well: bool) -> None:
        """Give the rest back if the plan counts failures, and the attempt that is over is one."""
        if not is_well and self._common.get("ends_at_failure"):
            self.give_back()

    def give_back(self) -> None:
        """Begin nothing more."""
        self._waiting, self.is_held_from = [], NEVER
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
