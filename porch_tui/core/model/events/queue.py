"""Facts about the merge queue: candidates, conflicts, validations, landings."""

from __future__ import annotations

from porch_tui.core.model.events.run import Event, Used
from porch_tui.core.model.plan import Sha, TaskId


class EntryQueued(Event, frozen=True):
    """* A task's head stands in line for the target."""

    task: TaskId
    head: Sha


class CandidateBuilt(Event, frozen=True):
    """Head merges cleanly upon `onto`; the merge commit exists and is kept alive by a ref."""

    task: TaskId
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


class CandidateConflicted(Event, frozen=True):
    """Head does not merge upon `onto`."""

    task: TaskId
    head: Sha
    onto: Sha
    on_top_of: tuple[TaskId, ...]
    paths: tuple[str, ...]
    partners: tuple[TaskId, ...]
    """Tasks that touched those paths since this one's base; empty: it was somebody else."""
    text: str


class NothingToLand(Event, frozen=True):
    """* Merged upon the tip, the head changes nothing."""

    task: TaskId


class ResolutionProposed(Event, frozen=True):
    """The plan's resolver has been asked about the conflict of `head` upon `onto`, and has ended."""

    task: TaskId
    head: Sha
    onto: Sha
    author: str
    is_complete: bool
    """With what the person has chosen, nothing is left open."""
    why: str = ""
    """What is missing, or why nothing came of it; and what it did that is not taken."""


class ProposalRefused(Event, frozen=True):
    """A person wants nothing of what is proposed, or is being worked out."""

    task: TaskId


class ResolutionGiven(Event, frozen=True):
    """The conflict was resolved, by a person or by itself (*); `record` names the resolution on disk."""

    task: TaskId
    record: str


class ConflictResolved(Event, frozen=True):
    """The resolution is complete; the entry joins the train like any other."""

    task: TaskId


class ResolutionRefused(Event, frozen=True):
    """The resolution is not complete, or could not be applied."""

    task: TaskId
    why: str


class ResolutionFailed(Event, frozen=True):
    """* What a resolution without a person made fails its validation: the conflict waits for a person."""

    task: TaskId
    tree: Sha
    partners: tuple[TaskId, ...]
    """Tasks landed since its base."""
    why: str


class ValidationScheduled(Event, frozen=True):
    """* The combined state `tree` is to be validated for the `number`-th time."""

    tree: Sha
    number: int
    commit: Sha
    tasks: tuple[TaskId, ...]
    """The prefix of the train it stands for; empty for the tip itself."""
    is_probe: bool = False
    """True: nothing lands by it. It tells how the last of `tasks` does by itself, before its turn,
    or with whom it fails, once it is rejected."""


class ValidationPassed(Event, frozen=True):
    """The validation commands pass on `tree`."""

    tree: Sha
    number: int
    used: Used = Used()
    from_run: str = ""
    """The earlier run that found it out; empty: it was run."""


class ValidationFailed(Event, frozen=True):
    """They do not pass on `tree`, or could not tell."""

    tree: Sha
    number: int
    text: str
    exit_code: int | None
    """None: a signal, a time-out or the machinery; 125: the command says it cannot tell."""
    used: Used = Used()
    from_run: str = ""
    """The earlier run that found it out, in two tries; empty: it was run."""


class ValidationDropped(Event, frozen=True):
    """* Nobody wants to know any more."""

    tree: Sha
    number: int


class ValidationStopped(Event, frozen=True):
    """A person ended it: there is no verdict, and none is wanted until they say so."""

    tree: Sha
    number: int


class EntryRejected(Event, frozen=True):
    """* The combined state fails with this entry and passes without it."""

    task: TaskId
    tree: Sha
    partners: tuple[TaskId, ...]
    """Tasks landed since its base: it fails on top of these."""
    why: str


class Landed(Event, frozen=True):
    """The target was moved from `onto` to `commit`."""

    task: TaskId
    head: Sha
    onto: Sha
    commit: Sha
    tree: Sha


class LandingBlocked(Event, frozen=True):
    """The target's checkout does not let it land: files of the person's, or an operation under way."""

    task: TaskId
    paths: tuple[str, ...]
    why: str
    is_retried: bool
    """True: tried again by itself once the checkout changes; False: waits for `requeue`."""


