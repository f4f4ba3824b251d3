"""What an attempt left in this host's repository, as refs with their commits and a bundle to send."""

from __future__ import annotations

from pathlib import Path

from porch_tui.git.repository import Repository
from porch_tui.places.wire.messages import Order


def left_by(repository: Repository, order: Order) -> dict[str, str]:
    """Return the refs of an attempt with their commits, those of the attempt before included: its pins."""
    names = (order.head_ref, order.leftover_ref, order.clone_refs, order.pins, f"refs/heads/{order.branch}")
    listed = repository.git.text("for-each-ref", "--format=%(refname) %(objectname)", *names)
    return dict(line.split(" ", 1) for line in listed.splitlines())


def make_bundle(repository: Repository, base: str, left: dict[str, str], path: Path) -> int:
    """Write a bundle of what is not in the base; return its size, 0 if there is nothing of that kind."""
    names = [name for name, commit in left.items() if commit != base]
    if not names:
        return 0
    repository.git.run("bundle", "create", "--quiet", path, *names, f"^{base}")
    return path.stat().st_size
