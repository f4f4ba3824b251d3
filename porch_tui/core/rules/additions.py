"""Whether tasks may be added to a run. Whoever asks for it has checked them like a plan; a run may change."""

from __future__ import annotations

from collections import Counter
from graphlib import CycleError, TopologicalSorter

from porch_tui.core.model import events as e
from porch_tui.core.model.commands import AddTasks
from porch_tui.core.model.plan import TaskSpec
from porch_tui.core.model.state import RunState
from porch_tui.core.scheduling.slots import Why, first_slots
from porch_tui.core.tasks.graph import waves


def why_not_added(state: RunState, command: AddTasks) -> str | None:
    """Return why the tasks cannot be added now, none of them; None if they can."""
    new = {spec.id: spec for spec in command.specs}
    agents = {agent.name: agent for agent in state.plan.agents}
    counts = Counter(spec.id for spec in command.specs)
    if not new:
        return "there are no tasks to add"
    if twice := [task for task, count in counts.items() if count > 1 or task in state.tasks]:
        return f"the run has a task {twice[0]!r} already"
    for agent in command.agents:
        if agents.setdefault(agent.name, agent) != agent:
            return f"the run has another agent {agent.name!r} already"
    for spec in command.specs:
        unknown = [name for name in spec.after if name not in new and name not in state.tasks]
        if unknown:
            return f"{spec.id} comes after {unknown[0]!r}, and the run has no such task"
        if why := why_no_hypothesis(state, spec):
            return why
        if spec.agent is not None and spec.agent not in agents:
            return f"{spec.id} needs the agent {spec.agent!r}, which the run does not have"
    order = {task: [name for name in spec.after if name in new] for task, spec in new.items()}
    try:
        TopologicalSorter(order).prepare()
    except CycleError as error:
        return f"they wait for each other in a cycle: {' -> '.join(error.args[1])}"
    return None


def why_no_hypothesis(state: RunState, spec: TaskSpec) -> str | None:
    """Return why a task cannot be a theory, or come after a hypothesis, as it says; None if it can."""
    names = (*spec.after_hypotheses, *([spec.of] if spec.of is not None else ()))
    if unknown := [name for name in names if name not in state.hypotheses]:
        return f"{spec.id} names the hypothesis {unknown[0]!r}, and the run has no such hypothesis"
    if spec.of is not None and state.hypotheses[spec.of].decided_at is not None:
        return f"{spec.id} is a theory of {spec.of}, which is decided already"
    return None


def added(state: RunState, command: AddTasks) -> list[e.AnyEvent]:
    """Return what follows: the tasks, with the agents that the run does not have yet, and room for them.

    The tasks come first: whoever finds an event of a command takes the command for done.
    """
    agents = tuple(one for one in command.agents if one not in state.plan.agents)
    return [e.TasksAdded(command.specs, agents), *more_slots(state, len(command.specs))]


def more_slots(state: RunState, tasks: int) -> list[e.AnyEvent]:
    """Return as many slots as the plan asks for when tasks are added, if there was one for a chain of tasks.

    Where there was one because tasks would meet in the same files, there still is.
    """
    is_chain = all(len(wave) == 1 for wave in waves(state.plan))
    if state.slots.reason != Why.SERIAL or not is_chain:
        return []
    if state.plan.slots is not None:
        return [e.SlotsChanged(state.plan.slots, reason=Why.PLAN)]
    count = first_slots(len(state.tasks) + tasks, state.machine.cores)
    return [e.SlotsChanged(count, is_auto=True, reason=Why.ADAPTS)]
