"""Runs effects: which function carries out which effect, in which thread, and what an error in one means."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import assert_never

from porch_tui import log
from porch_tui.core.merge_queue.culprit import unknown
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.rules import effects as f
from porch_tui.engine.effects.inspecting import inspect_shared
from porch_tui.engine.effects.judging import end_unwanted_judges, keep_evidence, run_judge
from porch_tui.engine.effects.landing import land_train
from porch_tui.engine.effects.merging import (
    RebuiltCandidates,
    build_ad_hoc_validation,
    build_candidate,
    build_probe,
    rebuild_merges,
)
from porch_tui.engine.effects.proposing import MOST_AT_ONCE, propose_resolution
from porch_tui.engine.effects.resolving import apply_resolution
from porch_tui.engine.effects.tools import Tools
from porch_tui.engine.effects.undoing import roll_back
from porch_tui.engine.effects.validating import validate_candidate
from porch_tui.engine.effects.validating_elsewhere import end_earlier, validate_elsewhere
from porch_tui.engine.effects.validation_worktrees import GRACE_S, ValidationWorktrees
from porch_tui.engine.engine import DISK_RETRY_S, Cancel, EffectRunner
from porch_tui.errors import is_full_disk, limit_met
from porch_tui.executors.background import start_thread
from porch_tui.executors.checkout import is_temporary
from porch_tui.executors.executor import STOP_GRACE_S, Executor
from porch_tui.executors.orders import Orders
from porch_tui.executors.validating import ValidatesElsewhere
from porch_tui.git.landing.checkout import checkout_fingerprint
from porch_tui.git.runner import GitError

CHECKOUT_POLL_S = 1.0
"""How often the checkout that blocks a landing is examined: a few stats and one git call."""
MOST_KILLED = 5
"""How often an effect is retried whose git is killed each time."""
MOST_REBUILDS = 2
"""How often merges are rebuilt for an effect: what is missing then is nothing that porch makes."""
LIMIT_TRIES = 10
"""Of an effect that meets a limit of the system, a second apart: something else may end meanwhile."""
END_WITHIN_S = 5.0
"""Longer than a validation's grace."""

Frozen = f.FreezeValidation | f.FreezeProposal | f.FreezeJudge
Stoppable = f.ValidateCandidate | f.ProposeResolution | f.RunJudge
Building = f.BuildCandidate | f.BuildProbe | f.BuildAdHocValidation | f.ApplyResolution | f.KeepEvidence


def leave_running() -> None:
    """Cancel an effect whose end is always reported: it continues."""


