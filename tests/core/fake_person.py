"""A person who asks for things at random moments, mostly for things that make sense then."""

from __future__ import annotations

from porch_tui.core.model import commands as c
from porch_tui.core.model.budget import Budget
from porch_tui.core.model.copying import replace
from porch_tui.core.model.index import awaits_review
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import NEEDS_ATTENTION, ON_TRAIN
from porch_tui.core.model.status import EntryStatus as E
from porch_tui.core.model.status import TaskStatus as T
from porch_tui.core.rules.reloading import is_unbegun
from tests.builders import task
from tests.core.fake_world import World

TASK_WISHES: tuple[type[c.PauseTask | c.ResumeTask | c.StopTask | c.RetryTask], ...] = (
    c.PauseTask,
    c.ResumeTask,
    c.StopTask,
    c.RetryTask,
)


def wish(state: RunState, world: World) -> c.AnyCommand:
    """Return what the person asks for next."""
    name = f"cmd-{world.rng.random()}"
    if world.chance(0.02):
        return c.CloseRun(name)
    if world.chance(0.15):
        return _wish_for_run(state, world, name)
    if world.landing and world.chance(0.5):
        return _haste(state, world, name)
    if state.validations.in_flight and world.chance(0.06):
        return _impatience(state, world, name)
    line = [entry.task for entry in state.entries.values() if entry.status in ON_TRAIN]
    if len(line) > 1 and world.chance(0.2):
        return _say_in_the_order(state, world, name, line)
    if world.chance(0.1):
        return _curiosity(state, world, name)
    task = world.rng.choice([*state.tasks, TaskId("unknown")])
    sensible = _sensible(state, world, task, name)
    if not sensible or world.chance(0.2):
        return _nonsense(world, task, name)
    return world.rng.choice(sensible)


def done_with(state: RunState, world: World) -> c.FinishTask | None:
    """Return that the person is done with a task, mostly one that they can type into, if there is any."""
    chance = world.visits
    if not any(spec.is_interactive for spec in state.specs.values()):
        return None  # what is refused is written down too: stories without them are as they were
    at_work = [task for task in unfinished(state) if chance.random() < 0.9]
    return c.FinishTask(f"finish-{chance.random()}", chance.choice(at_work or [*state.tasks]))


def unfinished(state: RunState) -> list[TaskId]:
    """Return what a person can type into now, and has not finished."""
    return [
        task
        for task, known in state.tasks.items()
        if known.status is T.RUNNING and known.attempt and not known.attempt.is_finishing
        if state.specs[task].is_interactive
    ]


def more_budget(state: RunState, world: World) -> c.RaiseBudget:
    """Return a budget that the person raises, used up or not."""
    chance = world.thrift
    return c.RaiseBudget(
        f"cmd-{chance.random()}",
        chance.choice([None, *state.tasks]),
        Budget(tokens=chance.choice((1, 1_000))),
    )


def more_work(state: RunState, world: World) -> c.AddTasks:
    """Return one or two more tasks, mostly such as make sense."""
    chance = world.growth
    number = len(state.tasks)
    names = [f"more{number + n}" for n in range(chance.randint(1, 2))]
    known = [*state.tasks, *names]
    specs = tuple(
        task(
            name if chance.random() < 0.95 else known[0],
            after=chance.sample(known[: number + n], k=min(number, chance.choice((0, 0, 1, 2)))),
            priority=chance.choice((0, 0, 5)),
            estimate_s=chance.choice((None, 300.0)),
            retries=chance.choice((0, 1)),
        )
        for n, name in enumerate(names)
    )
    return c.AddTasks(f"add-{chance.random()}", specs)


def other_plan(state: RunState, world: World) -> c.ReloadPlan:
    """Return other priorities and estimates for some tasks, mostly such as have not begun."""
    chance = world.growth
    changed = tuple(
        replace(spec, priority=chance.choice((0, 5)), estimate_s=chance.choice((None, 300.0)))
        for task, spec in state.specs.items()
        if chance.random() < (0.5 if is_unbegun(state, task) else 0.02)
    )
    return c.ReloadPlan(f"reload-{chance.random()}", changed)


def _wish_for_run(state: RunState, world: World, name: str) -> c.AnyCommand:
    pause = c.ResumeRun(name) if state.is_paused else c.PauseRun(name)
    slots = c.SetSlots(name, world.rng.choice([None, *range(6)]))
    return world.rng.choice([pause, slots, c.AllowRedBase(name)])


def _sensible(state: RunState, world: World, task: TaskId, name: str) -> list[c.AnyCommand]:
    entry = state.entries.get(task)
    if entry is not None:
        return _sensible_for_entry(state, world, task, name)
    match state.tasks[task].status if task in state.tasks else None:
        case T.STARTING | T.PENDING:
            return [c.StopTask(name, task)]
        case T.RUNNING:
            return [c.StopTask(name, task), c.PauseTask(name, task)]
        case T.PAUSED:
            # apart from all other chances: to keep paused what was paused automatically changes little else
            is_kept = world.weather.random() < 0.3
            return [c.StopTask(name, task), (c.PauseTask if is_kept else c.ResumeTask)(name, task)]
        case T.STOPPING:
            return [c.StopTask(name, task, kill_now=True)]
        case T.FAILED if state.tasks[task].is_uncollected and world.weather.random() < 0.8:
            return [c.RequeueEntry(name, task)]
        case T.FAILED | T.CANCELLED:
            edited = c.RetryTask(name, task, command=("edited", name))
            return [c.RetryTask(name, task), c.RetryTask(name, task, keep_worktree=True), edited]
        case T.SUCCEEDED if (of := state.specs[task].of) is not None and not awaits_review(state, task):
            none = c.ChooseTheory(name, of, None, "person")
            return [c.ChooseTheory(name, of, task, "person"), c.RetryTask(name, task), none]
        case T.SUCCEEDED if awaits_review(state, task):
            return [*[approval(state, task, name)] * 3, c.RetryTask(name, task)]
        case _:
            return []


