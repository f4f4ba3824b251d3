"""Folds facts into state. The only place that makes a new RunState out of an old one.

`evolve` does not decide: it is given facts that were true when they were
written, and raises `IllegalTransition` for one that cannot follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import assert_never

from porch_tui.core.merge_queue import ad_hoc_validation
from porch_tui.core.model import derived, index
from porch_tui.core.model import events as e
from porch_tui.core.model.budget import Account, together
from porch_tui.core.model.copying import replace
from porch_tui.core.model.hypothesis import HypothesisState
from porch_tui.core.model.place import PlaceName
from porch_tui.core.model.plan import Agent, TaskId, TaskSpec
from porch_tui.core.model.state import (
    Approval,
    Machine,
    Predictions,
    RunState,
    Slots,
    Target,
    TaskState,
    Validations,
)
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.model.transitions import IllegalTransition, next_entry_status, next_task_status
from porch_tui.core.rules import effects
from porch_tui.core.rules.evolve_attempt import attempted
from porch_tui.core.rules.evolve_hypothesis import evolve_hypothesis
from porch_tui.core.rules.evolve_place import (
    eased,
    evolve_place,
    first_places,
    lost_attempt,
    measured,
    placed,
    taken_over,
)
from porch_tui.core.rules.evolve_queue import evolve_entry, evolve_validation, with_task
from porch_tui.core.scheduling import placing, startable, taken
from porch_tui.core.scheduling.agent_limits import limit_after
from porch_tui.core.scheduling.lanes import paced
from porch_tui.core.scheduling.slots import Why
from porch_tui.core.tasks.graph import DEFAULT_ESTIMATE_S, costs, tails


def replay(records: Iterable[e.Record]) -> RunState | None:
    """Return the state the records fold to; None if there are none."""
    known = iter(records)
    first = next(known, None)
    return None if first is None else evolve_all(begin(first), known)


def begin(record: e.Record) -> RunState:
    """Return the state after the first record, which must be RunOpened."""
    opened = record.event
    if not isinstance(opened, e.RunOpened):
        raise IllegalTransition(f"a run begins with RunOpened, not with {type(opened).__name__}")
    soft_orders: dict[TaskId, tuple[e.SoftOrder, ...]] = {}
    for order in opened.soft_orders:
        soft_orders[order.later] = (*soft_orders.get(order.later, ()), order)
    return RunState(
        run=opened.run,
        plan=opened.plan,
        root=opened.root,
        opened_at=record.at,
        changed_at=record.at,
        target=Target(opened.target, opened.base, opened.base_tree, opened.tip, opened.tip_tree),
        slots=Slots(opened.slots, opened.is_slots_auto, reason=opened.slots_reason, changed_at=record.at),
        machine=Machine(opened.cores, opened.memory_bytes, tools=opened.tools),
        validations=Validations(opened.validate_jobs, opened.allow_red_base, opened.is_fresh),
        specs={spec.id: spec for spec in opened.plan.tasks},
        urgency=tails(opened.plan, dict(opened.estimates)),
        soft_orders=soft_orders,
        tasks={spec.id: TaskState() for spec in opened.plan.tasks},
        hypotheses={one.name: HypothesisState() for one in opened.plan.hypotheses},
        places=first_places(opened.plan, record.at),
    )


def evolve(state: RunState, record: e.Record) -> RunState:
    """Return the state after one more record."""
    after = _evolved(state, record)
    carry(state, after, record.event, touched(record.event))
    return after


def evolve_all(state: RunState, records: Iterable[e.Record]) -> RunState:
    """Return the state after many more records: what `evolve` makes of one after the other.

    Attempts make up most of a long journal. Where several follow each other, no state is made for each,
    which would copy the table of all tasks every time, and what was derived is carried on once for all.
    """
    several: list[e.Record] = []
    for record in records:
        if isinstance(record.event, e.AttemptEvent) and not _eases(record.event):
            several.append(record)
            continue
        state, several = evolve(_all_attempted(state, several), record), []
    return _all_attempted(state, several)


def _all_attempted(state: RunState, records: Sequence[e.Record]) -> RunState:
    """Return the state after events of attempts."""
    if not records:
        return state
    tasks, paces, changed = dict(state.tasks), state.paces, dict[TaskId, None]()
    for record in records:
        event = record.event
        assert isinstance(event, e.AttemptEvent)
        task = event.attempt.task
        tasks[task] = placed(state.places, attempted(tasks[task], event, record.at), event)
        paces, changed[task] = paced(paces, state.specs[task], event), None
    after = replace(state, tasks=tasks, paces=paces, changed_at=records[-1].at)
    carry(state, after, records[-1].event, tuple(changed))
    return after


def _evolved(state: RunState, record: e.Record) -> RunState:
    event = record.event
    if isinstance(event, e.RunEvent):
        state = _evolve_run(state, event, record.at)
    elif isinstance(event, e.ValidationEvent):
        state = evolve_validation(state, event, record.at)
    elif isinstance(event, e.AttemptEvent):
        task_id = event.attempt.task
        if _eases(event):
            state = eased(state, state.tasks[task_id], record.at)
        task = placed(state.places, attempted(state.tasks[task_id], event, record.at), event)
        paces = paced(state.paces, state.specs[task_id], event)
        state = replace(with_task(state, task_id, task, record.at), paces=paces)
    elif isinstance(event, e.LostAttemptEvent):
        task_id = event.attempt.task
        state = with_task(state, task_id, lost_attempt(state.tasks[task_id], event), record.at)
    elif isinstance(event, e.PlaceEvent):
        state = evolve_place(state, event, record.at)
    elif isinstance(event, e.RevertAdded):
        state = _add(state, (event.spec,), (), record.at)
    elif isinstance(event, e.TasksAdded):
        state = _add(state, event.specs, event.agents, record.at)
    elif isinstance(event, e.PlanReloaded):
        state = _add(_change(state, event), event.added, event.agents, record.at)
    elif isinstance(event, e.TaskApproved | e.TaskCancelled | e.WorktreeRemoved | e.WorktreeKept):
        state = with_task(state, event.task, _told(state.tasks[event.task], event, record.at), record.at)
    elif isinstance(event, e.TaskRetried):
        state = _retry(state, event, record.at)
    elif isinstance(event, e.EntryEvent):
        state = evolve_entry(state, event, record.at)
    elif isinstance(event, e.HypothesisEvent):
        state = evolve_hypothesis(state, event, record.at)
    elif isinstance(event, e.AdHocValidationRequested):
        state = replace(state, ad_hoc_validations=ad_hoc_validation.requested(state, event))
    elif isinstance(event, e.AdHocValidationBuilt | e.AdHocValidationImpossible):
        state = replace(state, ad_hoc_validations=ad_hoc_validation.answered(state, event))
    elif isinstance(event, e.ConflictsPredicted):
        met = dict(state.predictions.met)
        for one, other in chain(event.pairs, ((b, a) for a, b in event.pairs)):
            if state.tasks[one].status is TaskStatus.PENDING:
                met[one] = met.get(one, frozenset()) | {other}
        state = replace(state, predictions=Predictions(event.pairs, met))
    else:
        assert_never(event)
    # mostly it has been copied with its time already: copies are what a look at many records costs
    return state if state.changed_at == record.at else replace(state, changed_at=record.at)


def _told(
    task: TaskState, event: e.TaskApproved | e.TaskCancelled | e.WorktreeRemoved | e.WorktreeKept, at: float
) -> TaskState:
    match event:
        case e.TaskApproved():
            status, approval = next_task_status(event, task.status), Approval(event.by, at)
            return replace(task, status=status, head=event.head, approval=approval)
        case e.TaskCancelled():
            status, why = next_task_status(event, task.status), event.why or task.cancelled_because
            return replace(task, status=status, cancelled_because=why)
        case e.WorktreeRemoved():
            return replace(task, worktree_removed_at=at, worktree_kept="")
        case e.WorktreeKept():
            return replace(task, worktree_removed_at=None, worktree_kept=event.why)
        case _:
            assert_never(event)


def _evolve_run(state: RunState, event: e.RunEvent, at: float) -> RunState:
    match event:
        case e.RunOpened():
            raise IllegalTransition("a run is opened once")
        case e.CommandRefused():
            return state
        case e.EngineTookOver():
            state = replace(state, is_dismissed=False) if state.is_dismissed else state
            return taken_over(state, at)
        case e.EngineDismissed():
            return replace(state, is_dismissed=True)
        case e.Noticed():
            return replace(state, noticed=(*state.noticed, event))
        case e.PersonCalled(kind=e.CallKind.NEED):
            return replace(state, called=frozenset(event.keys))
        case e.PersonCalled():
            return replace(state, end_called=event.keys[0])
        case e.RunPaused():
            return replace(state, is_paused=True)
        case e.RunResumed():
            return replace(state, is_paused=False, is_dismissed=False)
        case e.SlotsChanged():
            # a limit of the system takes no choice from a person: their number is only smaller now
            is_auto = event.is_auto and (state.slots.is_auto or event.reason != Why.LIMIT)
            slots = Slots(event.slots, is_auto, event.starts_blocked, event.reason, changed_at=at)
            return replace(state, slots=slots)
        case e.MemoryMeasured() | e.DiskMeasured():
            return measured(state, event)
        case e.AgentLimited():
            limits = {**state.agent_limits, event.agent: limit_after(state.agent_limits, event, at)}
            return replace(state, agent_limits=limits)
        case e.AgentReleased():
            over = replace(state.agent_limits[event.agent], is_over=True)
            return replace(state, agent_limits={**state.agent_limits, event.agent: over})
        case e.BudgetReached() | e.BudgetRaised():
            return _budgeted(state, event)
        case e.ValidateJobsChanged():
            return replace(state, validations=replace(state.validations, jobs=event.jobs))
        case e.RedBaseAllowed():
            return replace(state, validations=replace(state.validations, is_red_base_allowed=True))
        case e.RunClosed():
            return replace(state, closed_at=at)
        case e.SharedInspected():
            return replace(state, inspected={**state.inspected, event.place: event.attempts})
        case e.TargetMoved():
            return replace(state, target=replace(state.target, tip=event.tip, tip_tree=event.tip_tree))
        case _:
            assert_never(event)


def _budgeted(state: RunState, event: e.BudgetReached | e.BudgetRaised) -> RunState:
    """Return the state after an event of a budget: that of a task, or of the run."""
    if event.task is None:
        return replace(state, account=_booked(state.account, event))
    task = state.tasks[event.task]
    task = replace(task, account=_booked(task.account, event))
    return replace(state, tasks={**state.tasks, event.task: task})


def _booked(account: Account, event: e.BudgetReached | e.BudgetRaised) -> Account:
    match event:
        case e.BudgetReached():
            return replace(account, spent=event.spent)
        case e.BudgetRaised():
            return replace(account, raised=together(account.raised, event.by))
        case _:
            assert_never(event)


def _eases(event: e.AttemptEvent) -> bool:
    """Say whether the event is an automatic pause, or the end of one."""
    return isinstance(event, e.AttemptPaused | e.AttemptResumed) and bool(event.reason)


def _add(state: RunState, specs: Sequence[TaskSpec], agents: Sequence[Agent], at: float) -> RunState:
    if known := [spec.id for spec in specs if spec.id in state.tasks]:
        raise IllegalTransition(f"the run has a task {known[0]} already")
    cost = costs(state.plan, state.urgency)
    cost |= {spec.id: DEFAULT_ESTIMATE_S if spec.estimate_s is None else spec.estimate_s for spec in specs}
    others = [one for one in state.plan.agents if one.name not in {agent.name for agent in agents}]
    plan = replace(state.plan, tasks=(*state.plan.tasks, *specs), agents=(*others, *agents))
    return replace(
        state,
        plan=plan,
        specs={spec.id: spec for spec in plan.tasks},
        urgency=tails(plan, cost),
        tasks={**state.tasks, **{spec.id: TaskState(added_at=at) for spec in specs}},
        changed_at=at,
    )


def _change(state: RunState, event: e.PlanReloaded) -> RunState:
    """Return the state with other tasks in the place of those that had not begun."""
    new = {spec.id: spec for spec in event.changed}
    cost = costs(state.plan, state.urgency)
    for task, spec in new.items():
        if spec.estimate_s != state.specs[task].estimate_s:
            cost[task] = DEFAULT_ESTIMATE_S if spec.estimate_s is None else spec.estimate_s
    plan = replace(state.plan, tasks=tuple(new.get(spec.id, spec) for spec in state.plan.tasks))
    specs = {spec.id: spec for spec in plan.tasks}
    return replace(state, plan=plan, specs=specs, urgency=tails(plan, cost))


def _edit(state: RunState, event: e.TaskRetried) -> RunState:
    """Return the state with what a person has edited before the retry."""
    if not event.command:
        return state
    spec = state.specs[event.task]
    spec = replace(spec, command=event.command, prompt=event.prompt or spec.prompt)
    tasks = tuple(spec if one.id == spec.id else one for one in state.plan.tasks)
    return replace(state, plan=replace(state.plan, tasks=tasks), specs={**state.specs, spec.id: spec})


def _retry(state: RunState, event: e.TaskRetried, at: float) -> RunState:
    task = state.tasks[event.task]
    entry = state.entries.get(event.task)
    next_entry_status(event, entry.status if entry else None)
    used = task.retries_used + 1 if event.is_automatic else 0
    status = next_task_status(event, task.status)
    task = replace(
        task,
        status=status,
        head=None,
        approval=None,
        retries_used=used,
        keep_worktree=event.keep_worktree,
        feedback=event.feedback,
    )
    entries = {key: kept for key, kept in state.entries.items() if key != event.task}
    state = _edit(state, event)
    return replace(with_task(state, event.task, task, at), entries=entries)


_CHANGES_URGENCY = e.TasksAdded | e.PlanReloaded


def carry(before: RunState, after: RunState, event: e.AnyEvent, tasks: tuple[TaskId, ...]) -> None:
    """Copy what was derived of the previous state and still holds, or can be updated, to the next one.

    `tasks`: those whose status or entry differs. `event`: the last one in between.
    """
    if after is before or not before.derived:
        return  # a reader of a journal needs only its last state
    derived.carry(before, after)
    groups = derived.known(index.index, before)
    if tasks and groups is not None:
        derived.store(index.index, after, index.moved_on(groups, before, after, tasks))
    _carry_room(before, after, event, tasks)
    wanted = derived.known(effects.of_attempts, before)
    if tasks and wanted is not None:
        derived.store(effects.of_attempts, after, effects.moved_on(wanted, after, tasks))
    turns = derived.known(startable.startable, before)
    if tasks and turns is not None and not isinstance(event, _CHANGES_URGENCY):
        derived.store(startable.startable, after, startable.moved_on(turns, before, after, tasks))


def _carry_room(before: RunState, after: RunState, event: e.AnyEvent, tasks: Sequence[TaskId]) -> None:
    """Carry on what live attempts use, and where slots are free."""
    held = derived.known(taken.taken, before)
    if held is None:
        return
    if tasks:
        derived.store(taken.taken, after, taken.moved_on(held, before, after, tasks))
    free = derived.known(placing.vacancies, before)
    if free is None or not after.places:
        return
    places = _places_of(before, tasks) + _places_of(after, tasks)
    if before.validations.in_flight is not after.validations.in_flight:
        places += (*placing.validations_at(before), *placing.validations_at(after))
    if isinstance(event, e.PlaceEvent | e.DiskMeasured | e.MemoryMeasured):
        places = (*places, event.place)
    elif isinstance(event, e.EngineTookOver):
        return
    free = placing.moved_on(free, (before, held), (after, taken.taken(after)), places)
    derived.store(placing.vacancies, after, free)


def _places_of(state: RunState, tasks: Sequence[TaskId]) -> tuple[PlaceName, ...]:
    attempts = (state.tasks[task].attempt for task in tasks if task in state.tasks)
    return tuple(one.place for one in attempts if one is not None and one.place)


_OF_ONE_TASK = (
    e.TaskApproved | e.TaskCancelled | e.TaskRetried | e.WorktreeRemoved | e.WorktreeKept | e.EntryEvent
)


def touched(event: e.AnyEvent) -> tuple[TaskId, ...]:
    """Return the tasks whose status or entry the event changes."""
    if isinstance(event, e.AttemptEvent | e.LostAttemptEvent):
        return (event.attempt.task,)
    if isinstance(event, e.RevertAdded):
        return (event.spec.id,)
    if isinstance(event, e.TasksAdded):
        return tuple(spec.id for spec in event.specs)
    if isinstance(event, e.PlanReloaded):
        return tuple(spec.id for spec in (*event.changed, *event.added))
    if isinstance(event, e.EntryMoved):
        return tuple(dict.fromkeys((event.task, *event.line)))
    if isinstance(event, _OF_ONE_TASK):
        return (event.task,)
    if isinstance(event, e.BudgetReached | e.BudgetRaised) and event.task is not None:
        return (event.task,)
    return ()
