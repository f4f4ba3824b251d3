"""What an attempt left in this host's repository, as refs with their commits and a bundle to send."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from porch_tui.core.model import events as e
from porch_tui.errors import PorchError
from porch_tui.executors.checkout import is_temporary
from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.git.transfer import bundles, packs
from porch_tui.places.wire.messages import Order, branch_ref


def left_by(repository: Repository, order: Order) -> dict[str, str]:
    """Return the refs of an attempt with their commits, by the names that the engine gives them.

    The pins of the attempt before are among them: this one may have reset what they keep. The branch gets a
    name of the attempt's own, because the engine's repository has a branch of its own; at the base it is
    none.
    """
    if order.is_validation:
        return {}
    named = {name: refs.read(repository, name) for name in (order.head_ref, order.leftover_ref)}
    left = {name: commit for name, commit in named.items() if commit is not None}
    for prefix in (order.clone_refs, order.pins):
        left |= refs.below(repository, f"{prefix}/")
    tip = refs.read(repository, f"refs/heads/{order.branch}")
    if tip is not None and tip != order.base:
        left[branch_ref(order.clone_refs)] = tip
    return left


def made_ready(
    repository: Repository, order: Order, path: Path
) -> tuple[bundles.Result, e.AttemptFailed | None]:
    """Write a bundle of all that an attempt left; where that cannot be had, return why, and nothing of it.

    Raises PorchError or OSError for what goes away without a person.
    """
    try:
        return make_bundle(repository, order.base, left_by(repository, order), path), None
    except (PorchError, OSError) as error:
        if is_temporary(error, repository):
            raise
        why = f"what it left on its place could not be made ready to be sent: {error}"
        failure = e.Failure(e.FailureKind.UNCOLLECTABLE, why)
        return bundles.Result({}, (), 0), e.AttemptFailed(order.key.attempt, failure)


def make_bundle(repository: Repository, base: str, left: Mapping[str, str], path: Path) -> bundles.Result:
    """Write a bundle of what is not in the base; there is none if all is."""
    if all(commit == base for commit in left.values()):
        return bundles.Result(left, (), 0)
    with path.open("w+b") as file:
        # pins of earlier attempts are on their bases, which the engine has as well
        made = bundles.make(repository, base, left, file, others=packs.tips(repository).bases)
    if not made.size_bytes:
        path.unlink()
    return made
