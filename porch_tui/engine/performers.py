"""One performer per effect. Each answers by offering events; a fault becomes an event as well."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import assert_never

from porch_tui.core.merge_queue.culprit import unknown
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules import effects as f
from porch_tui.engine.effects.landing import land_train
from porch_tui.engine.effects.merging import build_candidate, build_probe, build_trial, make_again
from porch_tui.engine.effects.proposing import Seats, propose_resolution
from porch_tui.engine.effects.resolving import apply_resolution
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.effects.twins import Twins
from porch_tui.engine.effects.undoing import take_back
from porch_tui.engine.effects.validating import validate_candidate
from porch_tui.engine.effects.validation_worktrees import GRACE_S, ValidationWorktrees
from porch_tui.engine.engine import ROOM_S, Performance
from porch_tui.errors import is_full_disk, limit_met
from porch_tui.executors.background import start_thread
from porch_tui.executors.checkout import is_temporary
from porch_tui.executors.executor import STOP_GRACE_S, Executor
from porch_tui.executors.orders import Orders
from porch_tui.git.landing.checkout import checkout_fingerprint
from porch_tui.git.runner import GitError

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 1.0
"""How often the checkout that blocks a landing is looked at: a few stats and one git call."""

MOST_KILLED = 5
"""How often an effect is tried again whose git is killed each time."""
MOST_REMADE = 2
"""How often merges are made again for an effect: what is missing then is nothing that porch makes."""
TRIES = 10
"""Of an effect that meets a limit of the system, a second apart: what runs beside it may end meanwhile."""

LEAVING_S = 5.0
"""Longer than a validation's grace."""

Work = Callable[[], None]
_Hold = f.FreezeValidation | f.FreezeProposal


class Nothing:
    """A performance that needs no cancelling: its end is always reported."""

    def cancel(self) -> None:
        """Let it go on."""


class Cancellable:
    """A performance that ends when nobody wants it any more."""

    def __init__(self, cancel: Work) -> None:
        self._cancel = cancel

    def cancel(self) -> None:
        """End it."""
        self._cancel()


