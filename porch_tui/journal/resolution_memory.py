"""How people resolved conflicts in earlier runs: offered again in any run, never applied automatically.

One file, `<common git dir>/porch/resolutions.jsonl`, kept as `notes` says: a line per resolution
that was applied, and one where it is forgotten because what it made failed, or was undone. A hunk
is known again by its three texts, a whole path by its name and versions; both also with the two
sides exchanged, for which of two tasks lands first is chance.
"""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from pathlib import Path

from msgspec import Struct

from porch_tui.core.conflict.conflict import (
    Choice,
    Conflict,
    ConflictRecord,
    Decision,
    Hunk,
    PathConflict,
    Subject,
)
from porch_tui.core.conflict.offers import Offer, Offers, mirrored
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import RunId, TaskId
from porch_tui.journal.notes import Notes

LONGEST = 64 * 1024
"""Bytes of a text written by hand; a longer one is not remembered."""


class _Known(Struct, frozen=True):
    """What was decided about one subject."""

    key: str
    choice: Choice
    text: bytes = b""
    author: str = ""
    name: str = ""


class _Resolution(Struct, frozen=True):
    """What one resolution of a task decided; nothing: all that went before is forgotten."""

    run: str
    task: str
    at: float
    """Seconds since the epoch."""
    known: tuple[_Known, ...] = ()


RESOLUTIONS = Notes("resolutions.jsonl", _Resolution, most=1000, kept=500)
"""A few kilobytes each where much is written by hand."""


def remember(common_dir: Path, run: RunId, task: TaskId, conflict: Conflict, record: ConflictRecord) -> None:
    """Note what a record decides of a conflict. Never raises for the disk's sake.

    Nothing about equal texts of which different things were made: that cannot be found again.
    """
    decisions = record.decisions()
    made: dict[str, set[Decision]] = defaultdict(set)
    for path in conflict.paths:
        for subject in _subjects(path):
            decision = decisions.get((path.path, subject))
            if decision is not None and len(decision.text) <= LONGEST:
                made[_key(path.path, subject)].add(decision)
    known = tuple(
        _Known(key, one.choice, one.text, one.author, one.name)
        for key, found in made.items()
        for one in found
        if len(found) == 1
    )
    if known:
        RESOLUTIONS.add(common_dir, _Resolution(run, task, time.time(), known))


def forget(common_dir: Path, run: RunId, task: TaskId) -> None:
    """No longer offer what a task's resolutions have decided so far."""
    RESOLUTIONS.add(common_dir, _Resolution(run, task, time.time()))


def recall(common_dir: Path, conflict: Conflict) -> Offers:
    """Return what was decided last about each hunk and path of a conflict, as far as it is known."""
    known: dict[str, Offer] = {}
    forgotten: set[tuple[str, str]] = set()
    for one in RESOLUTIONS.newest_first(common_dir):
        if not one.known:
            forgotten.add((one.run, one.task))
        elif (one.run, one.task) not in forgotten:
            for each in one.known:
                decision = Decision(each.choice, each.text, each.author, each.name)
                known.setdefault(each.key, Offer(decision, one.run, one.task))
    found: dict[tuple[str, Subject], Offer] = {}
    for path in conflict.paths if known else ():
        for subject in _subjects(path):
            straight = known.get(_key(path.path, subject))
            exchanged = known.get(_key(path.path, _exchanged(subject)))
            if straight is not None:
                found[path.path, subject] = straight
            elif exchanged is not None and exchanged.decision.choice is not Choice.AS:
                found[path.path, subject] = replace(exchanged, decision=mirrored(exchanged.decision))
    return found


def _subjects(path: PathConflict) -> tuple[Subject, ...]:
    """Return what can be known again: a conflict that only has words cannot."""
    return (*path.hunks, path.stages) if path.stages else ()


def _key(path: str, subject: Subject) -> str:
    """Return the key by which a subject is recognized. A hunk's position and path are no part of it."""
    if isinstance(subject, Hunk):
        parts = [subject.base, subject.main, subject.task]
    else:
        parts = [path.encode("utf-8", "surrogateescape")]
        parts += [f"{stage.number} {stage.mode} {stage.oid}".encode() for stage in subject]
    return hashlib.sha256(b"".join(b"%d:%s" % (len(part), part) for part in parts)).hexdigest()


def _exchanged(subject: Subject) -> Subject:
    if isinstance(subject, Hunk):
        return Hunk(subject.base, subject.task, subject.main)
    others = (replace(stage, number={2: 3, 3: 2}.get(stage.number, stage.number)) for stage in subject)
    return tuple(sorted(others, key=lambda stage: stage.number))
