"""Edits of a plan as values: what would be added to which task, why, and what the plan is with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Plan, TaskId, TaskSpec, from_shell
from porch_tui.core.relations.relations import Evidence


class Key(StrEnum):
    """The key of a task that an edit adds to."""

    AFTER = "after"
    LOCKS = "locks"
    PATHS = "paths"
    CHECKS = "checks"
    """Only of a task that has none: a single shell command."""


class Edit(Struct, frozen=True):
    """What is added to one key of one task, and why."""

    task: TaskId
    key: Key
    add: tuple[str, ...]
    """Not empty, and nothing of it is there yet."""
    reason: str
    """One sentence, without its full stop."""
    evidence: tuple[Evidence, ...] = ()


def values_of(spec: TaskSpec, key: Key) -> tuple[str, ...]:
    """Return what a task has for a key now; of checks nothing, as they are only ever added where none are."""
    match key:
        case Key.AFTER:
            return spec.after
        case Key.LOCKS:
            return spec.locks
        case Key.PATHS:
            return spec.paths
        case Key.CHECKS:
            return ()


def joined(edits: Iterable[Edit]) -> dict[tuple[TaskId, Key], tuple[str, ...]]:
    """Return what all edits together add to each key of each task, in their order, each value once."""
    found: dict[tuple[TaskId, Key], dict[str, None]] = {}
    for edit in edits:
        found.setdefault((edit.task, edit.key), {}).update(dict.fromkeys(edit.add))
    return {place: tuple(values) for place, values in found.items()}


def with_edits(plan: Plan, edits: Iterable[Edit]) -> Plan:
    """Return the plan as the edits make it."""
    added: dict[TaskId, dict[Key, tuple[str, ...]]] = {}
    for (task, key), values in joined(edits).items():
        added.setdefault(task, {})[key] = values
    tasks = tuple(_with(spec, added[spec.id]) if spec.id in added else spec for spec in plan.tasks)
    return replace(plan, tasks=tasks)


def _with(spec: TaskSpec, added: Mapping[Key, tuple[str, ...]]) -> TaskSpec:
    return replace(
        spec,
        after=(*spec.after, *(TaskId(task) for task in added.get(Key.AFTER, ()))),
        locks=(*spec.locks, *added.get(Key.LOCKS, ())),
        paths=(*spec.paths, *added.get(Key.PATHS, ())),
        checks=(*spec.checks, *map(from_shell, added.get(Key.CHECKS, ()))),
    )
