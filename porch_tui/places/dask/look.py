"""What a person can know of the workers of a cluster before a run: each is reached, and looked at."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from queue import Empty, SimpleQueue

import msgspec
from msgspec import Struct

from porch_tui.core.model.place import PlaceSpec
from porch_tui.errors import RepositoryError
from porch_tui.places.carriers.carrier import CarrierError
from porch_tui.places.carriers.way_in import HostFacts
from porch_tui.places.dask.access import access_to, knock
from porch_tui.places.dask.asking import workers_of
from porch_tui.places.dask.cluster import CALL_S, DaskCluster
from porch_tui.places.wire.findings import HostFindings

WITHIN_S = 30.0
PINGS = 5


class Look(Struct, frozen=True):
    """What was found at a worker."""

    facts: HostFacts
    findings: HostFindings
    ready_s: float
    trips: tuple[tuple[float, float], ...]
    """How long some answers took, and how far the clock there was ahead, in seconds."""


def look_at_workers(
    spec: PlaceSpec, tools: Sequence[str], environ: Mapping[str, str]
) -> dict[str, Look | CarrierError]:
    """Return what is found at each worker, by name, or why nothing is.

    Raises PlanError or RepositoryError if the scheduler cannot be asked, or has no workers.
    """
    access = access_to(spec.address, environ, is_insecure=spec.address.startswith("tcp://"))
    knock(access)
    names = sorted(worker.name for worker in workers_of(access.address, access.credentials))
    if not names:
        raise RepositoryError(
            f"the scheduler at {spec.address} has no workers; start some on the machines that shall work"
        )
    cluster = DaskCluster(access)
    found = dict[str, Look | CarrierError]()
    try:
        for name in names:
            try:
                found[name] = _look(cluster, name, tools)
            except CarrierError as error:
                found[name] = error
    finally:
        cluster.close()
    return found


def _look(cluster: DaskCluster, name: str, tools: Sequence[str]) -> Look:
    began = time.monotonic()
    facts = msgspec.json.decode(cluster.call(cluster.facts(name), 3 * CALL_S), type=HostFacts)
    arrived = SimpleQueue[bytes]()
    link = cluster.call(cluster.open(name, arrived.put, lambda why: arrived.put(b""), tools), 3 * CALL_S)
    unread = b""

    def line() -> bytes:
        nonlocal unread
        deadline = time.monotonic() + WITHIN_S
        while b"\n" not in unread:
            try:
                data = arrived.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                raise CarrierError(f"no answer within {WITHIN_S:g} s") from None
            if not data:
                raise CarrierError("it ended before it had answered")
            unread += data
        first, _, unread = unread.partition(b"\n")
        return first

    def round_trip() -> tuple[float, float]:
        sent = time.monotonic()
        link.send(b"\n")
        now: float = msgspec.json.decode(line(), type=float)
        took = time.monotonic() - sent
        return took, now - (time.time() - took / 2)

    try:
        findings = msgspec.json.decode(line(), type=HostFindings)
        ready_s = time.monotonic() - began
        return Look(facts, findings, ready_s, tuple(round_trip() for _ in range(PINGS)))
    except msgspec.DecodeError as error:
        raise CarrierError(f"what it answers is not understood: {error}") from error
    finally:
        link.close()
