"""How complex a task probably is, by the files it names: a reasoned guess, and no measurement.

What it will really take depends on what is to be done there, which no one knows before. So the times that
come of it are wide, and used only where neither the plan nor an earlier run says anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from porch_tui.core.files.facts import Facts
from porch_tui.core.files.globs import literal_folders, matches
from porch_tui.core.files.languages import is_test, language_of
from porch_tui.core.forecast.estimates import RANGE, Guess
from porch_tui.core.model.plan import TaskId, TaskSpec, shown
from porch_tui.core.model.wording import counted

BYTES = 20_000, 100_000, 400_000, 1_000_000
"""Of source that a task has to understand, tests not counted: 500 lines are about 20 kB."""
USERS = 5, 20
"""Files that import what it changes, and may break by it."""
PARTNERS = 3, 10
"""Other files that usually change with these."""
OFTEN, USUALLY = 3, 0.3
"""A file is a partner if so many commits, and such a share of those of the task's file, changed both."""
MEDIUM, HIGH = 2, 4
"""Points: each number above that is reached is one."""
_WORD = re.compile(r"[\w@.+/-]+")


class Level(StrEnum):
    """How complex a task is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


AGENT_S: Mapping[Level, float] = {Level.LOW: 120.0, Level.MEDIUM: 300.0, Level.HIGH: 900.0}
"""What an agent is guessed to take. No measurement is behind it; hence the range."""
COMMAND_S: Mapping[Level, float] = {Level.LOW: 30.0, Level.MEDIUM: 60.0, Level.HIGH: 120.0}
"""What a command is, whose time depends more on what it is."""


class Complexity(Struct, frozen=True):
    """How complex a task is, and why."""

    level: Level
    reasons: tuple[str, ...]
    seconds: float
    low_s: float
    high_s: float
    """What it takes, if nothing better is known: from how many seconds to how many."""

    @property
    def guess(self) -> Guess:
        """The same as a guess of how long the task takes."""
        return Guess(self.seconds, self.low_s, self.high_s, f"{self.level} task")


class Assessment:
    """Assesses tasks by the facts of one commit."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def complexity(self, spec: TaskSpec) -> Complexity | None:
        """Return how complex a task is; None if it names no source file that is there."""
        files = [path for path in self.files_of(spec) if language_of(path)]
        if not files:
            return None
        points, reasons = 0, []
        for number, steps, text in self._measures(files):
            points += sum(number >= step for step in steps)
            reasons += [text] if text else []
        level = Level.HIGH if points >= HIGH else Level.MEDIUM if points >= MEDIUM else Level.LOW
        seconds = (AGENT_S if spec.agent is not None else COMMAND_S)[level]
        return Complexity(level, tuple(reasons), seconds, seconds / RANGE, seconds * RANGE)

    def guess(self, spec: TaskSpec) -> Guess:
        """Return how long a task takes of which neither the plan nor an earlier run says anything."""
        found = self.complexity(spec)
        return Guess() if found is None else found.guess

    def files_of(self, spec: TaskSpec) -> tuple[str, ...]:
        """Return the tracked files that a task says it writes, and those that its prompt or command names."""
        declared = [path for pattern in spec.paths for path in self._matching(pattern)]
        named = [path for text in (spec.prompt, shown(spec.command)) for path in self._named_in(text)]
        return tuple(dict.fromkeys(sorted({*declared, *named})))

    def _matching(self, pattern: str) -> Iterator[str]:
        folder = "/".join(literal_folders(pattern))
        if folder in self._facts.sizes:
            yield folder
        inside = self._folders.get(folder, ()) if folder else self._facts.sizes
        yield from (path for path in inside if matches(pattern, path))

    def _named_in(self, text: str) -> Iterator[str]:
        """Yield the files that a text names, and all in the folders that it names with a slash."""
        for word in _WORD.findall(text):
            name = word.removeprefix("./").rstrip(".")
            if name in self._facts.sizes:
                yield name
            elif "/" in name and (inside := self._folders.get(name.rstrip("/"))):
                yield from inside

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._facts.sizes:
            folder = path
            while folder := folder.rpartition("/")[0]:
                found.setdefault(folder, []).append(path)
        return found

    @cached_property
    def _users(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for user, files in self._facts.imports.items():
            for one in () if is_test(user) else files:
                found.setdefault(one, []).append(user)
        return found

    @cached_property
    def _partners(self) -> dict[str, list[str]]:
        """By file: those that usually change with it."""
        found: dict[str, list[str]] = {}
        for (a, b), count in self._facts.together.items():
            for one, other in ((a, b), (b, a)):
                if count >= OFTEN and count >= USUALLY * self._facts.commits[one] and _counts(other):
                    found.setdefault(one, []).append(other)
        return found

    def _measures(self, files: list[str]) -> Iterator[tuple[int, tuple[int, ...], str]]:
        """Yield each measure, the numbers from which on it is a point more, and the words for it."""
        own = set(files)
        code = [path for path in files if _counts(path)]
        size = sum(self._facts.sizes[path] for path in code)
        tests = len(files) - len(code)
        what = [counted(len(code), "file") + f" of {max(1, round(size / 1000))} kB"] if code else []
        what += [counted(tests, "test file")] if tests else []
        yield size, BYTES, " and ".join(what)
        users = {user for path in files for user in self._users.get(path, ())} - own
        imported = f"imported by {counted(len(users), 'other file')}" if users else ""
        yield len(users), USERS, imported
        partners = Counter(one for path in files for one in self._partners.get(path, ()) if one not in own)
        coupled = f"usually changed with {counted(len(partners), 'other file')}" if partners else ""
        yield len(partners), PARTNERS, coupled


def _counts(path: str) -> bool:
    return language_of(path) is not None and not is_test(path)


def complexities(specs: tuple[TaskSpec, ...], facts: Facts) -> dict[TaskId, Complexity]:
    """Return how complex tasks are, without those of which that is not known."""
    assessment = Assessment(facts)
    found = ((spec.id, assessment.complexity(spec)) for spec in specs)
    return {task: one for task, one in found if one is not None}
