"""Which task comes after which, also through others, while edits add to it."""

from __future__ import annotations

from porch_tui.core.model.plan import Plan, TaskId
from porch_tui.core.tasks.graph import after_of


class GrowingOrder:
    """The order that `after` makes in a plan, and what was added to it. It never has a cycle.

    Walks the plan for each question, as only few are asked: to know all answers takes, in a chain of 10,000
    tasks, 50 million of them.
    """

    def __init__(self, plan: Plan) -> None:
        self._after = {task: set(after) for task, after in after_of(plan.tasks).items()}

    def is_ordered(self, a: TaskId, b: TaskId) -> bool:
        """Say whether one of the two comes after the other."""
        return self.is_after(a, b) or self.is_after(b, a)

    def is_after(self, later: TaskId, earlier: TaskId) -> bool:
        """Say whether `later` comes after `earlier`, directly or through others."""
        seen, ahead = {later}, [later]
        while ahead:
            for task in self._after.get(ahead.pop(), ()):
                if task == earlier:
                    return True
                if task not in seen:
                    seen.add(task)
                    ahead.append(task)
        return False

    def add(self, later: TaskId, earlier: TaskId) -> bool:
        """Have a task come after another; False, and nothing is changed, if they are ordered already."""
        if later == earlier or self.is_ordered(later, earlier):
            return False
        self._after[later].add(earlier)
        return True
