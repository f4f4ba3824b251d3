"""Facts about the merge queue: candidates, conflicts, validations, landings."""

from __future__ import annotations

from porch_tui.core.model.events.run import Event, OfTask, OfTree, Used
from porch_tui.core.model.place import HERE, PlaceName
from porch_tui.core.model.plan import Sha, TaskId


class EntryQueued(OfTask, frozen=True):
    """* A task's head joins the merge queue."""

    head: Sha


class CandidateBuilt(OfTask, frozen=True):
    """Head merges cleanly on top of `onto`; the merge commit exists and is kept alive by a ref."""

    head: Sha
    onto: Sha
    on_top_of: tuple[TaskId, ...]
    """Tasks of the train between the tip and this one, not yet landed."""
    candidate: Sha
    tree: Sha
    resolved: tuple[str, ...] = ()
    """Paths that a resolution decided."""
    resolved_by: tuple[str, ...] = ()
    """Who proposed it, if it was not the person alone: `claude (accepted)`, `claude (auto)`."""


class CandidateConflicted(OfTask, frozen=True):
    """Head does not merge on top of `onto`."""

    head: Sha
    onto: Sha
    on_top_of: tuple[TaskId, ...]
    paths: tuple[str, ...]
    partners: tuple[TaskId, ...]
    """Tasks that touched those paths since this one's base; empty: no task of this run did."""
    text: str


class NothingToLand(OfTask, frozen=True):
    """* Merged on top of the tip, the head changes nothing."""


class ResolutionProposed(OfTask, frozen=True):
    """The plan's resolver was asked about the conflict of `head` with `onto`, and has ended."""

    head: Sha
    onto: Sha
    author: str
    is_complete: bool
    """With what the person has chosen, nothing is left open."""
    why: str = ""
    """What is missing, or why nothing came of it; and what it did that is not taken."""


class ProposalRefused(OfTask, frozen=True):
    """A person refuses the proposal, or one that is still being made."""


class ResolutionGiven(OfTask, frozen=True):
    """The conflict was resolved, by a person or automatically (*); `record` names the resolution on disk."""

    record: str


class ConflictResolved(OfTask, frozen=True):
    """The resolution is complete; the entry joins the train like any other."""


class ResolutionRefused(OfTask, frozen=True):
    """The resolution is not complete, or could not be applied."""

    why: str


class ResolutionFailed(OfTask, frozen=True):
    """* What a resolution without a person made fails its validation: the conflict waits for a person."""

    tree: Sha
    partners: tuple[TaskId, ...]
    """Tasks landed since its base."""
    why: str


class ValidationScheduled(OfTree, frozen=True):
    """* The validation of the combined state `tree` begins, for the `number`-th time."""

    commit: Sha
    tasks: tuple[TaskId, ...]
    """The prefix of the train that it combines; empty for the tip itself."""
    is_probe: bool = False
    """True: nothing lands by it. It shows whether the last of `tasks` passes alone, or, if that was
    rejected, which landing it fails with."""
    place: PlaceName = HERE
    """Where it runs."""


class ValidationPassed(OfTree, frozen=True):
    """The validation commands pass on `tree`."""

    used: Used = Used()
    from_run: str = ""
    """The earlier run that found it out; empty: it was run."""


class ValidationFailed(OfTree, frozen=True):
    """They do not pass on `tree`, or gave no verdict."""

    text: str
    exit_code: int | None
    """None: a signal, a time-out or the machinery; 125: the command says it cannot tell."""
    used: Used = Used()
    from_run: str = ""
    """The earlier run that found it out, in two tries; empty: it was run."""


class ValidationDropped(OfTree, frozen=True):
    """* Its result is no longer needed."""


class ValidationStopped(OfTree, frozen=True):
    """A person ended it: there is no verdict."""


class EntryRejected(OfTask, frozen=True):
    """* The combined state fails with this entry and passes without it."""

    tree: Sha
    partners: tuple[TaskId, ...]
    """Tasks landed since its base: it fails on top of these."""
    why: str


class Landed(OfTask, frozen=True):
    """The target was moved from `onto` to `commit`."""

    head: Sha
    onto: Sha
    commit: Sha
    tree: Sha


class LandingBlocked(OfTask, frozen=True):
    """The target's checkout does not let it land: files of the person's, or an operation under way."""

    paths: tuple[str, ...]
    why: str
    is_retried: bool
    """True: tried again automatically once the checkout changes; False: waits for `requeue`."""


class LandingUnblocked(OfTask, frozen=True):
    """The checkout has changed; worth another try."""


