"""Applies a person's record of decisions to a conflict: for ApplyResolution, and for rebuilt candidates.

Whether a record is complete is found out by merging again: it may be complete on one tip and leave something
open on the next.
"""

from __future__ import annotations

from msgspec import Struct

from porch_tui.core.conflict.conflict import Conflict, ConflictRecord, PathConflict, Subject
from porch_tui.core.conflict.names import why_no_name, why_not_free
from porch_tui.core.conflict.offers import OfferSource, for_what_is_open
from porch_tui.core.conflict.splice import Content, Named, result, stray_markers, undecided
from porch_tui.core.conflict.view import ConflictView
from porch_tui.core.model import events as e
from porch_tui.core.model.plan import Sha, TaskId
from porch_tui.core.model.state import QueueEntry, RunState, proposal_record
from porch_tui.core.rules.effects import ApplyResolution, BuildCandidate
from porch_tui.engine.effects.tools import Tools
from porch_tui.git.merge import candidates, commits
from porch_tui.git.merge.resolution import WHOLE, conflict_of, merged_paths, resolved_tree, version_texts
from porch_tui.git.repository import Repository
from porch_tui.journal import resolution_memory as remembered
from porch_tui.journal.resolutions import Proposed, read_proposal, read_resolution
from porch_tui.journal.rundir import RunDir

UNDATED = "0 +0000"
"""Date of the commit that keeps a resolution's blobs alive."""


class ResolvedMerge(Struct, frozen=True):
    """A resolved merge."""

    tree: Sha
    paths: tuple[str, ...]
    by: tuple[str, ...]
    """Who proposed it, if it was not the person alone: `claude (accepted)`."""


def resolved_merge(
    effect: BuildCandidate, conflicted: candidates.Conflicted, tools: Tools
) -> ResolvedMerge | None:
    """Return the merge by the entry's record; None if there is none, or if it leaves something open here."""
    if effect.resolution is None:
        return None
    conflict = conflict_of(tools.repository, conflicted, effect.onto, effect.head)
    own, record = _records(effect.resolution, conflict, effect.task, tools)
    if missing(tools.repository, conflict, record):
        return None
    tree = resolved_tree(tools.repository, conflict, record)
    paths = tuple(path.path for path in conflict.paths)
    return ResolvedMerge(Sha(tree), paths, credits_of(conflict, own, record))


def apply_resolution(effect: ApplyResolution, state: RunState, tools: Tools) -> e.AnyEvent:
    """Return ConflictResolved, or ResolutionRefused with what is missing. Raises GitError, JournalError."""
    onto = state.entries[effect.task].onto
    assert onto is not None  # it is in conflict with something
    conflicted = candidates.preview(tools.repository, tools.rundir.scratch, onto, effect.head)
    if conflicted is None:
        return e.ConflictResolved(effect.task)
    conflict = conflict_of(tools.repository, conflicted, onto, effect.head)
    _, record = _records(effect.record, conflict, effect.task, tools)
    points = missing(tools.repository, conflict, record)
    if points:
        return e.ResolutionRefused(effect.task, f"{'; '.join(points)}: porch resolve {effect.task}")
    tree = resolved_tree(tools.repository, conflict, record)
    text = f"porch: resolution of {effect.task}\n"
    kept = commits.commit_tree(tools.repository, tree, onto, effect.head, message=text, date=UNDATED)
    tools.keep(tools.refs.resolution(effect.task), kept)
    if effect.record != proposal_record(effect.task):
        remembered.remember(tools.repository.common_dir, state.run, effect.task, conflict, record)
    return e.ConflictResolved(effect.task)


def _records(
    name: str, conflict: Conflict, task: TaskId, tools: Tools
) -> tuple[ConflictRecord, ConflictRecord]:
    """Return the person's record, and the one an event names: it may be completed by the proposal."""
    own = read_resolution(tools.rundir, task)
    known = read_proposal(tools.rundir, task) if name == proposal_record(task) else None
    return own, own if known is None else with_proposal(conflict, own, known)


def with_proposal(conflict: Conflict, own: ConflictRecord, proposed: Proposed) -> ConflictRecord:
    """Return a person's record, completed by a proposal where it leaves something open."""
    step = for_what_is_open(conflict.paths, own, proposed.offers)
    return own.with_step(step) if step else own


def credits_of(conflict: Conflict, own: ConflictRecord, record: ConflictRecord) -> tuple[str, ...]:
    """Return who proposed the decisions of a record, and whether the person has accepted them."""
    accepted, decisions = own.decisions(), record.decisions()
    found = set[str]()
    for path in conflict.paths:
        subjects: tuple[Subject, ...] = (path.stages, *path.hunks)
        for key in ((path.path, subject) for subject in subjects):
            if key in decisions and (author := decisions[key].author):
                found.add(f"{author} ({'accepted' if key in accepted else 'auto'})")
    return tuple(sorted(found))


def as_conflict_view(
    repository: Repository,
    rundir: RunDir,
    state: RunState,
    entry: QueueEntry,
    *,
    conflict: Conflict,
    record: ConflictRecord,
) -> ConflictView:
    """Return a task in conflict with all that is known about it."""
    known = read_proposal(rundir, entry.task)
    offers = {OfferSource.REMEMBERED: remembered.recall(repository.common_dir, conflict)}
    if known is not None:
        offers[OfferSource.PROPOSED] = known.offers
    left, target = missing(repository, conflict, record), state.target.name
    return ConflictView(state.run, entry.task, target, entry.partners, conflict, record, left, offers)


def missing(repository: Repository, conflict: Conflict, record: ConflictRecord) -> tuple[str, ...]:
    """Return what a record leaves open, one sentence per path; empty: it is complete."""
    found = (_missing(repository, conflict, path, record) for path in conflict.paths)
    return tuple(point for point in found if point)


def _missing(repository: Repository, conflict: Conflict, path: PathConflict, record: ConflictRecord) -> str:
    left = undecided(path, record)
    name = "the conflict as a whole" if path.path == WHOLE else path.path
    if left == (0,):
        return f"{name} is not decided"
    if left:
        total = len(path.hunks)
        return f"{name}: {len(left)} of {total} {'hunk' if total == 1 else 'hunks'} not decided"
    content = result(path, record)
    if isinstance(content, Content):
        lines = stray_markers(content.text, version_texts(repository, path))
        if lines:
            return f"{name}: conflict marker left in line {lines[0]}"
    if isinstance(content, Named):
        why = why_not_named(repository, conflict, path, record, content.name)
        return f"{name} cannot become {content.name}: {why}" if why else ""
    return ""


def why_not_named(
    repository: Repository, conflict: Conflict, path: PathConflict, record: ConflictRecord, name: str
) -> str:
    """Return why a version of a path cannot land under a name; an empty string if it can."""
    if bad := why_no_name(name):
        return f"{name} {bad}"
    return why_not_free(name, path, conflict, record, merged_paths(repository, conflict))