class LocalEffectRunner:
    """Runs each effect in a thread of this process."""

    def __init__(self, tools: Tools, executor: Executor) -> None:
        self._tools = tools
        self._executor = executor
        self._validation_worktrees = ValidationWorktrees(tools)
        self._stoppable: dict[f.Effect, tuple[Orders, threading.Thread]] = {}
        """Validations, resolvers and judges."""
        self._frozen: set[Frozen] = set()
        """Validations, resolvers and judges to keep frozen, started here or not yet."""
        self._killed = Counter[f.Effect]()
        """How often git was killed before it could do what an effect needs."""
        self._limits = Counter[f.Effect]()
        """How often effects have met a limit of the system."""
        self._rebuilds = Counter[f.Effect]()
        """How often merges were rebuilt for an effect that met a missing object."""
        self._resolver_slots = threading.Semaphore(MOST_AT_ONCE)
        self._removing = threading.Lock()
        """Looking at all worktrees and processes several times at once would only take longer."""
        self._rebuilt = RebuiltCandidates()
        self._blocked: dict[TaskId, str] = {}
        """The checkout's fingerprint when a landing was blocked; unknown to a later engine."""

    def start(self, effect: f.Effect, state: RunState, finished: Callable[[], None]) -> Cancel:
        """Start an effect and return at once."""
        match effect:
            case f.RunAttempt():
                self._tools.configuration.look()
                self._executor.start(self._tools.job(state, effect.attempt))
            case f.RunLane():
                self._tools.configuration.look()
                self._executor.start_lane(self._tools.lane(state, effect.lane))
            case f.StopAttempt():
                grace_s = 0.0 if effect.kill_now else STOP_GRACE_S
                self._executor.stop(self._tools.job(state, effect.attempt), grace_s)
            case f.FinishAttempt():
                self._executor.finish(self._tools.job(state, effect.attempt))
            case f.FreezeAttempt():
                job = self._tools.job(state, effect.attempt)
                self._executor.freeze(job)
                return lambda: self._executor.thaw(job)
            case f.FreezeValidation() | f.FreezeProposal() | f.FreezeJudge():
                self._set_frozen(effect, True)
                return lambda: self._set_frozen(effect, False)
            case f.ValidateCandidate() | f.ProposeResolution() | f.RunJudge():
                return self._start_stoppable(effect, state, finished)
            case f.AwaitCheckout():
                return self._await_checkout(effect, state, finished)
            case f.LandTrain():
                self._thread(effect, state, finished, lambda: self._land(effect, state))
            case f.KeepLostWork():
                self._thread(effect, state, finished, lambda: self._keep_lost_work(effect))
            case f.RemoveWorktree():
                self._thread(effect, state, finished, lambda: self._remove_worktree(effect, state))
            case f.InspectShared():
                inspect = partial(inspect_shared, effect, state, self._tools)
                self._thread(effect, state, finished, lambda: self._tools.offer(*inspect()))
            case f.RollBackLanding():
                undo = partial(roll_back, effect, state, self._tools)
                self._thread(effect, state, finished, lambda: self._tools.offer(*undo()))
            case _ if isinstance(effect, Building):
                self._thread(effect, state, finished, lambda: self._tools.offer(self._built(effect, state)))
            case _:
                assert_never(effect)
        return leave_running

    def _built(self, effect: Building, state: RunState) -> e.AnyEvent:
        """Make the git objects of an effect."""
        with self._tools.making() as making:
            match effect:
                case f.BuildCandidate():
                    return build_candidate(effect, state, making, self._rebuilt)
                case f.BuildProbe():
                    return build_probe(effect, state, making)
                case f.BuildAdHocValidation():
                    return build_ad_hoc_validation(effect, state, making)
                case f.ApplyResolution():
                    return apply_resolution(effect, state, making)
                case f.KeepEvidence():
                    return keep_evidence(effect, state, making)
                case _:
                    assert_never(effect)

    def _remove_worktree(self, effect: f.RemoveWorktree, state: RunState) -> None:
        from porch_tui.housekeeping.landed_worktrees import remove_landed  # few runs do

        tools = self._tools
        with self._removing:
            why = remove_landed(tools.repository, tools.rundir, state, effect.task)
        tools.offer(e.WorktreeKept(effect.task, why) if why else e.WorktreeRemoved(effect.task))

    def _keep_lost_work(self, effect: f.KeepLostWork) -> None:
        attempt = effect.attempt
        self._tools.keep(self._tools.refs.lost(attempt.task, attempt.number), effect.head)
        self._tools.offer(e.LostWorkKept(attempt))

    def _land(self, effect: f.LandTrain, state: RunState) -> None:
        events = land_train(effect, state, self._tools)
        for event in events:
            if isinstance(event, e.LandingBlocked):
                self._blocked[event.task] = self._fingerprint(state, event.paths)
        self._tools.offer(*events)

    def _start_stoppable(
        self,
        effect: Stoppable,
        state: RunState,
        finished: Callable[[], None],
    ) -> Cancel:
        """Start work that reports nothing once it is cancelled."""
        tools = self._tools
        tools.configuration.look()
        orders = Orders() if isinstance(effect, f.ProposeResolution) else Orders(GRACE_S)

        def run() -> None:
            with orders:
                match effect:
                    case f.ValidateCandidate():
                        event = self._validate(effect, state, orders)
                    case f.ProposeResolution():
                        event = propose_resolution(effect, state, tools, self._resolver_slots, orders)
                    case f.RunJudge():
                        event = run_judge(effect, state, tools, orders)
            if event is not None:
                tools.offer(event)

        orders.set_frozen(_freezes(effect) in self._frozen)
        self._stoppable = {key: one for key, one in self._stoppable.items() if one[1].is_alive()}
        self._stoppable[effect] = orders, self._thread(effect, state, finished, run)
        return orders.stop

    def _validate(self, effect: f.ValidateCandidate, state: RunState, orders: Orders) -> e.AnyEvent | None:
        if effect.place and isinstance(self._executor, ValidatesElsewhere):
            return validate_elsewhere(effect, state, self._tools, self._executor, orders)
        return validate_candidate(effect, state, self._tools, self._validation_worktrees, orders)

    def end_unwanted(self, state: RunState, before: RunState) -> None:
        """End validations and judges that an earlier engine left running and nothing needs any more.

        `before` is the state in which that engine left the run.
        """
        end_earlier(before, self._tools, self._executor)
        self._validation_worktrees.adopt(state)
        end_unwanted_judges(self._tools, state)

    def kill_attempts(self, state: RunState) -> None:
        """Kill all running attempts."""
        for attempt in state.active_attempts.values():
            self._executor.stop(self._tools.job(state, attempt.id), grace_s=0.0)

    def end_validations(self) -> None:
        """Stop validations, resolvers and judges, wait for their end; the next engine starts them again."""
        for orders, _ in self._stoppable.values():
            orders.stop()
        for _, thread in list(self._stoppable.values()):
            thread.join(END_WITHIN_S)

    def _thread(
        self, effect: f.Effect, state: RunState, finished: Callable[[], None], work: Callable[[], None]
    ) -> threading.Thread:
        """Do the work in a thread; an error becomes the effect's own kind of failure."""

        def run() -> None:
            work()
            finished()

        def on_error(error: Exception) -> None:
            if self._is_retried(effect, state, error):
                time.sleep(DISK_RETRY_S)
            else:
                text = limit_met(error) or str(error) or type(error).__name__
                self._tools.offer(*failure_events(effect, state, text))
            finished()

        return start_thread(type(effect).__name__, run, on_error)

    def _is_retried(self, effect: f.Effect, state: RunState, error: Exception) -> bool:
        """Say whether an error goes away without a person, so that the effect is tried again.

        A full disk is waited for as long as the effect is wanted; git may be killed a few times. Merges whose
        objects are gone are rebuilt here.
        """
        if is_full_disk(error):
            return True
        if limit_met(error):
            self._limits[effect] += 1
            return self._limits[effect] < LIMIT_TRIES
        if is_temporary(error, self._tools.repository):
            self._killed[effect] += self._tools.repository.is_writable
            return self._killed[effect] <= MOST_KILLED
        if not isinstance(error, GitError) or not error.is_missing_object:
            return False
        self._rebuilds[effect] += 1
        if self._rebuilds[effect] <= MOST_REBUILDS:
            log.warning(f"porch: an object is gone (git gc?); merges are made again: {error}")
            rebuild_merges(state, self._tools)
        return self._rebuilds[effect] <= MOST_REBUILDS

    def _set_frozen(self, wish: Frozen, is_frozen: bool) -> None:
        (self._frozen.add if is_frozen else self._frozen.discard)(wish)
        for effect, (orders, _) in self._stoppable.items():
            if _freezes(effect) == wish:
                orders.set_frozen(is_frozen)

    def _await_checkout(
        self, effect: f.AwaitCheckout, state: RunState, finished: Callable[[], None]
    ) -> Cancel:
        is_over = threading.Event()
        paths = state.entries[effect.task].conflicts
        known = self._blocked.get(effect.task)

        def wait() -> None:
            while known is not None and self._fingerprint(state, paths) == known:
                if is_over.wait(CHECKOUT_POLL_S):
                    return
            self._tools.offer(e.LandingUnblocked(effect.task))

        self._thread(effect, state, finished, wait)
        return is_over.set

    def _fingerprint(self, state: RunState, paths: tuple[str, ...]) -> str:
        return checkout_fingerprint(self._tools.repository, state.target.name, paths)


