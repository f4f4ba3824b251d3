"""A conflict, and what a person has decided about it so far: values that survive quits, crashes and rebuilds.

A choice names a hunk by its three texts, and of a whole path by its three
versions, never by a line number or a commit: so it is found again when the same
conflict comes up on another tip. No file is read and no git runs here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum

from msgspec import Struct

from porch_tui.core.model.copying import replace


class ConflictKind(Enum):
    """How a path conflicts; the value is git's own word for it, which is stable, unlike its sentences."""

    CONTENT = "contents"
    BINARY = "binary"
    MODIFY_DELETE = "modify/delete"
    RENAME_DELETE = "rename/delete"
    RENAME_RENAME = "rename/rename"
    RENAME_COLLIDES = "rename collides"
    FILE_DIRECTORY = "file/directory"
    DISTINCT_TYPES = "distinct modes"
    DIRECTORY_RENAME = "directory rename suggested"
    DIRECTORY_RENAME_UNCLEAR = "directory rename unclear split"
    SUBMODULE = "submodule"
    SUBMODULE_ABSENT = "submodule not initialized"
    OTHER = "other"
    """A kind this git knows and porch does not: git's words say what it is."""


class Choice(StrEnum):
    """What becomes of a hunk, or of a whole path."""

    MAIN = "main"
    """As the target has it, with what landed; of a path the target has not: removed."""
    TASK = "task"
    BOTH = "both"
    """The target's lines, then the task's. Of a conflict without paths: as git merged it."""
    BOTH_REVERSED = "both-reversed"
    BASE = "base"
    NONE = "none"
    """No line of it; of a whole path: removed."""
    TEXT = "text"
    """What the person wrote."""
    AS = "as"
    """Of a whole path: the task's version, or the only one, gets another name; the target's stays."""


class Stage(Struct, frozen=True):
    """One version of a conflicted path: 1 is the base, 2 the target's, 3 the task's."""

    number: int
    mode: str
    oid: str


class Hunk(Struct, frozen=True):
    """Lines that both sides changed, in whole lines; the last line of a file may lack its newline."""

    base: bytes
    main: bytes
    task: bytes
    nth: int = 0
    """Among the hunks of its path with the same three texts."""


class Decision(Struct, frozen=True):
    """What becomes of a subject, and whose idea it was."""

    choice: Choice
    text: bytes = b""
    """With Choice.TEXT."""
    author: str = ""
    """Who proposed it; empty: the person who decided."""
    name: str = ""
    """With Choice.AS."""


Stages = tuple[Stage, ...]
Subject = Hunk | Stages
"""What a decision is about: a hunk, or the whole path by its versions."""
Segment = bytes | Hunk


class PathConflict(Struct, frozen=True):
    """A path that git could not merge automatically."""

    path: str
    """As shown: where git appended a side's object id, this says `~target` or `~task`."""
    tree_path: str
    """Its path in the merged tree."""
    kind: ConflictKind
    stages: Stages
    mode: str
    """In the merged tree; empty: it is not in there."""
    segments: tuple[Segment, ...] = ()
    """Git's merged text, what is settled as bytes; empty: only the whole path can be chosen."""
    origin: str = ""
    """Where it would be, had git not followed the other side's renaming of a directory."""

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        """What has to be chosen, in the file's order."""
        return tuple(segment for segment in self.segments if isinstance(segment, Hunk))

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What may be chosen without writing anything."""
        if self.hunks:
            return tuple(choice for choice in Choice if choice not in (Choice.TEXT, Choice.AS))
        if not self.stages:
            return (Choice.BOTH,)
        has_base = any(stage.number == 1 for stage in self.stages)
        return (Choice.MAIN, Choice.TASK, *((Choice.BASE,) if has_base else ()), Choice.NONE)


class Conflict(Struct, frozen=True):
    """All that is in the way of one merge."""

    tree: str
    """Git's merged tree, with its marked-up files."""
    paths: tuple[PathConflict, ...]
    text: str
    """Git's own words."""


class Settled(Struct, frozen=True):
    """One thing a person has decided."""

    path: str
    subject: Subject
    decision: Decision
    by: str = ""
    """Who has decided it, by their name for git; empty: no person, or one whose name was not kept."""


Step = tuple[Settled, ...]
"""What was decided in one act, and is undone in one."""


class ConflictRecord(Struct, frozen=True):
    """Everything decided so far, in order, and what was undone and may be done again."""

    steps: tuple[Step, ...] = ()
    done: int = 0
    """So many of the steps count; those behind them were undone."""

    @property
    def can_undo(self) -> bool:
        return self.done > 0

    @property
    def can_redo(self) -> bool:
        return self.done < len(self.steps)

    def with_step(self, step: Step) -> ConflictRecord:
        """Return the record with one more act; what was undone before it is gone."""
        return ConflictRecord((*self.steps[: self.done], step), self.done + 1)

    def undone(self) -> ConflictRecord:
        """Return it without the last act, which `redone` brings back; the same if there is none."""
        return replace(self, done=max(self.done - 1, 0))

    def redone(self) -> ConflictRecord:
        """Return it with the act undone last; the same if there is none."""
        return replace(self, done=min(self.done + 1, len(self.steps)))

    def without(self, path: str) -> ConflictRecord:
        """Return it as if nothing had been decided of a path; what was undone is gone."""
        steps = (tuple(one for one in step if one.path != path) for step in self.steps[: self.done])
        kept = tuple(step for step in steps if step)
        return ConflictRecord(kept, len(kept))

    def signed(self, name: str) -> ConflictRecord:
        """Return it with this name at what carries none."""
        steps = (tuple(replace(one, by=one.by or name) for one in step) for step in self.steps)
        return replace(self, steps=tuple(steps))

    def decisions(self) -> Mapping[tuple[str, Subject], Decision]:
        """Return what counts now. The later word wins: a hunk's over its whole path's, and the reverse."""
        return {key: one.decision for key, one in self.settled().items()}

    def settled(self) -> Mapping[tuple[str, Subject], Settled]:
        """Return the same with who has decided it."""
        found: dict[tuple[str, Subject], Settled] = {}
        for step in self.steps[: self.done]:
            for one in step:
                is_hunk = isinstance(one.subject, Hunk)
                found = {
                    key: kept
                    for key, kept in found.items()
                    if key[0] != one.path or (is_hunk and isinstance(key[1], Hunk))
                }
                found[one.path, one.subject] = one
        return found


class Commit(Struct, frozen=True):
    """A commit that touched the path."""

    oid: str
    author: str
    at: float
    """When it was written, in seconds since the epoch."""
    subject: str
    task: str = ""
    """The task that it landed with; empty: none, or it has not landed."""


class History(Struct, frozen=True):
    """The commits of both sides, newest first."""

    main: tuple[Commit, ...]
    task: tuple[Commit, ...]
