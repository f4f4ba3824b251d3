"""The executor of attempts at one place that is not here. Keeps what `Executor` promises over any carrier.

What is wanted of each attempt is kept here and said again after every interruption; a host takes it as often
as it comes. What an attempt writes arrives in the same files as that of a local one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from porch_tui import __version__, log
from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.place import PlaceName, is_other_machine
from porch_tui.core.model.telemetry import Sample
from porch_tui.errors import PorchError, limit_met
from porch_tui.executors.background import start_thread
from porch_tui.executors.checkout import is_temporary
from porch_tui.executors.executor import STOP_GRACE_S, Disk, Job, Offer
from porch_tui.executors.local import RETRY_S
from porch_tui.git.transfer import bundles
from porch_tui.git.transfer.copies import ChangedError
from porch_tui.git.transfer.headers import TransferError
from porch_tui.places.carriers.carrier import Carrier
from porch_tui.places.near import results, supplies
from porch_tui.places.near.connection import Connection
from porch_tui.places.near.contact import Contact
from porch_tui.places.near.orders import events_of, order_of
from porch_tui.places.near.patience import ERRORS, patiently
from porch_tui.places.near.reports import Reports
from porch_tui.places.near.watch import MOST_LISTINGS, Watch
from porch_tui.places.near.work_so_far import WorkSoFar
from porch_tui.places.wire import messages as m
from porch_tui.process import output
from porch_tui.process.supervisor.spool import OUTPUT

INCOMING = "incoming.{}.bundle"
"""Of one engine: an earlier one may still be writing."""


class RemoteExecutor:
    """Runs attempts at a place. Keeps what `Executor` promises."""

    def __init__(
        self,
        offer: Offer,
        carrier: Carrier,
        greeting: m.Greeting,
        on_contact: Callable[[Contact], None] = lambda contact: None,
        *,
        is_one_machine: bool = True,
    ) -> None:
        """`on_contact` hears when the place answers, and when it no longer does, in a thread of this.

        `is_one_machine`: see `Connection`.
        """
        self._offer, self._reports = offer, Reports()
        self._connection = Connection(
            carrier, greeting, self._reports, on_contact, is_one_machine=is_one_machine
        )
        self._lock = self._connection.lock
        self._watches: dict[e.AttemptId, Watch] = {}
        self._ended: set[tuple[e.AttemptId, int]] = set()
        self._frozen: set[e.AttemptId] = set()
        self._samples: dict[e.AttemptId, Sample] = {}
        self._supplies = supplies.Supplies()
        self.disk: Disk | None = None
        """That of the place, as last heard."""
        self._work = WorkSoFar(lambda job: job.attempt in self._watches)
        self._connection.begin(self._on_welcome, self._hear)

    # --- the protocol of executors

    def start(self, job: Job) -> None:
        """Start, adopt or collect; does nothing if the attempt is watched already, or has ended here."""
        with self._lock:
            if (job.attempt, job.collections) in self._ended or job.attempt in self._watches:
                return
            self._forget_elsewhere(job.boot)
            with suppress(OSError):  # for samples of what prints nothing
                job.directory.mkdir(mode=0o700, exist_ok=True)
            self._watches[job.attempt] = watch = Watch(job, order_of(job), is_asked=True)
            if not job.checkout.copy:
                self._say_start(watch)
                return
            watch.is_listing = True
        # in a thread, since it reads files
        start_thread(
            f"copies {job.attempt}",
            lambda: self._list_copies(watch),
            lambda error: self._fail(watch, str(error)),
        )

    def start_lane(self, jobs: Sequence[Job]) -> None:
        """Start each on its own: lanes are for checks that take less than a message to a host."""
        for job in jobs:
            self.start(job)

    def stop(self, job: Job, grace_s: float = STOP_GRACE_S) -> None:
        """End the attempt, started by this engine or by an earlier one."""
        with self._lock:
            if (job.attempt, job.collections) in self._ended:
                return
            watch = self._watches.setdefault(job.attempt, Watch(job, order_of(job)))
            watch.stop_s = grace_s if watch.stop_s is None else min(grace_s, watch.stop_s)
            if watch.is_asked and not self._is_elsewhere(watch):
                self._connection.say(m.Stop(watch.order.key, watch.stop_s))
            else:
                watch.is_asked = True
                self._say_start(watch)

    def finish(self, job: Job) -> None:
        """Report that it is ignored: there are no terminals elsewhere."""
        self._offer(e.FinishIgnored(job.attempt))

    def freeze(self, job: Job) -> None:
        """Freeze the attempt's whole process tree: as soon as it has one, if it has none yet."""
        self._set_frozen(job, True)

    def thaw(self, job: Job) -> None:
        """Let a frozen attempt continue."""
        self._set_frozen(job, False)

    def directories(self) -> Mapping[e.AttemptId, Path]:
        """Return the directory of each watched attempt."""
        with self._lock:
            return {attempt: watch.job.directory for attempt, watch in self._watches.items()}

    def samples(self) -> Mapping[e.AttemptId, Sample]:
        """Return what each running attempt used when the host last said so."""
        with self._lock:
            return dict(self._samples)

    def disks(self) -> Mapping[PlaceName, Disk]:
        """Return nothing: it does not know what its place is called. See `disk`."""
        return {}

    def take_away(self, why: str) -> None:
        """Report that the place is not expected back, unless it answers now.

        What runs there may still do so until its lease is over, and the place is tried again: it may be back.
        """
        self._connection.take_away(why)

    def close(self) -> None:
        """Let go of the place; what runs there goes on until its lease is over."""
        self._connection.close()
        self._reports.close()

    def _set_frozen(self, job: Job, is_frozen: bool) -> None:
        with self._lock:
            (self._frozen.add if is_frozen else self._frozen.discard)(job.attempt)
            if (watch := self._watches.get(job.attempt)) is not None:
                self._connection.say(m.Freeze(watch.order.key, is_frozen))

    # --- what is said and heard

    def _say_start(self, watch: Watch) -> None:
        """Order an attempt, with all that is wanted of it by now."""
        if watch.is_listing:
            return
        if self._is_elsewhere(watch):  # that this machine answers is news once the lease of the other is over
            self._connection.is_up_news = True
            return
        self._supplies.note(watch.order, watch.job.checkout)
        lease_over_at = self._connection.host_time() + watch.order.lease_s
        log_bytes = output.size(watch.job.directory / OUTPUT)
        self._connection.say(m.LogTaken(watch.order.key, log_bytes))
        is_frozen = watch.job.attempt in self._frozen
        # the machine was started again since: the run finds the attempt lost, and begins another one
        is_outdated = bool(watch.job.boot) and watch.job.boot != self._boot
        stop_s = 0.0 if is_outdated else watch.stop_s
        self._connection.say(m.Start(watch.order, lease_over_at, stop_s, is_frozen))

    def _hear(self, message: m.Message) -> None:
        match message:
            case m.Refused() if message.key is not None:
                log.warning(f"place: {message.why}")
                if (watch := self._watch_of(message.key)) is not None:
                    self._fail(watch, message.why)
            case m.Need():
                start_thread(
                    "supplies",
                    lambda: self._send_needed(message),
                    lambda error: self._connection.lose(str(error)),
                )
            case m.Samples():
                self._take_samples(message)
            case m.Started() | m.Told() | m.Log() | m.Ended() | m.Result() | m.SoFar():
                with self._lock:
                    if (watch := self._watch_of(message.key)) is not None:
                        self._hear_of(watch, message)

    def _watch_of(self, key: m.Key) -> Watch | None:
        watch = self._watches.get(key.attempt)
        return watch if watch is not None and watch.order.key == key else None

    def _on_welcome(self) -> None:
        for watch in self._watches.values():
            self._say_start(watch)
        elsewhere = [str(one.job.attempt) for one in self._watches.values() if self._is_elsewhere(one)]
        if elsewhere:
            log.warning(
                f"place: another machine answers than the one that was given {', '.join(elsewhere)};"
                " nothing starts there before the lease of that one is over"
            )

    @property
    def _boot(self) -> str:
        return self._connection.welcome.boot if self._connection.welcome else ""

    def _is_elsewhere(self, watch: Watch) -> bool:
        """Say whether an attempt was given to another machine than the one that answers now."""
        return is_other_machine(watch.job.boot, self._boot)

    def _forget_elsewhere(self, boot: str) -> None:
        """Forget what another machine was given, once a job is for this one: it counts as lost by then."""
        if boot and boot == self._boot:
            for attempt in [one.job.attempt for one in self._watches.values() if self._is_elsewhere(one)]:
                del self._watches[attempt]
            self._connection.is_up_news = False

    def _list_copies(self, watch: Watch) -> None:
        """Read the files of `copy`, and order the attempt with their digest."""
        checkout = watch.job.checkout
        listed = patiently(
            f"reading what {watch.job.attempt} copies",
            lambda: supplies.listed(checkout.repository.root, checkout.copy),
            checkout.repository,
            self._connection.wait,
        )
        with self._lock:
            watch.order = replace(watch.order, copy=checkout.copy, copies=listed.digest)
            watch.is_listing = False
            self._say_start(watch)

    def _send_needed(self, need: m.Need) -> None:
        """Send what an attempt needs there, from a thread: it may be much."""
        try:
            self._supplies.send(need, self._connection.say)
        except ERRORS as error:
            with self._lock:
                waiting = [watch for watch in self._watches.values() if watch.needs(need)]
                for watch in waiting:
                    watch.listings += isinstance(error, ChangedError)
            if any(is_temporary(error, watch.job.checkout.repository) for watch in waiting):
                log.warning(f"what attempts start from is sent again: {limit_met(error) or error}")
                self._connection.wait(RETRY_S)
                with self._lock:  # the host asks again
                    for watch in waiting:
                        self._say_start(watch)
                return
            for watch in waiting:
                try:
                    if not isinstance(error, ChangedError) or watch.listings > MOST_LISTINGS:
                        raise error
                    self._list_copies(watch)
                except ERRORS as why:
                    self._fail(watch, f"what it starts from could not be sent: {why}")

    def _fail(self, watch: Watch, why: str) -> None:
        """Report that an attempt cannot be started, or had ended and cannot be taken over."""
        if watch.end is None:
            self._connection.say(m.Stop(watch.order.key, 0.0))  # its place forgets it
        self._settle(watch, [watch.failed(why)], is_taken=False)

    # --- attempts

    def _hear_of(self, watch: Watch, message: m.Message) -> None:
        attempt = watch.job.attempt
        match message:
            case m.Started():
                if not watch.is_started:
                    watch.is_started = True
                    self._tell(e.AttemptStarted(attempt, message.pid))
            case m.Told():
                self._tell(*events_of(watch.job, message.events))
            case m.Log():
                self._write_log(watch, message)
            case m.Ended():
                watch.end = message
                # in a thread, since it asks git; after an error the host is asked again
                start_thread(
                    f"end {attempt}",
                    lambda: self._look_for(watch, message),
                    lambda error: self._connection.lose(str(error)),
                )
            case m.Result():
                self._write_result(watch, message)
            case m.SoFar() if watch.end is None:
                self._work.hear(watch.job, message)

    def _tell(self, *events: e.AnyEvent) -> None:
        if events:
            self._reports.put(lambda: self._offer(*events))

    def _write_log(self, watch: Watch, message: m.Log) -> None:
        """Add what follows on what is here; anything else comes again."""
        directory = watch.job.directory
        directory.mkdir(mode=0o700, exist_ok=True)
        path = directory / OUTPUT
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if message.at <= size < message.at + len(message.data):  # at its place: whoever else writes it
                size += os.pwrite(descriptor, message.data[size - message.at :], size)
        finally:
            os.close(descriptor)
        self._connection.say(m.LogTaken(message.key, size))
        if watch.end is not None:
            self._take_over(watch)

    def _incoming(self, job: Job) -> Path:
        """Return where the bundle of an attempt is put together."""
        return job.directory / INCOMING.format(f"{os.getpid()}-{id(self):x}")

    def _write_result(self, watch: Watch, message: m.Result) -> None:
        path, end = self._incoming(watch.job), watch.end
        size = output.size(path)
        if end is None or message.at != size or size >= min(end.bundle_bytes, bundles.MOST_BYTES):
            return
        with path.open("ab") as file:
            file.write(message.data)
        size += len(message.data)
        if size >= end.bundle_bytes:
            self._take_over(watch)
        elif size >= watch.asked_to:
            self._ask_for_result(watch, size)

    def _ask_for_result(self, watch: Watch, at: int) -> None:
        watch.asked_to = at + m.WINDOW
        self._connection.say(m.TakeResult(watch.order.key, at))

    def _look_for(self, watch: Watch, end: m.Ended) -> None:
        """Find out whether an earlier engine has taken over what the attempt left."""
        checkout, left = watch.job.checkout, dict(end.refs)
        try:
            is_here = not end.bundle_bytes or patiently(
                f"looking for what {watch.job.attempt} left",
                lambda: results.is_here(checkout, left),
                checkout.repository,
                self._connection.wait,
            )
        except (PorchError, OSError):  # to take it over fails as well, and says why
            is_here = False
        with self._lock:
            watch.is_here = is_here
            self._take_over(watch)

    def _take_over(self, watch: Watch) -> None:
        """Report the end once the whole log and all that the attempt left are here."""
        end, job = watch.end, watch.job
        if end is None or watch.is_taking or watch.is_here is None:
            return
        job.directory.mkdir(mode=0o700, exist_ok=True)
        if output.size(job.directory / OUTPUT) < end.log_bytes:
            return  # the rest is on its way
        is_small = end.bundle_bytes <= bundles.MOST_BYTES
        if is_small and not watch.is_here and output.size(self._incoming(job)) < end.bundle_bytes:
            self._ask_for_result(watch, output.size(self._incoming(job)))
            return
        start_thread(
            f"result {job.attempt}",
            lambda: self._finish(watch, end),
            lambda error: self._fail(watch, f"what it left could not be taken over: {error}"),
        )
        watch.is_taking = True

    def _finish(self, watch: Watch, end: m.Ended) -> None:
        job, path = watch.job, self._incoming(watch.job)
        if not watch.is_here and end.bundle_bytes > bundles.MOST_BYTES:
            raise TransferError(
                f"it has {end.bundle_bytes} bytes, and at most {bundles.MOST_BYTES} are taken"
            )
        bundle = path if path.exists() else None
        patiently(
            f"taking over what {job.attempt} left",
            lambda: results.take(job.checkout, dict(end.refs), bundle, f"porch {job.run}/{job.attempt.task}"),
            job.checkout.repository,
            self._connection.wait,
        )
        self._settle(watch, events_of(job, end.events), is_taken=True)

    def _settle(self, watch: Watch, events: list[e.AnyEvent], *, is_taken: bool) -> None:
        """Report the end of an attempt, once. What is not taken over stays at its place."""
        job, key = watch.job, watch.order.key
        with self._lock:
            if self._watches.get(job.attempt) is not watch:
                return
            self._ended.add((job.attempt, job.collections))
            self._watches.pop(job.attempt)
            self._samples.pop(job.attempt, None)
        with suppress(OSError):
            self._incoming(job).unlink(missing_ok=True)
        self._reports.put(lambda: self._offer_end(job, key, events, is_taken=is_taken))

    def _offer_end(self, job: Job, key: m.Key, events: list[e.AnyEvent], *, is_taken: bool) -> None:
        with suppress(*ERRORS):  # porch clean deletes it too
            self._work.forget(job)
        self._offer(*events)
        if is_taken:
            self._connection.say(m.Ack(key))

    def _take_samples(self, message: m.Samples) -> None:
        with self._lock:
            disk, memory = (message.disk_free_bytes, message.disk_bytes), message.memory_free_bytes
            self.disk = Disk(*disk, memory, message.memory_bytes)
            for key, sample in message.rows:
                watch = self._watches.get(key.attempt)
                if watch is not None and watch.order.key == key:
                    self._samples[key.attempt] = sample


def greeting(repository: str, name: str, identity: tuple[str, str] = ("", "")) -> m.Greeting:
    """Return what an engine says first."""
    return m.Greeting(m.PROTOCOL, __version__, repository, name, identity=identity)
