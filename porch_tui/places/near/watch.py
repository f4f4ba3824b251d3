"""What is wanted and known of an attempt at another place."""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.executors.executor import Job
from porch_tui.places.wire import messages as m

MOST_LISTINGS = 5
"""So often files of `copy` may change while they are sent."""


class Watch(Struct):
    """What is wanted and known of one attempt."""

    job: Job
    order: m.Order
    stop_s: float | None = None
    is_asked: bool = False
    """It was said that it shall start, or stop."""
    is_started: bool = False
    end: m.Ended | None = None
    is_here: bool | None = None
    """What it left is in the repository already; None: not known yet."""
    asked_to: int = 0
    """Up to where the bundle was asked for."""
    is_taking: bool = False
    is_listing: bool = False
    """The files of `copy` are being read; it is ordered after that."""
    listings: int = 0
    """How often they had changed when they were sent."""

    def needs(self, need: m.Need) -> bool:
        """Say whether a host that asks for something cannot begin the attempt without it."""
        name = need.base or need.copies
        return not self.is_started and self.end is None and name in (self.order.base, self.order.copies)

    def failed(self, why: str) -> e.AttemptFailed:
        """Return that the attempt cannot be started, or has ended and cannot be taken over."""
        kind = e.FailureKind.NOT_STARTED if self.end is None else e.FailureKind.UNCOLLECTABLE
        return e.AttemptFailed(self.job.attempt, e.Failure(kind, why))