def approval(state: RunState, task: TaskId, name: str) -> c.ApproveTask:
    """Approve what the task has left."""
    head = state.tasks[task].head or Sha("")
    return c.ApproveTask(name, task, head, head, "person")


def _sensible_for_entry(state: RunState, world: World, task: TaskId, name: str) -> list[c.AnyCommand]:
    match state.entries[task].status:
        case E.CONFLICTED:
            return [
                _resolve(world, task, name),
                _resolve(world, task, name),
                c.RetryTask(name, task),
                c.RequeueEntry(name, task),
                c.WithdrawEntry(name, task),
                c.RefuseProposal(name, task),
            ]
        case status if status in NEEDS_ATTENTION:
            return [
                c.RetryTask(name, task, world.chance(0.5)),
                c.RequeueEntry(name, task),
                c.WithdrawEntry(name, task),
            ]
        case E.LANDED:
            return [c.UndoLanding(name, task), c.RevertLanding(name, task)]
        case E.QUEUED | E.READY:
            return [c.WithdrawEntry(name, task), c.HoldEntry(name, task), *_moves(world, state, task, name)]
        case E.HELD:
            return [c.WithdrawEntry(name, task), c.RetryTask(name, task), *[c.ReleaseEntry(name, task)] * 3]
        case _:
            return []


def _nonsense(world: World, task: TaskId, name: str) -> c.AnyCommand:
    wishes: list[c.AnyCommand] = [each(name, task) for each in TASK_WISHES]
    wishes += [c.UndoLanding(name, task), c.RevertLanding(name, task)]
    wishes += [c.RequeueEntry(name, task), c.WithdrawEntry(name, task), _resolve(world, task, name)]
    wishes += [c.RefuseProposal(name, task), c.HoldEntry(name, task), c.ReleaseEntry(name, task)]
    wishes += [c.MoveEntry(name, task, c.Spot.FIRST), c.MoveEntry(name, task, c.Spot.BEFORE, task)]
    wishes += [c.StopValidation(name, task), c.ApproveTask(name, task, Sha("h"), Sha("h"), "person")]
    return world.rng.choice(wishes)


def _moves(world: World, state: RunState, task: TaskId, name: str) -> list[c.AnyCommand]:
    other = world.rng.choice([*state.entries, TaskId("unknown")])
    spots = (c.Spot.FIRST, c.Spot.LAST, c.Spot.BEFORE)
    return [c.MoveEntry(name, task, spot, other if spot is c.Spot.BEFORE else None) for spot in spots]


def _haste(state: RunState, world: World, name: str) -> c.AnyCommand:
    """Ask for something that is too late, as something is landing; or let others go before it."""
    put = [
        entry.task for entry in state.entries.values() if entry.status is E.HELD and entry.rank is not None
    ]
    if put and world.chance(0.8):
        return c.ReleaseEntry(name, world.rng.choice(put))
    task = world.rng.choice(sorted(world.landing))
    late = [c.WithdrawEntry(name, task), c.HoldEntry(name, task), c.StopValidation(name, task)]
    return world.rng.choice(
        [*late, c.CloseRun(name), c.UndoLanding(name, (state.target.landed or (task,))[-1])]
    )


def _say_in_the_order(state: RunState, world: World, name: str, line: list[TaskId]) -> c.AnyCommand:
    """Move somebody in line; or hold who was moved, to let it go on there later."""
    task = world.rng.choice(line)
    if state.entries[task].rank is not None:
        return c.HoldEntry(name, task)
    return world.rng.choice(_moves(world, state, task, name))


def _impatience(state: RunState, world: World, name: str) -> c.StopValidation | c.StopValidations:
    """Ask for the end of a validation, or of all of them."""
    judged = [task for flight in state.validations.in_flight.values() for task in flight.tasks]
    if not judged or world.chance(0.2):
        return c.StopValidations(name)
    return c.StopValidation(name, world.rng.choice(judged))


def _curiosity(state: RunState, world: World, name: str) -> c.ValidateEntry:
    """Ask for a validation of anything on top of anything, twice at times."""
    if state.ad_hoc_validations and world.chance(0.3):
        known = world.rng.choice(state.ad_hoc_validations)
        return c.ValidateEntry(name, known.task, known.on_top_of)
    tasks = [*state.tasks, TaskId("unknown")]
    on_top_of = world.rng.choices(tasks, k=world.rng.choice((0, 1, 1, 2)))
    return c.ValidateEntry(name, world.rng.choice(tasks), tuple(on_top_of))


def _resolve(world: World, task: TaskId, name: str) -> c.ResolveConflict:
    record = f"resolution-{len(world.records)}"
    world.records[record] = world.chance(0.6)
    return c.ResolveConflict(name, task, record)
