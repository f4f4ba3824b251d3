"""What a run takes over when its plan file has changed: tasks that have not begun, and new ones.

What has begun keeps what it began with, and so does the whole run: its target, its validation.
"""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from msgspec import Struct

from porch_tui.core.model import events as e
from porch_tui.core.model.commands import ReloadPlan
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Agent, Plan, TaskId, TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.model.status import TaskStatus
from porch_tui.core.rules.additions import more_slots, why_no_hypothesis


class Changes(Struct, frozen=True):
    """How a plan differs from that of a run."""

    changed: tuple[TaskSpec, ...]
    """Tasks that have not begun, as they are in the plan now."""
    added: tuple[TaskSpec, ...]
    """Tasks that the run does not have."""
    agents: tuple[Agent, ...]
    """Those that these use and the run does not have so."""
    left: tuple[tuple[TaskId, str], ...]
    """What differs and stays as it is: which task, and why."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take over."""
        return not (self.changed or self.added)


def changes_in(state: RunState, plan: Plan) -> Changes:
    """Return how the tasks of a plan differ from those of a run."""
    new = {spec.id: spec for spec in plan.tasks}
    kept = _agents_in_use(state, plan.agents)
    changed, left = [], []
    for task, spec in state.specs.items():
        if task not in new:
            is_of_file = spec.reverts is None and state.tasks[task].added_at is None
            if is_of_file and is_unbegun(state, task):
                left.append((task, f"no longer in the plan file, and stays; porch stop {task} takes it out"))
        elif _is_same(spec, new[task]):
            if spec.agent in kept and is_unbegun(state, task):
                left.append((task, kept[spec.agent]))
        elif not is_unbegun(state, task):
            left.append((task, "has begun, and keeps what it began with"))
        elif new[task].agent in kept:
            left.append((task, kept[new[task].agent]))
        else:
            changed.append(new[task])
    unknown = [spec for task, spec in new.items() if task not in state.tasks]
    added = tuple(spec for spec in unknown if spec.agent not in kept)
    left += [(spec.id, kept[spec.agent]) for spec in unknown if spec.agent in kept]
    used = {spec.agent for spec in (*changed, *added)}
    agents = tuple(one for one in plan.agents if one.name in used and one not in state.plan.agents)
    return Changes(tuple(changed), added, agents, tuple(left))


def is_unbegun(state: RunState, task: TaskId) -> bool:
    """Say whether no attempt at the task was ever begun, and it may still start."""
    known = state.tasks[task]
    return known.status is TaskStatus.PENDING and not known.attempts


def reloaded(state: RunState, command: ReloadPlan) -> str | list[e.AnyEvent]:
    """Return what follows from the command; why nothing of it is taken over, if the run does not allow it."""
    again = "; nothing was taken over, reload it again"
    for spec in command.changed:
        if spec.id not in state.tasks or not is_unbegun(state, spec.id):
            return f"{spec.id} has begun meanwhile{again}"
    new = {spec.id: spec for spec in (*command.changed, *command.added)}
    if there := [spec.id for spec in command.added if spec.id in state.tasks]:
        return f"the run has a task {there[0]!r} by now{again}"
    order = {task: spec.after for task, spec in {**state.specs, **new}.items()}
    for task, spec in new.items():
        if unknown := [name for name in spec.after if name not in order]:
            return f"{task} comes after {unknown[0]!r}, and the run has no such task"
        if why := why_no_hypothesis(state, spec):
            return why
    try:
        TopologicalSorter(order).prepare()
    except CycleError as error:
        return f"they wait for each other in a cycle: {' -> '.join(error.args[1])}"
    slots = more_slots(state, len(command.added)) if command.added else []
    return [e.PlanReloaded(command.changed, command.added, command.agents), *slots]


def _is_same(one: TaskSpec, other: TaskSpec) -> bool:
    """Say whether two tasks are the same, wherever in the file they are."""
    return replace(one, line=0) == replace(other, line=0)


def _agents_in_use(state: RunState, agents: Iterable[Agent]) -> dict[str | None, str]:
    """Return the agents that are others now and stay, as tasks that have begun use them: by name, why."""
    known = {agent.name: agent for agent in state.plan.agents}
    found: dict[str | None, str] = {}
    for agent in agents:
        if known.get(agent.name, agent) == agent:
            continue
        users = [task for task, spec in state.specs.items() if spec.agent == agent.name]
        begun = next((task for task in users if not is_unbegun(state, task)), None)
        if begun is not None:
            found[agent.name] = (
                f"the agent {agent.name} is another now, and {begun}, which has begun, uses it;"
                " give the new one a name of its own"
            )
    return found
