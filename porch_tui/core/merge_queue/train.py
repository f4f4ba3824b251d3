"""The merge queue's train: what is derived of its entries, candidates and verdicts.

The train is the chain of candidates that begins at the target's tip. Order,
what is missing, what may land (`landable`), what to validate next and which entry
is suspect are all derived from the state here, and stored nowhere (k-ary prefix
search: several prefixes of the train are validated at once, a passing one lands
whole, a failing range is cut again). An entry that fails directly on top of the tip
is suspect: it is validated once more beside the train, which continues without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from msgspec import Struct

from porch_tui.core.merge_queue import order
from porch_tui.core.merge_queue.order import LOOKED_AT
from porch_tui.core.merge_queue.verdicts import is_bad, is_good, wants_verdict
from porch_tui.core.merge_queue.width import width
from porch_tui.core.model.derived import once
from porch_tui.core.model.plan import Integrity, Sha, TaskId
from porch_tui.core.model.state import QueueEntry, RunState, entries_in
from porch_tui.core.model.status import EntryStatus


class Missing(Struct, frozen=True):
    """The candidate the train lacks next."""

    entry: QueueEntry
    onto: Sha
    on_top_of: tuple[TaskId, ...]


class Train(Struct, frozen=True):
    """Entries whose candidates are built on top of each other, first to last."""

    entries: tuple[QueueEntry, ...]
    missing: Missing | None

    @property
    def trees(self) -> tuple[Sha, ...]:
        """The combined state after each entry."""
        return tuple(_built(entry.tree) for entry in self.entries)


class Prefix(Struct, frozen=True):
    """A combined state worth validating: the first `len(tasks)` entries of the train on top of the tip."""

    tree: Sha
    commit: Sha
    tasks: tuple[TaskId, ...]


@once(*LOOKED_AT)
def train(state: RunState) -> Train:
    """Return the train as it is, and the next candidate it lacks.

    An entry that adds nothing to what is ahead of it is no link of the chain;
    once it is first, `settle` says it has nothing to land. Neither is a suspect:
    it keeps its candidate and waits beside the train for its second try.

    Candidates on top of one that has landed stay valid: the commit that landed differs from it only in its
    message, and a landing uses the tree of an entry, not its candidate. Before something new is merged behind
    them they are built again, because that merge has to see the commits that landed.
    """
    twin = None  # the candidate that became the tip by landing; a squashed commit has other parents
    if state.target.landed and not state.plan.squash:
        last = state.entries[state.target.landed[-1]]
        twin = last.candidate if last.landed == state.target.tip else None
    chain = _chain(state, twin)
    is_on_twin = bool(chain.entries) and chain.entries[0].onto != state.target.tip
    return _chain(state, None) if is_on_twin and chain.missing is not None else chain


def _chain(state: RunState, twin: Sha | None) -> Train:
    """Return the train; its first entry is built on the tip, or on the tip's twin if there is one."""
    links: list[QueueEntry] = []
    onto, tree = state.target.tip, state.target.tip_tree
    for entry in order.line(state):
        if is_suspect(state, entry):
            continue
        if not _stands(state, entry, onto, twin):
            return Train(tuple(links), Missing(entry, onto, tuple(link.task for link in links)))
        if entry.tree == tree:
            continue
        links.append(entry)
        onto, tree = _built(entry.candidate), _built(entry.tree)
    return Train(tuple(links), None)


def _stands(state: RunState, entry: QueueEntry, onto: Sha, twin: Sha | None) -> bool:
    """Say whether an entry is built on a commit, or on the twin of the tip where that is enough.

    An entry that fails, or changes nothing, is judged on top of the tip itself.
    """
    if entry.status is not EntryStatus.READY:
        return False
    if entry.onto == onto:
        return True
    if onto != state.target.tip or twin is None or entry.onto != twin or entry.resolved:
        return False
    return entry.tree != state.target.tip_tree and not is_bad(state, _built(entry.tree))


def idlers(state: RunState) -> Iterator[QueueEntry]:
    """Yield entries that change nothing when they are merged on top of the tip itself."""
    for entry in _ready(state):
        if entry.onto == state.target.tip and entry.tree == state.target.tip_tree:
            yield entry


@once("entries")
def _ready(state: RunState) -> tuple[QueueEntry, ...]:
    """Return the entries that are built, in the order they arrived."""
    return entries_in(state, EntryStatus.READY)


def is_suspect(state: RunState, entry: QueueEntry) -> bool:
    """Say whether an entry fails directly on top of a tip that passes, so that only it can be to blame.

    What has landed since does not change that; a longer prefix that passes absolves it.
    """
    if entry.status is not EntryStatus.READY or not is_bad(state, _built(entry.tree)):
        return False
    target, onto = state.target, _built(entry.onto)
    # what it was built on is the tip, or was before one of the run's own landings
    grounds = {target.base: target.base_tree, target.tip: target.tip_tree}
    landed = (one.tree for one in state.entries.values() if one.landed == onto)
    ground = grounds[onto] if onto in grounds else next(landed, None)
    if ground is None or not is_good(state, ground):
        return False
    return state.plan.integrity is not Integrity.TIP or not any(
        entry.task in other.on_top_of and is_good(state, _built(other.tree)) for other in _ready(state)
    )


