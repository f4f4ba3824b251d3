"""What an attempt left in this host's repository, as refs with their commits and a bundle to send."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.git.transfer import bundles, packs
from porch_tui.places.wire.messages import Order, branch_ref


def left_by(repository: Repository, order: Order) -> dict[str, str]:
    """Return the refs of an attempt with their commits, by the names that the engine gives them.

    The pins of the attempt before are among them: this one may have reset what they keep. The branch gets a
    name of the attempt's own, because the engine's repository has a branch of its own.
    """
    names = (order.head_ref, order.leftover_ref, order.clone_refs, order.pins)
    listed = repository.git.text("for-each-ref", "--format=%(refname) %(objectname)", *names)
    left = dict(line.split(" ", 1) for line in listed.splitlines())
    if (tip := refs.read(repository, f"refs/heads/{order.branch}")) is not None:
        left[branch_ref(order.clone_refs)] = tip
    return left


def make_bundle(repository: Repository, base: str, left: Mapping[str, str], path: Path) -> bundles.Result:
    """Write a bundle of what is not in the base; there is none if all is."""
    with path.open("w+b") as file:
        # pins of earlier attempts are on their bases, which the engine has as well
        made = bundles.make(repository, base, left, file, others=packs.tips(repository).bases)
    if not made.size_bytes:
        path.unlink()
    return made
