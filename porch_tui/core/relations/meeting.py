"""Which tasks have something in common, found by what they use instead of by comparing each with each.

Sets of tasks are integers here, a bit for each task by its place in the plan: ten thousand tasks have fifty
million pairs, which are counted in a second this way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from porch_tui.core.files.globs import literal_folders, may_meet
from porch_tui.core.model.plan import Plan
from porch_tui.core.relations.task_uses import Mention, TaskUses
from porch_tui.core.tasks import graph

Mask = int


def places(mask: Mask) -> Iterator[int]:
    """Yield the places of a mask's bits, the lowest first."""
    digits = f"{mask:b}"[::-1]  # to take a bit off a number of ten thousand digits makes another such number
    at = digits.find("1")
    while at >= 0:
        yield at
        at = digits.find("1", at + 1)


def in_order(plan: Plan) -> tuple[list[Mask], list[Mask]]:
    """Return for each task what it comes after, and what comes after it, directly or not."""
    place = {spec.id: number for number, spec in enumerate(plan.tasks)}
    earlier, later = [0] * len(place), [0] * len(place)
    after = graph.after_of(plan.tasks)
    order = graph.topological(plan)
    for task in order:
        for one in map(place.__getitem__, after[task]):
            earlier[place[task]] |= earlier[one] | 1 << one
    for task in reversed(order):
        for one in map(place.__getitem__, after[task]):
            later[one] |= later[place[task]] | 1 << place[task]
    return earlier, later


def rivals(plan: Plan) -> list[Mask]:
    """Return for each task the theories of its hypothesis: of those at most one is merged."""
    of: dict[str | None, Mask] = {}
    for number, spec in enumerate(plan.tasks):
        of[spec.of] = of.get(spec.of, 0) | 1 << number
    return [0 if spec.of is None else of[spec.of] for spec in plan.tasks]


class Meeting:
    """What tasks have in common, as it is collected."""

    def __init__(self, count: int) -> None:
        self.with_: list[Mask] = [0] * count
        """For each task, those that something relates it to."""

    def groups(
        self, tasks: Iterable[TaskUses], names: Callable[[TaskUses], Iterable[Mention]]
    ) -> dict[str, Mask]:
        """Relate the tasks that use one thing, if one of the two changes it; return who uses what."""
        users, writers = dict[str, Mask](), dict[str, Mask]()
        for number, task in enumerate(tasks):
            for one in names(task):
                users[one.use.name] = users.get(one.use.name, 0) | 1 << number
                if one.use.writes:
                    writers[one.use.name] = writers.get(one.use.name, 0) | 1 << number
        for name, writing in writers.items():
            self.relate(writing, users[name])
        return {name: users[name] for name in writers}

    def locks(self, plan: Plan) -> None:
        """Relate the tasks that hold one lock."""
        holders: dict[str, Mask] = {}
        for number, spec in enumerate(plan.tasks):
            for lock in spec.locks:
                holders[lock] = holders.get(lock, 0) | 1 << number
        for mask in holders.values():
            self.relate(mask, mask)

    def relate(self, some: Mask, others: Mask) -> None:
        """Relate each of some tasks to each of others."""
        if some == others and not some & (some - 1):
            return  # one task alone
        for number in places(some):
            self.with_[number] |= others
        for number in places(others & ~some):
            self.with_[number] |= some


class Paths:
    """Patterns of paths by the folders they begin with: only those of one line of folders can meet."""

    def __init__(self) -> None:
        self._masks: dict[str, Mask] = {}
        self._folders: dict[tuple[str, ...], list[str]] = {}

    def add(self, pattern: str, number: int) -> None:
        """Add a task's pattern."""
        if pattern not in self._masks:
            self._folders.setdefault(literal_folders(pattern), []).append(pattern)
            self._masks[pattern] = 0
        self._masks[pattern] |= 1 << number

    def relate(self, meeting: Meeting, others: Paths) -> None:
        """Relate the tasks of patterns that meet one of the others'; `others` may be these."""
        for pattern, mask in self._masks.items():
            for other in others.that_meet(pattern):
                meeting.relate(mask, others._masks[other])

    def that_meet(self, pattern: str) -> Iterator[str]:
        """Yield the patterns that may be the same path as one of this pattern."""
        folders = literal_folders(pattern)
        for depth in range(len(folders) + 1):
            for other in self._folders.get(folders[:depth], ()):
                if other == pattern or may_meet(other, pattern):
                    yield other
