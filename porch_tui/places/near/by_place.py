"""The executor of a run: each attempt, and each validation, is given to the place that it belongs to."""

from __future__ import annotations

import os
import secrets
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from porch_tui import __version__
from porch_tui.core.model import events as e
from porch_tui.core.model.place import HERE, PlaceName, PlaceSpec, Resources, Scheme
from porch_tui.core.model.plan import Plan, RunId
from porch_tui.core.model.telemetry import Sample
from porch_tui.core.scheduling.wanted_slots import WantedSlots
from porch_tui.errors import PlanError
from porch_tui.executors.executor import STOP_GRACE_S, Disk, End, Executor, Job, Offer
from porch_tui.executors.local import LocalExecutor
from porch_tui.executors.orders import Orders
from porch_tui.executors.spare_worktrees import SpareWorktrees
from porch_tui.git.repository import Repository
from porch_tui.places.carriers.box import BoxCarrier, box_name
from porch_tui.places.carriers.carrier import Carrier
from porch_tui.places.carriers.pipe import SshCarrier
from porch_tui.places.dask.batch_cluster import BatchCluster, BatchOrder
from porch_tui.places.near.contact import Contact
from porch_tui.places.near.remote import RemoteExecutor
from porch_tui.places.near.validations import Validations, of_attempts
from porch_tui.places.wire import messages as m

if TYPE_CHECKING:
    from porch_tui.places.dask.batch_members import BatchMembers
    from porch_tui.places.dask.members import Member, Members

SWITCH_S = 50e-6
"""For each place: how long a thread lets another one go on before it asks for its turn. Each place has a few
threads; a thousand times as many that ask every 5 ms keep the system so busy that none gets on."""
ID = "id"
"""In porch's own folder of a repository: what hosts call it."""


class PlacesExecutor:
    """Runs attempts here and elsewhere. Keeps what `Executor` promises."""

    def __init__(
        self,
        offer: Offer,
        on_place: Offer,
        plan: Plan,
        repository: Repository,
        known: Iterable[PlaceName] = (),
        *,
        run: RunId,
    ) -> None:
        """Begin to connect to the places of a plan. `on_place` receives events of places, from any thread.

        `known` are those that the run had before; workers of clusters among them may not come back.
        """
        self._offer, self._on_place = offer, on_place
        self._greeting = greeting_for(repository, plan)
        self._here = LocalExecutor(offer, SpareWorktrees())
        self._remote: dict[PlaceName, RemoteExecutor] = {}
        self._clusters: dict[PlaceName, tuple[PlaceSpec, Members | BatchMembers]] = {}
        self._batch: dict[PlaceName, BatchMembers] = {}
        self._validations = Validations(self._at, offer)
        self._lock = threading.Lock()
        for spec in plan.places:
            of_spec = [place for place in known if place.startswith(f"{spec.name}/")]
            if spec.scheme is Scheme.DASK:
                self._join(spec, of_spec)
            elif spec.scheme is Scheme.BATCH:
                cluster = BatchCluster.of_run(repository.own_dir, run, spec)
                self._submit_to(spec, cluster, of_spec)
            elif spec.name != HERE:
                self._add(spec.name, spec, carrier_of(spec, self._greeting.repository, repository.own_dir))

    def start(self, job: Job) -> None:
        """Start the attempt at its place, adopt it, or collect what it left."""
        self._at(job.place).start(job)

    def start_lane(self, jobs: Sequence[Job]) -> None:
        """Start shared checks one after the other; a lane is in one place."""
        self._at(jobs[0].place).start_lane(jobs)

    def stop(self, job: Job, grace_s: float = STOP_GRACE_S) -> None:
        """End every process of the attempt."""
        self._at(job.place).stop(job, grace_s)

    def finish(self, job: Job) -> None:
        """End the command in the attempt's terminal."""
        self._at(job.place).finish(job)

    def freeze(self, job: Job) -> None:
        """Freeze the attempt's whole process tree: as soon as it has one, if it has none yet."""
        self._at(job.place).freeze(job)

    def thaw(self, job: Job) -> None:
        """Let a frozen attempt continue."""
        self._at(job.place).thaw(job)

    def directories(self) -> Mapping[e.AttemptId, Path]:
        """Return the directory of each attempt that is under way, wherever it runs."""
        found: dict[e.AttemptId, Path] = dict(self._here.directories())
        for executor in self._others():
            found |= executor.directories()
        return of_attempts(found)

    def samples(self) -> Mapping[e.AttemptId, Sample]:
        """Return what attempts on other machines used when those last said so."""
        found: dict[e.AttemptId, Sample] = {}
        for executor in self._others():
            found |= executor.samples()
        return of_attempts(found)

    def disks(self) -> Mapping[PlaceName, Disk]:
        """Return the room on the disks of other machines, as last heard."""
        with self._lock:
            remote = dict(self._remote)
        return {place: one.disk for place, one in remote.items() if one.disk and one.disk.total_bytes}

    def validate(self, job: Job, orders: Orders) -> End | None:
        """Run a validation at its place, or find it there; return its end, None if it is stopped."""
        return self._validations.run(job, orders)

    def want(self, slots: Mapping[PlaceName, WantedSlots | None]) -> None:
        """Say what is wanted of each batch system; None: the run has ended, its jobs with it."""
        for name, wanted in slots.items():
            if wanted is None:
                self._batch[name].end()
            else:
                self._batch[name].want(wanted)

    def close(self) -> None:
        """Let go of all places. What runs there goes on until its lease is over."""
        for executor in self._others():
            executor.close()
        for _, members in self._clusters.values():
            members.close()

    def _others(self) -> list[RemoteExecutor]:
        with self._lock:
            return list(self._remote.values())

    def _at(self, place: PlaceName) -> Executor:
        if not place:
            return self._here
        with self._lock:
            if place not in self._remote:  # a worker that an earlier engine knew
                self._add_worker(place)
            return self._remote[place]

    def _add(self, name: PlaceName, spec: PlaceSpec, carrier: Carrier, slots: int | None = None) -> None:
        def on_contact(contact: Contact) -> None:
            self._on_place(event_of(contact, name, spec, slots))

        self._remote[name] = RemoteExecutor(
            self._validations.hear,
            carrier,
            self._greeting,
            on_contact,
            is_one_machine=spec.scheme is Scheme.PIPE,
        )
        sys.setswitchinterval(max(sys.getswitchinterval(), SWITCH_S * len(self._remote)))

    # --- clusters

    def _join(self, spec: PlaceSpec, known: Sequence[PlaceName]) -> None:
        from porch_tui.places.dask.members import Members

        on_members, on_gone = partial(self._add_members, spec), self._take_away
        self._clusters[spec.name] = spec, Members(spec, on_members, os.environ, on_gone=on_gone, known=known)

    def _submit_to(self, spec: PlaceSpec, cluster: BatchCluster, known: Sequence[PlaceName]) -> None:
        from porch_tui.places.dask.batch_members import BatchMembers

        on_members, order = partial(self._add_members, spec), BatchOrder.of(spec)
        members = BatchMembers(spec, cluster, order, on_members, on_gone=self._take_away, known=known)
        self._clusters[spec.name] = spec, members
        self._batch[spec.name] = members

    def _add_members(self, spec: PlaceSpec, members: tuple[Member, ...]) -> None:
        with self._lock:
            for member in members:
                if member.place not in self._remote:
                    self._add(member.place, spec, member.carrier, member.slots)

    def _take_away(self, place: PlaceName, why: str) -> None:
        with self._lock:
            if (executor := self._remote.get(place)) is not None:
                executor.take_away(why)
            else:  # one that an earlier engine knew
                self._on_place(e.PlaceGone(place, why))

    def _add_worker(self, place: PlaceName) -> None:
        """Begin to look for a worker that was a place before, and has not joined again yet."""
        for spec, members in self._clusters.values():
            if place.startswith(f"{spec.name}/"):
                self._add(place, spec, members.carrier(place))
                return
        raise PlanError(f"{place} is no place of this run")


