"""What the world should be doing now: a projection of the state, with no memory of its own.

An effect says "make it so": performing one twice, or again after a crash, is
harmless. The engine begins what is wanted and not yet begun, and cancels what
it began and is no longer wanted; so starting, resuming and recovering are one
path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from msgspec import Struct

from porch_tui.core.merge_queue import ad_hoc_validation, culprit, speculative_validation
from porch_tui.core.merge_queue.train import landable, train
from porch_tui.core.model.derived import once
from porch_tui.core.model.events import AttemptId
from porch_tui.core.model.index import index
from porch_tui.core.model.place import HERE, PlaceName, PlaceStatus
from porch_tui.core.model.plan import HypothesisName, LandedWorktree, LaneName, Sha, TaskId
from porch_tui.core.model.state import QueueEntry, RunState, TaskState, entries_in
from porch_tui.core.model.status import ACTIVE, EntryStatus, TaskStatus
from porch_tui.core.rules.settle import is_frozen
from porch_tui.core.rules.shared_worktrees import uninspected
from porch_tui.core.scheduling.judging import in_flight, is_evidence_due


class RunAttempt(Struct, frozen=True):
    """Have the attempt run in its worktree, or find it running, or collect what it left."""

    attempt: AttemptId
    base: Sha
    slot: int
    collections: int = 0
    """How often a person has asked to collect again what it left."""
    place: PlaceName = HERE
    boot: str = ""
    """Of the machine there: on another one it does not begin."""


class RunLane(Struct, frozen=True):
    """Have the attempts of a lane run in their shared worktree, one after the other, or find them running."""

    lane: LaneName
    base: Sha
    slot: int


class FreezeAttempt(Struct, frozen=True):
    """Keep its whole process tree frozen; cancelled: resume it."""

    attempt: AttemptId


class StopAttempt(Struct, frozen=True):
    """End all its processes, and report it."""

    attempt: AttemptId
    kill_now: bool = False
    """Without any grace."""


class FinishAttempt(Struct, frozen=True):
    """End the command in its terminal, and have what it made judged."""

    attempt: AttemptId


class KeepLostWork(Struct, frozen=True):
    """Keep what an attempt that counts as lost has left after all, under a ref that is never merged."""

    attempt: AttemptId
    head: Sha


class BuildCandidate(Struct, frozen=True):
    """Merge `head` on top of `onto` without touching any checkout."""

    task: TaskId
    head: Sha
    onto: Sha
    on_top_of: tuple[TaskId, ...]
    resolution: str | None
    takes_branch: bool = False
    """Its branch may have moved: then report that, and merge nothing."""


class ValidateCandidate(Struct, frozen=True):
    """Find out whether the validation commands pass on `tree`."""

    tree: Sha
    number: int
    commit: Sha
    tasks: tuple[TaskId, ...]
    place: PlaceName = HERE
    boot: str = ""
    """Of the machine there: on another one it does not begin."""


class FreezeValidation(Struct, frozen=True):
    """Keep its whole process tree frozen, as soon as it has one; cancelled: resume it."""

    tree: Sha
    number: int


class Link(Struct, frozen=True):
    """One entry of a train that lands."""

    task: TaskId
    head: Sha
    tree: Sha
    queued_at: float


class LandTrain(Struct, frozen=True):
    """Move the target from `onto` to a chain of one merge commit per link, in one transaction."""

    onto: Sha
    links: tuple[Link, ...]


class RollBackLanding(Struct, frozen=True):
    """Move the target from the landing `commit` back to `onto`."""

    task: TaskId
    commit: Sha
    onto: Sha


class RemoveWorktree(Struct, frozen=True):
    """Remove the worktree of a task that has landed, unless something in it is only there."""

    task: TaskId


class InspectShared(Struct, frozen=True):
    """Find out what checks have changed in the worktree that they share."""

    place: str
    base: Sha
    attempts: int


class AwaitCheckout(Struct, frozen=True):
    """Report when the target's checkout has changed, so that a blocked landing is worth another try."""

    task: TaskId


