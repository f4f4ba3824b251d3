"""Tasks that add to one series of migrations: each migration is built on the previous one.

Side by side they get one number, or one parent, and merge without a conflict in git.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable

from porch_tui.core.model.plan import Kind, TaskId
from porch_tui.core.relations.task_uses import TaskUses

_FOLDER = re.compile(r"(?:.*/)?(?:migrations?|db/migrate|alembic/versions)(?=/)")
_SERIES = re.compile(r"order of migrations|migrations of ")
"""How the uses of commands call what they add a migration to."""
_ASKED = re.compile(r"\b(?:add|write|create|generate|make)s?\b[^.\n]{0,40}?\bmigrations?\b", re.IGNORECASE)
"""In prompts."""


def schema_changes(uses: Iterable[TaskUses], tracked: Collection[str]) -> dict[str, tuple[TaskId, ...]]:
    """Return by series of migrations the tasks that add to it, in plan order, if they are several.

    A series is named by its folder, or by the program that adds to it.
    """
    folders = {found[0] for path in tracked if (found := _FOLDER.match(path))}
    only = next(iter(folders)) if len(folders) == 1 else ""
    series: dict[str, list[TaskId]] = defaultdict(list)
    for task in uses:
        if task.spec.kind is Kind.CHANGE:
            for name in sorted(_series_of(task, only)):
                series[name].append(task.spec.id)
    return {name: tuple(tasks) for name, tasks in series.items() if len(tasks) > 1}


def _series_of(task: TaskUses, only: str) -> set[str]:
    """Return the series that a task adds to; `only` is the folder of the repository's only one."""
    found = {folder[0] for one in task.writes if (folder := _FOLDER.match(one.use.name))}
    if not found:
        names = (one.use.name for one in task.shared if one.use.writes)
        found = {only or name for name in names if _SERIES.match(name)}
    if not found and _ASKED.search(task.spec.prompt):
        found = {only or "the migrations"}
    return found
