"""The engine: one thread that alone changes a run.

    message → events → journal → state → effects

`absorb` is the only way to change a run: for a key press, a script's command, a worker's report, a second
terminal and recovery after a crash alike. Which effects are wanted is derived from the state; what runs and
is no longer wanted is cancelled.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from typing import Protocol

from msgspec import Struct

from porch_tui import log
from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.effects import (
    Effect,
    FreezeAttempt,
    FreezeJudge,
    FreezeProposal,
    FreezeValidation,
    LandTrain,
    RollBackLanding,
    RunAttempt,
    RunLane,
    wanted,
)
from porch_tui.core.rules.evolve import evolve_all
from porch_tui.core.rules.settle import settle
from porch_tui.errors import JournalError, RepositoryError, is_full_disk, limit_met
from porch_tui.journal import inbox
from porch_tui.journal.log import Journal
from porch_tui.journal.rundir import RunDir

POLL_S = 0.05
"""How often the inbox is read: a key press takes at most this long to arrive."""
DISK_RETRY_S = 1.0
"""How often a run that waits for disk space checks for it."""
WARN_AGAIN_S = 30.0
LIMIT_S = 10.0
"""How long a run keeps trying that may start nothing more while nothing runs whose end could help."""
BATCH = 64
"""Messages absorbed together: with one wait for the disk, and one look at which effects are wanted."""
RETRY_S = 0.5
"""How long an effect that finished without result, and is still wanted, waits for its next try."""

_END = e.AttemptSucceeded | e.AttemptFailed | e.AttemptReturned

OnWritten = Callable[[Sequence[e.Record], RunState], None]
"""Receives what was written and the state it led to; called in the engine's thread."""


class Finished(Struct, frozen=True):
    """A runner's report that an effect is over; changes nothing that is true."""

    effect: Effect


Reports = tuple[e.AnyEvent, ...]
"""Events that are true together."""

Message = c.AnyCommand | Reports | Finished


Cancel = Callable[[], None]
"""Ends an effect that is not wanted any more."""


class EffectRunner(Protocol):
    """Carries out effects."""

    def start(self, effect: Effect, state: RunState, finished: Callable[[], None]) -> Cancel:
        """Start an effect in a thread of its own, and return how to cancel it.

        `finished` is called when it is over.
        """


