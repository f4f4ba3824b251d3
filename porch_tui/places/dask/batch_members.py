"""The jobs of a batch system as places, and how many of them there are to be."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence

from porch_tui import log
from porch_tui.core.model.place import PlaceName, PlaceSpec
from porch_tui.core.scheduling.wanted_slots import WantedSlots
from porch_tui.errors import PorchError
from porch_tui.places.carriers.carrier import Carrier, CarrierError, Link
from porch_tui.places.dask.access import Access
from porch_tui.places.dask.batch_cluster import BatchCluster, BatchJob, BatchOrder
from porch_tui.places.dask.extra import EXTRA, HPC, INSTALL_HPC, require
from porch_tui.places.dask.members import Gone, Member, Members

LOOK_S = 1.0
CLOSES_S = 5.0
WAITS_S = 15.0
"""Until it is said why a job waits: many begin sooner."""


class BatchMembers:
    """The workers of a run's batch cluster, which is started, and knows how many slots are wanted."""

    def __init__(
        self,
        spec: PlaceSpec,
        cluster: BatchCluster,
        order: BatchOrder,
        on_members: Callable[[tuple[Member, ...]], None],
        *,
        on_gone: Gone,
        known: Sequence[PlaceName],
    ) -> None:
        """Begin to bring it up. `on_members`, `on_gone` and `known` are as with `Members`.

        Raises RepositoryError where the extra is missing.
        """
        require(f"the place {spec.name}", (*EXTRA, *HPC), INSTALL_HPC)
        self._spec, self._cluster, self._order = spec, cluster, order
        self._on_members, self._on_gone, self._known = on_members, on_gone, dict.fromkeys(known)
        self._wanted = WantedSlots(0)
        self._address = ""
        self._members: Members | None = None
        self.why_lost = "its scheduler is being started"
        """Why it cannot be reached now; empty: it can."""
        self._said = ""
        self._waiting: dict[str, float] = {}
        """By the number of a job that waits, since when; infinite once that was said."""
        self._wake, self._is_closed = threading.Event(), False
        self._thread = threading.Thread(target=self._stay, name=f"batch {spec.name}", daemon=True)
        self._thread.start()

    def want(self, wanted: WantedSlots) -> None:
        """Say what the run could use now."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._wake.set()

    def end(self) -> None:
        """Let all jobs be cancelled: the run has ended."""
        self.close()
        try:
            self._cluster.want(0, is_over=True)
        except OSError as error:
            log.warning(f"the jobs of {self._spec.name} end once no engine is heard of: {error}")

    def carrier(self, place: PlaceName) -> Carrier:
        """Return the way to a job's worker, also to one that an earlier engine knew."""
        return _Way(self, place)

    def open(
        self, place: PlaceName, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]
    ) -> Link:
        """Connect to a job's host. Raises CarrierError."""
        members = self._members
        if members is None:
            raise CarrierError(self.why_lost)
        return members.carrier(place).open(on_data, on_lost)

    def close(self) -> None:
        """Leave the cluster; it ends once no engine has come for as long as its lease."""
        self._is_closed = True
        self._wake.set()
        self._thread.join(CLOSES_S)
        if self._members is not None:
            self._members.close()

    def _stay(self) -> None:
        while not self._is_closed:
            self._wake.clear()
            try:
                wanted = self._wanted
                late = [place.removeprefix(f"{self._spec.name}/") for place in wanted.late]
                record = self._cluster.ensure(self._order, wanted.count)
                self._cluster.want(wanted.count, late)
                if record.address != self._address:
                    self._join(record.address)
                self.why_lost = ""
                self._say(record.trouble)
                self._say_what_waits(record.jobs)
            except (PorchError, OSError) as error:
                self.why_lost = str(error)
                self._say(str(error))
            self._wake.wait(LOOK_S)

    def _join(self, address: str) -> None:
        """Connect to the scheduler, which may be another one than before."""
        if self._members is not None:
            self._members.close()
        access = Access(address, self._cluster.client)
        self._members = Members(
            self._spec, self._hear_of, {}, access=access, on_gone=self._on_gone, known=self._known
        )
        self._address = address

    def _hear_of(self, members: tuple[Member, ...]) -> None:
        self._known |= dict.fromkeys(member.place for member in members)
        self._on_members(members)

    def _say(self, trouble: str) -> None:
        if trouble and trouble != self._said:
            log.warning(f"nothing starts on {self._spec.name}: {trouble}; it is tried again")
        self._said = trouble

    def _say_what_waits(self, jobs: Sequence[BatchJob]) -> None:
        """Say once of each job why the batch system lets it wait, if it does so for a while."""
        now = time.monotonic()
        self._waiting = {one.id: self._waiting.get(one.id, now) for one in jobs if one.waits}
        for one in jobs:
            if now - self._waiting.get(one.id, now) > WAITS_S:
                log.warning(f"{self._spec.name}: job {one.id} waits: {one.waits}")
                self._waiting[one.id] = math.inf


class _Way:
    """The way to a job, which may lead nowhere yet."""

    def __init__(self, members: BatchMembers, place: PlaceName) -> None:
        self._members, self._place = members, place

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> Link:
        return self._members.open(self._place, on_data, on_lost)
