"""Move the target branch, and with it the files of whoever has it checked out, or change nothing at all.

The order is what makes it safe (merge design, 6.2): lock the refs, look again, check what git would
not protect, write down what is intended, update the files, and only then let the refs move. Each
simpler way tried loses a race, an ignored file, or leaves a landing half done.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import assert_never

from porch_tui.core.model.copying import replace
from porch_tui.errors import RepositoryError
from porch_tui.git import refs
from porch_tui.git.landing import obstacles, transaction
from porch_tui.git.landing.checkout import CheckedOut, Checkout, NotCheckedOut, NotMovable, find_checkout
from porch_tui.git.landing.recovery import checkout_lock, landing_lock, moved, settle, settle_leftover
from porch_tui.git.landing.transaction import (
    Blocked,
    BranchMoved,
    Intent,
    Landed,
    Landing,
    Moved,
    RefTransaction,
)
from porch_tui.git.locks import exclusive
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Completed, Git, GitKilledError

_WAITS_S = (0.05, 0.1, 0.2, 0.4)
"""Another git command holds a ref for milliseconds, and one that was killed is tried again after these."""

_SHOWN = 3


def land(
    repository: Repository,
    target: str,
    *,
    old: str,
    new: str,
    verify: Mapping[str, str],
    landed_ref: str | None,
    message: str,
) -> Landing:
    """Move branch `target` from commit `old` to commit `new`, and its checkout with it.

    `verify` maps each branch whose work lands to the commit it was frozen at. `landed_ref` is
    created in the same transaction; None for an undo (the same with `old` and `new` exchanged).
    `message` goes to the reflog. Being at `new` already is `Landed`. Whatever the answer but
    `Landed`: no ref, no file and no `git status` has changed. A landing an earlier process was
    cut off in is settled first.
    """
    intent = Intent(target, old, new, str(repository.root), dict(verify), landed_ref, message)
    with exclusive(landing_lock(repository), f"land on {target}"):
        for wait_s in (*_WAITS_S, None):
            leftover = settle_leftover(repository)
            if isinstance(leftover, Blocked):
                return leftover
            try:
                outcome = _land(repository, intent)
            except GitKilledError:  # what it has done is written down: settled first, then tried again
                if wait_s is None:
                    settle_leftover(repository)
                    raise
                time.sleep(wait_s)
                continue
            if wait_s is None or not _is_contended(outcome):
                break
            time.sleep(wait_s)
        return outcome


def is_published(repository: Repository, commit: str) -> bool:
    """Whether some remote-tracking branch holds `commit`: undoing it here would not undo it there."""
    return bool(repository.git.text("for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes"))


def _is_contended(outcome: Landing) -> bool:
    """Whether another git command held a lock file: it will be gone in milliseconds, or never."""
    return isinstance(outcome, Blocked) and "Unable to create" in outcome.why


def _land(repository: Repository, intent: Intent) -> Landing:
    tip = refs.read(repository, f"refs/heads/{intent.target}")
    if tip == intent.new:
        if intent.landed_ref:
            refs.keep(repository, intent.landed_ref, intent.new)
        return Landed(intent.target, intent.new)
    if tip != intent.old:
        return moved(repository, intent.old, tip)
    place = find_checkout(repository, intent.target)
    match place:
        case NotMovable(why):
            return Blocked((), why)
        case CheckedOut(worktree):
            return _transact(repository, replace(intent, worktree=str(worktree)), place)
        case NotCheckedOut():
            return _transact(repository, intent, place)
        case _:
            assert_never(place)


def _transact(repository: Repository, intent: Intent, place: Checkout) -> Landing:
    """Run in the worktree that has the branch, so that its HEAD is locked as well."""
    worktree = repository.at(Path(intent.worktree))
    git = worktree.git
    if intent.landed_ref and refs.read(repository, intent.landed_ref) == intent.new:
        intent = replace(intent, landed_ref=None)  # a transaction that was killed had come so far
    transaction.write_intent(
        repository, replace(intent, absent=None)
    )  # or nobody would know whose its locks are
    with RefTransaction(git, intent.message) as locked:
        refused = locked.prepare(intent.commands())
        if refused is not None:
            transaction.clear_intent(repository)
            return _explain(repository, intent, refused)
        if (now := find_checkout(repository, intent.target)) != place:
            why = (
                now.why
                if isinstance(now, NotMovable)
                else f"{intent.target} was being switched to or from just now"
            )
            transaction.clear_intent(repository)
            return Blocked((), why)
        blocked = _update_files(repository, git, intent) if isinstance(place, CheckedOut) else None
        if blocked is not None:
            return blocked
        failed = locked.commit()
    if failed is not None:
        return _after_failed_commit(repository, intent, failed)
    transaction.clear_intent(repository)
    return Landed(intent.target, intent.new)


def _update_files(repository: Repository, git: Git, intent: Intent) -> Blocked | None:
    """Take index and files of the checkout from `old` to `new`, or say what forbids it."""
    done = _read_tree(repository, git, intent)
    if isinstance(done, Completed) and obstacles.is_stale(done.stderr):
        git.run("update-index", "-q", "--refresh", check=False)  # exit 1: there are real edits
        done = _read_tree(repository, git, intent)
    if done is None or isinstance(done, Blocked):
        return done
    unfinished = settle(repository)  # a full disk stops git halfway: what it wrote is taken back
    if isinstance(unfinished, Blocked):
        return unfinished
    return Blocked(obstacles.named_in(done.stderr), f"git will not update {git.cwd}: {done.stderr.strip()}")


def _read_tree(repository: Repository, git: Git, intent: Intent) -> Completed | Blocked | None:
    """Have git change index and files; None when done, else what is in the way or what git said."""
    found = obstacles.in_the_way(git, intent.old, intent.new)
    if found.untracked:
        transaction.clear_intent(repository)
        state = "not tracked by git, and the landing would replace it"
        return Blocked(found.untracked, _advice(found.untracked, state))
    if found.edited:
        transaction.clear_intent(repository)
        return Blocked(
            found.edited, _advice(found.edited, "changed but not committed, and the landing changes it too")
        )
    lock = checkout_lock(repository)
    lock.unlink(missing_ok=True)  # a new file: whatever a hook left running with the old one does not count
    with exclusive(lock, "change the checkout") as held:
        transaction.write_intent(repository, replace(intent, absent=found.absent))
        words = ("read-tree", "-m", "-u", intent.old, intent.new)
        # half done it refuses to be done again: a killed one is settled first
        done = git.run(*words, check=False, pass_fds=(held,), is_repeatable=False)
    return None if done.code == 0 else done


def _advice(paths: tuple[str, ...], state: str) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"{', '.join(paths[:_SHOWN])}{more}: {state}. Commit, stash or move it away; porch then goes on"


def _explain(repository: Repository, intent: Intent, refused: str) -> Landing:
    """Turn git's refusal into what has happened, by looking at what it was asked to check."""
    tip = refs.read(repository, f"refs/heads/{intent.target}")
    if tip != intent.old:
        return moved(repository, intent.old, tip)
    for branch, expected in intent.verify.items():
        found = refs.read(repository, f"refs/heads/{branch}")
        if found != expected:
            return BranchMoved(branch, expected, found)
    if intent.landed_ref and refs.read(repository, intent.landed_ref) is not None:
        raise RepositoryError(
            f"{intent.landed_ref} should be made for what lands on {intent.target}, but it exists. "
            "A number is used once: take the next one."
        )
    return Blocked((), f"git will not move {intent.target}: {refused}")


def _after_failed_commit(repository: Repository, intent: Intent, failed: str) -> Landing:
    """The refs would not move (a full disk, say) after the files had: make them agree again."""
    outcome = settle(repository)
    match outcome:
        case Landed() | Moved() | Blocked():
            return outcome
        case _:
            return Blocked((), f"git could not move {intent.target}: {failed}")
