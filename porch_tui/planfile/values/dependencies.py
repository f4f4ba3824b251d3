"""The order that `after` asks for: names that exist, and no cycles.

Iterative throughout: a chain of ten thousand tasks is an ordinary plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from porch_tui.planfile.text.mistakes import shown
from porch_tui.planfile.text.source import Source

MOST_ORDERS = 500_000
"""Each task of one group after each of another is a product; beyond this a run would be slow."""
MOST_CYCLES = 20
"""One edge can close thousands; fixing the first few usually fixes them all."""

After = Mapping[str, Sequence[str]]
"""For each task what it comes after, only tasks that exist."""


def known_after(source: Source, task: str, after: Sequence[str]) -> tuple[str, ...]:
    """Return the names in `after` that exist, once each; the others are mistakes.

    The name of a group of `each` stands for all its tasks.
    """
    if not after:
        return ()
    path, questions = source.task_path(task, "after"), source.written("hypotheses")
    groups, made = source.groups, source.made.get(task)
    known: list[str] = []
    for at, name in enumerate(after):
        if name == task and path[0] == "defaults":
            continue
        if name == task:
            source.refuse((*path, at), f"found '{task}' itself; expected other tasks")
        elif made is not None and made.group == name:
            if path[0] != "defaults":
                source.refuse((*path, at), f"found its own group '{name}'; expected other tasks")
        elif name in groups:
            known += groups[name]
        elif not source.has_task(name) and name not in questions:
            near = source.found.near(name, [*source.tasks, *questions, *groups])
            whole = "the run" if source.others else "this plan"
            text = f"found {shown(name)}; expected the id of a task of {whole}{near}"
            source.refuse((*path, at), text)
        else:
            known.append(name)
    return tuple(dict.fromkeys(known))


def check_amount(source: Source, after: After) -> None:
    """Note that groups make more orders than a run can follow."""
    total = 0
    for task, names in after.items():
        total += len(names)
        if total > MOST_ORDERS:
            text = f"makes more than {MOST_ORDERS:,} orders of two tasks; expected fewer"
            source.refuse(source.task_path(task, "after"), f"{text}: put a task between the two groups")
            return


def check_cycles(source: Source, after: After) -> None:
    """Note the ways in which tasks wait for each other in a cycle."""
    done: set[str] = set()
    noted = 0
    for start in after:
        for cycle in _cycles(after, start, done):
            named = cycle if len(cycle) <= 12 else [*cycle[:6], "…", *cycle[-5:]]
            source.refuse(
                source.item_path(source.task_path(cycle[-1], "after"), cycle[0]),
                f"found a cycle: {' -> '.join([*named, cycle[0]])}, each after the next;"
                " expected an order: take one of them out",
            )
            noted += 1
            if noted == MOST_CYCLES:
                return


def _cycles(after: After, start: str, done: set[str]) -> Iterator[list[str]]:
    """Yield the cycles met on the way down from `start`; what is below it joins `done`."""
    trail: dict[str, int] = {}
    """The tasks from `start` to the one in hand, with their positions."""
    waiting = [iter([start])]
    while waiting:
        name = next(waiting[-1], None)
        if name is None:
            waiting.pop()
            if trail:
                done.add(trail.popitem()[0])
        elif name in trail:
            yield [*trail][trail[name] :]
        elif name not in done:
            trail[name] = len(trail)
            waiting.append(iter(after[name]))
