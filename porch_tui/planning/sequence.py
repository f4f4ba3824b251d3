"""Changes of a database's schema come one after the other, whoever has split the work."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from porch_tui.core.model.copying import replace
from porch_tui.planning.draft import DraftTask

_SCHEMA = re.compile(
    r"(^|/)(migrations?|alembic|versions|db/migrate)/|\.sql$|(^|/)schema\.(prisma|rb|graphql|sql)$",
    re.IGNORECASE,
)
_SCHEMA_WORDS = re.compile(
    r"(?i)\b(database migration|schema migration|migrations?\b.{0,30}\b(table|column|database|schema)"
    r"|(alter|add|drop|create|rename)\b.{0,40}\b(table|column|database index|db schema|database schema))\b"
)


def in_sequence(tasks: Sequence[DraftTask]) -> tuple[DraftTask, ...]:
    """Return the tasks, with those that change the schema ordered as they are listed.

    Migrations made side by side get the same number, or the same predecessor, and merge without a conflict.
    """
    made = {task.id: task for task in tasks}
    earlier: list[str] = []
    for name in [task.id for task in tasks if changes_schema(task)]:
        for other in reversed(earlier):
            if not _comes_after(other, name, made) and not _comes_after(name, other, made):
                task = made[name]
                reason = f"{task.reason}; after {other}, as both change the schema"
                made[name] = replace(task, after=(*task.after, other), reason=reason)
        earlier.append(name)
    return tuple(made.values())


def changes_schema(task: DraftTask) -> bool:
    """Say whether a task changes the schema of a database, by its paths, or its title."""
    return any(_SCHEMA.search(path) for path in task.paths) or _SCHEMA_WORDS.search(task.title) is not None


def _comes_after(one: str, other: str, tasks: Mapping[str, DraftTask]) -> bool:
    """Say whether a task comes after another one, directly or not."""
    left, seen = [one], set[str]()
    while left:
        name = left.pop()
        if name == other:
            return True
        if name not in seen and name in tasks:
            seen.add(name)
            left += tasks[name].after
    return False