class ApplyResolution(Struct, frozen=True):
    """See whether the recorded resolution is complete and can be merged."""

    task: TaskId
    head: Sha
    record: str


class ProposeResolution(Struct, frozen=True):
    """Have the plan's resolver propose a resolution of the conflict of `head` with `onto`, once."""

    task: TaskId
    head: Sha
    onto: Sha


class FreezeProposal(Struct, frozen=True):
    """Keep the resolver of this conflict frozen, or from starting; cancelled: resume it."""

    task: TaskId
    head: Sha
    onto: Sha


class RunJudge(Struct, frozen=True):
    """Have a judge find out what a theory's work is worth, or the base."""

    hypothesis: HypothesisName
    number: int
    theory: TaskId | None
    """None: the base."""
    head: Sha


class FreezeJudge(Struct, frozen=True):
    """Keep its whole process tree frozen, as soon as it has one; cancelled: resume it."""

    hypothesis: HypothesisName
    number: int


class KeepEvidence(Struct, frozen=True):
    """Keep what the theories of a decided hypothesis left under refs, with their numbers."""

    hypothesis: HypothesisName


class BuildProbe(Struct, frozen=True):
    """Build a state to be validated that is on no train: `head` on top of `onto`, or as it is."""

    task: TaskId
    head: Sha
    on_top_of: TaskId | None
    onto: Sha | None


class BuildAdHocValidation(Struct, frozen=True):
    """Build the state a person asks about: the heads merged on top of each other, first to last."""

    task: TaskId
    on_top_of: tuple[TaskId, ...]
    heads: tuple[Sha, ...]
    """Of `on_top_of`, in that order, and the task's own as the last."""


Effect = (
    RunAttempt
    | RunLane
    | FreezeAttempt
    | StopAttempt
    | FinishAttempt
    | KeepLostWork
    | BuildCandidate
    | ValidateCandidate
    | FreezeValidation
    | LandTrain
    | RollBackLanding
    | RemoveWorktree
    | InspectShared
    | AwaitCheckout
    | ApplyResolution
    | ProposeResolution
    | FreezeProposal
    | RunJudge
    | FreezeJudge
    | KeepEvidence
    | BuildProbe
    | BuildAdHocValidation
)


_WANTING = (EntryStatus.BLOCKED, EntryStatus.UNDOING, EntryStatus.RESOLVING, EntryStatus.CONFLICTED)
"""Entries that may need an effect of their own: see `_of_entry`."""


@once()
def wanted(state: RunState) -> frozenset[Effect]:
    """Return everything the world should be doing in this state."""
    if state.closed_at is not None:
        return frozenset()
    effects: set[Effect] = set(chain.from_iterable(of_attempts(state).values()))
    for task in index(state).lost:
        effects.update(_of_lost(state, task))
    for entry in entries_in(state, *_WANTING):
        effects.update(_of_entry(state, entry))
    for flight in state.validations.in_flight.values():
        where = flight.place, flight.boot
        effects.add(ValidateCandidate(flight.tree, flight.number, flight.commit, flight.tasks, *where))
        if is_frozen(state, flight.tree):
            effects.add(FreezeValidation(flight.tree, flight.number))
    for name, judgement in in_flight(state):
        effects.add(RunJudge(name, judgement.number, judgement.theory, judgement.head))
        if state.is_paused:
            effects.add(FreezeJudge(name, judgement.number))
    effects.update(KeepEvidence(name) for name in state.hypotheses if is_evidence_due(state, name))
    missing = train(state).missing
    if missing is not None:
        entry = missing.entry
        how = entry.resolution, entry.takes_branch
        effects.add(BuildCandidate(entry.task, entry.head, missing.onto, missing.on_top_of, *how))
    links = tuple(
        Link(entry.task, entry.head, entry.tree, entry.queued_at)
        for entry in landable(state)
        if entry.tree is not None
    )
    if links:
        effects.add(LandTrain(state.target.tip, links))
    for step in chain(culprit.steps(state), speculative_validation.steps(state)):
        if isinstance(step, culprit.MissingProbe):
            effects.add(BuildProbe(step.entry.task, step.entry.head, step.on_top_of, step.onto))
    effects.update(
        BuildAdHocValidation(one.task, one.on_top_of, one.heads) for one in ad_hoc_validation.unbuilt(state)
    )
    if state.plan.landed is LandedWorktree.REMOVE:
        landed = index(state).of_entry(EntryStatus.LANDED)
        effects.update(RemoveWorktree(task) for task in landed if _has_worktree(state.tasks[task]))
    effects.update(InspectShared(*one) for one in uninspected(state))
    return frozenset(effects)


