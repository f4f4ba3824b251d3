"""Move the target branch, and the files of the worktree that has it checked out, or change nothing at all.

The order is what makes it safe: lock the refs, look again, check what git would not protect, write down what
is intended, update the files, and only then move the refs. Every simpler way that was tried loses a race or
an ignored file, or leaves a landing half done.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import assert_never

from porch_tui.core.model.copying import replace
from porch_tui.core.model.wording import listed
from porch_tui.errors import RepositoryError
from porch_tui.git import refs
from porch_tui.git.landing import obstacles
from porch_tui.git.landing.checkout import CheckedOut, Checkout, NotCheckedOut, NotMovable, find_checkout
from porch_tui.git.landing.recovery import (
    checkout_lock,
    landing_lock,
    moved,
    settle,
    settle_files,
    settle_leftover,
)
from porch_tui.git.landing.transaction import (
    Blocked,
    BranchMoved,
    Intent,
    Landed,
    Landing,
    Moved,
    RefTransaction,
    clear_intent,
    intent_written_at,
    write_intent,
)
from porch_tui.git.locks import exclusive
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Completed, Git, GitKilledError

_WAITS_S = (0.05, 0.1, 0.2, 0.4)
"""Another git command holds a ref for milliseconds; one that was killed is also retried after these."""


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

    `verify` maps each branch whose work lands to the commit it was frozen at. `landed_ref` is created in the
    same transaction; None for an undo (the same with `old` and `new` exchanged). `message` goes to the
    reflog. If the target is at `new` already, that is `Landed`. With any other answer than `Landed`, no ref,
    no file and no `git status` has changed. A landing that was cut off before is settled first.
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
            # another git command held a lock file: it will be gone in milliseconds, or never
            is_contended = isinstance(outcome, Blocked) and "Unable to create" in outcome.why
            if wait_s is None or not is_contended:
                break
            time.sleep(wait_s)
        return outcome


def is_published(repository: Repository, commit: str) -> bool:
    """Whether a remote-tracking branch contains `commit`: undoing it here would not undo it there."""
    return bool(repository.git.text("for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes"))


def _land(repository: Repository, intent: Intent) -> Landing:
    tip = refs.read(repository, f"refs/heads/{intent.target}")
    if tip == intent.new:
        if intent.landed_ref:
            refs.keep(repository, intent.landed_ref, intent.new)
        return Landed(intent.target, intent.new)
    if tip != intent.old:
        return moved(repository, intent.old, tip)
    checkout = find_checkout(repository, intent.target)
    match checkout:
        case NotMovable(why):
            return Blocked((), why)
        case CheckedOut(worktree):
            return _transact(repository, replace(intent, worktree=str(worktree)), checkout)
        case NotCheckedOut():
            return _transact(repository, intent, checkout)
        case _:
            assert_never(checkout)


def _transact(repository: Repository, intent: Intent, checkout: Checkout) -> Landing:
    """Land, with git running in the worktree that has the branch, so that its HEAD is locked as well."""
    git = repository.at(Path(intent.worktree)).git
    if intent.landed_ref and refs.read(repository, intent.landed_ref) == intent.new:
        intent = replace(intent, landed_ref=None)  # a killed transaction had made it
    write_intent(repository, replace(intent, absent=None))  # says whose the locks are
    intent = replace(intent, locked_since=intent_written_at(repository))
    with RefTransaction(git, intent.message) as locked:
        refused = locked.prepare(intent.commands())
        blocked = _change_files(repository, git, intent, checkout) if refused is None else None
        failed = locked.commit() if refused is None and blocked is None else None
    # only now: as long as the refs are locked, whoever finds the locks must find whose they are
    if refused is not None:
        clear_intent(repository)
        return _explain(repository, intent, refused)
    if blocked is not None or failed is not None:
        # of a failure (a full disk, say) files may have changed: they are made to agree with the refs again
        outcome = settle(repository)
        if blocked is not None and not isinstance(outcome, Landed | Blocked):
            return blocked
        if isinstance(outcome, Landed | Moved | Blocked):
            return outcome
        return Blocked((), f"git could not move {intent.target}: {failed}")
    clear_intent(repository)
    return Landed(intent.target, intent.new)


def _change_files(repository: Repository, git: Git, intent: Intent, checkout: Checkout) -> Blocked | None:
    """Bring the checkout from `old` to `new`, if there is one, while the refs are locked; or say why not."""
    if (now := find_checkout(repository, intent.target)) != checkout:
        switched = f"{intent.target} was being switched to or from just now"
        return Blocked((), now.why if isinstance(now, NotMovable) else switched)
    return _update_files(repository, git, intent) if isinstance(checkout, CheckedOut) else None


def _update_files(repository: Repository, git: Git, intent: Intent) -> Blocked | None:
    """Change index and files of the checkout from `old` to `new`, or return what forbids it."""
    done = _read_tree(repository, git, intent)
    if isinstance(done, Completed) and obstacles.is_stale(done.stderr):
        git.run("update-index", "-q", "--refresh", check=False)  # exit 1: there are real edits
        done = _read_tree(repository, git, intent)
    if done is None or isinstance(done, Blocked):
        return done
    unfinished = settle_files(repository)  # a full disk stops git halfway: what it wrote is undone
    if isinstance(unfinished, Blocked):
        return unfinished
    return Blocked(obstacles.named_in(done.stderr), f"git will not update {git.cwd}: {done.stderr.strip()}")


def _read_tree(repository: Repository, git: Git, intent: Intent) -> Completed | Blocked | None:
    """Have git change index and files. Return None when done, else what is in the way or what git said."""
    met = obstacles.find_obstacles(git, intent.old, intent.new)
    for paths, state in (
        (met.untracked, "not tracked by git, and the landing would replace it"),
        (met.edited, "changed but not committed, and the landing changes it too"),
    ):
        if paths:
            write_intent(repository, replace(intent, absent=None))  # nothing is to be undone
            why = f"{listed(paths)}: {state}. Commit, stash or move it away; porch then continues"
            return Blocked(paths, why)
    lock = checkout_lock(repository)
    lock.unlink(missing_ok=True)  # a new file: a process that a hook left running with the old one is ignored
    with exclusive(lock, "change the checkout") as held:
        write_intent(repository, replace(intent, absent=met.absent))
        words = ("read-tree", "-m", "-u", intent.old, intent.new)
        # half done it refuses to be repeated: a killed one is settled first
        done = git.run(*words, check=False, is_repeatable=False, pass_fds=(held,))
    return None if done.code == 0 else done


def _explain(repository: Repository, intent: Intent, refused: str) -> Landing:
    """Return why git refused, by looking at what it was asked to check."""
    tip = refs.read(repository, f"refs/heads/{intent.target}")
    if tip != intent.old:
        return moved(repository, intent.old, tip)
    for branch, expected in intent.verify.items():
        at = refs.read(repository, f"refs/heads/{branch}")
        if at != expected:
            return BranchMoved(branch, expected, at)
    if intent.landed_ref and refs.read(repository, intent.landed_ref) is not None:
        raise RepositoryError(
            f"{intent.landed_ref} should be made for what lands on {intent.target}, but it exists. "
            "A number is used once: take the next one."
        )
    return Blocked((), f"git will not move {intent.target}: {refused}")
