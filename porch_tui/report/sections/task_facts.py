"""What the report says of one task beyond the journal: its changes, its last output, its conflict."""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.conflict.conflict import Choice, Conflict, ConflictRecord, Decision, Hunk


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

    @property
    def chosen(self) -> str:
        """What was chosen, and by whom, in words."""
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


def collisions_of(record: ConflictRecord, conflict: Conflict | None = None) -> tuple[Collision, ...]:
    """Return each thing that is to choose in an open conflict; without one, what was chosen."""
    decided = record.decisions()
    if conflict is None:
        return tuple(
            Collision(path, subject if isinstance(subject, Hunk) else None, decision)
            for (path, subject), decision in decided.items()
        )
    found = []
    for path in conflict.paths:
        whole = decided.get((path.path, path.stages))
        if whole is not None or not path.hunks:
            found.append(Collision(path.path, None, whole))
        else:
            found += [Collision(path.path, hunk, decided.get((path.path, hunk))) for hunk in path.hunks]
    return tuple(found)