class Engine:
    """The only writer of a run. The caller holds the run's lease (see `engine_session`)."""

    def __init__(
        self, rundir: RunDir, journal: Journal, state: RunState, answered: set[str], on_written: OnWritten
    ) -> None:
        self.state = state
        """As the journal has it."""
        self._drafted = state
        """With the drafts."""
        self._settled: tuple[RunState, frozenset[TaskId]] | None = None
        """A state, with the tasks that were landing, from which no further events follow."""
        self._drafts: list[tuple[list[e.Record], RunState]] = []
        """Records of one cause to be written, and the state they lead to."""
        self._rundir = rundir
        self._journal = journal
        self._answered = answered
        """Causes in the journal: a command found again in the inbox has been carried out."""
        self._on_written = on_written
        # no SimpleQueue: in CPython 3.11 its `get` waits forever if a signal handler outlasts the timeout
        self._messages: queue.Queue[Message] = queue.Queue()
        self._running: dict[Effect, Cancel] = {}
        self._retry_at: dict[Effect, float] = {}
        """When effects that finished without result may be tried again (monotonic seconds)."""
        self._limited_since: float | None = None
        """When the system began to allow no more threads or files (monotonic seconds)."""
        self._warn_after = 0.0
        """When the next warning about a limit may be logged (monotonic seconds)."""
        self._runner: EffectRunner | None = None
        self._is_interrupted: Callable[[], bool] = lambda: True
        """A one-shot engine does not wait for disk space."""
        self._read_inbox_at = 0.0

    @property
    def is_landing(self) -> bool:
        """Whether the target branch is being moved."""
        return any(isinstance(effect, LandTrain | RollBackLanding) for effect in self._running)

    @property
    def _landing(self) -> frozenset[TaskId]:
        """The tasks that are being landed: nothing cancels that, and its result is still to come."""
        landings = (effect for effect in self._running if isinstance(effect, LandTrain))
        return frozenset(link.task for effect in landings for link in effect.links)

    def offer(self, *events: e.AnyEvent) -> None:
        """Report events, from any thread; returns at once. They may come too late to matter."""
        self._messages.put(events)

    def command(self, command: c.AnyCommand) -> None:
        """Give a command, from any thread; returns at once."""
        self._messages.put(command)

    def take_over(self, pid: int, host: str) -> None:
        """Record that another engine works on the run from now on."""
        self._draft([e.EngineTookOver(pid, host)], "engine")
        self._write()

    def absorb(self, *messages: Message) -> None:
        """Let messages change the run, one after the other. Nothing else may.

        A command may be refused; an event that comes too late is dropped. Every event is durable before its
        effects start: what follows from all of the messages is written together.
        """
        for message in messages:
            match message:
                case c.Command():
                    self._draft(decide(self._drafted, message, self._landing), message.id)
                case Finished():
                    self._running.pop(message.effect, None)
                    self._retry_at[message.effect] = time.monotonic() + RETRY_S
                case _:
                    self._draft_reports(message)
            self._settle()
        self._write()
        self._update_effects()

    def run(
        self,
        runner: EffectRunner,
        may_end: Callable[[RunState], bool],
        is_interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        """Work until `may_end` holds for the state and no message is waiting.

        Waits while the disk is full, unless it `is_interrupted`; then JournalError.
        """
        self._runner, self._is_interrupted = runner, is_interrupted
        self._settle()
        self.absorb()
        while True:
            # at the end there is nothing to wait for: one last look at what has come
            is_over = self._messages.empty() and may_end(self.state)
            messages, has_command = self._next_messages(0.0 if is_over else POLL_S), False
            if messages:
                self.absorb(*messages)
            if is_over or time.monotonic() >= self._read_inbox_at:
                self._refuse_if_gone()
                has_command = self._read_inbox()
                self._read_inbox_at = time.monotonic() + POLL_S
            if messages or has_command:
                continue
            if is_over:
                return
            if self._retry_at:
                self._update_effects()

    def drain(self) -> None:
        """Write down what was reported so far. No more effects are started."""
        self._runner = None
        while messages := self._next_messages():
            self.absorb(*messages)

    def _next_messages(self, timeout_s: float = 0.0) -> list[Message]:
        """Return waiting messages, at most a batch."""
        messages: list[Message] = []
        try:
            messages.append(self._messages.get(timeout=timeout_s))
            while len(messages) < BATCH:
                messages.append(self._messages.get_nowait())
        except queue.Empty:
            pass
        return messages

    def _read_inbox(self) -> bool:
        try:
            found = inbox.take(self._rundir)
        except OSError as error:
            if not limit_met(error):
                raise
            self._warn_of_limit(limit_met(error))
            return False  # the commands are still there when there are descriptors again
        for file, command in found:
            match command:
                case inbox.Problem():
                    self._draft([e.CommandRefused(file.name, command.why)], command.id)
                    self._write()
                case _ if command.id in self._answered:
                    inbox.done(file)
                case _:
                    self.absorb(command)
                    inbox.done(file)
        return bool(found)

    def _draft_reports(self, events: Reports) -> None:
        """Draft what is still true of reports; ends of several attempts, which do not meet, at once."""
        for (kind, is_end), group in groupby(events, key=lambda one: (type(one), isinstance(one, _END))):
            alike = list(group)
            tasks = {one.attempt.task for one in alike if isinstance(one, _END)}
            if is_end and len(tasks) == len(alike):
                self._draft([one for event in alike for one in admit(self._drafted, event)], kind.__name__)
                continue
            for event in alike:
                self._draft(admit(self._drafted, event), kind.__name__)

    def _settle(self) -> None:
        """Draft the events that follow from the state, until none does."""
        landing = self._landing
        if self._settled is not None and self._settled[0] is self._drafted and self._settled[1] == landing:
            return
        while events := settle(self._drafted, landing):
            self._draft(events, "settle")
        self._settled = self._drafted, landing

    def _draft(self, events: list[e.AnyEvent], cause: str) -> None:
        """Add events for the next `_write`; until then they are true for this engine only."""
        if not events:
            return
        previous = self._drafts[-1][0][-1] if self._drafts else None
        records = self._journal.draft(events, cause, previous)
        self._drafted = evolve_all(self._drafted, records)
        self._drafts.append((records, self._drafted))

    def _write(self) -> None:
        """Make the drafts durable, then true."""
        drafts, self._drafts = self._drafts, []
        if not drafts:
            return
        try:
            self._append([record for records, _ in drafts for record in records])
        except JournalError:
            self._drafted = self.state
            raise
        self.state = self._drafted
        for records, state in drafts:
            self._answered.add(records[0].cause)
            self._on_written(records, state)

    def _refuse_if_gone(self) -> None:
        """Raise JournalError if the run's directory is not where it was: nothing written could be found."""
        if self._rundir.journal.exists():
            return
        run, path = self._rundir.run, self._rundir.path
        if self._journal.is_deleted:
            raise JournalError(f"run {run} is over: its directory {path} was deleted; its tasks are ended")
        raise JournalError(
            f"run {run} cannot continue here: its directory {path} is gone; its tasks continue. If the "
            f"repository was moved, go there, and: git worktree repair; porch resume {run}"
        )

    def _append(self, records: Sequence[e.Record]) -> None:
        """Write as soon as there is disk space. Until then nothing changes, and what runs continues."""
        has_warned = False
        self._refuse_if_gone()
        while True:
            try:
                return self._journal.write(records)
            except JournalError as error:
                if not is_full_disk(error) or self._is_interrupted():
                    raise
                if not has_warned:
                    log.warning(f"porch: the disk is full: the run waits until there is room. {error}")
                has_warned = True
                time.sleep(DISK_RETRY_S)

    def _update_effects(self) -> None:
        """Start effects that are wanted and do not run; cancel those that run and are not wanted."""
        if self._runner is None:
            return
        now, goal = time.monotonic(), wanted(self.state)
        self._retry_at = {effect: until for effect, until in self._retry_at.items() if until > now}
        running = set(self._running)  # hashes of thousands of effects are not computed again
        for effect in running - goal:
            # A landing is never cancelled midway; its report says how far it came.
            if not isinstance(effect, LandTrain | RollBackLanding):
                self._running.pop(effect)()
        for effect in sorted(goal - running - self._retry_at.keys(), key=_priority):
            if isinstance(effect, LandTrain | RollBackLanding) and self.is_landing:
                continue
            try:
                finished = partial(self._messages.put, Finished(effect))
                self._running[effect] = self._runner.start(effect, self.state, finished)
                self._limited_since = None
            except (OSError, RuntimeError, MemoryError) as error:
                self._postpone(effect, error)

    def _postpone(self, effect: Effect, error: Exception) -> None:
        """Retry an effect later that met a limit of the system; other errors are raised.

        RepositoryError if nothing runs that could end, and the limit stays.
        """
        limit, now = limit_met(error), time.monotonic()
        if not limit:
            raise error
        self._limited_since = self._limited_since or now
        self._warn_of_limit(limit)
        if not self._running and now - self._limited_since > LIMIT_S:
            raise RepositoryError(
                f"the run cannot continue now: {limit}; then continue it with porch resume {self.state.run}"
            ) from error
        self._retry_at[effect] = now + RETRY_S

    def _warn_of_limit(self, limit: str) -> None:
        if time.monotonic() >= self._warn_after:
            log.warning(f"porch: what is due next has to wait: {limit}")
            self._warn_after = time.monotonic() + WARN_AGAIN_S


def _priority(effect: Effect) -> tuple[int, int]:
    """Attempts start in the order in which they were given their slots: the longest chain first.

    What must be frozen is known before anything looks for it running: it does not run in between.
    """
    match effect:
        case FreezeAttempt() | FreezeValidation() | FreezeProposal() | FreezeJudge():
            return 0, 0
        case RunAttempt() | RunLane():
            return 1, effect.slot
        case _:
            return 2, 0