@once(*LOOKED_AT)
def landable(state: RunState) -> tuple[QueueEntry, ...]:
    """Return the longest prefix of the train that may land; empty if none may.

    Nothing lands before the base itself has been looked at: what comes after is
    read against its verdict. And nothing lands while a landing is being undone.
    """
    if being_undone(state) is not None:
        return ()
    is_unjudged = (
        state.target.tip == state.target.base and state.target.tip_tree not in state.validations.verdicts
    )
    if state.plan.has_validation and is_unjudged:
        return ()
    return _good_prefix(state, train(state).entries)


def being_undone(state: RunState) -> QueueEntry | None:
    """Return the entry whose landing is being taken back: the last one, or none."""
    entry = state.entries[state.target.landed[-1]] if state.target.landed else None
    return entry if entry is not None and entry.status is EntryStatus.UNDOING else None


def _good_prefix(state: RunState, entries: tuple[QueueEntry, ...]) -> tuple[QueueEntry, ...]:
    if state.plan.integrity is Integrity.EVERY:
        return tuple(takewhile(lambda entry: is_good(state, _built(entry.tree)), entries))
    for length in range(len(entries), 0, -1):
        if is_good(state, _built(entries[length - 1].tree)):
            return entries[:length]
    return ()


@once(*LOOKED_AT)
def suspects(state: RunState) -> tuple[QueueEntry, ...]:
    """Return the entries that are validated beside the train, in the order they would be merged."""
    found = {entry.task for entry in _ready(state) if is_suspect(state, entry)}
    return tuple(entry for entry in order.in_order(state) if entry.task in found) if found else ()


def rejectable(state: RunState) -> QueueEntry | None:
    """Return the first suspect that failed its second try too, if there is one."""
    return next((one for one in suspects(state) if not wants_verdict(state, _built(one.tree))), None)


def worth_validating(state: RunState) -> Iterator[Prefix]:
    """Yield every combined state worth validating, the most useful first."""
    if not state.plan.has_validation:
        return
    entries = _sought(state)
    if _is_tip_in_question(state, entries):
        yield Prefix(state.target.tip_tree, state.target.tip, ())
    for entry in suspects(state):
        yield Prefix(_built(entry.tree), _built(entry.candidate), (entry.task,))
    for length in _lengths(state, entries):
        last = entries[length - 1]
        tasks = tuple(entry.task for entry in entries[:length])
        yield Prefix(_built(last.tree), _built(last.candidate), tasks)


@once(*LOOKED_AT)
def trees_worth_validating(state: RunState) -> frozenset[Sha]:
    """Return the trees of all those states."""
    if not state.plan.has_validation:
        return frozenset()
    entries = _sought(state)
    tip = {state.target.tip_tree} if _is_tip_in_question(state, entries) else set()
    beside = {_built(entry.tree) for entry in suspects(state)}
    return frozenset(tip | beside | {_built(entries[length - 1].tree) for length in _lengths(state, entries)})


def _sought(state: RunState) -> tuple[QueueEntry, ...]:
    """Return the part of the train in which prefixes are searched: all ahead of entries that fail alone.

    Those are last, and are looked at one at a time when none is left ahead of them:
    they would only keep longer prefixes from passing.
    """
    entries = train(state).entries
    sound = tuple(takewhile(lambda entry: not order.fails_alone(state, entry), entries))
    return sound or entries[:1]


def _is_tip_in_question(state: RunState, entries: tuple[QueueEntry, ...]) -> bool:
    """Say whether the tip must be judged: the base always, a later tip when something fails on top of it."""
    if not wants_verdict(state, state.target.tip_tree) or is_good(state, state.target.tip_tree):
        return False
    return state.target.tip == state.target.base or any(
        is_bad(state, _built(entry.tree)) for entry in entries[:1]
    )


def _lengths(state: RunState, entries: tuple[QueueEntry, ...]) -> list[int]:
    """Return prefix lengths between what is known good and what is known bad, widest cut first.

    Where every commit has to be validated there is nothing to search: one after the other.
    """
    good = len(_good_prefix(state, entries))
    trees = [_built(entry.tree) for entry in entries]
    bad = next((n for n in range(good + 1, len(trees) + 1) if is_bad(state, trees[n - 1])), None)
    if bad == 1 and wants_verdict(state, trees[0]):
        return [1]
    inner = range(good + 1, bad if bad else len(trees) + 1)
    if state.plan.integrity is Integrity.EVERY:
        return [n for n in inner if wants_verdict(state, trees[n - 1])]
    jobs = min(width(state), max(1, len(trees)))  # more would cut nowhere else
    if bad:
        cuts = [good + round((bad - good) * k / (jobs + 1)) for k in range(1, jobs + 1)]
    else:
        cuts = [good + -(-(len(trees) - good) * k // jobs) for k in range(jobs, 0, -1)]
    chosen = list(dict.fromkeys(cut for cut in cuts if cut in inner))
    rest = [length for length in reversed(inner) if length not in chosen]
    return [n for n in chosen + rest if wants_verdict(state, trees[n - 1])]


def _built(sha: Sha | None) -> Sha:
    assert sha is not None  # a READY entry has a candidate, by CandidateBuilt
    return sha