class EntryFaulted(OfTask, frozen=True):
    """The machinery broke (disk, lock, bug), or it would bring back what was undone (*): it steps aside."""

    why: str


class HeadMoved(OfTask, frozen=True):
    """The branch of an entry put back into line is at another commit by now; that is merged instead."""

    head: Sha


class UndoRequested(OfTask, frozen=True):
    """A person wants the task's landing undone."""


class LandingUndone(OfTask, frozen=True):
    """The target was moved from `commit`, as which the task had landed, back to `onto`."""

    commit: Sha
    onto: Sha
    tree: Sha
    """Of `onto`."""


class UndoRefused(OfTask, frozen=True):
    """* The landing stays: something prevents undoing it, or it is no longer the tip."""

    why: str


class ProbeBuilt(OfTask, frozen=True):
    """A state that only answers a question exists: a head alone or, if rejected, on top of an earlier tip."""

    head: Sha
    on_top_of: TaskId | None
    """The last task landed below it; None: the head as it is."""
    commit: Sha
    tree: Sha


class CulpritFound(OfTask, frozen=True):
    """* It is known what a rejected entry fails with, as far as that can be found out."""

    passes_alone: bool | None
    """None: not known."""
    partners: tuple[TaskId, ...]
    """It began to fail when the last of these landed; empty: it fails alone, or with others' work."""
    why: str


class ConflictsPredicted(Event, frozen=True):
    """Which tasks would conflict, as far as the order of merging or of starts depends on it.

    Queued entries that would conflict with each other; and pending tasks with those that have already
    changed what they declare to write.
    """

    pairs: tuple[tuple[TaskId, TaskId], ...]
    """All of them, sorted, each pair as well."""


class EntryRequeued(OfTask, frozen=True):
    """Back in the queue: a person requeued it, or what it conflicted with is gone (*)."""

    takes_branch: bool = False
    """A person requeued it: the current head of the task's branch is merged."""


class EntryWithdrawn(OfTask, frozen=True):
    """A person took it out of the queue; its branch stays."""


class EntryValidationStopped(OfTask, frozen=True):
    """A person stopped the validation that would judge it: it leaves the queue without a verdict."""


class EntryHeld(OfTask, frozen=True):
    """A person holds it, or has to look at something before it is merged (*)."""

    why: str = ""
    """What there is to look at; empty: a person holds it."""


class EntryReleased(OfTask, frozen=True):
    """What was held may be merged, at the place it had."""


class EntryMoved(OfTask, frozen=True):
    """A person moved it to another place in the queue."""

    line: tuple[TaskId, ...]
    """The head of the queue from now on, this entry in it; all others come behind."""


class OfAdHocValidation(OfTask, frozen=True):
    """A fact about whether a task's work passes, alone or on top of others."""

    on_top_of: tuple[TaskId, ...]
    """Whose heads are merged below its own, first to last; empty: its head as it is."""
    heads: tuple[Sha, ...]
    """Theirs, in that order, and its own as the last."""


class AdHocValidationRequested(OfAdHocValidation, frozen=True):
    """A person asks for it."""


class AdHocValidationBuilt(OfAdHocValidation, frozen=True):
    """The state that was asked for exists; what it is worth is found by validating its tree."""

    commit: Sha
    tree: Sha


class AdHocValidationImpossible(OfAdHocValidation, frozen=True):
    """The state that was asked for cannot be made: the heads do not merge, or the machinery broke."""

    paths: tuple[str, ...]
    """In conflict; empty: git describes some conflicts only in words, and a fault has none."""
    why: str
    """The rest of a sentence about the task: `does not merge on top of log: conflict in src/app.py`."""


EntryEvent = (
    EntryQueued
    | CandidateBuilt
    | CandidateConflicted
    | NothingToLand
    | ResolutionProposed
    | ProposalRefused
    | ResolutionGiven
    | ConflictResolved
    | ResolutionRefused
    | ResolutionFailed
    | EntryRejected
    | Landed
    | LandingBlocked
    | LandingUnblocked
    | EntryFaulted
    | EntryRequeued
    | EntryWithdrawn
    | EntryValidationStopped
    | EntryHeld
    | EntryReleased
    | EntryMoved
    | HeadMoved
    | UndoRequested
    | LandingUndone
    | UndoRefused
    | ProbeBuilt
    | CulpritFound
)
AdHocValidationEvent = AdHocValidationRequested | AdHocValidationBuilt | AdHocValidationImpossible
ValidationEvent = (
    ValidationScheduled | ValidationPassed | ValidationFailed | ValidationDropped | ValidationStopped
)