def carrier_of(
    spec: PlaceSpec, repository: str, folder: Path, environ: Mapping[str, str] | None = None
) -> Carrier:
    """Return the way to a place outside clusters. Raises CarrierError for an address that is none.

    `repository` is its id, and `folder` porch's own in it: what a plan has made is made for one repository.
    """
    if spec.scheme is Scheme.SSH:
        return SshCarrier(spec.address, environ)
    return BoxCarrier(spec, box_name(repository, spec.name), folder, environ)


def event_of(
    contact: Contact, name: PlaceName, spec: PlaceSpec, slots: int | None = None
) -> e.PlaceUp | e.PlaceSilent | e.PlaceGone:
    """Return what a change of contact means for the run."""
    if contact.is_gone:
        return e.PlaceGone(name, contact.why)
    if contact.welcome is None:
        return e.PlaceSilent(name, contact.heard_at or None, contact.why)
    found = contact.welcome
    resources = Resources(
        spec.slots or slots or found.cores,
        found.cores,
        found.memory_bytes,
        found.disk_free_bytes,
        found.tools,
        found.python,
        found.git,
        found.folder,
        found.ends_at if spec.is_cluster else None,
        found.lasts_s if spec.is_cluster else None,
        found.others,
    )
    return e.PlaceUp(name, spec.name, found.boot, resources)


def greeting_for(repository: Repository, plan: Plan) -> m.Greeting:
    """Return what the engine says first to every host of a run. Raises OSError."""
    git = repository.git
    name, email = (git.run("config", key, check=False).stdout.decode().strip() for key in IDENTITY)
    return m.Greeting(
        m.PROTOCOL,
        __version__,
        repository_id(repository),
        repository.name,
        len(git.text("rev-parse", "HEAD")),
        (os.environ.get("GIT_COMMITTER_NAME", name), os.environ.get("GIT_COMMITTER_EMAIL", email)),
        tuple(dict.fromkeys(need for task in plan.tasks for need in task.needs)),
    )


IDENTITY = ("user.name", "user.email")


def known_id(repository: Repository) -> str:
    """Return the name by which hosts know a repository; empty if no host has been asked for anything."""
    with suppress(OSError):
        return (repository.own_dir / ID).read_text().strip()
    return ""


def repository_id(repository: Repository) -> str:
    """Return the name by which hosts know a repository, made up when it is first asked for. OSError."""
    path = repository.own_dir / ID
    repository.own_dir.mkdir(mode=0o700, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(made := secrets.token_hex(12))
    return made
