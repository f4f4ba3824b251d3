"""How two tasks are related, and the evidence for it: the values that everything else speaks of.

What is found is in `pairs`; what single tasks use, in `uses`.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from porch_tui.core.model.plan import TaskId


class Relation(StrEnum):
    """The strongest thing known about two tasks."""

    ORDERED = "ordered"
    """The plan has one of them come after the other."""
    CONFLICTING = "conflicting"
    """Side by side they would write one thing, or disturb each other; also if a lock keeps them apart."""
    INDEPENDENT = "independent"
    """Known to have nothing in common that either changes."""
    UNKNOWN = "unknown"
    """Nothing speaks against them, and too little is known to call them independent."""


class Level(StrEnum):
    """Where evidence comes from, the surest first."""

    DECLARED = "declared"
    """The plan says so: `after`, `locks`, `paths`, `kind`."""
    TEXT = "text"
    """Read in commands, the repository's scripts, or prompts."""
    IMPORTS = "imports"
    HISTORY = "history"


class Cause(StrEnum):
    """What relates two tasks, or keeps them apart."""

    ORDER = "order"
    OVERLAP = "overlap"
    """Both write a file that is merged."""
    LOCK = "lock"
    SHARED_STATE = "shared-state"
    """Both use what worktrees do not separate: a port, a database, a file elsewhere."""
    READS = "reads-what-other-writes"
    IMPORTS = "imports"
    """One writes what files of the other import."""
    CHANGED_TOGETHER = "changed-together"
    """Commits that changed files of one often changed files of the other."""
    CHECK = "check"
    """Nothing of a check is merged."""
    RIVALS = "rivals"
    """Both are theories of one hypothesis, of which at most one is merged."""
    DISJOINT = "disjoint"
    """All they write is known, and nothing of it is the same."""
    NOTHING_KNOWN = "nothing-known"


class Quote(Struct, frozen=True):
    """A line by which a task has to do with something."""

    task: TaskId
    text: str
    """As it is written, on one line."""
    key: str = ""
    """Its key in the plan, such as `run`; `setup` is the whole plan's. Empty: it is no line of the plan."""
    file: str = ""
    """The file of the repository it stands in; empty: the plan."""
    line: int = 0
    """From 1; 0 where it is not known."""


class Evidence(Struct, frozen=True):
    """One thing that is known of two tasks."""

    level: Level
    cause: Cause
    text: str
    """In a sentence's words, without a full stop."""
    thing: str = ""
    """What they have in common, such as `port 8123`, `src/app.py` or the name of a lock."""
    quotes: tuple[Quote, ...] = ()
    is_caution: bool = False
    """Worth knowing, and too weak to relate them."""


class Pair(Struct, frozen=True):
    """Two tasks, in plan order, and how they are related."""

    a: TaskId
    b: TaskId
    relation: Relation
    evidence: tuple[Evidence, ...]
    """The strongest first; cautions last."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """The evidence in words."""
        return tuple(one.text for one in self.evidence)

    @property
    def is_known(self) -> bool:
        """Whether enough is known to say how they are related."""
        return self.relation is not Relation.UNKNOWN

    def has(self, cause: Cause) -> bool:
        """Say whether something relates the two by this cause."""
        return any(one.cause is cause and not one.is_caution for one in self.evidence)
