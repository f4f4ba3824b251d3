"""About how a run goes in which one task follows the other: worked out, not simulated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from porch_tui.core.forecast.judges import judging
from porch_tui.core.forecast.simulation import Course, Setting
from porch_tui.core.model.forecast import Work
from porch_tui.core.model.plan import TaskId


def in_sequence(setting: Setting, order: Iterable[TaskId]) -> Course:
    """Return the course; a hypothesis is decided behind the last of its theories."""
    costs, plan, now = setting.costs, setting.plan, 0.0
    starts, ends, landed = dict[TaskId, float](), dict[TaskId, float](), dict[TaskId, float]()
    behind_s = costs.merge_s + setting.validation.alone_s + costs.landing_s
    of = {spec.id: spec.of for spec in plan.tasks if spec.of is not None}
    hypotheses = {one.name: one for one in plan.hypotheses}
    theories = Counter(of.values())
    ended = Counter[str]()
    for task in order:
        starts[task] = now
        now += costs.worktree_s + costs.copy_s + costs.start_s + setting.times[task].alone_s
        ends[task] = now
        if (name := of.get(task)) is not None:
            ended[name] += 1
            if ended[name] == theories[name]:
                work = setting.judges.get(name, Work())
                setup = setting.validation_setup
                now += judging(hypotheses[name], theories[name], work, setup, costs).alone_s
        landed[task] = now + behind_s
    return Course(now + behind_s, starts, ends, landed, len(landed))
