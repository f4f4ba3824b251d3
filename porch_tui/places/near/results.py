"""Takes over what an attempt made on a host: a bundle, and refs of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.executors.checkout import TaskCheckout
from porch_tui.git import refs

WINDOW_BYTES = 4 << 20
"""Of a bundle that a host sends before it is asked for more."""


def is_here(checkout: TaskCheckout, left: Mapping[str, str]) -> bool:
    """Say whether all that an attempt left is in the repository, but for its branch, which others move."""
    branch = f"refs/heads/{checkout.branch}"
    return all(
        refs.read(checkout.repository, name) == commit for name, commit in left.items() if name != branch
    )


def take(checkout: TaskCheckout, left: Mapping[str, str], bundle: Path | None) -> None:
    """Import the bundle, and point the attempt's refs at what it left. Raises RepositoryError."""
    branch = f"refs/heads/{checkout.branch}"
    exact = {checkout.head_ref, checkout.leftover_ref, branch, checkout.pins}
    prefixes = (f"{checkout.clone_refs}/", f"{checkout.pins}/")
    for name in left:
        if name not in exact and not name.startswith(prefixes):
            raise RepositoryError(f"the host named a ref that is not the attempt's: {name[:80]!r}")
    if bundle is not None:
        checkout.repository.git.run("bundle", "unbundle", bundle)
    for name, commit in left.items():
        if name != branch:
            refs.keep(checkout.repository, name, commit)
        elif _may_move(checkout, branch, commit):
            refs.keep(checkout.repository, branch, commit)


def _may_move(checkout: TaskCheckout, branch: str, commit: str) -> bool:
    """Say whether the branch may be moved to what the attempt left: it has nothing else by now."""
    now = refs.read(checkout.repository, branch)
    if now is None or now == commit:
        return now is None
    return checkout.repository.git.run("merge-base", "--is-ancestor", now, commit, check=False).code == 0
