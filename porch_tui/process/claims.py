"""Which processes belong to an attempt that nobody supervises any more, and by what they are known.

Three signs count, each inherited and none a person's: the variable in the environment; standing in the
session of a step; having the attempt's log as standard output or error. A process that merely works in the
worktree is no attempt's: that may be a shell or an editor, and it is told of, never ended.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from porch_tui.process.environment import MARK
from porch_tui.process.shim_files import leader_of, shim_of
from porch_tui.process.supervisor import kernel, spool
from porch_tui.process.table import Seen


class Sign(StrEnum):
    """By what a process is known."""

    MARK = "its environment"
    SESSION = "its session"
    LOG = "its output"


class Claim(Struct, frozen=True):
    """What is known of the processes of an attempt."""

    directory: Path
    """Resolved."""
    session: int = 0
    """Of the step that was begun last; earlier ones have left nothing. 0: none that could still be known."""
    since: int = 0
    """When the attempt began, in clock ticks since boot."""
    leader_born: int = 0
    """When the session's leader started; 0 if nobody noted it."""

    def sign(self, one: Seen) -> Sign | None:
        """Return by what a process is known to belong to the attempt; None: it does not."""
        if one.mark == self.directory:
            return Sign.MARK
        if self.directory / "output.log" in one.outputs:
            return Sign.LOG
        is_in_session = self.session and one.session == self.session and one.born >= self.since
        return Sign.SESSION if is_in_session and self._is_same_session() else None

    def _is_same_session(self) -> bool:
        """Say whether the session is still that of the step.

        Its number is taken as long as anything is in it. Once all had gone another may have begun by
        that number: then its leader is younger.
        """
        leader = kernel.identify(self.session)
        return leader is None or not self.leader_born or leader.ticks == self.leader_born


def claim_of(directory: Path) -> Claim:
    """Return the claim of the attempt in a directory.

    Without a session after a reboot, without /proc, in a copy, where the session is the original's, and in
    another PID namespace, where its number is a stranger's.
    """
    place = directory.resolve()
    shim, leader = shim_of(place), leader_of(place)
    if not kernel.IS_LINUX or not shim or not leader or shim.boot != kernel.boot_id():
        return Claim(place)
    if shim.identity.namespace != kernel.pid_namespace():
        return Claim(place)
    spec = spool.read(f"{place}/spec.json")
    env = spec.get("env")  # of an earlier porch
    if spec.get("mark", env.get(MARK) if isinstance(env, dict) else None) != str(place):
        return Claim(place)
    return Claim(place, leader.pid, shim.ticks, leader.born)
