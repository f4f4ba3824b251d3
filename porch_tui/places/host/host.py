"""One repository's host: runs the attempts that engines order, and tells those engines of them.

Attempts run under porch's own local executor. Their directories are the truth, and what is sent is a view of
them: whatever is lost on the way is sent again when it is asked for again. So this process may be killed at
any point; the next one adopts what runs. An engine may be gone for long, too: its attempts go on until their
lease ends, and their ends wait for it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct, field

from porch_tui import log
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import RunId
from porch_tui.errors import PorchError, is_full_disk
from porch_tui.executors.background import start_thread
from porch_tui.executors.checkout import is_temporary
from porch_tui.executors.executor import End, Job
from porch_tui.executors.local import RETRY_S, LocalExecutor
from porch_tui.git.repository import Repository
from porch_tui.places.host import orders, results, work_so_far
from porch_tui.places.host.arrivals import Arrivals
from porch_tui.places.host.leftovers import Leftovers
from porch_tui.places.host.repository import open_repository
from porch_tui.places.host.samples import Samples
from porch_tui.places.host.session import Session, Write
from porch_tui.places.host.welcome import welcome
from porch_tui.places.host.work_so_far import WorkSoFar
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import PART_BYTES
from porch_tui.process import control, liveness, output
from porch_tui.process.supervisor.spool import OUTPUT

LOOK_S = 0.05
"""How often logs are looked at while an engine is connected: what a person sees is at most so old."""
SAMPLE_S = 1.0
RENEW_S = 0.5
LOG_WINDOW = 1 << 20
"""Bytes of a log that may be on their way."""

ERRORS = (OSError, RuntimeError, MemoryError, PorchError)


class _Attempt(Struct):
    """An attempt that this process knows."""

    order: m.Order
    job: Job
    end: m.Ended | None = None
    is_begun: bool = False
    """The executor has it."""
    stop_s: float | None = None
    is_frozen: bool = False
    expires_at: float = 0.0
    said: list[m.Message] = field(default_factory=list)
    """What was reported of it before its end: an engine that connects later must hear that as well."""


class Host:
    """Serves one repository of an engine's machine, under a folder of this one."""

    def __init__(self, folder: Path, greeting: m.Greeting) -> None:
        """Raises OSError or PorchError if the folder or its repository cannot be made."""
        self.folders, self._greeting = orders.AttemptFolders(folder), greeting
        self._make_folder()
        self._executors: dict[RunId, LocalExecutor] = {}
        self._attempts: dict[m.Key, _Attempt] = {}
        self._sessions: list[Session] = []
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._samples = Samples(folder)
        self._is_closed, self._renewed_at = False, 0.0
        for order in self.folders.orders():
            try:
                self._adopt(order)
            except ERRORS as error:  # an engine that knows it asks for it
                log.warning(f"{order.key} is left alone: {error}")
        self._begin_to_attend()

    def _make_folder(self) -> None:
        self.folders.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.repository: Repository = open_repository(self.folders.root, self._greeting)
        self._arrivals = Arrivals(self.folders.arriving, self.repository)
        self._work = WorkSoFar(self.folders, self.repository)

    def _make_folder_again(self) -> None:
        """Make the repository again if someone has deleted it, as a cache may be; what ran there is lost."""
        if (self.repository.root / ".git").is_dir():
            return
        log.warning(f"{self.repository.root} is gone, and made again")
        self._make_folder()
        for known in self._waiting():
            known.job = orders.job_of(known.order, self.folders, self.repository)

    # --- engines

    def connect(self, greeting: m.Greeting, write: Write, others: int = 0) -> Session:
        """Begin to serve an engine, whose greeting has arrived; `others`: attempts of other repositories."""
        session = Session(write)
        with self._lock:
            self._sessions.append(session)
        session.send(welcome(self.folders.root, greeting, others))
        self._wake.set()
        return session

    def disconnect(self, session: Session) -> None:
        """Forget an engine's connection; its attempts go on."""
        with self._lock, suppress(ValueError):
            self._sessions.remove(session)
            self._arrivals.drop(session)

    @property
    def is_needed(self) -> bool:
        """Whether an engine is in touch, or an attempt runs."""
        return self.running > 0 or any(session.is_in_touch for session in tuple(self._sessions))

    @property
    def running(self) -> int:
        """How many attempts run."""
        return sum(one.is_begun and one.end is None for one in tuple(self._attempts.values()))

    def end_all(self, grace_s: float) -> None:
        """End every attempt that runs."""
        for key in tuple(self._attempts):
            self._stop(key, grace_s)

    def tidy(self) -> None:
        """Delete bases and copies that were not used for long, before the process ends for want of work."""
        with self._lock, suppress(PorchError, OSError):
            # until an engine has taken it over, an attempt has its log here
            kept = [one for one in self._attempts.values() if (one.job.directory / OUTPUT).exists()]
            used = [one.order for one in (*kept, *self._waiting())]
            self._arrivals.forget(used, is_idle=not self.is_needed)

    def close(self) -> None:
        """Stop serving. What runs goes on, until its lease is over."""
        self._is_closed = True
        self._wake.set()

    def obey(self, session: Session, message: m.Message) -> None:
        """Do what an engine says. Raises PorchError, OSError for what may pass until it connects again."""
        session.heard_at = time.monotonic()
        match message:
            case m.Ping():
                session.send(m.Pong(message.number, time.time()))
            case m.Start():
                self._or_refuse(session, message.order.key, lambda: self._start(session, message))
            case m.Stop():
                self._stop(message.key, message.grace_s)
            case m.Freeze():
                self._freeze(message.key, message.is_frozen)
            case m.LogTaken():
                session.followed[message.key] = message.at
                self._wake.set()
            case m.TakeResult():
                self._or_refuse(session, message.key, lambda: self._send_result(session, message))
            case m.Pack() | m.Copies():
                self._receive(session, message)
            case m.Ack():
                self._forget(message.key)
            case m.LookOver() | m.CleanUp():
                # in a thread: git looks at every file
                start_thread("leftovers", lambda: self._clean(session, message), lambda error: None)

    def _or_refuse(self, session: Session, key: m.Key, do: Callable[[], None]) -> None:
        """Do something for an attempt; what cannot be done for one must not end the connection of all."""
        try:
            do()
        except (PorchError, OSError) as error:
            if is_temporary(error, self.repository):
                raise
            session.send(m.Refused(str(error), key))

    # --- attempts

    def _start(self, session: Session, message: m.Start) -> None:
        order, key = message.order, message.order.key
        with self._lock:
            self._make_folder_again()
            known = self._attempts.get(key)
            is_changed = known is not None and not known.is_begun and known.order != order
            if known is None or known.order.collections < order.collections or is_changed:
                known = self._take(order)
            known.expires_at = max(known.expires_at, message.expires_at)
            known.is_frozen = message.is_frozen
            if message.stop_s is not None:
                known.stop_s = min(message.stop_s, known.stop_s or message.stop_s)
            for said in known.said:
                session.send(said)
            session.follow(key, session.followed.get(key, 0))
            if known.end is not None:
                session.send(known.end)
            elif not known.is_begun:
                self._begin_or_ask(known, session)
            else:
                self._pass_on(known)
        self._wake.set()

    def _take(self, order: m.Order) -> _Attempt:
        """Keep an order, or a newer form of it."""
        self.folders.keep_order(order)
        job = orders.job_of(order, self.folders, self.repository)
        end = self.folders.end_of(order.key)
        if end is not None and end.collections < order.collections:
            end = None
        before = self._attempts.get(order.key)
        taken = _Attempt(order, job, end)
        if before is not None:
            taken.stop_s, taken.is_frozen = before.stop_s, before.is_frozen
        self._attempts[order.key] = taken
        return taken

    def _adopt(self, order: m.Order) -> None:
        """Continue to watch what an earlier process of this host has begun. What was not begun is left."""
        with self._lock:
            known = self._take(order)
            has_begun = not isinstance(liveness.find(known.job.directory), liveness.NotStarted)
            if known.end is None and has_begun:
                self._begin(known)

    def _begin_or_ask(self, known: _Attempt, session: Session) -> None:
        """Begin the attempt, or ask the engine for what that takes."""
        order = known.order
        if known.stop_s is not None:
            self._begin(known)  # which ends it at once: nothing is needed for that
        elif (need := self._arrivals.lacks(order)) is not None:
            self._arrivals.ask(session, need)
        else:
            self._begin(known)

    def _begin(self, known: _Attempt) -> None:
        has_begun = not isinstance(liveness.find(known.job.directory), liveness.NotStarted)
        if not has_begun and time.time() > known.expires_at and known.stop_s is None:
            log.warning(f"{known.order.key} is not begun: its order has expired")
            return
        if known.order.is_validation and not known.order.worktree:
            self._give_worktree(known)
        known.is_begun = True
        unset = orders.unset_variables(known.order, os.environ)
        if unset and not has_begun and known.stop_s is None:
            self._report_not_started(known, unset)
            return
        with suppress(OSError):
            control.renew_lease(known.job.directory)
        self._pass_on(known)
        self._executor(known.order.key.run).start(known.job)

    def _give_worktree(self, known: _Attempt) -> None:
        """Choose the worktree of a validation: those of one run that are under way have one each."""
        run = known.order.key.run
        others = (one.order for one in self._attempts.values() if one.is_begun and one.end is None)
        taken = {one.worktree for one in others if one.is_validation and one.key.run == run}
        known.order = orders.with_worktree(known.order, taken)
        self.folders.keep_order(known.order)
        known.job = orders.job_of(known.order, self.folders, self.repository)

    def _pass_on(self, known: _Attempt) -> None:
        """Tell the executor what it shall do with an attempt besides running it."""
        executor = self._executor(known.order.key.run)
        (executor.freeze if known.is_frozen else executor.thaw)(known.job)
        if known.stop_s is not None:
            executor.stop(known.job, known.stop_s)

    def _executor(self, run: RunId) -> LocalExecutor:
        if run not in self._executors:
            self._executors[run] = LocalExecutor(lambda *events: self._on_events(run, events))
        return self._executors[run]

    def _stop(self, key: m.Key, grace_s: float) -> None:
        with self._lock:
            known = self._attempts.get(key)
            if known is None or known.end is not None:
                return
            known.stop_s = grace_s if known.stop_s is None else min(grace_s, known.stop_s)
            known.is_begun = True
            self._executor(key.run).stop(known.job, grace_s)

    def _freeze(self, key: m.Key, is_frozen: bool) -> None:
        with self._lock:
            known = self._attempts.get(key)
            if known is None:
                return
            known.is_frozen = is_frozen
            executor = self._executor(key.run)
            (executor.freeze if is_frozen else executor.thaw)(known.job)

    def _forget(self, key: m.Key) -> None:
        """Remove what an engine has taken over; the record of the end stays, and so does the worktree."""
        with self._lock:
            known = self._attempts.get(key)
            if known is None or known.end is None:
                return
        for name in (orders.BUNDLE, OUTPUT):
            (known.job.directory / name).unlink(missing_ok=True)

    def _clean(self, session: Session, message: m.LookOver | m.CleanUp) -> None:
        """Remove what an engine allows of a run that is over, and say what is left."""
        run = message.run
        with self._lock:
            known = [one for one in self._attempts.values() if one.order.key.run == run]
        live = {self.folders.worktree(one.order).name for one in known if one.is_begun and one.end is None}
        left = Leftovers(self.folders, self.repository, run, [one.order for one in known], live)
        if isinstance(message, m.CleanUp) and left.remove(message.worktrees):
            with self._lock:
                for one in known:
                    self._attempts.pop(one.order.key, None)
                self._executors.pop(run, None)
        session.send(left.message())

    # --- what attempts report

    def _on_events(self, run: RunId, events: tuple[e.AnyEvent, ...]) -> None:
        """Pass on what the executor reports, from the thread of the attempt."""
        known = self._of(run, events)
        if known is None:
            return
        for event in events:
            if isinstance(event, e.AttemptStarted):
                self._tell(known, m.Started(known.order.key, event.pid))
        if any(isinstance(event, End) for event in events):
            self._end(known, events)
        elif remarks := [event for event in events if not isinstance(event, e.AttemptStarted)]:
            self._tell(known, m.Told(known.order.key, tuple(map(_as_fields, remarks))))

    def _of(self, run: RunId, events: tuple[e.AnyEvent, ...]) -> _Attempt | None:
        """Return the attempt that events are about."""
        with self._lock:
            for event in events:
                if isinstance(attempt := getattr(event, "attempt", None), e.AttemptId):
                    return self._attempts.get(m.Key(run, attempt.task, attempt.number))
            for event in events:
                if task := getattr(event, "task", None):
                    keys = [key for key in self._attempts if (key.run, key.task) == (run, task)]
                    return self._attempts[max(keys)] if keys else None
        return None

    def _tell(self, known: _Attempt, message: m.Message) -> None:
        with self._lock:
            known.said.append(message)
            for session in self._sessions:
                if known.order.key in session.followed:
                    session.send(message)

    def _end(self, known: _Attempt, events: tuple[e.AnyEvent, ...]) -> None:
        """Make ready what an attempt left, write its end down, and report it."""
        order, directory = known.order, known.job.directory
        made, failed = results.made_ready(self.repository, order, directory / orders.BUNDLE)
        events = (failed,) if failed else events
        end = m.Ended(
            order.key,
            tuple(map(_as_fields, events)),
            output.size(directory / OUTPUT),
            tuple(made.refs.items()),
            made.size_bytes,
            order.collections,
        )
        self.folders.keep_end(end)
        with self._lock:
            known.end = end
            for session in self._sessions:
                if order.key in session.followed:
                    session.send(end)
        self._wake.set()  # for the rest of its log, without which no engine takes it over

    def _send_result(self, session: Session, message: m.TakeResult) -> None:
        """Send a window's worth of the bundle; the engine asks for the next."""
        with self._lock:
            known = self._attempts.get(message.key)
        if known is None or known.end is None:
            return
        if output.size(known.job.directory / orders.BUNDLE) != known.end.bundle_bytes:  # it was taken before
            path, left = known.job.directory / orders.BUNDLE, dict(known.end.refs)
            results.make_bundle(self.repository, known.order.base, left, path)
        end = min(message.at + m.WINDOW, known.end.bundle_bytes)
        for at in range(message.at, end, PART_BYTES):
            part = output.read_range(known.job.directory / orders.BUNDLE, at, min(at + PART_BYTES, end))
            session.send(m.Result(message.key, at, part))

    def _receive(self, session: Session, message: m.Pack | m.Copies) -> None:
        """Take a part of what was asked for; once it is whole, take that over and begin what waits for it."""
        name = message.base if isinstance(message, m.Pack) else message.digest
        try:
            with self._lock:
                need = self._arrivals.add(session, message)
        except OSError as error:
            with self._lock:
                self._arrivals.give_up(session, name)
            self._cannot_begin(name, error)
            return
        if need is not None:
            # in a thread: it may take long, and the engine counts on answers
            start_thread(
                "arrival",
                lambda: self._take_over(session, name, need),
                lambda error: self._cannot_begin(name, error),
            )

    def _take_over(self, session: Session, name: str, need: m.Need) -> None:
        """Take over what is whole, and begin what waits for it."""
        try:
            self._arrivals.take(session, need)
        except (PorchError, OSError) as error:
            if is_full_disk(error) or not is_temporary(error, self.repository):
                self._cannot_begin(name, error)
                return
            log.warning(f"{name} is asked for again: {error}")
            time.sleep(RETRY_S)
        with self._lock:
            for known in self._waiting():
                if known.order.key in session.followed and session.is_in_touch:  # else when it is back
                    self._begin_or_ask(known, session)

    def _waiting(self) -> list[_Attempt]:
        return [one for one in self._attempts.values() if not one.is_begun and one.end is None]

    def _cannot_begin(self, name: str, error: Exception) -> None:
        """Report that attempts which wait for a base, or copies, cannot begin."""
        with self._lock:
            failed = [one for one in self._waiting() if name in (one.order.base, one.order.copies)]
            for known in failed:
                known.is_begun = True
        text = f"what it starts from could not be taken over: {error}"
        for known in failed:
            self._report_not_started(known, text)

    def _report_not_started(self, known: _Attempt, why: str) -> None:
        failure = e.Failure(e.FailureKind.NOT_STARTED, why)
        self._on_events(known.order.key.run, (e.AttemptFailed(known.order.key.attempt, failure),))

    # --- what is looked at again and again

    def _begin_to_attend(self) -> None:
        start_thread("host", self._attend, lambda error: self._begin_to_attend())

    def _attend(self) -> None:
        """Renew leases, and send logs and samples, until the host is closed."""
        next_sample = next_renewal = next_offer = 0.0
        while not self._is_closed:
            self._wake.wait(LOOK_S if self.is_needed else SAMPLE_S)
            self._wake.clear()
            now = time.monotonic()
            with self._lock:
                sessions = list(self._sessions)
                running = [one for one in self._attempts.values() if one.is_begun and one.end is None]
            try:
                if now >= next_renewal:
                    next_renewal = now + RENEW_S
                    self._renew(running, sessions)
                for session in sessions:
                    self._send_logs(session)
                if now >= next_sample:
                    next_sample = now + SAMPLE_S
                    directories = {one.order.key: one.job.directory for one in running}
                    self._samples.send(directories, sessions)
                if now >= next_offer:
                    next_offer = now + work_so_far.OFFER_S
                    self._work.offer([one.order for one in running], sessions)
            except ERRORS as error:  # leases must be renewed whatever happens
                log.warning(f"logs and samples are sent again: {error}")
                time.sleep(RENEW_S)

    def _send_logs(self, session: Session) -> None:
        for key, taken in list(session.followed.items()):
            known, sent = self._attempts.get(key), session.sent.get(key, 0)
            if known is None:
                continue
            path = known.job.directory / OUTPUT
            end = min(output.size(path), taken + LOG_WINDOW)
            while sent < end and (data := output.read_range(path, sent, min(sent + PART_BYTES, end))):
                session.send(m.Log(key, sent, data))
                sent += len(data)
            session.sent[key] = sent

    def _renew(self, running: list[_Attempt], sessions: list[Session]) -> None:
        # by what was heard since: engines count from when they gave a connection up, which may still be here
        heard = [session for session in sessions if session.heard_at >= self._renewed_at]
        self._renewed_at = time.monotonic()
        followed = set[m.Key]().union(*(set(session.followed) for session in heard))  # others add to it
        with self._lock:
            for known in self._waiting():  # for what is being sent
                if known.order.key in followed:
                    known.expires_at = max(known.expires_at, time.time() + known.order.lease_s)
        for known in running:
            if known.order.key in followed:
                with suppress(OSError):  # a full disk: the lease is long
                    control.renew_lease(known.job.directory)


def _as_fields(event: e.AnyEvent) -> dict[str, object]:
    return {"type": type(event).__name__, **msgspec.to_builtins(event)}