class Performers:
    """The table from effects to the functions that make them so."""

    def __init__(self, tools: Tools, executor: Executor) -> None:
        self._tools = tools
        self._executor = executor
        self._validation_worktrees = ValidationWorktrees(tools)
        self._validations: dict[f.Effect, tuple[Orders, threading.Thread]] = {}
        """And resolvers."""
        self._held: set[_Hold] = set()
        """What is to stand still, begun here already or not."""
        self._killed: dict[f.Effect, int] = {}
        """How often git was killed before it could do what an effect needs."""
        self._tries: Counter[f.Effect] = Counter()
        """How often effects have met a limit of the system."""
        self._remade: Counter[f.Effect] = Counter()
        """How often merges were made again for an effect that met a missing object."""
        self._seats = Seats()
        self._twins = Twins()
        self._blocked: dict[TaskId, str] = {}
        """What the checkout looked like when a landing was blocked; unknown to an engine begun later."""

    def begin(self, effect: f.Effect, state: RunState, finished: Work) -> Performance:
        """Begin an effect and return at once."""
        match effect:
            case f.RunAttempt():
                self._tools.configuration.look()
                self._executor.start(self._tools.job(state, effect.attempt))
                return Nothing()
            case f.StopAttempt():
                grace_s = 0.0 if effect.kill_now else STOP_GRACE_S
                self._executor.stop(self._tools.job(state, effect.attempt), grace_s)
                return Nothing()
            case f.FreezeAttempt():
                return self._hold(effect, state)
            case f.BuildCandidate():
                self._work(
                    effect,
                    state,
                    finished,
                    lambda: self._tools.offer(build_candidate(effect, state, self._tools, self._twins)),
                )
                return Nothing()
            case f.BuildProbe():
                self._work(
                    effect,
                    state,
                    finished,
                    lambda: self._tools.offer(build_probe(effect, state, self._tools)),
                )
                return Nothing()
            case f.BuildAdHocValidation():
                self._work(
                    effect,
                    state,
                    finished,
                    lambda: self._tools.offer(build_trial(effect, state, self._tools)),
                )
                return Nothing()
            case f.ValidateCandidate():
                self._tools.configuration.look()
                return self._validate(effect, state, finished)
            case f.FreezeValidation() | f.FreezeProposal():
                self._hold_still(effect, True)
                return Cancellable(lambda: self._hold_still(effect, False))
            case f.LandTrain():
                self._work(effect, state, finished, lambda: self._land(effect, state))
                return Nothing()
            case f.RollBackLanding():
                self._work(
                    effect,
                    state,
                    finished,
                    lambda: self._tools.offer(*take_back(effect, state, self._tools)),
                )
                return Nothing()
            case f.AwaitCheckout():
                return self._await_checkout(effect, state, finished)
            case f.ProposeResolution():
                self._tools.configuration.look()
                return self._propose(effect, state, finished)
            case f.ApplyResolution():
                self._work(
                    effect,
                    state,
                    finished,
                    lambda: self._tools.offer(apply_resolution(effect, state, self._tools)),
                )
                return Nothing()
            case _:
                assert_never(effect)

    def take_over(self, state: RunState) -> None:
        """End what a former engine has left running although nobody wants it any more."""
        self._validation_worktrees.look_around(state)

    def kill_attempts(self, state: RunState) -> None:
        """End what runs without any grace."""
        for task in state.active:
            attempt = state.tasks[task].attempt
            if attempt is not None:
                self._executor.stop(self._tools.job(state, attempt.id), grace_s=0.0)

    def end_validations(self) -> None:
        """Stop validations and resolvers and wait for their end; the next engine begins them again."""
        for orders, _ in self._validations.values():
            orders.stop()
        for _, thread in list(self._validations.values()):
            thread.join(LEAVING_S)

    def _work(self, effect: f.Effect, state: RunState, finished: Work, work: Work) -> threading.Thread:
        """Do the work in a thread; whatever it raises is told as the effect's own kind of failure."""

        def give_up(error: Exception) -> None:
            if self._is_tried_again(effect, error) or self._is_made_again(effect, state, error):
                time.sleep(ROOM_S)
                finished()
                return
            self._tools.offer(*fault(effect, state, limit_met(error) or str(error) or type(error).__name__))
            finished()

        def through() -> None:
            work()
            finished()

        return start_thread(type(effect).__name__, through, give_up)

    def _is_tried_again(self, effect: f.Effect, error: Exception) -> bool:
        """Say whether what an effect broke at will be over by itself: then it is tried again.

        A full disk is waited for as long as the effect is wanted; git may be killed a few times.
        """
        if is_full_disk(error):
            return True
        if limit_met(error):
            self._tries[effect] += 1
            return self._tries[effect] < TRIES
        if not is_temporary(error, self._tools.repository):
            return False
        if self._tools.repository.is_writable:
            self._killed[effect] = self._killed.get(effect, 0) + 1
        return self._killed.get(effect, 0) <= MOST_KILLED

    def _is_made_again(self, effect: f.Effect, state: RunState, error: Exception) -> bool:
        """Make merges again whose objects are gone, and say whether the effect is worth another try."""
        if not isinstance(error, GitError) or not error.is_missing_object:
            return False
        self._remade[effect] += 1
        if self._remade[effect] > MOST_REMADE:
            return False
        log.warning("porch: an object is gone (git gc?); merges are made again: %s", error)
        make_again(state, self._tools)
        return True

    def _hold(self, effect: f.FreezeAttempt, state: RunState) -> Performance:
        job = self._tools.job(state, effect.attempt)
        self._executor.freeze(job)
        return Cancellable(lambda: self._executor.thaw(job))

    def _validate(self, effect: f.ValidateCandidate, state: RunState, finished: Work) -> Performance:
        pool, orders = self._validation_worktrees, Orders(GRACE_S)
        return self._stoppable(
            effect,
            state,
            finished,
            orders,
            lambda: validate_candidate(effect, state, self._tools, pool, orders),
        )

    def _hold_still(self, hold: _Hold, is_held: bool) -> None:
        (self._held.add if is_held else self._held.discard)(hold)
        for effect, (orders, _) in self._validations.items():
            if _hold_of(effect) == hold:
                orders.set_frozen(is_held)

    def _propose(self, effect: f.ProposeResolution, state: RunState, finished: Work) -> Performance:
        orders = Orders()
        return self._stoppable(
            effect,
            state,
            finished,
            orders,
            lambda: propose_resolution(effect, state, self._tools, self._seats, orders),
        )

    def _stoppable(
        self,
        effect: f.Effect,
        state: RunState,
        finished: Work,
        orders: Orders,
        work: Callable[[], e.AnyEvent | None],
    ) -> Performance:
        """Do work that can be called off, and then says nothing."""

        def through() -> None:
            with orders:
                event = work()
            if event is not None:
                self._tools.offer(event)

        orders.set_frozen(_hold_of(effect) in self._held)
        self._validations = {key: one for key, one in self._validations.items() if one[1].is_alive()}
        self._validations[effect] = (orders, self._work(effect, state, finished, through))
        return Cancellable(orders.stop)

    def _land(self, effect: f.LandTrain, state: RunState) -> None:
        events = land_train(effect, state, self._tools)
        for event in events:
            if isinstance(event, e.LandingBlocked):
                self._blocked[event.task] = self._look(state, event.paths)
        self._tools.offer(*events)

    def _await_checkout(self, effect: f.AwaitCheckout, state: RunState, finished: Work) -> Performance:
        is_over = threading.Event()
        paths = state.entries[effect.task].conflicts
        known = self._blocked.get(effect.task)

        def look() -> None:
            while known is not None and self._look(state, paths) == known:
                if is_over.wait(LOOK_AGAIN_S):
                    return
            self._tools.offer(e.LandingUnblocked(effect.task))

        self._work(effect, state, finished, look)
        return Cancellable(is_over.set)

    def _look(self, state: RunState, paths: tuple[str, ...]) -> str:
        return checkout_fingerprint(self._tools.repository, state.target, paths)


