"""What the report says of one task beyond the journal: its changes, its last output, its conflict."""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.conflict.conflict import Choice, Conflict, ConflictRecord, Decision, Hunk, Subject


class FileChange(Struct, frozen=True):
    """How many lines of a file a task added and removed; None: it is binary."""

    path: str
    added: int | None
    removed: int | None


class Collision(Struct, frozen=True):
    """Lines that two sides changed, or a whole file, and what was chosen."""

    path: str
    hunk: Hunk | None
    """None: the whole file."""
    decision: Decision | None
    """None: nothing was chosen yet."""
    by: str = ""
    """Who chose it; empty: no person, or one whose name was not kept."""
    stages: tuple[int, ...] = ()
    """Of a whole file: who has a version of it, 1 the base, 2 the target, 3 the task."""

    @property
    def chosen(self) -> str:
        """What was chosen, and as whose proposal, in words."""
        if self.decision is None:
            return "not decided"
        words = {
            Choice.TEXT: "written by hand",
            Choice.AS: f"kept as {self.decision.name}",
            Choice.NONE: "no line of it",
        }
        choice = words.get(self.decision.choice, str(self.decision.choice))
        return f"{choice}, as {self.decision.author} proposed" if self.decision.author else choice


class TaskFacts(Struct, frozen=True):
    """What is known of a task besides the journal."""

    files: tuple[FileChange, ...] = ()
    """What its branch changes; empty: nothing, or not known."""
    last_lines: tuple[str, ...] = ()
    """The end of the output that says why it failed; empty: it did not."""
    log: str = ""
    """Where the whole of that output is."""
    collisions: tuple[Collision, ...] = ()
    """The conflict it has, or had when it was resolved."""


def completed(own: ConflictRecord, proposed: ConflictRecord) -> ConflictRecord:
    """Return what a person has decided, and of what was proposed the rest."""
    decided = own.settled()
    paths = {path for path, subject in decided if not isinstance(subject, Hunk)}
    rest = (one for key, one in proposed.settled().items() if key not in decided and key[0] not in paths)
    return own.with_step(tuple(rest))


def collisions_of(record: ConflictRecord, conflict: Conflict | None = None) -> tuple[Collision, ...]:
    """Return each thing that is to choose in an open conflict; without one, what was chosen."""
    decided = record.settled()

    def collision(path: str, subject: Subject) -> Collision:
        hunk = subject if isinstance(subject, Hunk) else None
        stages = () if isinstance(subject, Hunk) else tuple(stage.number for stage in subject)
        if (one := decided.get((path, subject))) is None:
            return Collision(path, hunk, None, stages=stages)
        return Collision(path, hunk, one.decision, one.by, stages)

    if conflict is None:
        return tuple(collision(path, subject) for path, subject in decided)
    found = []
    for path in conflict.paths:
        is_whole = (path.path, path.stages) in decided or not path.hunks
        found += [collision(path.path, subject) for subject in ((path.stages,) if is_whole else path.hunks)]
    return tuple(found)
