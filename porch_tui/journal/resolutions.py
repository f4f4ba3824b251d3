"""Keeps what a person has decided about a task's conflict: `resolutions/<task>.json`, whole at any moment.

The file says everything by content, so it holds whatever the conflict comes up on.
What a decision means is defined in `core.conflict`.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from porch_tui.core.conflict.conflict import (
    Choice,
    Conflict,
    ConflictRecord,
    Decision,
    Hunk,
    Settled,
    Stage,
    Subject,
)
from porch_tui.core.conflict.offers import Offer, Offers
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import TaskId
from porch_tui.errors import JournalError
from porch_tui.journal import durable
from porch_tui.journal.rundir import RunDir

VERSION = 1
"""Of the format; a newer one is refused, not guessed."""


def read_resolution(rundir: RunDir, task: TaskId) -> ConflictRecord:
    """Return what was decided so far, perhaps nothing; JournalError if the file cannot be understood."""
    path = rundir.resolution(task)
    try:
        return record_from(json.loads(durable.read_file(path)))
    except FileNotFoundError:
        return ConflictRecord()
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise JournalError(
            f"the choices made for {task} should be in {path}, but cannot be read: {error!r}; "
            f"mend the file, or forget them: porch resolve {task} --abort"
        ) from error


def write_resolution(rundir: RunDir, task: TaskId, record: ConflictRecord) -> None:
    """Put the record on disk, whole or not at all, and wait until it is there; else JournalError."""
    path = rundir.resolution(task)
    try:
        path.parent.mkdir(durable.PRIVATE_FOLDER, exist_ok=True)
        durable.replace(path, json.dumps(record_out(record), indent=1).encode())
    except OSError as error:
        raise _unwritable(path, error) from error


def forget_resolution(rundir: RunDir, task: TaskId) -> None:
    """Remove the record; it need not be there."""
    path = rundir.resolution(task)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"cannot keep what was chosen in {path}: {error.strerror}; mend that, and choose again"
    )


def record_out(record: ConflictRecord) -> dict[str, Any]:
    """Return a record as JSON has it."""
    steps = [[_settled_out(one) for one in step] for step in record.steps]
    return {"version": VERSION, "done": record.done, "steps": steps}


def _settled_out(one: Settled) -> dict[str, Any]:
    about: dict[str, Any]
    if isinstance(one.subject, Hunk):
        base, main, task = map(_out, (one.subject.base, one.subject.main, one.subject.task))
        about = {"hunk": {"base": base, "main": main, "task": task, "nth": one.subject.nth}}
    else:
        about = {"stages": [[stage.number, stage.mode, stage.oid] for stage in one.subject]}
    decision = one.decision
    content = {"text": _out(decision.text), "name": decision.name, "author": decision.author}
    stored = {
        key: value for key, value in content.items() if value or (key, decision.choice) == ("text", "text")
    }
    by = {"by": one.by} if one.by else {}
    return {"path": one.path, **about, "choice": decision.choice.value, **stored, **by}


def record_from(document: dict[str, Any]) -> ConflictRecord:
    """Return the record that `record_out` wrote; ValueError, KeyError, … if it makes no sense."""
    if document["version"] != VERSION:
        raise ValueError(f"format {document['version']} is of another version of porch")
    steps = tuple(tuple(_settled_in(one) for one in step) for step in document["steps"])
    return ConflictRecord(steps, min(int(document["done"]), len(steps)))


def _settled_in(one: dict[str, Any]) -> Settled:
    subject: Subject
    if "hunk" in one:
        hunk = one["hunk"]
        subject = Hunk(_in(hunk["base"]), _in(hunk["main"]), _in(hunk["task"]), int(hunk["nth"]))
    else:
        subject = tuple(Stage(int(number), _text(mode), _text(oid)) for number, mode, oid in one["stages"])
    text, author, name = _in(one.get("text", "")), _text(one.get("author", "")), _text(one.get("name", ""))
    decision = Decision(Choice(one["choice"]), text, author, name)
    return Settled(_text(one["path"]), subject, decision, _text(one.get("by", "")))


def _out(text: bytes) -> str:
    """Readable where it is UTF-8; any other byte survives as a surrogate, escaped in the file."""
    return text.decode("utf-8", "surrogateescape")


def _in(text: object) -> bytes:
    return _text(text).encode("utf-8", "surrogateescape")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected a text, found {value!r}")
    return value


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
    """It failed, or was refused: not to be given to the queue automatically, nor asked for again."""

    @property
    def offers(self) -> Offers:
        """What it decides."""
        return {key: Offer(decision) for key, decision in self.record.decisions().items()}


def fingerprint(conflict: Conflict) -> str:
    """Return a digest that is the same for the same hunks and versions, whatever tip they collide on."""
    content = [(one.path, one.kind.value, one.hunks or one.stages) for one in conflict.paths]
    return hashlib.sha256(repr(content).encode("utf-8", "surrogateescape")).hexdigest()


def read_proposal(rundir: RunDir, task: TaskId) -> Proposed | None:
    """Return what is proposed; None if nothing is there, or nothing that can be understood."""
    with suppress(OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        stored = json.loads(durable.read_file(rundir.proposal(task)))
        texts = (stored["conflict"], stored["author"], stored["note"])
        if not all(isinstance(text, str) for text in texts) or not isinstance(stored["is_void"], bool):
            return None
        record = record_from(stored["record"])
        return Proposed(stored["conflict"], stored["author"], record, stored["note"], stored["is_void"])
    return None


def write_proposal(rundir: RunDir, task: TaskId, proposed: Proposed) -> None:
    """Put a proposal on disk, whole or not at all; JournalError if the disk does not take it."""
    path = rundir.proposal(task)
    stored = {
        "conflict": proposed.conflict,
        "author": proposed.author,
        "note": proposed.note,
        "is_void": proposed.is_void,
        "record": record_out(proposed.record),
    }
    try:
        for folder in (path.parent.parent, path.parent):
            folder.mkdir(durable.PRIVATE_FOLDER, exist_ok=True)
        durable.replace(path, json.dumps(stored, indent=1).encode())
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
