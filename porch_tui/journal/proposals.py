"""Keeps what the plan's resolver proposes for a task's conflict: `resolutions/proposals/<task>.json`.

Like a person's record it says everything by content, so it is found again upon another tip.
It is beside the record and never part of it: what a person takes of it is written there.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress

from msgspec import Struct

from porch_tui.core.conflict.conflict import Conflict, ConflictRecord
from porch_tui.core.conflict.offers import Offer, Offers
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import JournalError
from porch_tui.journal import durable
from porch_tui.journal.resolutions import record_from, record_out
from porch_tui.journal.rundir import RunDir


class Proposed(Struct, frozen=True):
    """What came of asking the resolver once."""

    conflict: str
    """Fingerprint of the conflict it was asked about."""
    author: str
    record: ConflictRecord
    """Empty if nothing came of it."""
    note: str = ""
    """Why nothing came of it, or what it did that is not taken."""
    is_void: bool = False
    """It failed, or was refused: not to be given to the queue by itself, nor asked for again."""

    @property
    def offers(self) -> Offers:
        """What it decides."""
        return {key: Offer(decision) for key, decision in self.record.decisions().items()}


def fingerprint(conflict: Conflict) -> str:
    """Return a digest that is the same for the same hunks and versions, whatever tip they collide upon."""
    said = [(one.path, one.kind.value, one.hunks or one.stages) for one in conflict.paths]
    return hashlib.sha256(repr(said).encode("utf-8", "surrogateescape")).hexdigest()


def read_proposal(rundir: RunDir, task: TaskId) -> Proposed | None:
    """Return what is proposed; None if nothing is there, or nothing that can be understood."""
    with suppress(OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        told = json.loads(durable.read_file(rundir.proposal(task)))
        texts = (told["conflict"], told["author"], told["note"])
        if not all(isinstance(text, str) for text in texts) or not isinstance(told["is_void"], bool):
            return None
        record = record_from(told["record"])
        return Proposed(told["conflict"], told["author"], record, told["note"], told["is_void"])
    return None


def write_proposal(rundir: RunDir, task: TaskId, proposed: Proposed) -> None:
    """Put a proposal on disk, whole or not at all; JournalError if the disk does not take it."""
    path = rundir.proposal(task)
    told = {
        "conflict": proposed.conflict,
        "author": proposed.author,
        "note": proposed.note,
        "is_void": proposed.is_void,
        "record": record_out(proposed.record),
    }
    try:
        for folder in (path.parent.parent, path.parent):
            folder.mkdir(durable.PRIVATE_FOLDER, exist_ok=True)
        durable.replace(path, json.dumps(told, indent=1).encode())
    except OSError as error:
        raise JournalError(f"cannot keep what is proposed in {path}: {error.strerror}") from error


def void(rundir: RunDir, task: TaskId, why: str) -> None:
    """Note that a proposal will not do; what it decides stays to be looked at."""
    known = read_proposal(rundir, task)
    if known is not None:
        write_proposal(rundir, task, replace(known, note=why, is_void=True))


def refuse(rundir: RunDir, task: TaskId, conflict: Conflict, author: str) -> None:
    """Have nothing proposed for a conflict, whatever was or would be."""
    nothing = Proposed(fingerprint(conflict), author, ConflictRecord(), "refused", is_void=True)
    write_proposal(rundir, task, nothing)