class OneShotRunner:
    """Starts only the effects that belong to one command, and leaves the others to the next engine."""

    def __init__(self, runner: EffectRunner, belongs: Callable[[f.Effect], bool]) -> None:
        self._runner = runner
        self._belongs = belongs

    def start(self, effect: f.Effect, state: RunState, finished: Callable[[], None]) -> Cancel:
        """Start an effect if it belongs to the command."""
        return self._runner.start(effect, state, finished) if self._belongs(effect) else leave_running


def _freezes(effect: f.Effect) -> Frozen | None:
    """Return the effect that would freeze this one."""
    match effect:
        case f.ValidateCandidate():
            return f.FreezeValidation(effect.tree, effect.number)
        case f.ProposeResolution():
            return f.FreezeProposal(effect.task, effect.head, effect.onto)
        case f.RunJudge():
            return f.FreezeJudge(effect.hypothesis, effect.number)
        case _:
            return None


def failure_events(effect: f.Effect, state: RunState, why: str) -> list[e.AnyEvent]:
    """Return the events that report an error in an effect: the entry steps aside, the queue continues."""
    match effect:
        case f.BuildCandidate():
            return [e.EntryFaulted(effect.task, why)]
        case f.ValidateCandidate():
            return [e.ValidationFailed(effect.tree, effect.number, f"it could not be run: {why}", None)]
        case f.BuildProbe():
            return [unknown(state, effect.task)]
        case f.BuildAdHocValidation():
            why = f"could not be merged to be validated: {why}"
            return [e.AdHocValidationImpossible(effect.task, effect.on_top_of, effect.heads, (), why)]
        case f.LandTrain():
            return [e.EntryFaulted(effect.links[0].task, why)]
        case f.RemoveWorktree():
            return [e.WorktreeKept(effect.task, why)]
        case f.InspectShared():
            text = f"what checks changed in the worktree they share could not be found out: {why}"
            return [e.Noticed(text), e.SharedInspected(effect.place, effect.attempts)]
        case f.RollBackLanding():
            return [e.UndoRefused(effect.task, why)]
        case f.KeepLostWork():
            text = f"what {effect.attempt} left, which counted as lost, could not be kept under a ref: {why}"
            return [e.Noticed(text, effect.attempt.task), e.LostWorkKept(effect.attempt)]
        case f.ProposeResolution():
            author = state.plan.resolver.author if state.plan.resolver else ""
            return [e.ResolutionProposed(effect.task, effect.head, effect.onto, author, False, why)]
        case f.ApplyResolution():
            return [e.ResolutionRefused(effect.task, why)]
        case f.RunJudge():
            return [e.JudgementEnded(effect.hypothesis, effect.number, why=f"it could not be run: {why}")]
        case f.KeepEvidence():
            text = f"what the theories of {effect.hypothesis} left could not be kept under refs: {why}"
            return [e.Noticed(text), e.EvidenceKept(effect.hypothesis, kept=())]
        case _:
            return []
