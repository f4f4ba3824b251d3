"""The ways to the places of a run, for what visits them without being its engine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from porch_tui.core.model.place import PlaceName, PlaceSpec, Scheme
from porch_tui.places.carriers.carrier import Carrier, CarrierError
from porch_tui.places.near.by_place import carrier_of

if TYPE_CHECKING:
    from porch_tui.places.dask.members import Members


class Ways:
    """Those that were asked for; a cluster is connected to once."""

    def __init__(self, repository: str, folder: Path, environ: Mapping[str, str]) -> None:
        """`repository` is its id for hosts, and `folder` porch's own in it."""
        self._repository, self._folder, self._environ = repository, folder, environ
        self._clusters: dict[PlaceName, Members] = {}

    def to(self, place: PlaceName, spec: PlaceSpec) -> Carrier:
        """Return the way to a place, of which `spec` is the entry in the plan. Raises PorchError."""
        if spec.scheme is Scheme.BATCH:
            raise CarrierError("the jobs of a batch system end with their run")
        if spec.scheme is not Scheme.DASK:
            return carrier_of(spec, self._repository, self._folder, self._environ)
        from porch_tui.places.dask.members import Members

        if spec.name not in self._clusters:
            self._clusters[spec.name] = Members(spec, lambda members: None, self._environ)
        return self._clusters[spec.name].carrier(place)

    def close(self) -> None:
        """Leave all clusters."""
        for members in self._clusters.values():
            members.close()


@contextmanager
def ways(repository: str, folder: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Ways]:
    """Have ways to places, and leave clusters afterwards."""
    found = Ways(repository, folder, environ)
    try:
        yield found
    finally:
        found.close()
