"""What happens to places, and to attempts that ran on one which was not heard of for too long.

A place that is out of reach is not dead, so its attempts go on in the state as they do there. They count as
lost only when they cannot be running any more (`AttemptLost`, which is an event of the attempt).
"""

from __future__ import annotations

from porch_tui.core.model.events.run import Event, OfAttempt
from porch_tui.core.model.place import PlaceName, Resources
from porch_tui.core.model.plan import Sha


class OfPlace(Event, frozen=True):
    """A fact about a place."""

    place: PlaceName


class PlaceUp(OfPlace, frozen=True):
    """A place can be reached, for the first time or again, or has something else than before.

    Reported as soon as it has said who it is, before anything is sent there that prolongs a lease.
    """

    member_of: PlaceName
    """The name of its entry in the plan: its own, or that of its cluster."""
    boot: str
    """Of its machine: with another one, nothing that ran there runs any more, and none of it begins again.
    It is no news while another machine may still run what was given to the one that had this name before."""
    resources: Resources


class PlaceSilent(OfPlace, frozen=True):
    """The connection to a place was given up: from now on nothing is sent that prolongs its leases."""

    heard_at: float | None
    """When it was last heard, in seconds since the epoch, by the engine's clock; None: never."""
    why: str = ""


class PlaceGone(OfPlace, frozen=True):
    """A place was taken away, and does not come back: a worker was retired, a container removed."""

    why: str
    is_empty: bool = False
    """Nothing that ran there runs any more; else leases have to run out."""


class LeaseExpired(OfPlace, frozen=True):
    """A place stayed out of reach until nothing that ran there can be running any more."""

    since: float
    """Since when it is out of reach, as the state says: it may be up again when this is reported."""


class LostAttemptEnded(OfAttempt, frozen=True):
    """An attempt that counts as lost has ended after all. Nothing of it is merged."""

    text: str
    """How it ended, as the rest of a sentence that begins with its name."""
    head: Sha | None = None
    """What it left on its branch; None: nothing that could be kept."""


class LostWorkKept(OfAttempt, frozen=True):
    """What it left is under a ref of its own: `refs/porch/RUN/lost/TASK/NUMBER`."""


PlaceEvent = PlaceUp | PlaceSilent | PlaceGone | LeaseExpired
LostAttemptEvent = LostAttemptEnded | LostWorkKept
