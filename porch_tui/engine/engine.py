"""The engine: one thread that alone changes a run, and the one door through which it does.

    message → events → journal → state → effects

`absorb` is that door: for a key pressed, a script's command, a worker's report,
a second terminal and a recovery after a crash alike. What is wanted is derived
from the state; what is begun and no longer wanted is cancelled.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from porch_tui.core.model import commands as c
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.admit import admit
from porch_tui.core.rules.decide import decide
from porch_tui.core.rules.effects import (
    Effect,
    FreezeAttempt,
    FreezeProposal,
    FreezeValidation,
    LandTrain,
    RollBackLanding,
    RunAttempt,
    wanted,
)
from porch_tui.core.rules.evolve import evolve
from porch_tui.core.rules.settle import settle
from porch_tui.errors import JournalError, RepositoryError, is_full_disk, limit_met
from porch_tui.journal import inbox
from porch_tui.journal.log import Journal
from porch_tui.journal.rundir import RunDir

log = logging.getLogger(__name__)

POLL_S = 0.05
"""How often the inbox is looked into: a key takes at most this long to be heard."""
ROOM_S = 1.0
"""How often a run that waits for room on the disk looks whether there is some."""
TELL_AGAIN_S = 30.0
LIMIT_S = 10.0
"""How long a run that may start nothing more, while nothing runs whose end could help, tries on."""
MOST_AT_ONCE = 64
"""Messages that are absorbed together: with one wait for the disk, and one look at what is wanted."""
AGAIN_S = 0.5
"""How long an effect that came to nothing, and is still wanted, waits for its next try."""

Told = Callable[[Sequence[e.Record], RunState], None]
"""Hears what was written, and the state it led to; called in the engine's thread."""


class Finished(Struct, frozen=True):
    """A performer's own word that it is through with an effect; changes nothing that is true."""

    effect: Effect


Reports = tuple[e.AnyEvent, ...]
"""Events that are true together."""

Message = c.AnyCommand | Reports | Finished


class Performance(Protocol):
    """An effect on its way."""

    def cancel(self) -> None:
        """Nobody wants it any more."""


class Performer(Protocol):
    """Makes effects so."""

    def begin(self, effect: Effect, state: RunState, finished: Callable[[], None]) -> Performance:
        """Begin an effect in a thread of its own; `finished` is called when nothing more comes of it."""


class _Draft(Struct, frozen=True):
    """Events that are to be written, and the state they lead to."""

    cause: str
    records: list[e.Record]
    state: RunState


