"""Takes over what an attempt made on a host, as data of a stranger."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from porch_tui import log
from porch_tui.executors.checkout import TaskCheckout
from porch_tui.git import refs
from porch_tui.git.runner import GitError
from porch_tui.git.transfer import bundles
from porch_tui.places.wire.messages import branch_ref


def is_here(checkout: TaskCheckout, left: Mapping[str, str]) -> bool:
    """Say whether all that an attempt left is in the repository."""
    return all(refs.read(checkout.repository, name) == commit for name, commit in left.items())


def take(checkout: TaskCheckout, left: Mapping[str, str], bundle: Path | None, owner: str) -> None:
    """Import the bundle, make the attempt's refs, and have its branch follow where that loses nothing.

    `owner` is what the branch's reflog begins with. Raises TransferError if the host sent anything else than
    what this attempt may have left; then nothing has changed.
    """
    allowed = (checkout.head_ref, checkout.leftover_ref, f"{checkout.clone_refs}/", f"{checkout.pins}/")
    if bundle is None:
        bundles.take(checkout.repository, checkout.base, left, None, allowed=allowed)
    else:
        with bundle.open("rb") as file:
            bundles.take(checkout.repository, checkout.base, left, file, allowed=allowed)
    if checkout.branch:
        _move_branch(checkout, left.get(branch_ref(checkout.clone_refs), checkout.base), owner)


def _move_branch(checkout: TaskCheckout, tip: str, owner: str) -> None:
    """Move the branch to what the attempt left, unless it has anything else, or is checked out here."""
    repository, branch = checkout.repository, f"refs/heads/{checkout.branch}"
    now = refs.read(repository, branch)
    try:
        if now is None:
            refs.begin_branch(repository, checkout.branch, checkout.base, owner)
            now = checkout.base
        if now == tip or checkout.path.exists():
            return
        if repository.git.run("merge-base", "--is-ancestor", now, tip, check=False).code == 0:
            repository.git.run("update-ref", "-m", owner, branch, tip, now)
    except GitError as error:  # someone moves it at this moment; refs of the attempt's own keep its work
        if error.is_temporary:
            raise
        log.warning(f"{checkout.branch} stays where it is: {error}")
