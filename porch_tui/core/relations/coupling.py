"""Weaker ties of two tasks: files of one import those of the other, or were often changed with them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from porch_tui.core.files.facts import Facts
from porch_tui.core.files.globs import matches
from porch_tui.core.model.plan import TaskId
from porch_tui.core.relations.relations import Cause, Level
from porch_tui.core.relations.task_uses import Mention, TaskUses

MOST_FILES = 50
"""Of a task: one that may write more has to do with everything."""
PACKAGES = ("/__init__.py", "/mod.rs", "/index.js", "/index.ts")
"""They import all that is in their folder, which says nothing about one file."""
TOGETHER, SHARE = 3, 0.5
"""So many commits changed two files, and this share of the commits of the one that changed less often."""

Tie = tuple[Level, Cause, str, str, Mention | None, Mention | None]


class Coupling:
    """Ties among the files of tasks, worked out as they are asked for."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._files: dict[TaskId, dict[str, Mention]] = {}

    def between(self, a: TaskUses, b: TaskUses) -> Iterator[Tie]:
        """Yield at most one tie of each kind."""
        if not self._facts.imports and not self._facts.together:
            return
        mine, theirs = self._files_of(a), self._files_of(b)
        yield from islice(self._imported(a, b, mine, theirs), 1)
        yield from islice(self._together(mine, theirs), 1)

    def _imported(
        self, a: TaskUses, b: TaskUses, mine: dict[str, Mention], theirs: dict[str, Mention]
    ) -> Iterator[Tie]:
        for user, used, files, others, is_swapped in (
            (a, b, mine, theirs, False),
            (b, a, theirs, mine, True),
        ):
            for path, mention in files.items():
                for imported in sorted(self._facts.imports.get(path, frozenset()) & others.keys()):
                    if path.endswith(PACKAGES) or imported.endswith(PACKAGES):
                        continue
                    text = f"{path} of {user.spec.id} imports {imported}, which {used.spec.id} writes"
                    pair = (others[imported], mention) if is_swapped else (mention, others[imported])
                    yield Level.IMPORTS, Cause.IMPORTS, text, imported, *pair

    def _together(self, mine: dict[str, Mention], theirs: dict[str, Mention]) -> Iterator[Tie]:
        for one, other in product(mine, theirs):
            key = (one, other) if one < other else (other, one)
            count = self._facts.together.get(key, 0)
            fewest = min(self._facts.commits.get(one, 0), self._facts.commits.get(other, 0))
            if count >= TOGETHER and count >= SHARE * fewest:
                text = f"{one} and {other} were changed together in {count} commits"
                yield Level.HISTORY, Cause.CHANGED_TOGETHER, text, one, mine[one], theirs[other]

    def _files_of(self, task: TaskUses) -> dict[str, Mention]:
        """Return the files a task will write, as far as they are named; none if they are too many."""
        known = self._files.get(task.spec.id)
        if known is None:
            known = {}
            for one in task.writes:
                name = one.use.name
                if name in self._facts.sizes:
                    known.setdefault(name, one)
                else:
                    found = (path for path in self._facts.sizes if matches(name, path))
                    known |= dict.fromkeys(islice(found, MOST_FILES + 1), one)
                if len(known) > MOST_FILES:
                    known = {}
                    break
            self._files[task.spec.id] = known
        return known
