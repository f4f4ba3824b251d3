"""What a plan names as a cluster, and the places it stands for."""

from __future__ import annotations

import pytest

from porch_tui.core.model.place import PlaceName, PlaceSpec, Scheme
from porch_tui.errors import PlanError
from porch_tui.places.dask.asking import listed_workers
from porch_tui.places.dask.cluster import DaskCarrier
from porch_tui.places.dask.members import Member, Members
from project import until


def spec(address: str, slots: int | None = None) -> PlaceSpec:
    return PlaceSpec(PlaceName("big"), Scheme.DASK, address=address, slots=slots)


@pytest.mark.slow
def test_each_worker_is_a_place_with_its_slots_or_those_of_the_plan(lab):
    environ = {"PORCH_TLS": str(lab.client.ca_file.parent)}
    seen: list[tuple[Member, ...]] = []
    for slots in (None, 5):
        members = Members(spec(lab.address, slots), seen.append, environ)
        until(lambda slots=slots: len(seen) == (1 if slots is None else 2), "its workers")
        members.close()

    names = [{(member.place, member.slots) for member in one} for one in seen]
    assert isinstance(members.carrier(PlaceName("big/w1")), DaskCarrier)
    assert [{("big/w1", 2), ("big/w2", 2)}, {("big/w1", 5), ("big/w2", 5)}] == names


def test_a_cluster_that_must_not_be_reached_like_this_is_refused(tmp_path):
    with pytest.raises(PlanError, match="--insecure"):
        Members(spec("dask://cluster:8786"), print, {"XDG_STATE_HOME": str(tmp_path)})


def test_odd_names_of_workers_become_names_of_places():
    names = ("w 1\x1b[2J", "../up", "tls://10.0.0.1:4711", 7)
    workers = {f"tls://h:{number}": {"name": name, "nthreads": 3} for number, name in enumerate(names)}

    found = listed_workers({"workers": workers})

    assert ["w_1__2J", ".._up", "10.0.0.1:4711", "7"] == [worker.name for worker in found]
    assert [(3, False)] * 4 == [(worker.slots, worker.has_slots) for worker in found]
