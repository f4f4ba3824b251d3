"""The workers of a cluster as places: what a plan names as one, and what porch gives attempts to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from porch_tui.core.model.place import PlaceName, PlaceSpec
from porch_tui.places.carriers.carrier import Carrier
from porch_tui.places.dask.access import Access, access_to
from porch_tui.places.dask.asking import DaskWorker
from porch_tui.places.dask.cluster import DaskCluster
from porch_tui.places.dask.extra import require

Gone = Callable[[PlaceName, str], None]


class Member(Struct, frozen=True):
    """A worker of a cluster, which is a place as long as its name comes back."""

    place: PlaceName
    slots: int
    carrier: Carrier


class Members:
    """The workers of one cluster, reported as they come and go."""

    def __init__(
        self,
        spec: PlaceSpec,
        on_members: Callable[[tuple[Member, ...]], None],
        environ: Mapping[str, str],
        root: str = "",
        *,
        access: Access | None = None,
        on_gone: Gone = lambda place, why: None,
        known: Iterable[PlaceName] = (),
    ) -> None:
        """Begin to connect. `on_members` hears of all there are whenever that changes, in a thread of this.

        In the same thread `on_gone` hears of each that does not come back, and why; `known` are the places
        of this cluster that the run had before.

        Without `access` the address of the place says where its scheduler is; plain `tcp://` was let through
        when the plan was checked. Raises what `access_to` does, RepositoryError where the extra is missing.
        """
        require(f"the cluster {spec.name}")
        if access is None:
            access = access_to(spec.address, environ, is_insecure=spec.address.startswith("tcp://"))
        self._spec, self._on_members = spec, on_members
        self._prefix = f"{spec.name}/"
        self._cluster = DaskCluster(
            access,
            self._on_workers,
            root,
            on_gone=lambda worker, why: on_gone(PlaceName(f"{self._prefix}{worker}"), why),
            known=[place.removeprefix(self._prefix) for place in known],
        )

    @property
    def why_lost(self) -> str:
        """Why the scheduler cannot be reached now; empty: it can."""
        return self._cluster.why_lost

    def carrier(self, place: PlaceName) -> Carrier:
        """Return the way to a member, also to one that has not joined again yet."""
        return self._cluster.carrier(place.removeprefix(self._prefix))

    def close(self) -> None:
        """Leave the cluster; what runs there goes on until its lease is over."""
        self._cluster.close()

    def _on_workers(self, workers: tuple[DaskWorker, ...]) -> None:
        self._on_members(tuple(map(self._member, workers)))

    def _member(self, worker: DaskWorker) -> Member:
        slots = worker.slots if self._spec.slots is None else self._spec.slots
        place = PlaceName(f"{self._prefix}{worker.name}")
        return Member(place, slots, self.carrier(place))