class LandingUnblocked(Event, frozen=True):
    """The checkout has changed; worth another try."""

    task: TaskId


class EntryFaulted(Event, frozen=True):
    """The machinery broke (disk, lock, bug), or it would bring back what was undone (*): it steps aside."""

    task: TaskId
    why: str


class HeadMoved(Event, frozen=True):
    """The branch of an entry put back into line is at another commit by now; that is merged instead."""

    task: TaskId
    head: Sha


class UndoRequested(Event, frozen=True):
    """A person wants the task's landing taken back."""

    task: TaskId


class LandingUndone(Event, frozen=True):
    """The target was moved from `commit`, as which the task had landed, back to `onto`."""

    task: TaskId
    commit: Sha
    onto: Sha
    tree: Sha
    """Of `onto`."""


class UndoRefused(Event, frozen=True):
    """* The landing stays: something is in the way of taking it back, or it is not the tip any more."""

    task: TaskId
    why: str


class ProbeBuilt(Event, frozen=True):
    """A state by which nothing lands exists: a head by itself or, if rejected, upon an earlier tip."""

    task: TaskId
    head: Sha
    on_top_of: TaskId | None
    """The last task landed below it; None: the head as it is."""
    commit: Sha
    tree: Sha


class CulpritFound(Event, frozen=True):
    """* It is known with whom a rejected entry fails, as far as that can be known."""

    task: TaskId
    passes_alone: bool | None
    """None: nobody could tell."""
    partners: tuple[TaskId, ...]
    """It began to fail when the last of these landed; empty: by itself, or upon somebody else's work."""
    why: str


class ConflictsPredicted(Event, frozen=True):
    """Who is in whose way, as far as an order goes by it: that of the line, if so planned, and of starts.

    Entries in line that would conflict with each other; and tasks that have not begun with those who
    have changed by now what they say they will write.
    """

    pairs: tuple[tuple[TaskId, TaskId], ...]
    """All of them, sorted, each pair as well."""


class EntryRequeued(Event, frozen=True):
    """Back into line: a person said so, or what it conflicted with is gone (*)."""

    task: TaskId
    takes_branch: bool = False
    """A person said so: what the task's branch has become by now is merged."""


class EntryWithdrawn(Event, frozen=True):
    """A person took it out of the queue; its branch stays."""

    task: TaskId


class EntryValidationStopped(Event, frozen=True):
    """A person stopped the validation that would judge it: it leaves the queue without a verdict."""

    task: TaskId


class EntryHeld(Event, frozen=True):
    """A person does not want it merged for now, or is to look at something first (*)."""

    task: TaskId
    why: str = ""
    """What there is to look at; empty: a person said so."""


class EntryReleased(Event, frozen=True):
    """What was held may be merged, at the place it had."""

    task: TaskId


class EntryMoved(Event, frozen=True):
    """A person wants it merged earlier or later than it would be."""

    task: TaskId
    line: tuple[TaskId, ...]
    """The head of the line as it stands from now on, this entry in it; who is not in it comes behind."""


class AdHocValidationRequested(Event, frozen=True):
    """A person wants to know whether a task's work passes, by itself or upon that of others."""

    task: TaskId
    on_top_of: tuple[TaskId, ...]
    """Whose heads are merged below its own, first to last; empty: its head as it is."""
    heads: tuple[Sha, ...]
    """Theirs, in that order, and its own as the last."""


class AdHocValidationBuilt(Event, frozen=True):
    """The state that was asked for exists; what it is worth is found by validating its tree."""

    task: TaskId
    on_top_of: tuple[TaskId, ...]
    heads: tuple[Sha, ...]
    commit: Sha
    tree: Sha


class AdHocValidationImpossible(Event, frozen=True):
    """The state that was asked for cannot be made: the heads do not merge, or the machinery broke."""

    task: TaskId
    on_top_of: tuple[TaskId, ...]
    heads: tuple[Sha, ...]
    paths: tuple[str, ...]
    """In conflict; empty: some conflicts are only told in words, and a fault has none."""
    why: str
    """The rest of a sentence about the task: `does not merge upon log: conflict in src/app.py`."""


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
