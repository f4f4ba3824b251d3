"""What is due automatically: the state-triggered transitions, applied until none is due.

Each rule answers with the events that are due now, or none; the first rule that
answers wins, and the engine asks again after folding them. A rule never looks
at anything but the state, so what is due after a crash is what was due before;
except that a hold waits for a landing that is under way, and after a crash none is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import chain, islice

from porch_tui.core.merge_queue import ad_hoc_validation, culprit, speculative_validation
from porch_tui.core.merge_queue.train import (
    Prefix,
    being_undone,
    idlers,
    rejectable,
    train,
    trees_worth_validating,
    worth_validating,
)
from porch_tui.core.merge_queue.undo import is_needless, not_landed_any_more, reverts, started_from_undone
from porch_tui.core.merge_queue.verdicts import CANNOT_TELL
from porch_tui.core.model import events as e
from porch_tui.core.model.index import index
from porch_tui.core.model.place import HERE
from porch_tui.core.model.plan import RetryWith, Sha, TaskId
from porch_tui.core.model.state import (
    QueueEntry,
    RunState,
    due_tasks,
    entries_in,
    proposal_record,
)
from porch_tui.core.model.status import DONE, ON_TRAIN, EntryStatus, TaskStatus
from porch_tui.core.rules.feedback import can_resume, feedback
from porch_tui.core.scheduling import judging, starting, validating
from porch_tui.core.scheduling.holding import hold_or_continue
from porch_tui.core.scheduling.progress import failed_as_expected

MOST_VALIDATE_JOBS = 4
"""More validations at once than cores make a CPU-bound command slower: 34 s instead of 23 s with 8 on 2."""
WAITING_SHARE = 0.5
"""CPU over wall time below which a validation mostly waits, and more of them fit on the cores."""
JUDGED_FROM_S = 1.0
"""Wall time from which that can be judged; shorter ones are mostly process start-up."""


def settle(state: RunState, landing: Collection[TaskId] = ()) -> list[e.AnyEvent]:
    """Return what is due now; empty when nothing is.

    `landing`: the tasks of the landing that is under way, as the engine knows. It cannot be called off, so
    what would take them out of the queue waits for its end.
    """
    if state.closed_at is not None:
        return []
    answers = (rule(state) for rule in RULES)
    return _hold_escaped(state, landing) or next((due for due in answers if due), [])


def _queue_succeeded(state: RunState) -> list[e.AnyEvent]:
    return [
        e.EntryQueued(task_id, task.head)
        for task_id, task in due_tasks(state)
        if task.status is TaskStatus.SUCCEEDED and task.head is not None
    ]


def _retry_failed(state: RunState) -> list[e.AnyEvent]:
    """A task that has failed is tried again if its plan gives it another try."""
    retried: list[e.AnyEvent] = []
    for task_id, task in due_tasks(state):
        if task.status is TaskStatus.FAILED:
            spec = state.specs[task_id]
            resumes = spec.retry_with is RetryWith.RESUME and can_resume(task, state.plan.agent_of(spec))
            known = feedback(state, task_id) if spec.prompt else e.Feedback()
            retried.append(e.TaskRetried(task_id, True, keep_worktree=resumes, feedback=known))
    return retried


def _hold_escaped(state: RunState, landing: Collection[TaskId]) -> list[e.AnyEvent]:
    """Nothing is merged of a task that wrote outside its worktree before a person has looked at that.

    Before everything else that is due: so none of it begins to land.
    """
    attempts = ((task, state.tasks[task].attempt) for _, _, task in index(state).line)
    return [
        e.EntryHeld(task, attempt.escape)
        for task, attempt in attempts
        if attempt is not None and attempt.escape and task not in landing
    ]


def _requeue_obsolete_conflicts(state: RunState) -> list[e.AnyEvent]:
    """A conflict with a task that has left the train is obsolete."""
    return [
        e.EntryRequeued(entry.task)
        for entry in entries_in(state, EntryStatus.CONFLICTED)
        if any(_has_left(state, task) for task in entry.on_top_of)
    ]


def _has_left(state: RunState, task: TaskId) -> bool:
    """Say whether a task that was on the train is no longer on it and has not landed."""
    entry = state.entries.get(task)
    return entry is None or entry.status not in ON_TRAIN | DONE | {EntryStatus.UNDOING}


def _requeue_needless_after_undo(state: RunState) -> list[e.AnyEvent]:
    """What had nothing to land on top of a landing that was undone may have something to land again."""
    gone = not_landed_any_more(state)
    if not gone:
        return []
    return [
        e.EntryRequeued(entry.task)
        for entry in entries_in(state, EntryStatus.NOTHING_TO_LAND)
        if entry.onto in gone and not started_from_undone(state, entry.task)
    ]


def _apply_proposals(state: RunState) -> list[e.AnyEvent]:
    """Where the plan says `auto`, a complete proposal goes to the queue without a person."""
    if state.plan.resolver is None or not state.plan.resolver.auto:
        return []
    return [
        e.ResolutionGiven(entry.task, proposal_record(entry.task))
        for entry in entries_in(state, EntryStatus.CONFLICTED)
        if entry.proposal is not None and entry.proposal.is_complete
    ]


def _take_out_work_from_undone(state: RunState) -> list[e.AnyEvent]:
    """Work that started from a landing has it in its branch, and would land it again."""
    if not state.target.undone:
        return []
    why = "it started from a landing that has been undone, and would bring it back"
    tasks = (entry.task for entry in entries_in(state, *ON_TRAIN) if started_from_undone(state, entry.task))
    return [e.EntryFaulted(task, why if is_needless(state, task) else f"{why}; retry it") for task in tasks]


def _cancel_needless_reverts(state: RunState) -> list[e.AnyEvent]:
    """A landing that was undone needs no revert."""
    return [
        e.TaskCancelled(spec.id)
        for spec in reverts(state)
        if state.tasks[spec.id].status is TaskStatus.PENDING and is_needless(state, spec.id)
    ]


def _cancel_after_failures(state: RunState) -> list[e.AnyEvent]:
    """Where enough of a group has failed, no more of it starts; but what a person has retried does."""
    failed = [
        state.specs[task]
        for task in index(state).of_task(TaskStatus.FAILED)
        if not failed_as_expected(state, task)
    ]
    counts = Counter(spec.group for spec in failed if spec.max_fail is not None)
    full = {spec.group for spec in failed if spec.max_fail and counts[spec.group] >= spec.max_fail}
    if not full:
        return []
    pending = [state.specs[task] for task in index(state).of_task(TaskStatus.PENDING)]
    return [
        e.TaskCancelled(
            spec.id, f"{counts[spec.group]} of {spec.group} failed, and max_fail is {spec.max_fail}"
        )
        for spec in pending
        if spec.max_fail is not None
        and spec.group in full
        and not (state.tasks[spec.id].attempts or state.tasks[spec.id].cancelled_because)
    ]


def _refuse_late_undo(state: RunState) -> list[e.AnyEvent]:
    """The target was moved while a landing was to be undone."""
    entry = being_undone(state)
    if entry is None or entry.landed == state.target.tip:
        return []
    why = f"{state.target.name} has moved on to {state.target.tip[:10]} meanwhile"
    return [e.UndoRefused(entry.task, why)]


def _reject_culprit(state: RunState) -> list[e.AnyEvent]:
    entry = rejectable(state)
    if entry is None or entry.tree is None:
        return []
    partners = landed_since_base(state, entry)
    verdict = state.validations.verdicts[entry.tree]
    attempt = state.tasks[entry.task].attempt
    alone = "alone" if attempt is not None and attempt.base == entry.onto else "on top of the tip"
    ground = f"on top of {', '.join(partners)}" if partners else alone
    found = "fails" if verdict.exit_code not in CANNOT_TELL else "cannot tell whether it works"
    why = f"validation {found} {ground}: {verdict.text}"
    if entry.is_unattended:
        return [e.ResolutionFailed(entry.task, entry.tree, partners, why)]
    return [e.EntryRejected(entry.task, entry.tree, partners, why)]


def _drop_useless_validations(state: RunState) -> list[e.AnyEvent]:
    """While candidates are being rebuilt, only what covers a task that left the train is known to be useless.

    (Landing a prefix rebuilds the candidates behind it, with the same trees:
    a validation in flight for a longer prefix stays useful.)
    """
    if not state.validations.in_flight:
        return []
    useful = trees_worth_validating(state) | speculative_validation.under_way(state)
    useful |= {prefix.tree for prefix in _probes(state)}
    is_complete = train(state).missing is None
    return [
        e.ValidationDropped(flight.tree, flight.number)
        for flight in state.validations.in_flight.values()
        if flight.tree not in useful
        and (is_complete or flight.is_probe or any(_has_left(state, task) for task in flight.tasks))
    ]


def _raise_validate_jobs(state: RunState) -> list[e.AnyEvent]:
    """Use more jobs than cores for a command that does not keep a core busy."""
    used, wrap = state.validations.used, state.plan.validate_wrap
    if wrap is not None and wrap.is_beyond_reach:  # what they use is not known
        return []
    if HERE not in state.plan.validation_places:  # elsewhere each takes a slot
        return []
    if state.validations.jobs >= MOST_VALIDATE_JOBS or not mostly_waits(used):
        return []
    busy = used.cpu_s / (used.wall_s - used.paused_s)
    why = f"a validation keeps a core busy {busy:.0%} of its time"
    return [e.ValidateJobsChanged(MOST_VALIDATE_JOBS, why)]


def mostly_waits(used: e.Used) -> bool:
    """Say whether validations that used this much keep a core busy for less than half of their time."""
    active_s = used.wall_s - used.paused_s
    return active_s >= JUDGED_FROM_S and used.cpu_s < WAITING_SHARE * active_s


def _validate(state: RunState) -> list[e.AnyEvent]:
    if judging.measured_now(state) is not None:
        return []
    flights = state.validations.in_flight.values()
    busy = sum(1 for flight in flights if not flight.place and not is_frozen(state, flight.tree))
    if state.plan.places:
        return validating.schedule_a_validation(state, unfrozen(state), busy)
    if busy >= state.validations.jobs:
        return []
    # one at a time: what is in flight keeps its place, which may change the train, and so what is next
    return list(islice(unfrozen(state), 1))


def unfrozen(state: RunState) -> Iterator[e.ValidationScheduled]:
    """Yield the validations that are worth it, not under way and not frozen, the most useful first."""
    return (one for one in unbegun(state) if not is_frozen(state, one.tree))


def is_frozen(state: RunState, tree: Sha) -> bool:
    """Say whether validating this tree is frozen: the run is paused, and no person has asked for it."""
    return state.is_paused and all(prefix.tree != tree for prefix in ad_hoc_validation.unjudged(state))


def unbegun(state: RunState) -> Iterator[e.ValidationScheduled]:
    """Yield the validations that are worth it and not under way, the most useful first."""
    begun = set(state.validations.in_flight)
    asked = ((prefix, False) for prefix in worth_validating(state))
    for prefix, is_probe in chain(asked, ((prefix, True) for prefix in _probes(state))):
        if prefix.tree in begun:
            continue
        begun.add(prefix.tree)
        number = state.validations.begun.get(prefix.tree, 0) + 1
        yield e.ValidationScheduled(prefix.tree, number, prefix.commit, prefix.tasks, is_probe)


def _probes(state: RunState) -> list[Prefix]:
    """Return the states to validate by which nothing lands: those a person asks for, then optional ones."""
    optional = chain(culprit.steps(state), speculative_validation.steps(state))
    return [*ad_hoc_validation.unjudged(state), *(step for step in optional if isinstance(step, Prefix))]


RULES: tuple[Callable[[RunState], list[e.AnyEvent]], ...] = (
    judging.decide_hypotheses,
    judging.end_rivals,
    judging.drop_judgements,
    _queue_succeeded,
    _retry_failed,
    hold_or_continue,
    _requeue_obsolete_conflicts,
    _requeue_needless_after_undo,
    _apply_proposals,
    _take_out_work_from_undone,
    _cancel_needless_reverts,
    _refuse_late_undo,
    lambda state: [e.NothingToLand(entry.task) for entry in idlers(state)],
    _reject_culprit,
    lambda state: [step for step in culprit.steps(state) if isinstance(step, e.CulpritFound)],
    validating.drop_unreachable,
    _drop_useless_validations,
    _raise_validate_jobs,
    judging.schedule_judgements,
    _validate,
    _cancel_after_failures,
    starting.schedule_an_attempt,
)


def landed_since_base(state: RunState, entry: QueueEntry) -> tuple[TaskId, ...]:
    """Return the landed tasks below an entry's candidate that its work has not seen, in order of landing."""
    task = state.tasks[entry.task]
    if task.attempt is None:
        return ()
    base = task.attempt.base
    landed = [state.entries[one] for one in state.target.landed if one in state.entries]
    commits = [one.landed for one in landed]

    def behind(commit: Sha | None) -> int:
        """Return how many of the landings a commit has behind it; it is one of them, or the base."""
        return commits.index(commit) + 1 if commit in commits else 0

    ahead = landed if entry.onto == state.target.tip else landed[: behind(entry.onto)]
    if state.specs[entry.task].reverts is not None:
        return tuple(one.task for one in ahead[behind(base) :])
    is_base = base == state.target.base
    return tuple(one.task for one in ahead if is_base or (one.decided_at or 0.0) > task.begun_at)