class Engine:
    """The only writer of a run. Holds the lease as long as it lives (see `opening`)."""

    def __init__(
        self, rundir: RunDir, journal: Journal, state: RunState, answered: set[str], told: Told
    ) -> None:
        self.state = state
        """As the journal has it."""
        self._coming = state
        """With what was drafted since."""
        self._settled: tuple[RunState, frozenset[TaskId]] | None = None
        """In which nothing is due by itself, while what was landing: rules look at nothing else."""
        self._drafts: list[_Draft] = []
        self._rundir = rundir
        self._journal = journal
        self._answered = answered
        """Causes in the journal: a command found in the inbox again has been carried out."""
        self._told = told
        # no SimpleQueue: in CPython 3.11 its `get` waits forever if a signal handler outlasts the timeout
        self._offered: queue.Queue[Message] = queue.Queue()
        self._issued: dict[Effect, Performance] = {}
        self._tired: dict[Effect, float] = {}
        """Effects that came to nothing, and when they may be tried again (monotonic seconds)."""
        self._short_since: float | None = None
        """When the system began to allow no more threads or files (monotonic seconds)."""
        self._silent_until = 0.0
        """When it may be told again that there is a limit (monotonic seconds)."""
        self._performer: Performer | None = None
        self._is_interrupted: Callable[[], bool] = lambda: True
        """Whoever is the engine for a moment only does not wait."""
        self._next_look = 0.0

    @property
    def is_landing(self) -> bool:
        """Whether the target is being moved this very moment."""
        return any(isinstance(effect, LandTrain | RollBackLanding) for effect in self._issued)

    @property
    def _landing(self) -> frozenset[TaskId]:
        """The tasks of the landing that is under way: nothing calls it off, and it has still to answer."""
        under_way = (effect for effect in self._issued if isinstance(effect, LandTrain))
        return frozenset(link.task for effect in under_way for link in effect.links)

    def offer(self, *events: e.AnyEvent) -> None:
        """Report events, from any thread; returns at once. They may come too late to matter."""
        self._offered.put(events)

    def command(self, command: c.AnyCommand) -> None:
        """Give a command, from any thread; returns at once."""
        self._offered.put(command)

    def take_over(self, pid: int, host: str) -> None:
        """Note that another engine works on the run from now on."""
        self._draft([e.EngineTookOver(pid, host)], "engine")
        self._write()

    def absorb(self, *messages: Message) -> None:
        """Let messages change the run, one after the other. Nothing else may.

        A command may be refused; an event offered by the world is dropped if it
        comes too late. Every event is durable before its effects begin: what follows
        from all of the messages is written together.
        """
        for message in messages:
            match message:
                case c.Command():
                    self._draft(decide(self._coming, message, self._landing), message.id)
                case Finished():
                    self._issued.pop(message.effect, None)
                    self._tired[message.effect] = time.monotonic() + AGAIN_S
                case _:
                    for event in message:
                        self._draft(admit(self._coming, event), type(event).__name__)
            self._settle()
        self._write()
        self._perform()

    def run(
        self,
        performer: Performer,
        may_end: Callable[[RunState], bool],
        is_interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        """Work until `may_end` says so of a state in which nothing is waiting to be heard.

        Where the disk is full it waits for room, unless it `is_interrupted`; then JournalError.
        """
        self._performer, self._is_interrupted = performer, is_interrupted
        self._settle()
        self.absorb()
        while True:
            # at the end there is nothing to wait for: one last look at what has come
            is_over = self._offered.empty() and may_end(self.state)
            is_quiet = not self._hear(0.0 if is_over else POLL_S)
            if is_quiet and is_over:
                return
            if is_quiet and self._tired:
                self._perform()

    def hear_out(self) -> None:
        """Write down what was offered by now. Nothing is begun any more."""
        self._performer = None
        while True:
            messages = self._taken()
            if not messages:
                return
            self.absorb(*messages)

    def _hear(self, patience_s: float) -> bool:
        """Absorb what has come, waiting a moment for it; False if nothing had."""
        messages = self._taken(patience_s)
        heard = bool(messages)
        if heard:
            self.absorb(*messages)
        if not patience_s or time.monotonic() >= self._next_look:
            self._refuse_if_gone()
            heard = self._look_into_inbox() or heard
            self._next_look = time.monotonic() + POLL_S
        return heard

    def _taken(self, patience_s: float = 0.0) -> list[Message]:
        """Return what has come by now, at most so much that nobody waits long for what follows from it."""
        messages: list[Message] = []
        try:
            messages.append(self._offered.get(timeout=patience_s))
            while len(messages) < MOST_AT_ONCE:
                messages.append(self._offered.get_nowait())
        except queue.Empty:
            pass
        return messages

    def _look_into_inbox(self) -> bool:
        try:
            found = inbox.take(self._rundir)
        except OSError as error:
            if not limit_met(error):
                raise
            self._tell_of_limit(limit_met(error))
            return False  # what lies there will lie there when there are descriptors again
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

    def _settle(self) -> None:
        """Draft what is due by itself until nothing is."""
        landing = self._landing
        if self._settled is not None and self._settled[0] is self._coming and self._settled[1] == landing:
            return
        while due := settle(self._coming, landing):
            self._draft(due, "settle")
        self._settled = self._coming, landing

    def _draft(self, events: list[e.AnyEvent], cause: str) -> None:
        """Have the events written with the next `_write`; until then they are true for this engine only."""
        if not events:
            return
        behind = self._drafts[-1].records[-1] if self._drafts else None
        records = self._journal.draft(events, cause, behind)
        for record in records:
            self._coming = evolve(self._coming, record)
        self._drafts.append(_Draft(cause, records, self._coming))

    def _write(self) -> None:
        """Make what was drafted durable, then true."""
        drafts, self._drafts = self._drafts, []
        if not drafts:
            return
        try:
            self._append([record for draft in drafts for record in draft.records])
        except JournalError:
            self._coming = self.state
            raise
        self.state = self._coming
        for draft in drafts:
            self._answered.add(draft.cause)
            self._told(draft.records, draft.state)

    def _refuse_if_gone(self) -> None:
        """Raise JournalError if the run is not where it was: nothing it would say could be found."""
        if self._rundir.journal.exists():
            return
        run, path = self._rundir.run, self._rundir.path
        if self._journal.is_deleted:
            raise JournalError(f"run {run} is over: its directory {path} was deleted; its tasks are ended")
        raise JournalError(
            f"run {run} cannot go on here: its directory {path} is not there any more; its tasks go on; if "
            f"the repository was moved, go there, and: git worktree repair; porch resume {run}"
        )

    def _append(self, records: Sequence[e.Record]) -> None:
        """Write as soon as there is room. Until then nothing changes, and what runs goes on."""
        is_told = False
        self._refuse_if_gone()
        while True:
            try:
                return self._journal.write(records)
            except JournalError as error:
                if not is_full_disk(error) or self._is_interrupted():
                    raise
                if not is_told:
                    log.warning("porch: the disk is full: the run waits until there is room. %s", error)
                is_told = True
                time.sleep(ROOM_S)

    def _perform(self) -> None:
        """Begin what is wanted and not yet begun; cancel what is begun and no longer wanted."""
        if self._performer is None:
            return
        now, goal = time.monotonic(), wanted(self.state)
        self._tired = {effect: until for effect, until in self._tired.items() if until > now}
        for effect in self._issued.keys() - goal:
            # A landing is never called off midway; its report says how far it came.
            if not isinstance(effect, LandTrain | RollBackLanding):
                self._issued.pop(effect).cancel()
        for effect in sorted(goal - self._issued.keys() - self._tired.keys(), key=_urgency):
            if isinstance(effect, LandTrain | RollBackLanding) and self.is_landing:
                continue
            try:
                self._issued[effect] = self._performer.begin(effect, self.state, self._finished(effect))
                self._short_since = None
            except (OSError, RuntimeError, MemoryError) as error:
                self._put_off(effect, error)

    def _put_off(self, effect: Effect, error: Exception) -> None:
        """Try an effect again later that met a limit of the system; raises what is no limit.

        RepositoryError if nothing is under way that could end, and the limit stays.
        """
        limit, now = limit_met(error), time.monotonic()
        if not limit:
            raise error
        self._short_since = self._short_since or now
        self._tell_of_limit(limit)
        if not self._issued and now - self._short_since > LIMIT_S:
            raise RepositoryError(
                f"the run cannot go on now: {limit}; then porch resume {self.state.run} goes on"
            ) from error
        self._tired[effect] = now + AGAIN_S

    def _tell_of_limit(self, limit: str) -> None:
        if time.monotonic() >= self._silent_until:
            log.warning("porch: what is due next has to wait: %s", limit)
            self._silent_until = time.monotonic() + TELL_AGAIN_S

    def _finished(self, effect: Effect) -> Callable[[], None]:
        return lambda: self._offered.put(Finished(effect))


def _urgency(effect: Effect) -> tuple[int, int]:
    """Attempts begin in the order in which they were given their slots: the longest chain first.

    What is to stand still is known before anybody finds it running: it does not stir in between.
    """
    match effect:
        case FreezeAttempt() | FreezeValidation() | FreezeProposal():
            return 0, 0
        case RunAttempt():
            return 1, effect.slot
        case _:
            return 2, 0