def _hold_of(effect: f.Effect) -> _Hold | None:
    """Return what would have this effect stand still."""
    match effect:
        case f.ValidateCandidate():
            return f.FreezeValidation(effect.tree, effect.number)
        case f.ProposeResolution():
            return f.FreezeProposal(effect.task, effect.head, effect.onto)
        case _:
            return None


def fault(effect: f.Effect, state: RunState, why: str) -> list[e.AnyEvent]:
    """Return how a performer that broke is told: the entry steps aside, the queue goes on."""
    match effect:
        case f.BuildCandidate():
            return [e.EntryFaulted(effect.task, why)]
        case f.ValidateCandidate():
            return [e.ValidationFailed(effect.tree, effect.number, f"it could not be run: {why}", None)]
        case f.BuildProbe():
            return [unknown(state, effect.task)]
        case f.BuildAdHocValidation():
            broke = f"could not be merged to be validated: {why}"
            return [e.AdHocValidationImpossible(effect.task, effect.on_top_of, effect.heads, (), broke)]
        case f.LandTrain():
            return [e.EntryFaulted(effect.links[0].task, why)]
        case f.RollBackLanding():
            return [e.UndoRefused(effect.task, why)]
        case f.ProposeResolution():
            author = state.plan.resolver.author if state.plan.resolver else ""
            return [e.ResolutionProposed(effect.task, effect.head, effect.onto, author, False, why)]
        case f.ApplyResolution():
            return [e.ResolutionRefused(effect.task, why)]
        case _:
            return []