@once("tasks")
def of_attempts(state: RunState) -> Mapping[TaskId, Sequence[Effect]]:
    """Return what is wanted for live attempts, by task, by looking at all of them."""
    return {task: _of_task(state.tasks[task]) for task in index(state).of_task(*ACTIVE)}


def moved_on(
    known: Mapping[TaskId, Sequence[Effect]], after: RunState, touched: Iterable[TaskId]
) -> Mapping[TaskId, Sequence[Effect]]:
    """Return what is wanted for live attempts, from what was in a state that differs in these tasks only."""
    moved = dict(known)
    for task in touched:
        effects = _of_task(after.tasks[task])
        if effects:
            moved[task] = effects
        else:
            moved.pop(task, None)
    return moved


def _has_worktree(task: TaskState) -> bool:
    """Say whether the worktree of a task that has landed is here, neither removed nor found to be needed."""
    if task.attempt is not None and task.attempt.place:
        return False
    return task.worktree_removed_at is None and not task.worktree_kept


def _of_task(task: TaskState) -> list[Effect]:
    attempt = task.attempt
    if attempt is None:
        return []
    where = attempt.place, attempt.boot
    run: Effect = RunAttempt(attempt.id, attempt.base, attempt.slot, attempt.collections, *where)
    if attempt.lane and not attempt.collections:
        run = RunLane(attempt.lane, attempt.base, attempt.slot)
    match task.status:
        case TaskStatus.STARTING | TaskStatus.RUNNING:
            return [run, FinishAttempt(attempt.id)] if attempt.is_finishing else [run]
        case TaskStatus.PAUSED:
            return [run, FreezeAttempt(attempt.id)]
        case TaskStatus.STOPPING:
            return [StopAttempt(attempt.id, attempt.kill_now)]
        case _:
            return []


def _of_lost(state: RunState, task: TaskId) -> Iterator[Effect]:
    """Yield what is done about attempts that count as lost: they are ended, if their place is there again."""
    for attempt in state.tasks[task].attempts:
        if attempt.lost_head is not None:
            yield KeepLostWork(attempt.id, attempt.lost_head)
        elif attempt.lost_because and not attempt.lost_end:
            place = state.places.get(attempt.place)
            if place is not None and place.status is PlaceStatus.UP and place.boot == attempt.boot:
                yield StopAttempt(attempt.id)


def _of_entry(state: RunState, entry: QueueEntry) -> list[Effect]:
    match entry.status:
        case EntryStatus.BLOCKED if entry.is_retried:
            return [AwaitCheckout(entry.task)]
        case EntryStatus.UNDOING if entry.landed is not None and entry.onto is not None:
            return [RollBackLanding(entry.task, entry.landed, entry.onto)]
        case EntryStatus.RESOLVING if entry.resolution is not None:
            return [ApplyResolution(entry.task, entry.head, entry.resolution)]
        case EntryStatus.CONFLICTED if entry.proposal is None and entry.onto is not None:
            conflict = entry.task, entry.head, entry.onto
            hold = [FreezeProposal(*conflict)] if state.is_paused else []
            return [ProposeResolution(*conflict), *hold] if state.plan.resolver else []
        case _:
            return []
